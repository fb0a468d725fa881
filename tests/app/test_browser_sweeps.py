"""A sweep's page in a real browser."""

import json
import re
from html import unescape

import pytest

from tests.app.conftest import Page, serving
from tests.app.saving import chosen
from tests.app.test_browser_training import FIELDS

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PLOT = "document.querySelector('#sweep-graph-%s .js-plotly-plot')"
JUDGED = "1 × groks, 1 × memorises only."
CAPTION = "document.getElementById('sweep-caption-%s').textContent"


@pytest.fixture
def sweep(page, pair):
    """A sweep of the two runs of the store, open and drawn."""
    page.open(f"/sweeps/{pair}?t=light", settled=False)
    drawn(page)
    return page


def drawn(page):
    for name in ("grok", "phases", "accuracy", "growing", "parallel", "multiples"):
        page.until(f"{PLOT % name}.data.length > 0")


def set_props(page, name, value):
    page.run(
        "dash_clientside.set_props(arguments[0], {value: arguments[1]})", name, value
    )


def test_every_picture_is_drawn_without_a_complaint(sweep):
    assert sweep.js("location.search").startswith("?x=epochs")
    assert sweep.js(f"{PLOT % 'multiples'}.clientWidth") > 1000
    assert sweep.logs() == []


def test_pictures_follow_the_theme(sweep):
    sweep.js("document.querySelector('[data-act=theme]').click()")

    sweep.until(f"{PLOT % 'grok'}._fullLayout.paper_bgcolor === '#12161d'")
    sweep.until(f"{PLOT % 'multiples'}._fullLayout.paper_bgcolor === '#12161d'")


def test_thresholds_judge_again_and_stay_in_the_address(sweep):
    set_props(sweep, "sweep-kept", 0.05)
    set_props(sweep, "sweep-test", 0.3)
    set_props(sweep, "sweep-train", 0.25)

    sweep.until(f"{CAPTION % 'shares'} === '{JUDGED}'")
    sweep.until("location.search.includes('test=0.3')")
    sweep.driver.refresh()
    drawn(sweep)

    sweep.until(f"{CAPTION % 'shares'} === '{JUDGED}'")
    assert sweep.logs() == []


def test_what_cannot_be_is_not_offered_and_every_slider_has_a_name(sweep):
    offered = "[...document.getElementById('sweep-y').options]"
    assert sweep.js(f"{offered}.find((one) => one.value === 'epochs').disabled")
    set_props(sweep, "sweep-test", 0.5)
    sweep.until("document.getElementById('sweep-kept-value').textContent === '50 %'")
    names = sweep.js(
        "[...document.querySelectorAll('#sweep-page [role=slider]')]"
        ".map((one) => one.getAttribute('aria-label'))"
    )
    assert None not in names
    assert len(set(names)) == len(names)

    sweep.window(360, 740, mobile=True)
    sweep.until(f"{PLOT % 'accuracy'}.parentElement.clientHeight === 560")
    sweep.until("document.documentElement.scrollWidth <= 360")
    assert sweep.logs() == []


def test_a_threshold_says_what_it_means(sweep):
    sweep.js("document.querySelector('.sweep-thresholds').open = true")
    box = sweep.box("#sweep-kept-label")
    sweep.mouse("mouseMoved", box.x + 10, box.y + box.height / 2)

    sweep.until(
        "document.querySelector('.tooltip').textContent.includes('has lost it again')"
    )


def test_curves_grow_up_to_the_epoch_that_is_named(sweep):
    set_props(sweep, "sweep-playhead", 500)

    label = "document.getElementById('sweep-play-label').textContent"
    sweep.until(f"{label} === 'epoch 450'")
    covers = sweep.js(
        f"{PLOT % 'growing'}.layout.shapes.filter((s) => s.type === 'rect')"
        ".map((s) => s.x0)"
    )
    assert covers == [450] * 4

    _name, svg = chosen(sweep, "[data-picture=growing]", "svg")
    said = re.search(r"<metadata>(.*?)</metadata>", svg.decode()).group(1)
    assert json.loads(unescape(said))["shown"] == "epoch 450"
    assert svg.decode().count("shape-group") > 0


def test_a_click_opens_the_run(sweep, run_ids):
    expected = sweep.js(f"{PLOT % 'accuracy'}.data[1].meta")

    sweep.run(
        f"{PLOT % 'accuracy'}.emit('plotly_click', "
        "{points: [{curveNumber: 1, pointNumber: 2, x: 1, y: 1}]})"
    )

    sweep.until(f"location.pathname === '/run/{expected}'")
    assert expected in run_ids


def test_pictures_and_their_numbers_leave_by_the_menu_of_every_panel(sweep, run_ids):
    name, svg = chosen(sweep, "[data-picture=accuracy]", "svg")
    assert name == "pair__accuracy.svg"
    said = re.search(r"<metadata>(.*?)</metadata>", svg.decode()).group(1)
    origin = json.loads(unescape(said))
    assert {one["run"] for one in origin["runs"]} == set(run_ids)
    assert all(one["run"].endswith(one["config"]) for one in origin["runs"])
    assert origin["permalink"].startswith("http")
    assert "of 2 runs" in svg.decode()

    name, png = chosen(sweep, "[data-picture=growing]", "png-2")
    assert name == "pair__growing.png"
    assert b"permalink" in png

    name, pdf = chosen(sweep, "[data-picture=phases]", "pdf")
    assert name == "pair__phases.pdf"
    assert pdf.startswith(b"%PDF-")
    assert b"/FontFile2" in pdf
    assert b"Helvetica" not in pdf
    assert run_ids[0].encode() in pdf

    for kind, part in (("csv", b"pair"), ("npy", b"NUMPY"), ("json", b"pair")):
        name, content = chosen(sweep, "[data-picture=accuracy]", kind)
        assert name == f"pair__accuracy.{kind}"
        assert part in content
    assert sweep.logs() == []


PLAYED = """
    const done = arguments[arguments.length - 1];
    const button = document.querySelector("[data-sweep=epochs]");
    const label = document.getElementById("sweep-play-label");
    const covers = () => document.querySelector("#sweep-graph-growing .js-plotly-plot")
      .layout.shapes.length;
    button.click();
    while (label.textContent === "epoch 0" || !label.textContent.startsWith("epoch ")
        || covers() !== 8)
      await new Promise(requestAnimationFrame);
    const first = button.textContent;
    button.click();
    done([first, button.textContent]);
"""


def test_curves_play_until_the_button_is_pressed_again(sweep):
    assert sweep.later(PLAYED) == ["Stop epochs", "Play epochs"]
    assert sweep.logs() == []


ROW = (
    "document.querySelectorAll('.field-rows')[1].querySelector('.field-row:last-child')"
)
DRIVER = "document.getElementById('sweep-driver').textContent"


def typed(page, element, value):
    page.run(
        f"const field = {element}; field.value = arguments[0];"
        "field.dispatchEvent(new Event('input', {bubbles: true}));",
        value,
    )


def test_a_sweep_is_started_from_a_form_and_stopped(chromium, tmp_path):
    with serving(tmp_path / "store") as address:
        page = Page(chromium, address)
        page.open("/sweeps", settled=False)
        page.until("document.querySelectorAll('[data-shipped]').length > 20")
        page.opens_dialog("[data-new-sweep]", ".modal #sweep-cost")
        vary = "document.querySelector('.field-row input')"
        typed(page, vary, "1, x")
        page.until("document.querySelector('.invalid-feedback:not(:empty)')")
        assert page.js("document.getElementById('sweep-start').disabled")
        typed(page, vary, "1, 2")
        for name, value in FIELDS.items():
            page.js("document.querySelectorAll('.field-rows > button')[1].click()")
            typed(page, f"{ROW}.querySelector('select')", name)
            typed(page, f"{ROW}.querySelector('input')", value)
        page.until(
            "document.getElementById('sweep-cost')?.textContent.startsWith('6 runs')"
        )
        page.until("!document.getElementById('sweep-start').disabled")
        page.js("document.getElementById('sweep-start').click()")

        page.until("location.pathname.startsWith('/sweeps/weight-decay-')")
        page.until(f"{DRIVER}.includes('is being trained by process')")
        page.js("document.querySelector('[data-drive=stop]').click()")
        page.until("document.querySelector('[data-drive=resume]')")
        assert page.logs() == []
