"""What the first load of each page may ask for, weigh and put into the document.

Each budget is a little above what is measured now, for a run of 46 checkpoints.
"""

import time

import pytest

from tests.app.conftest import LOADED

pytestmark = pytest.mark.browser

BUDGETS = {
    "/": (27, 2.73, 900),
    "/guide": (22, 1.08, 350),
    "/sweeps": (22, 1.08, 450),
    "/tour": (22, 1.08, 150),
    "/compare?runs=RUN": (28, 1.11, 1250),
    "/run/RUN": (25, 1.12, 1700),
    "/run/RUN/training": (25, 1.11, 1550),
    "/run/RUN/fourier": (25, 1.11, 1450),
    "/run/RUN/embedding": (25, 1.11, 1600),
    "/run/RUN/attention": (25, 1.12, 1700),
    "/run/RUN/neurons": (25, 1.11, 1500),
    "/run/RUN/logits": (25, 1.12, 1600),
    "/run/RUN/weights": (25, 1.12, 1900),
    "/run/RUN/trajectories": (25, 1.12, 2350),
}
"""Requests, megabytes and elements, by page of the run or of the app."""

WEIGHT = """(() => {
  const all = [
    ...performance.getEntriesByType("navigation"),
    ...performance.getEntriesByType("resource"),
  ].filter((one) => !one.name.includes("/frames/"));
  const bytes = all.reduce((sum, one) => sum + one.transferSize, 0);
  return [all.length, bytes / 1e6, document.querySelectorAll("*").length];
})()"""
"""Frames loaded ahead are left out: how many there are by now is chance."""


def when_quiet(page):
    """Weigh a page once nothing has come for a while."""
    before, same = None, 0
    while same < 3:
        time.sleep(0.15)
        found = page.js(WEIGHT)
        same = same + 1 if found == before else 0
        before = found
    return found


def test_no_page_weighs_more_than_it_may(page, run_ids):
    found = {}
    for path in BUDGETS:
        page.driver.execute_cdp_cmd("Network.clearBrowserCache", {})
        whole = path.replace("RUN", run_ids[0])
        page.open(whole, settled="/run/" in path)
        last = LOADED.get(path, "#_pages_content > *")
        page.until(f"document.querySelector({last!r})")
        found[path] = when_quiet(page)
    over = {
        path: measured
        for path, measured in found.items()
        if any(one > most for one, most in zip(measured, BUDGETS[path], strict=True))
    }
    assert over == {}
