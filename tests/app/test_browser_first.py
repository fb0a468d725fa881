"""What a first visit loads before it shows its pictures, in a real browser."""

import re

import pytest

pytestmark = pytest.mark.browser

MOST_REQUESTS = 60
MOST_BYTES = 3_000_000

LOADED = """
(() => {
  const look = () => {
    if (!window.grokdash?.player?.settled) return requestAnimationFrame(look);
    window.loaded = performance.getEntriesByType("resource").map(
      (one) => [one.name.slice(location.origin.length), one.transferSize]);
  };
  look();
})();
"""


def test_a_page_shows_its_pictures_before_dash_and_plotly_do(page, run_ids):
    cdp = page.driver.execute_cdp_cmd
    cdp("Network.enable", {})
    cdp("Network.setBlockedURLs", {"urls": ["*_dash-layout*"]})
    try:
        page.open(f"/run/{run_ids[0]}?e=440", settled=False)
        frame = "document.querySelectorAll('#first-frame .panel.sketched').length"
        page.until(f"{frame} === 7")
    finally:
        cdp("Network.setBlockedURLs", {"urls": []})
        cdp("Network.disable", {})

    label = "document.querySelector('#first-frame .epoch-label').textContent"
    assert page.js(label) == "440"
    caption = "document.querySelector('#first-frame figcaption').textContent"
    assert "At epoch 440" in page.js(caption)
    assert page.js("document.querySelector('#run-page, .js-plotly-plot')") is None


def test_a_first_visit_asks_once_and_for_little(page, run_ids):
    cdp = page.driver.execute_cdp_cmd
    cdp("Network.clearBrowserCache", {})
    added = cdp("Page.addScriptToEvaluateOnNewDocument", {"source": LOADED})
    try:
        page.open(f"/run/{run_ids[0]}?e=440")
        loaded = page.until("window.loaded")
    finally:
        cdp("Page.removeScriptToEvaluateOnNewDocument", added)

    names = [name for name, _ in loaded]
    assert len(names) == len(set(names)) <= MOST_REQUESTS
    assert sum(size for _, size in loaded) <= MOST_BYTES
    assert [name for name in names if "/frames/" in name] == []
    assert len([name for name in names if "/figures?" in name]) == 2
    unused = re.compile("dash_ag_grid|dash_table|polyfill")
    assert [name for name in names if unused.search(name)] == []
    assert page.js("document.querySelector('#first-frame, canvas.sketch')") is None
    assert page.label == 440
