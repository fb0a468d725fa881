"""Several runs on one scrub bar, in a real browser."""

import csv
import io
import json
import re
from html import unescape
from urllib.parse import parse_qs, urlparse

import numpy as np
import pytest

from tests.app.saving import chosen

pytestmark = pytest.mark.browser

SAMPLE = """
const done = arguments[arguments.length - 1];
window.grokdash.player.seekEpoch(arguments[1]);
await new Promise((then) => requestAnimationFrame(() => setTimeout(then)));
const panel = document.querySelector(arguments[0]);
const gd = panel.querySelector(".js-plotly-plot");
const {xaxis, yaxis} = gd._fullLayout;
const context = panel.querySelector("canvas.scrub").getContext("2d");
const found = [];
for (let a = 0; a < 13; a++) for (let b = 0; b < 13; b++) {
  const x = Math.round(xaxis._offset + xaxis.d2p(b));
  const y = Math.round(yaxis._offset + yaxis.d2p(a));
  found.push([...context.getImageData(x, y, 1, 1).data]);
}
done(found);
"""

EXACT = """
const gd = document.querySelector(arguments[0] + " .js-plotly-plot");
const trace = gd._fullData[0];
const g = await module("canvas/colours.js");
const table = g.colourTable(trace.colorscale, trace.reversescale);
const found = [];
for (const row of gd.calcdata[0][0].z) for (const value of row) {
  const packed = table[g.tableIndex(value, trace.zmin, trace.zmax)];
  found.push([packed & 255, (packed >> 8) & 255, (packed >> 16) & 255, 255]);
}
return found;
"""


STATE = "[grokdash.player.epochs, document.getElementById('compare-show').value]"


@pytest.fixture
def compare(page, run_ids):
    """Open a comparison of the two runs: ``compare("align=grok", ...)``."""

    def opened(*parts: str, runs: str = ""):
        query = "&".join((f"runs={runs or ','.join(run_ids)}", *parts))
        return page.open(f"/compare?{query}")

    return opened


def query_of(page) -> dict[str, str]:
    found = parse_qs(urlparse(page.driver.current_url).query)
    return {name: values[0] for name, values in found.items()}


def choose(page, field: str, value: str) -> None:
    page.run(
        "const field = document.getElementById(arguments[0]);"
        "field.value = arguments[1];"
        "field.dispatchEvent(new Event('change'));",
        field,
        value,
    )


def shown(page, view: str) -> list[str]:
    """Epochs that the panels of one row say they show."""
    return page.js(
        "[...document.querySelectorAll(arguments[0])].map((one) => one.dataset.epoch)",
        f".compare-row figure[data-view='{view}']",
    )


def test_every_column_is_at_its_own_nearest_checkpoint(compare):
    page = compare("views=correct-logit", "at=300")

    assert shown(page, "correct-logit") == ["300", "240"]
    page.seek(180)
    assert shown(page, "correct-logit") == ["180", "160"]
    assert page.js("window.grokdash.player.epochs") == [180, 160]


def test_by_fraction_both_runs_end_together(compare):
    page = compare("views=correct-logit", "align=fraction", "at=100")
    assert shown(page, "correct-logit") == ["900", "240"]

    page.seek(50)

    assert shown(page, "correct-logit") == ["440", "120"]
    assert page.js("document.getElementById('epoch-label').textContent") == "50.0"


def test_another_alignment_keeps_the_first_run_where_it_is(compare):
    page = compare("views=correct-logit", "at=300")

    choose(page, "compare-align", "fraction")

    page.until("document.getElementById('epoch-total').textContent.includes('%')")
    page.settle()
    assert page.js("window.grokdash.player.epochs")[0] == 300
    assert query_of(page)["align"] == "fraction"


def test_the_scrubbed_difference_is_the_exact_one(compare, run_ids):
    """The canvas subtracts in the browser what the server subtracts when it settles."""
    page = compare("views=correct-logit", "mode=difference", "align=fraction")
    panel = "#panel-correct-logit-AB-difference"
    page.until("grokdash.player.loaded.join() === '46,7'")
    drawn = np.array(page.later(SAMPLE, panel, 80), float)
    assert page.js(f"document.querySelector('{panel}.scrubbing') !== null")
    page.settle()

    expected = np.array(page.inside(EXACT, panel), float)
    assert page.js(f"document.querySelector('{panel}').dataset.epoch") == "720,200"
    assert np.ptp(drawn[:, 0]) > 20
    np.testing.assert_allclose(drawn, expected, atol=6)


def test_overlaid_bars_are_those_of_both_runs(compare, run_ids):
    page = compare("views=embedding-spectrum", "mode=overlay", "at=100")

    names = page.js(
        "document.querySelector('.compare-row .js-plotly-plot')"
        "._fullData.map((trace) => trace.name)"
    )
    assert names == ["A", "B"]
    assert shown(page, "embedding-spectrum") == ["100,80"]


def test_what_a_mode_cannot_show_is_said_and_shown_side_by_side(compare):
    page = compare("views=embedding-circle,loss-grid", "mode=difference")

    notes = page.js(
        "[...document.querySelectorAll('.compare-note')].map((one) => one.textContent)"
    )
    assert len(notes) == 1
    assert "not made of numbers on a fixed grid" in notes[0]
    assert len(shown(page, "embedding-circle")) == 2
    assert len(shown(page, "loss-grid")) == 3


def test_two_epochs_of_one_run(compare, run_ids):
    runs = f"{run_ids[0]}@100,{run_ids[0]}@800"
    page = compare("views=correct-logit", "mode=difference", runs=runs)

    assert shown(page, "correct-logit") == ["100", "800", "100,800"]
    caption = page.js(
        "document.querySelector('#panel-correct-logit-AB-difference figcaption')"
        ".textContent"
    )
    assert caption.startswith("A at epoch 100 minus B at epoch 800")


def test_each_run_picks_its_own_until_all_share_one(compare):
    page = compare("views=embedding-circle")
    own = page.js("window.grokdash.player.selections.map((one) => one.k)")
    assert "k" not in query_of(page)

    page.run("window.grokdash.player.select({k: 4})")
    page.settle()

    assert page.js("window.grokdash.player.selections.map((one) => one.k)") == [4, 4]
    assert query_of(page)["k"] == "4"
    page.run("window.grokdash.player.select({k: null})")
    page.settle()
    assert page.js("window.grokdash.player.selections.map((one) => one.k)") == own


def test_the_address_gives_the_same_picture_again(compare):
    page = compare("views=correct-logit", "mode=difference", "at=300", "k=3")
    page.seek(500)
    page.until("location.search.includes('at=500')")
    address = page.driver.current_url
    state = page.js(STATE)

    page.driver.get("about:blank")
    page.driver.get(address)
    page.settle()

    again = page.js(STATE)
    assert again == state == [[500, 240], "difference"]
    assert page.js("window.grokdash.player.selection.k") == 3


def test_views_are_chosen_in_the_rail(compare):
    page = compare("views=correct-logit")

    page.run("document.querySelector('#compare-views [value=loss-grid]').click()")
    page.settle()

    assert shown(page, "loss-grid") == ["900", "240"]
    assert query_of(page)["views"] == "correct-logit,loss-grid"


def test_a_column_is_pinned_and_left_out_in_the_rail(compare, run_ids):
    page = compare("views=correct-logit", "at=300")

    page.run(
        "const field = document.querySelectorAll('.compare-run .pin')[1];"
        "field.value = '80'; field.dispatchEvent(new Event('change'));"
    )
    page.until("grokdash.player?.about?.run.endsWith('@80')")
    page.settle()
    assert shown(page, "correct-logit") == ["300", "80"]

    page.run("document.querySelectorAll('.compare-run [data-icon=close]')[1].click()")
    page.until(f"grokdash.player?.about?.run === '{run_ids[0]}'")
    page.settle()
    assert shown(page, "correct-logit") == ["300"]
    words = page.js("document.getElementById('compare-problems').textContent")
    assert "One run is shown" in words


def test_a_run_that_grows_grows_on_the_common_line(compare, run_ids, growing):
    page = compare("views=correct-logit", runs=f"{run_ids[1]},{growing.id}")
    assert page.js("window.grokdash.player.epochs") == [240, 180]
    assert page.js("document.querySelector('[data-act=follow]').ariaPressed") == "true"

    growing(10)

    page.until("grokdash.player.epochs[1] === 380")
    page.press("Home")
    growing(3)
    page.until("grokdash.player.steps.at(-1) === 440")
    page.settle()
    assert page.js("window.grokdash.player.epochs") == [0, 0]


def test_ranges_are_shared_by_a_choice_in_the_rail(compare):
    ranges = (
        "[...document.querySelectorAll('.compare-row .js-plotly-plot')]"
        ".map((gd) => gd._fullLayout.yaxis.range[1])"
    )
    page = compare("views=embedding-spectrum", "at=100")
    assert len(set(page.js(ranges))) == 2

    choose(page, "compare-ranges", "shared")
    page.settle()

    assert len(set(page.js(ranges))) == 1
    assert query_of(page)["ranges"] == "shared"


def test_rows_ticked_in_the_list_of_runs_are_compared(page, run_ids):
    page.open("/", settled=False)
    page.until("document.querySelectorAll('.ag-selection-checkbox input').length >= 2")
    page.until("document.getElementById('compare-go')")
    for run_id in run_ids:
        page.run(
            "document.querySelector(`[row-id='${arguments[0]}'] "
            ".ag-selection-checkbox input`).click()",
            run_id,
        )
    page.until("document.getElementById('compare-go').textContent === 'Compare 2'")
    page.run("document.getElementById('compare-go').click()")

    page.settle()

    assert set(query_of(page)["runs"].split(",")) == set(run_ids)
    assert page.js("window.grokdash.player.epochs.length") == 2


def test_back_from_a_run_leads_to_the_comparison(compare, run_ids):
    page = compare("views=correct-logit", "at=300")
    page.run("document.querySelector('.compare-run a').click()")
    page.until("grokdash.player && !grokdash.player.epochs")
    page.settle()
    assert page.js("window.grokdash.player.epoch") == 300

    page.driver.back()

    page.until("grokdash.player && grokdash.player.epochs")
    page.settle()
    assert page.js("window.grokdash.player.epochs") == [300, 240]


def test_bad_input_is_said_and_the_rest_works(compare, run_ids):
    page = compare("views=nothing,correct-logit", runs=f"{run_ids[0]},unknown-run")

    words = page.js("document.getElementById('compare-problems').textContent")
    assert "unknown-run" in words
    assert "nothing" in page.js("document.getElementById('toasts').textContent")
    assert shown(page, "correct-logit") == ["900"]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("mode", ["side", "overlay", "difference"])
def test_the_console_stays_clean(compare, theme, mode):
    page = compare(f"mode={mode}", f"t={theme}", "align=fraction")
    page.seek(0)
    page.press("d")
    page.settle()

    assert page.logs() == []
    dark = page.js("document.documentElement.dataset.bsTheme")
    assert dark == {"light": "dark", "dark": "light"}[theme]


def test_pictures_of_several_runs_leave_by_the_menu_with_their_numbers(
    compare, run_ids
):
    page = compare("views=correct-logit", "mode=difference", "at=300")
    one, other = run_ids
    stem = f"{one}-minus-{other}__correct-logit__e000300-minus-e000240"
    panel = "#panel-correct-logit-AB-difference"

    name, svg = chosen(page, panel, "svg")
    assert name == f"{stem}.svg"
    said = re.search(r"<metadata>(.*?)</metadata>", svg.decode()).group(1)
    origin = json.loads(unescape(said))
    assert [part["run"] for part in origin["runs"]] == [one, other]
    assert [part["epoch"] for part in origin["runs"]] == [300, 240]
    words = re.sub(r"<[^>]+>", " ", svg.decode())
    assert "A − B · Logit of the right answer" in words
    assert "epoch 240" in words

    name, table = chosen(page, panel, "csv")
    assert name == f"{stem}.csv"
    rows = list(csv.DictReader(io.StringIO(table.decode())))
    assert list(rows[0])[:5] == ["a", "b", "A logit", "B logit", "A − B logit"]
    shown = page.js(
        f"Array.from(document.querySelector('{panel} .js-plotly-plot')"
        ".calcdata[0][0].z).map((row) => Array.from(row, Number)).flat()"
    )
    read = [float(row["A − B logit"]) for row in rows]
    np.testing.assert_allclose(read, shown, rtol=1e-6)

    name, pdf = chosen(page, "#panel-loss-curves", "pdf")
    assert name == f"{one}-vs-{other}__loss-curves__e000300-vs-e000240.pdf"
    assert one.encode() in pdf
    assert page.logs() == []
