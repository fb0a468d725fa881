"""What a first visit loads before it shows its pictures, in a real browser."""

import pytest

pytestmark = pytest.mark.browser

MOST_REQUESTS = 60
MOST_BYTES = 3_000_000

WATCH = """
window.seen = {sketches: 0, loaded: null};
const look = () => {
  const {seen} = window;
  const sketches = document.querySelectorAll("#first-frame canvas.sketch").length;
  seen.sketches = Math.max(seen.sketches, sketches);
  if (window.grokdash?.player?.settled) {
    seen.loaded = performance.getEntriesByType("resource").map(
      (one) => [one.name.slice(location.origin.length), one.transferSize]);
  } else requestAnimationFrame(look);
};
look();
"""


def test_a_first_visit_sketches_its_pictures_and_asks_once_for_little(page, run_ids):
    page.driver.execute_cdp_cmd("Network.clearBrowserCache", {})
    added = page.driver.execute_cdp_cmd(
        "Page.addScriptToEvaluateOnNewDocument", {"source": WATCH}
    )
    try:
        page.open(f"/run/{run_ids[0]}?e=440")
        seen = page.until("window.seen.loaded && window.seen")
    finally:
        page.driver.execute_cdp_cmd(
            "Page.removeScriptToEvaluateOnNewDocument",
            {"identifier": added["identifier"]},
        )

    names = [name for name, _ in seen["loaded"]]
    assert len(names) == len(set(names)) <= MOST_REQUESTS
    assert sum(size for _, size in seen["loaded"]) <= MOST_BYTES
    assert [name for name in names if "/frames/" in name] == []
    assert len([name for name in names if "/figures?" in name]) == 2
    assert [name for name in names if "dash_ag_grid" in name] == []
    assert seen["sketches"] > 0
    assert page.js("document.getElementById('first-frame')") is None
    assert page.js("document.querySelector('canvas.sketch')") is None
    assert page.label == 440
