"""A report in a real browser: added to, put in order, written, and there again."""

import pytest

from grokdash.store import open_store
from grokdash.store.reports import Reports

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TITLES = "[...document.querySelectorAll('.report-head input')].map((one) => one.value)"
STATUS = "document.querySelector('.report-status').textContent"
SHOWN = "document.querySelectorAll('.report-item .js-plotly-plot').length"


@pytest.fixture
def reports(store_path):
    """The reports of the store, which are gone after the test."""
    store = open_store(store_path)
    found = Reports(store)
    yield found
    for name in found.names():
        found.delete(name)
    store.close()


def add(page, view):
    """Add a panel to the report by its menu."""
    page.run(
        f"document.querySelector('[data-view={view}] [data-act=menu]').click()",
    )
    item = "#panel-menu .show [data-act=report]"
    page.until(f"document.querySelector({item!r})")
    page.run(f"document.querySelector({item!r}).closest('button').click()")


def written(page, selector, text):
    """Write into a field and leave it."""
    page.run(
        "const one = document.querySelector(arguments[0]);"
        "one.focus(); one.value = arguments[1];"
        "one.dispatchEvent(new Event('input')); one.blur();",
        selector,
        text,
    )


def test_pictures_are_added_ordered_written_to_and_there_again(page, reports, run_ids):
    page.open(f"/run/{run_ids[0]}?e=400")
    for count, view in enumerate(("loss-curves", "correct-logit"), start=1):
        add(page, view)
        page.until(f"document.querySelectorAll('#toasts a').length === {count}")
    page.run("[...document.querySelectorAll('#toasts a')].pop().click()")
    page.until(f"{SHOWN} === 2")
    before = page.js(TITLES)

    page.run("document.querySelectorAll('.report-tools button')[1].focus()")
    page.press("ArrowDown", modifiers=1)
    page.run("document.querySelector('.report-item .prose-edit').click()")
    written(page, ".report-item textarea:not([hidden])", "My **caption** <b>x</b>")
    page.until("document.querySelector('.prose strong')")
    page.run("document.querySelectorAll('.report-tools')[1].lastElementChild.click()")
    page.run("document.querySelector('.report-removed button').click()")
    page.until(f"{STATUS} === 'Saved'")
    page.open("/report/report", settled=False)
    page.until(f"{SHOWN} === 2")

    assert page.js(TITLES) == before[::-1]
    assert page.js("document.querySelector('.report-item .prose').textContent") == (
        "My caption <b>x</b>\n"
    )
    item = reports.read("report").items[0]
    assert (item.view, item.query["e"]) == ("correct-logit", "400")
    assert page.logs() == []


def test_a_second_tab_is_asked_before_anything_is_overwritten(page, reports, found):
    page.open(f"/report/{found}", settled=False)
    page.until(f"{SHOWN} === 2")
    report = reports.read(found)
    reports.save(found, report.model_copy(update={"title": "Theirs"}))

    written(page, ".report-top input", "Mine")
    page.until("document.querySelector('.report-conflict')")
    page.run("document.querySelectorAll('.report-conflict button')[1].click()")
    page.until("location.pathname === '/report/mine-mine'")
    page.until(f"{SHOWN} === 2")

    assert reports.read(found).title == "Theirs"
    assert reports.read("mine-mine").title == "Mine (mine)"


def test_a_page_saved_by_the_browser_shows_its_pictures_without_a_server(
    page, reports, found, tmp_path
):
    page.open(f"/report/{found}", settled=False)
    page.until(f"{SHOWN} === 2")
    page.run(
        "document.addEventListener('grokdash:saved', async ({detail}) => {"
        "  window.saved = await detail.blob.text(); });"
        "document.querySelector('.report-files summary').click();"
        "document.querySelector('.report-menu button').click();"
    )
    path = tmp_path / "report.html"
    path.write_text(page.until("window.saved"), "utf-8")

    page.driver.execute_cdp_cmd(
        "Network.emulateNetworkConditions",
        {"offline": True, "latency": 0, "downloadThroughput": 0, "uploadThroughput": 0},
    )
    try:
        page.driver.get(path.as_uri())
        images = "[...document.images].filter((one) => one.naturalWidth === 720).length"
        shown, problems = page.js(images), page.logs()
    finally:
        page.driver.execute_cdp_cmd(
            "Network.emulateNetworkConditions",
            {
                "offline": False,
                "latency": 0,
                "downloadThroughput": -1,
                "uploadThroughput": -1,
            },
        )

    assert shown == 2
    assert problems == []
