"""Scrubbing, settling, links, files and looks, in a real browser."""

import csv
import json
import re
import struct
import zlib
from itertools import pairwise
from pathlib import Path
from urllib.parse import parse_qs, urlparse

import numpy as np
import pytest

pytestmark = pytest.mark.browser

SIX = {
    "embedding-spectrum",
    "embedding-circle",
    "attention-head",
    "neuron-grid",
    "correct-logit",
    "progress-measures",
}

MODAL = "document.querySelector('.modal')"
FOCUS = "document.activeElement"
SLIDER = "document.querySelector('#scrubber [role=slider]')"
THEME = "document.documentElement.getAttribute('data-bs-theme')"

SLOWLY = "stage.playback.speed = 0.25; return true;"
"""Ten checkpoints a second: a busy machine draws some of them."""

WATCH = """
window.watched = {draws: 0, wrong: [], told: 0};
window.grokdash.player.onDraw((step) => {
  const label = document.getElementById("epoch-label").textContent.replace(/\\D/g, "");
  const panels = [...document.querySelectorAll("figure.panel")];
  const shown = panels.map((one) => one.dataset.epoch);
  window.watched.draws += 1;
  if (shown.some((epoch) => epoch !== label) || label !== String(step)) {
    window.watched.wrong.push([label, step, shown.join()]);
  }
  const said = document.getElementById("sentence-loss-curves");
  const about = /epoch ([\\d,]+)/.exec(said.textContent)[1].replace(/,/g, "");
  if (about === label) window.watched.told += 1;
  else if (!said.classList.contains("stale")) window.watched.wrong.push([label, about]);
});
"""


def test_dragging_the_slider_moves_all_panels_together(page, run_ids):
    page.open(f"/run/{run_ids[0]}?e=0")
    page.all_loaded()
    page.run(WATCH)
    track, thumb = page.box(".track"), page.box("#scrubber [role=slider]")
    y = thumb.y + thumb.height / 2
    page.mouse("mousePressed", thumb.x + thumb.width / 2, y, pressed=True)
    for i in range(40):
        part = 0.5 - 0.48 * np.cos(i / 6)
        page.mouse("mouseMoved", track.x + part * track.width, y, pressed=True)
    page.mouse("mouseReleased", track.x + 0.3 * track.width, y)
    page.settle()
    watched = page.js("window.watched")
    assert watched["draws"] >= 20
    assert watched["wrong"] == []
    epochs = page.epochs
    assert set(epochs) == SIX | {"loss-curves"}
    assert set(epochs.values()) == {str(page.label)}
    assert 0 < page.label < 900


def test_scrubbing_draws_each_epoch_on_the_canvas(page, run_ids):
    """What the canvas shows is the picture that Plotly draws for the same epoch."""
    page.open(f"/run/{run_ids[0]}?e=900")
    page.all_loaded()
    sample = """
        const done = arguments[arguments.length - 1];
        window.grokdash.player.seekEpoch(600);
        await new Promise((then) => requestAnimationFrame(() => setTimeout(then)));
        const panel = document.querySelector("#panel-correct-logit");
        const canvas = panel.querySelector("canvas.scrub");
        const gd = panel.querySelector(".js-plotly-plot");
        const {xaxis, yaxis} = gd._fullLayout;
        const context = canvas.getContext("2d");
        const found = [];
        for (let a = 0; a < 13; a++) for (let b = 0; b < 13; b++) {
          const x = Math.round(xaxis._offset + xaxis.d2p(b));
          const y = Math.round(yaxis._offset + yaxis.d2p(a));
          found.push([...context.getImageData(x, y, 1, 1).data]);
        }
        done([found, panel.querySelector("figcaption").textContent]);"""
    drawn, said = page.later(sample)
    drawn = np.array(drawn, float)
    page.settle()
    assert page.js("document.getElementById('sentence-correct-logit').textContent") == (
        said
    )
    exact = """
        const gd = document.querySelector("#panel-correct-logit .js-plotly-plot");
        const trace = gd._fullData[0];
        const g = await module("canvas/colours.js");
        const table = g.colourTable(trace.colorscale, trace.reversescale);
        const z = gd.calcdata[0][0].z;
        const found = [];
        for (const row of z) for (const value of row) {
          const packed = table[g.tableIndex(value, trace.zmin, trace.zmax)];
          found.push([packed & 255, (packed >> 8) & 255, (packed >> 16) & 255, 255]);
        }
        return found;"""
    expected = np.array(page.inside(exact), float)
    assert drawn.shape == (169, 4)
    assert np.ptp(drawn[:, 0]) > 20
    np.testing.assert_allclose(drawn, expected, atol=4)


def test_ranges_of_one_epoch_follow_while_scrubbing(page, run_ids):
    """The axis and the colours of the canvas are those that settling confirms."""
    page.open(f"/run/{run_ids[0]}?e=900&norm=epoch")
    page.all_loaded()
    moving = page.inside(
        """
        window.grokdash.player.seekEpoch(300);
        await frames();
        const [bars, map] = ["embedding-spectrum", "correct-logit"].map(
          (id) => panel(id).picture);
        const axis = bars.gd._fullLayout.yaxis;
        return {
          before: axis.range.map(Number),
          axis: bars.ranges.axes.get(axis),
          colours: map.ranges.colours.get(0),
          top: bars.ranges.axis(axis).c2p(bars.ranges.axes.get(axis)[1]),
          label: [...bars.gd.querySelectorAll(".ytick > text")].pop().textContent,
        };"""
    )
    page.settle()
    settled = page.inside(
        """
        const [bars, map] = ["embedding-spectrum", "correct-logit"].map(
          (id) => panel(id).picture);
        const trace = map.gd._fullData[0];
        return {
          axis: bars.gd._fullLayout.yaxis.range.map(Number),
          colours: [trace.zmin, trace.zmax],
          label: [...bars.gd.querySelectorAll(".ytick > text")].pop().textContent,
        };"""
    )
    assert abs(moving["before"][1] / settled["axis"][1] - 1) > 0.02
    np.testing.assert_allclose(moving["axis"], settled["axis"], rtol=1e-5)
    np.testing.assert_allclose(moving["colours"], settled["colours"], rtol=1e-5)
    assert abs(moving["top"]) < 1e-6
    assert 0 < float(moving["label"]) <= moving["axis"][1] * 1.05
    assert float(settled["label"]) == round(float(settled["label"]), 1)


def test_numbers_in_cells_are_drawn_while_scrubbing(page, run_ids):
    page.open(f"/run/{run_ids[0]}/weights?e=900")
    page.run(
        "document.getElementById('panel-weight-positions').scrollIntoView("
        "{block: 'center'})"
    )
    inked = page.inside(
        """
        const {picture, reader} = panel("weight-positions");
        const store = reader.prefetcher.store("weight-positions");
        while (!picture.answer || !store.settled(0)) await frames(20);
        window.grokdash.player.seek(0);
        await frames();
        const {xaxis, yaxis} = picture.gd._fullLayout;
        const ratio = picture.canvas.width / picture.gd._fullLayout.width;
        const x = ratio * (xaxis._offset + xaxis.d2p(0));
        const y = ratio * (yaxis._offset + yaxis.d2p(0));
        const box = [x - 20 * ratio, y - 8 * ratio, 40 * ratio, 16 * ratio];
        const {data} = picture.canvas.getContext("2d").getImageData(...box);
        const seen = new Set();
        for (let i = 0; i < data.length; i += 4) seen.add(data.slice(i, i + 4).join());
        return [picture.scrubbing, seen.size];"""
    )
    assert inked[0]
    assert inked[1] > 2


def test_settling_replaces_the_canvas_by_exact_numbers(page, run_ids):
    page.open(f"/run/{run_ids[0]}?e=900")
    page.seek(300)
    assert page.js("document.querySelectorAll('.panel.scrubbing').length") == 0
    exact = page.inside(
        """
        const selection = new URLSearchParams(stage.selection);
        const path = `/api/run/${arguments[0]}/exact/correct-logit?e=300&${selection}`;
        const buffer = await (await fetch(path)).arrayBuffer();
        const [frame] = (await module("frames/blocks.js")).readBlock(buffer);
        return [frame.step, Array.from(frame.arrays["0.z"].data)];""",
        run_ids[0],
    )
    shown = page.js(
        "Array.from(document.querySelector('#panel-correct-logit .js-plotly-plot')"
        ".calcdata[0][0].z).flatMap((row) => Array.from(row, Number))"
    )
    assert exact[0] == 300
    assert len(shown) == 169
    np.testing.assert_array_equal(np.float32(shown), np.float32(exact[1]))


def test_settling_writes_the_address_and_rebuilds_no_page(page, run_ids):
    page.open(f"/run/{run_ids[0]}?e=0")
    page.run("document.querySelector('#run-page').dataset.same = 'yes'")
    page.seek(440)
    page.until("location.search.includes('e=440')")
    assert page.js("document.querySelector('#run-page').dataset.same") == "yes"


def test_keys_move_the_playhead(page, run_ids):
    page.open(f"/run/{run_ids[0]}?e=200")
    page.run("document.activeElement.blur()")
    expected = (
        ("ArrowRight", {}, 220),
        ("ArrowRight", {"modifiers": 8}, 420),
        ("ArrowLeft", {}, 400),
        ("Home", {}, 0),
        ("End", {}, 900),
    )
    for key, more, epoch in expected:
        page.press(key, **more)
        page.until(f"grokdash.player.epoch === {epoch}")
        assert page.label == epoch
    thumb = "document.querySelector('#scrubber [role=slider]')"
    assert page.js(f"{thumb}.getAttribute('aria-valuetext')") == "epoch 900"
    assert page.js(f"{thumb}.getAttribute('aria-label')") == "Epoch"
    page.settle()
    page.until("document.getElementById('live-region').textContent.includes('900')")


def test_keys_are_off_while_typing_and_can_be_switched_off(page, run_ids):
    page.open(f"/run/{run_ids[0]}?e=200")
    theme = page.js(THEME)
    page.run("document.getElementById('jump').focus()")
    page.press("d")
    assert page.js(THEME) == theme
    page.run(
        "document.activeElement.blur(); localStorage.setItem('grokdash-letters', '0')"
    )
    page.press("d")
    assert page.js(THEME) == theme
    page.run("localStorage.setItem('grokdash-letters', '1')")
    page.press("d")
    assert page.js(THEME) != theme


def test_space_plays_and_every_frame_is_labelled_right(page, run_ids):
    page.open(f"/run/{run_ids[0]}?e=0")
    page.all_loaded()
    page.inside(SLOWLY)
    page.run(WATCH + "document.activeElement.blur()")
    page.press(" ")
    page.until("grokdash.player.playing && watched.draws > 15")
    page.press(" ")
    page.until("!grokdash.player.playing")
    assert page.js("watched.wrong") == []
    assert page.js("watched.told") > 10
    page.settle()
    assert set(page.epochs.values()) == {str(page.label)}


def test_the_thumb_is_at_every_epoch_that_plays_and_dash_at_the_last(page, run_ids):
    page.open(f"/run/{run_ids[0]}?e=0")
    page.all_loaded()
    page.inside(SLOWLY)
    page.run(
        """
        const {player} = grokdash;
        const thumb = document.querySelector("#scrubber [role=slider]");
        const root = document.querySelector(".dash-slider-root");
        const line = root.getBoundingClientRect();
        window.offs = [];
        player.onDraw((step) => {
          if (!player.playing) return;
          const {left, width} = thumb.getBoundingClientRect();
          const wanted = width / 2 + (line.width - width) * step / player.steps.at(-1);
          offs.push(Math.abs(left + width / 2 - line.left - wanted));
        });
        player.play();
        """
    )
    page.until("offs.length > 10")
    page.run("grokdash.player.pause()")
    page.settle()

    assert page.js("Math.max(...offs)") < 1
    value = "document.querySelector('#scrubber [role=slider]').ariaValueNow"
    assert page.js(value) == str(round(10_000 * page.label / 900))


def test_dash_hears_of_a_hand_on_the_slider_once_it_rests(page, run_ids):
    page.open(f"/run/{run_ids[0]}?e=0")
    page.all_loaded()
    track, thumb = page.box(".dash-slider-root"), page.box("#scrubber [role=slider]")
    y, value = thumb.y + thumb.height / 2, f"{SLIDER}.ariaValueNow"
    page.mouse("mousePressed", thumb.x + thumb.width / 2, y, pressed=True)
    page.mouse("mouseMoved", track.x + 0.5 * track.width, y, pressed=True)
    page.mouse("mouseMoved", track.x + 0.71 * track.width, y, pressed=True)
    page.until("grokdash.player.drawn > 0 && grokdash.player.epoch === 640")
    held = page.box("#scrubber [role=slider]")

    assert page.js(value) == "0"
    assert page.js(f"{FOCUS} === {SLIDER}")
    assert held.x + held.width / 2 == pytest.approx(
        track.x + 0.71 * track.width, abs=10
    )

    page.mouse("mouseReleased", track.x + 0.71 * track.width, y, pressed=False)
    page.settle()
    page.until(f"{value} === '{round(10_000 * 640 / 900)}'")
    page.mouse("mousePressed", track.x + 0.29 * track.width, y, pressed=True)
    page.mouse("mouseReleased", track.x + 0.29 * track.width, y, pressed=False)
    page.until("grokdash.player.epoch === 260")


def test_the_loss_chart_previews_under_the_pointer_and_stays_where_it_is_pressed(
    page, run_ids
):
    page.open(f"/run/{run_ids[0]}?e=900")
    chart = page.box("#panel-loss-curves .nsewdrag")
    y = chart.y + chart.height / 2

    def hover(*parts):
        for part in np.linspace(*parts, 12):
            page.mouse("mouseMoved", chart.x + part * chart.width, y)
            page.js("new Promise((done) => setTimeout(done, 20))")

    hover(0.2, 0.5)
    page.until("Math.abs(grokdash.player.epoch - 450) <= 20")
    assert page.label == page.js("grokdash.player.epoch")
    line = page.box("#panel-loss-curves .epoch-cursor:not(.kept)")
    assert line.x == pytest.approx(chart.x + 0.5 * chart.width, abs=0.03 * chart.width)
    assert page.js("new URLSearchParams(location.search).get('e')") == "900"
    page.mouse("mouseMoved", chart.x + 0.5 * chart.width, chart.bottom + 200)
    page.until("grokdash.player.epoch === 900")

    hover(0.2, 0.3)
    page.until("grokdash.player.epoch < 300")
    page.mouse("mousePressed", chart.x + 0.3 * chart.width, y, pressed=True)
    page.mouse("mouseMoved", chart.x + 0.4 * chart.width, y, pressed=True)
    page.mouse("mouseReleased", chart.x + 0.4 * chart.width, y)
    page.mouse("mouseMoved", chart.x + 0.4 * chart.width, chart.bottom + 200)
    page.until("Math.abs(new URLSearchParams(location.search).get('e') - 360) <= 20")
    page.settle()
    touch = """
        const gd = panel("loss-curves").picture.gd;
        const box = gd.querySelector(".nsewdrag").getBoundingClientRect();
        const at = {clientX: box.left + box.width * 2 / 3, clientY: box.top + 20};
        const told = {...at, pointerId: 5, pointerType: "touch", bubbles: true};
        const send = (kind) => gd.dispatchEvent(new PointerEvent(kind, told));
        send("pointerdown");
        const shown = stage.playhead.want;
        send(arguments[0]);
        return [stage.steps[shown], stage.steps[stage.playhead.want]];"""
    here = page.label
    assert page.inside(touch, "pointercancel") == [600, here]
    assert page.inside(touch, "pointerup") == [600, 600]


def test_a_link_restores_the_whole_picture(page, run_ids):
    first = f"/run/{run_ids[0]}?e=440&k=3&h=1&n=5&a=2&b=7&norm=epoch&t=dark"
    page.open(first + "&pin=neuron-grid:100")
    assert page.label == 440
    epochs = page.epochs
    assert epochs.pop("neuron-grid") == "100"
    assert set(epochs.values()) == {"440"}
    chosen = page.js("grokdash.player.selection")
    asked = {"k": 3, "h": 1, "n": 5, "a": 2, "b": 7, "norm": "epoch"}
    assert {name: chosen[name] for name in asked} == asked
    assert page.js(THEME) == "dark"
    link = page.inside("return stage.permalink()")
    query = parse_qs(urlparse(link).query)
    assert query["e"] == ["440"]
    assert query["pin"] == ["neuron-grid:100"]
    assert query["t"] == ["dark"]
    assert query["k"] == ["3"]


def test_bad_values_in_a_link_are_clamped_and_told(page, run_ids):
    page.open(f"/run/{run_ids[0]}?e=99999&k=999&h=x&nonsense=1", settled=False)
    told = "document.getElementById('toasts').textContent"
    page.until(f"{told}.includes('Frequency 999') && {told}.includes('Epoch 99,999')")
    page.settle()
    assert page.label == 900
    assert page.js("grokdash.player.selection.k") == 6


def test_what_is_picked_goes_along_from_page_to_page(page, run_ids):
    """Also over a page that does not use it; and to another run where it fits there."""
    page.open(f"/run/{run_ids[0]}?e=440&k=3&h=1&x=log&pin=neuron-grid:100")
    for name in ("Training", "Attention"):
        links = "[...document.querySelectorAll('.rail-link')]"
        link = f"{links}.find((one) => one.text === '{name}')"
        page.run(f"{link}.click()")
        page.until(f"document.querySelector('.rail-link.active').text === '{name}'")
        page.settle()
    page.until("location.search.includes('e=')")
    asked = page.js("Object.fromEntries(new URLSearchParams(location.search))")
    picked = {"e": "440", "k": "3", "h": "1", "x": "log", "pin": "neuron-grid:100"}
    assert {name: asked.get(name) for name in picked} == picked

    field = "document.getElementById('jump')"
    page.run(f"{field}.value = '99'; {field}.dispatchEvent(new Event('change'))")
    told = "document.getElementById('toasts').textContent"
    page.until(f"{told}.includes('nearest that is stored is 100')")
    page.run("document.activeElement.blur()")
    page.press("j")
    page.until("location.search.includes('e=100')")
    page.until(f"document.getElementById('run-page').dataset.run === '{run_ids[1]}'")
    page.settle()
    chosen = page.js("grokdash.player.selection")
    assert (chosen["k"], chosen["h"], chosen["x"]) == (3, 1, "log")
    assert page.label == 80
    assert page.js(f"{told}.includes('Epoch 100 was asked for')")


def test_a_run_opens_at_its_beginning_and_says_how_to_go_on(page, run_ids):
    page.open(f"/run/{run_ids[0]}")
    assert page.label == 0
    hint = "document.getElementById('play-hint')"
    assert page.js(f"{hint}.checkVisibility()")
    page.press(" ")
    page.until("grokdash.player.epoch > 0")
    assert page.js(f"{hint}.hidden")


def test_two_tabs_on_two_runs_do_not_disturb_each_other(page, run_ids):
    page.open(f"/run/{run_ids[0]}?e=200&k=2")
    first = page.driver.current_window_handle
    page.driver.switch_to.new_window("tab")
    try:
        page.open(f"/run/{run_ids[1]}?e=120&k=5")
        page.seek(160)
        second = page.js(
            "[location.pathname.split('/')[2], grokdash.player.selection.k]"
        )
        page.driver.switch_to.window(first)
        assert page.label == 200
        here = page.js("[location.pathname.split('/')[2], grokdash.player.selection.k]")
        assert here == [run_ids[0], 2]
        assert second == [run_ids[1], 5]
    finally:
        for handle in page.driver.window_handles:
            if handle != first:
                page.driver.switch_to.window(handle)
                page.driver.close()
        page.driver.switch_to.window(first)


def test_a_running_run_grows_on_screen(page, growing):
    page.open(f"/run/{growing.id}")
    assert page.js("grokdash.player.length") == 10
    assert page.label == 180
    growing(5)
    page.until("grokdash.player.length === 15", seconds=20)
    page.until("grokdash.player.epoch === 280")
    page.inside("(await module('player/actions.js')).perform('previous-10', null)")
    page.until("grokdash.player.epoch === 80")
    growing(5)
    page.until("grokdash.player.length === 20", seconds=20)
    assert page.label == 80
    growing.writer.finish("finished")
    page.until("document.getElementById('run-state').textContent === 'finished'")


def test_the_theme_changes_page_and_figures(page, run_ids):
    page.open(f"/run/{run_ids[0]}?e=900&t=light")
    page.until(
        "document.querySelector('#panel-correct-logit').classList.contains('drawn')"
    )
    paper = (
        "document.querySelector('#panel-correct-logit .js-plotly-plot')"
        "._fullLayout.paper_bgcolor"
    )
    surface = (
        "getComputedStyle(document.querySelector('#panel-correct-logit'))"
        ".backgroundColor"
    )
    light = page.js(paper), page.js(surface)
    page.run("document.querySelector('[data-act=theme]').click()")
    page.settle()
    dark = page.js(paper), page.js(surface)
    assert dark[0] != light[0]
    assert dark[1] != light[1]
    for shown, behind in (light, dark):
        rgb = [int(part) for part in re.findall(r"\d+", behind)[:3]]
        assert shown == "#{:02x}{:02x}{:02x}".format(*rgb)


def test_clicking_a_picture_selects_in_every_view(page, run_ids):
    page.open(f"/run/{run_ids[0]}?e=900&a=1&b=1")
    grid = page.box("#panel-correct-logit .nsewdrag")
    x, y = grid.x + grid.width * 7.5 / 13, grid.y + grid.height * (1 - 3.5 / 13)
    page.mouse("mouseMoved", x, y)
    page.inside("while (stage.hovered?.b !== 7) await frames(); return true")
    page.mouse("mousePressed", x, y, pressed=True)
    page.mouse("mouseReleased", x, y)
    page.until("grokdash.player.selection.b === 7")
    assert page.js("grokdash.player.selection.a") == 3
    assert page.js("document.getElementById('select-a').value") == "3"


def test_a_pinned_panel_stays_and_is_released(page, run_ids):
    page.open(f"/run/{run_ids[0]}?e=200")
    page.run("document.querySelector('#panel-neuron-grid [data-act=pin]').click()")
    page.seek(600)
    assert page.epochs["neuron-grid"] == "200"
    assert page.epochs["correct-logit"] == "600"
    badge = "document.querySelector('#panel-neuron-grid .panel-badge')"
    assert "200" in page.js(f"{badge}.textContent")
    page.run(f"{badge}.click()")
    page.settle()
    assert page.epochs["neuron-grid"] == "600"


def saved(page, action: str) -> tuple[str, bytes]:
    """Do something that saves a file; give its name and bytes."""
    name, numbers = page.inside(
        """
        const file = new Promise((then) => document.addEventListener(
          "grokdash:saved", (event) => then(event.detail), {once: true}));
        const shown = panel("correct-logit");
        const {savable, saveData, savePicture} = await module("panel/export.js");
        const {exportAll} = await module("panel/sheet.js");
        """
        + action
        + """;
        const {name, blob} = await file;
        return [name, Array.from(new Uint8Array(await blob.arrayBuffer()))];"""
    )
    return name, bytes(numbers)


def png_texts(data: bytes) -> dict[str, str]:
    """Read the text chunks of a PNG and check every chunk's sum."""
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    texts, at = {}, 8
    while at < len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        kind, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        (check,) = struct.unpack(">I", data[at + 8 + length : at + 12 + length])
        assert check == zlib.crc32(kind + body)
        if kind == b"tEXt":
            keyword, text = body.split(b"\0", 1)
            texts[keyword.decode("latin1")] = text.decode("latin1")
        at += 12 + length
    return texts


def test_pictures_are_saved_with_their_origin(page, run_ids, chromium):
    page.open(f"/run/{run_ids[0]}?e=300&k=4")
    name, png = saved(page, "savePicture(savable(stage, shown), 'png', 2)")
    assert name == f"{run_ids[0]}__correct-logit__e000300.png"
    texts = png_texts(png)
    origin = json.loads(texts["grokdash"])
    assert origin["run"] == run_ids[0]
    assert origin["epoch"] == 300
    assert origin["selection"]["k"] == 4
    assert len(origin["config"]) == 8
    assert "e=300" in origin["permalink"]
    width, height = struct.unpack(">II", png[16:24])
    shown = page.box("#panel-correct-logit .panel-body")
    assert width == pytest.approx(2 * shown.width, abs=4)
    assert height == pytest.approx(2 * (shown.height + 26), abs=4)
    file = Path(chromium.download_path) / name
    page.until("true")
    for _ in range(50):
        if file.exists():
            break
        page.later("setTimeout(arguments[0], 50)")
    assert file.read_bytes() == png

    name, svg = saved(page, "savePicture(savable(stage, shown), 'svg', 1)")
    assert name.endswith("__correct-logit__e000300.svg")
    assert len(svg) < 300_000
    text = svg.decode()
    found = re.search(r"<metadata>(.*?)</metadata>", text).group(1)
    assert json.loads(found.replace("&amp;", "&"))["epoch"] == 300
    assert text.count("data:image/png;base64") >= 1


def test_an_svg_has_no_black_regions(page, run_ids):
    page.open(f"/run/{run_ids[0]}?e=900&t=light")
    _name, svg = saved(page, "savePicture(savable(stage, shown), 'svg', 1)")
    dark = page.later(
        """
        const done = arguments[arguments.length - 1];
        const image = new Image();
        image.onload = () => {
          const canvas = document.createElement("canvas");
          canvas.width = image.width; canvas.height = image.height;
          const context = canvas.getContext("2d");
          context.drawImage(image, 0, 0);
          const {data} = context.getImageData(0, 0, canvas.width, canvas.height);
          let black = 0;
          for (let i = 0; i < data.length; i += 4) {
            if (data[i + 3] > 200 && data[i] + data[i + 1] + data[i + 2] < 60) black++;
          }
          done(black / (data.length / 4));
        };
        image.src = URL.createObjectURL(
          new Blob([arguments[0]], {type: "image/svg+xml"}));""",
        svg.decode(),
    )
    assert dark < 0.02


def test_numbers_are_saved_as_they_are(page, run_ids):
    page.open(f"/run/{run_ids[0]}?e=300")
    name, data = saved(page, "saveData(savable(stage, shown), 'csv')")
    assert name == f"{run_ids[0]}__correct-logit__e000300.csv"
    rows = list(csv.DictReader(data.decode().splitlines()))
    origin = json.loads(rows[0]["provenance"])
    assert (origin["run"], origin["epoch"]) == (run_ids[0], 300)
    shown = page.js(
        "Array.from(document.querySelector('#panel-correct-logit .js-plotly-plot')"
        ".calcdata[0][0].z).map((row) => Array.from(row, Number))"
    )
    assert [(row["a"], row["b"]) for row in rows[12:14]] == [("0", "12"), ("1", "0")]
    read = np.array([row["logit"] for row in rows], np.float32)
    np.testing.assert_allclose(read.reshape(13, 13), np.float32(shown), rtol=1e-6)


def test_all_panels_are_saved_on_one_sheet(page, run_ids):
    page.open(f"/run/{run_ids[0]}?e=300")
    name, png = saved(page, "exportAll(stage)")
    assert name == f"{run_ids[0]}__explore__e000300.png"
    assert json.loads(png_texts(png)["grokdash"])["epoch"] == 300
    width, height = struct.unpack(">II", png[16:24])
    assert width > 2000
    assert height > 1200


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/guide",
        "/run/{run}",
        "/run/{run}/training",
        "/run/{run}/fourier",
        "/run/{run}/embedding",
        "/run/{run}/attention",
        "/run/{run}/neurons",
        "/run/{run}/logits",
        "/run/{run}/weights",
        "/run/{run}/trajectories",
    ],
)
def test_every_page_opens_with_a_clean_console(page, run_ids, path):
    page.open(path.format(run=run_ids[0]), settled="/run/" in path)
    page.until("document.querySelector('#page h1')")
    if path == "/":
        page.until("document.querySelectorAll('.ag-row').length >= 2")
    missing = (
        "[...document.querySelectorAll('.panel-missing')].map((p) => p.textContent)"
    )
    assert page.js(missing) == []
    assert page.logs() == []
    assert page.js("document.documentElement.lang") == "en"
    unnamed = page.js(
        "[...document.querySelectorAll('#page button, #page a, #page [role=slider]')]"
        ".filter((one) => !one.closest('.ag-root, .modebar'))"
        ".filter((one) => !one.textContent.trim() && !one.ariaLabel)"
        ".map((one) => one.outerHTML)"
    )
    assert unnamed == []


def test_an_unknown_run_is_told_in_words(page):
    page.open("/run/no-such-run", settled=False)
    page.until("document.querySelector('.problem')")
    text = page.js("document.querySelector('.problem').textContent")
    assert "no-such-run" in text
    assert "Traceback" not in text


def test_a_panel_explains_itself(page, run_ids):
    page.open(f"/run/{run_ids[0]}")
    page.run("document.querySelector('#panel-neuron-grid [data-act=help]').click()")
    page.until("document.querySelector('.modal .guide-list')")
    assert page.js("document.querySelectorAll('.modal dd').length") >= 4


def test_slider_and_loss_chart_share_one_axis(page, run_ids):
    """By epoch, by its logarithm, and by checkpoint, as one likes."""
    apart = """
        const {xa} = (await module("canvas/plotly.js")).subplots(
          panel("loss-curves").picture.gd)[0];
        const place = (node) => {
          const {left, width} = node.getBoundingClientRect();
          return left + width / 2;
        };
        const box = document.getElementById("timeline").getBoundingClientRect();
        const thumb = document.querySelector("#scrubber [role=slider]");
        const chart = panel("loss-curves").picture.body.getBoundingClientRect();
        const line = place(document.querySelector("#panel-loss-curves .epoch-cursor"));
        return [(place(thumb) - box.left) / box.width,
                (line - chart.left - xa._offset) / xa._length];"""
    page.open(f"/run/{run_ids[0]}?e=300&x=log")
    logs = page.inside(apart)
    assert logs[0] == pytest.approx(np.log10(300) / np.log10(900), abs=0.01)
    assert logs[1] == pytest.approx(logs[0], abs=0.01)
    page.run("grokdash.player.select({x: 'linear'})")
    choose = "document.getElementById('choose-timeline')"
    page.run(
        f"{choose}.value = 'checkpoint';{choose}.dispatchEvent(new Event('change'))"
    )
    page.settle()
    assert page.inside(apart) == pytest.approx([1 / 3, 1 / 3], abs=0.01)
    thumb = "document.querySelector('#scrubber [role=slider]')"
    page.run(f"{thumb}.focus()")
    page.press("ArrowRight")
    page.until("grokdash.player.epoch === 320")


def test_the_phases_stand_above_the_curves_and_say_how_they_were_dated(page, run_ids):
    page.open(f"/run/{run_ids[0]}")
    strip, plot = page.box(".phase-strip"), page.box("#panel-loss-curves .nsewdrag")
    assert strip.bottom <= plot.top
    assert (strip.x, strip.width) == pytest.approx((plot.x, plot.width), abs=1)
    named = page.js(
        "[...document.querySelectorAll('.phase-cell')].map((c) => c.ariaLabel)"
    )
    assert named[0] == "memorisation"
    page.run("document.querySelector('.phase-cell').focus()")
    note = page.js("document.getElementById('phase-note').textContent")
    assert note.startswith("Memorisation, epochs 0 to ")
    assert "test loss is highest" in note
    assert page.js("document.getElementById('phase-note').checkVisibility()")


@pytest.mark.parametrize(
    ("opener", "inside"),
    [
        (".bar [data-act=keys]", ".modal .keys"),
        ("#panel-neuron-grid [data-act=help]", ".modal .guide-list"),
    ],
)
def test_a_dialog_keeps_the_focus_and_gives_it_back(page, run_ids, opener, inside):
    page.open(f"/run/{run_ids[0]}?e=200")
    page.opens_dialog(opener, inside)
    page.press("Home")
    page.closes_dialog(opener)
    assert page.label == 200


def test_a_link_that_cannot_be_copied_is_shown(page, run_ids):
    page.open(f"/run/{run_ids[0]}?e=200")
    page.run("navigator.clipboard.writeText = () => Promise.reject(new Error())")
    link = "document.querySelector('.rail [data-act=copy-link]')"
    page.run(f"{link}.focus(); {link}.click()")
    page.until(f"{MODAL}.contains({FOCUS}) && {FOCUS}.value.includes('e=200')")
    chosen = page.js(f"{FOCUS}.selectionEnd - {FOCUS}.selectionStart")
    assert chosen == page.js(f"{FOCUS}.value.length")
    page.closes_dialog(".rail [data-act=copy-link]")


def test_the_menu_of_a_panel_is_worked_by_keys_and_gives_the_focus_back(page, run_ids):
    page.open(f"/run/{run_ids[0]}?e=200")
    button = "document.querySelector('#panel-correct-logit [data-act=menu]')"
    page.run(f"{button}.focus(); {button}.click()")
    page.until(f"{FOCUS}.textContent === 'PNG, 2×'")
    assert page.js(f"{button}.ariaExpanded") == "true"
    page.press("ArrowDown", code="ArrowDown")
    page.until(f"{FOCUS}.textContent === 'PNG, 4×'")
    page.press("Escape", code="Escape")
    page.until(f"{FOCUS} === {button} && {button}.ariaExpanded === 'false'")
    assert page.label == 200

    page.run(f"{button}.click()")
    page.until("document.querySelector('#panel-menu.show')")
    page.run("document.querySelector('#panel-menu [data-act=table]').click()")
    page.until(f"{MODAL}.querySelectorAll('.numbers tbody tr').length > 100")
    title = page.js(f"{MODAL}.querySelector('.modal-title').textContent")
    assert title == "Logit of the right answer, epoch 200"
    heads = (
        f"[...{MODAL}.querySelectorAll('.numbers th')].map((one) => one.textContent)"
    )
    assert page.js(heads)[:3] == ["a", "b", "logit"]
    assert "provenance" not in page.js(heads)
    page.closes_dialog("#panel-correct-logit [data-act=menu]")
    assert page.logs() == []


def test_a_dialog_stands_above_a_panel_on_the_full_screen(page, run_ids):
    page.open(f"/run/{run_ids[0]}?e=200")
    panel = "document.querySelector('#panel-neuron-grid')"
    page.run(f"{panel}.querySelector('[data-act=full]').click()")
    page.until(f"{panel}.clientWidth === innerWidth && {panel}.clientHeight > 600")
    page.press("ArrowRight", code="ArrowRight")
    page.until("document.getElementById('epoch-label').textContent === '220'")
    bar = page.box("#scrub-bar [data-act=play]")
    pressed = f"document.elementFromPoint({bar.x + 5}, {bar.y + 5})"
    assert page.js(f"{pressed}.dataset.act") == "play"
    page.press(" ", code="Space")
    page.until("grokdash.player.playing")
    page.press(" ", code="Space")
    page.until("!grokdash.player.playing")
    page.opens_dialog("#panel-neuron-grid [data-act=help]", ".modal .guide-list")
    top = "document.elementFromPoint(innerWidth / 2, innerHeight / 2)"
    assert page.js(f"{MODAL}.contains({top})")
    page.run("dash_clientside.set_props('dialog', {is_open: false})")
    page.run(f"{panel}.querySelector('[data-act=full]').click()")
    page.until(f"!{panel}.classList.contains('zoomed') && !document.fullscreenElement")


def test_panels_are_chosen_and_the_choice_is_in_the_address(page, run_ids):
    panels = (
        "[...document.querySelectorAll('.panels .panel')].map((p) => p.dataset.view)"
    )
    page.open(f"/run/{run_ids[0]}?e=200&panels=loss-grid,margin-grid")
    assert page.js(panels) == ["loss-grid", "margin-grid"]
    page.opens_dialog("#panel-margin-grid [data-act=arrange]", ".modal [type=search]")
    page.run(
        "const field = document.querySelector('.modal [type=search]');"
        "field.value = 'correct logit'; field.dispatchEvent(new Event('input'));"
        "document.querySelector('.offered-view').click();"
        "document.querySelector('[data-do=\"up correct-logit\"]').click();"
        "document.querySelector('.choose-foot .primary').click();"
    )
    page.until("document.querySelector('#panel-correct-logit')")
    page.settle()
    assert page.js(panels) == ["correct-logit", "loss-grid"]
    assert "panels=correct-logit,loss-grid" in page.driver.current_url
    assert page.label == 200

    page.driver.back()
    page.until("document.querySelector('#panel-margin-grid')")
    assert page.js(panels) == ["loss-grid", "margin-grid"]


def test_on_a_phone_there_is_one_column_and_the_scrubber_is_at_hand(page, run_ids):
    page.window(400, 800, mobile=True)
    page.open(f"/run/{run_ids[0]}?e=900")
    assert page.js("document.documentElement.scrollWidth") <= 400
    tops = page.js(
        "[...document.querySelectorAll('.panels .panel')]"
        ".map((one) => one.getBoundingClientRect().top)"
    )
    assert len(tops) == 6
    assert all(low < high for low, high in pairwise(tops))
    bar = page.box("#scrub-bar")
    assert bar.bottom == pytest.approx(800, abs=1)


def test_explore_fits_on_a_small_laptop(page, run_ids):
    page.open(f"/run/{run_ids[0]}?e=900")
    boxes = [page.box(f"#panel-{view}") for view in sorted(SIX)]
    assert max(box.bottom for box in boxes) <= 768 + 1
    assert page.box("#panel-loss-curves").top >= 0
    assert page.js("document.documentElement.scrollHeight") <= 768 + 4


def test_the_sentence_of_a_curve_follows_the_epoch(page, run_ids):
    page.open(f"/run/{run_ids[0]}?e=900")
    said = "document.querySelector('#sentence-loss-curves').textContent"
    page.until(f"{said}.includes('epoch 900')")

    page.press("Home")

    page.until(f"{said}.includes('epoch 0 ')")


def test_epochs_are_grouped_as_sentences_group_them(page, run_ids):
    page.open(f"/run/{run_ids[0]}")

    steps = [0, 900, 1000, 40_000, 1_234_567]
    shown = page.inside(
        "return arguments[0].map((await module('lib/numbers.js')).formatEpoch)", steps
    )
    assert shown == [f"{step:,}" for step in steps]


def test_an_unknown_address_closes_the_page_before(page, run_ids):
    page.open(f"/run/{run_ids[0]}?e=900")

    page.inside("(await module('lib/navigation.js')).navigate('/nowhere')")

    page.until("document.querySelector('.problem')")
    page.until("!window.grokdash.player")
    assert "no page" in page.js("document.querySelector('.problem').textContent")
    assert page.js("document.getElementById('status-line').textContent") == ""
