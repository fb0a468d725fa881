"""Training from the page in a real browser: form, list, log, stop, go on, facets."""

import pytest

from grokdash.store import open_store
from tests.app.conftest import Page, serving

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SCROLLED = "[...document.querySelectorAll('.ag-body-horizontal-scroll-viewport')]"
SCROLLED += ".some((one) => one.scrollWidth > one.clientWidth)"
FIELDS = {
    "p": "7",
    "train_fraction": "0.6",
    "d_model": "8",
    "d_mlp": "8",
    "n_heads": "2",
    "epochs": "9000000",
    "checkpoint_every": "100000",
    "grids": "0",
}
STATE = "document.querySelector('.modal .log-state').textContent.startsWith('{}')"
LISTED = "document.querySelector('.runs-grid').textContent.includes('{}')"


@pytest.fixture
def empty_page(chromium, tmp_path):
    with serving(tmp_path / "store") as address:
        yield Page(chromium, address)
    # What the test started must not outlive it.
    store = open_store(tmp_path / "store")
    assert [one.state for one in store.summaries()] == ["interrupted"]
    store.close()


def fill(page, name, value):
    page.run(
        "const field = document.getElementById('start-' + arguments[0]);"
        "field.value = arguments[1];"
        "field.dispatchEvent(new Event('input', {bubbles: true}));",
        name,
        value,
    )


def click(page, selector):
    page.until(f"document.querySelector({selector!r})")
    page.run("document.querySelector(arguments[0]).click()", selector)


def test_a_run_is_started_from_the_form_watched_stopped_and_goes_on(empty_page):
    page = empty_page
    page.open("/", settled=False)
    click(page, "#runs-empty [data-new-run]")
    page.until("document.getElementById('start-run')")

    fill(page, "p", "1")
    page.until("document.getElementById('start-error-p').textContent.includes('got')")
    assert page.js("document.getElementById('start-button').disabled")
    for name, value in FIELDS.items():
        fill(page, name, value)
    page.until("document.getElementById('start-run')?.textContent.startsWith('add-p7')")
    assert "B on disk" in page.js("document.querySelector('.start-verdict').innerText")
    run_id = page.js("document.getElementById('start-run').textContent")
    click(page, "#start-button:not(:disabled)")

    # In the list at once, long before there is a run.
    page.until(LISTED.format(run_id), 3)
    page.until("document.querySelector('.modal .log').textContent.includes('epoch ')")
    page.until(STATE.format("running"))
    click(page, ".modal [data-train=stop]")
    page.until(STATE.format("interrupted"))
    page.until(LISTED.format("interrupted"))
    click(page, ".modal [data-train=resume]")
    page.until(STATE.format("running"))
    page.until("document.querySelector('.modal .log').textContent.includes('going on')")
    click(page, ".modal a.primary")
    page.until(f"location.pathname === '/run/{run_id}'")
    click(page, "#run-training [data-train=stop]")
    page.until("document.querySelector('#run-training [data-train=resume]')")
    assert page.js("document.getElementById('run-state').textContent") == "interrupted"
    assert page.logs() == []


def test_facets_count_filter_and_stay_in_the_address(page, run_ids):
    page.open("/", settled=False)
    page.until("document.querySelector('[data-facet=state]')")
    rows = "document.querySelectorAll('.ag-center-cols-container .ag-row').length"
    page.until(f"{rows} === 2")

    counts = page.js(
        "[...document.querySelectorAll('[data-facet=p] .facet-value')]"
        ".map((one) => one.textContent)"
    )
    assert counts == ["132"]
    outcomes = "[...document.querySelectorAll('[data-facet=outcome] input')]"
    names = page.js(f"{outcomes}.map((one) => one.value)")
    assert len(names) == 2
    page.run(f"{outcomes}[0].click()")
    page.until(f"{rows} === 1")
    count = "document.getElementById('runs-count').textContent"
    page.until(f"{count} === '1 of 2 stored'")
    page.until("location.search.startsWith('?outcome=')")
    page.driver.refresh()
    page.until(f"{rows} === 1")
    click(page, ".facet-clear")
    page.until(f"{rows} === 2")
    assert page.js("location.search") == ""
    page.until(f"{count} === '2 stored'")

    page.window(360, 740, mobile=True)
    page.until("document.querySelector('.runs-grid.narrow .run-facts').clientHeight")
    page.until(f"!{SCROLLED}")
    assert page.js("document.documentElement.scrollWidth") <= 360
    links = "[...document.querySelectorAll('.bar a')].map((one) => one.offsetLeft)"
    assert all(0 <= left < 360 for left in page.js(links))
    assert page.logs() == []


ROW_MENU = ".ag-row [data-icon=menu]"


def test_dialogs_of_the_list_keep_the_focus_and_give_it_back(page, run_ids):
    page.open("/", settled=False)
    page.until("document.querySelectorAll('.ag-row [data-icon=menu]').length === 2")
    page.opens_dialog("[data-new-run]", ".modal #start-run, .modal #start-exists")
    assert page.js("document.querySelector('.modal .start-form').elements.length") > 20
    page.closes_dialog("[data-new-run]")

    page.opens_dialog(ROW_MENU, ".modal [name=notes]")
    page.closes_dialog(ROW_MENU)

    page.opens_dialog(ROW_MENU, ".modal [data-train=log]")
    click(page, ".modal [data-train=log]")
    page.until(STATE.format("finished"))
    page.closes_dialog(ROW_MENU)
    assert page.logs() == []


def test_a_run_gets_a_name_and_loses_it(page, run_ids):
    page.open("/", settled=False)
    for name in ("A good one", ""):
        page.opens_dialog(ROW_MENU, ".modal [name=title]")
        page.run(
            "document.querySelector('.modal [name=title]').value = arguments[0]", name
        )
        click(page, ".modal [type=submit]")
        page.until("!document.querySelector('.modal')")
        shown = LISTED.format("A good one")
        page.until(shown if name else f"!({shown})")
