"""Time the file to share: writing it, its first picture, and how it scrubs.

    python benchmarks/share.py

The file is opened from disk with the network cut. Its first picture is the first panel
that is sketched, the first figure the first that Plotly has drawn; both count from the
start of the navigation. Scrubbing goes through all checkpoints, one per frame of the
browser, once the frames are in memory.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

from browsing import open_browser, wait
from examples import example_store
from selenium.webdriver import Chrome
from table import Raw

from grokdash.store import open_store

MB = 8.0
FIRST_S = 1.5
FRAMES = 60.0
WATCH = """
window.seen = {};
const note = (name, there) => {
  if (document.querySelector(there)) window.seen[name] ??= performance.now();
};
new MutationObserver(() => {
  note("picture", "canvas.sketch");
  note("figure", ".panel.drawn");
}).observe(document, {subtree: true, childList: true, attributes: true});
"""
SCRUB = """
const then = arguments[arguments.length - 1];
const {player} = window.grokdash;
const times = [];
let at = 0;
function next(now) {
  times.push(now);
  player.seek(at++ % player.length);
  if (times.length <= 2 * player.length) requestAnimationFrame(next);
  else then(1000 * (times.length - 1) / (times.at(-1) - times[0]));
}
requestAnimationFrame(next);
"""


def cut(driver: Chrome) -> None:
    """Cut the network."""
    driver.execute_cdp_cmd("Network.enable", {})
    nothing = {"latency": 0, "downloadThroughput": 0, "uploadThroughput": 0}
    driver.execute_cdp_cmd(
        "Network.emulateNetworkConditions", {"offline": True, **nothing}
    )


def opened(path: Path) -> list[Raw]:
    """Open the file, and scrub in it."""
    driver = open_browser()
    try:
        cut(driver)
        driver.execute_cdp_cmd(
            "Page.addScriptToEvaluateOnNewDocument", {"source": WATCH}
        )
        driver.get(f"file://{quote(str(path))}")
        wait(driver, "window.grokdash?.player?.settled")
        seen = driver.execute_script("return window.seen")
        wait(driver, "Math.min(...grokdash.player.loaded.slice(1, 7)) > 20", 60)
        time.sleep(5)
        frames = driver.execute_async_script(SCRUB)
    finally:
        driver.quit()
    return [
        ("first picture of a file to share", seen["picture"] / 1000, "s", FIRST_S),
        ("first figure of it", seen["figure"] / 1000, "s", None),
        ("scrubbing in it", frames, "frames/s", FRAMES),
    ]


def rows(*, quick: bool) -> list[Raw]:
    """Write the file of the example run by command, and open it."""
    with example_store(quick=quick) as store, tempfile.TemporaryDirectory() as folder:
        stored = open_store(store)
        run = stored.summaries()[0].id
        stored.close()
        path = Path(folder) / "run.html"
        command = [sys.executable, "-m", "grokdash", "share", run, "-o", str(path)]
        start = time.perf_counter()
        subprocess.run(
            [*command, "--store", str(store)], check=True, stdout=subprocess.DEVNULL
        )
        took = time.perf_counter() - start
        size = path.stat().st_size / 1e6
        return [
            ("file to share, 200 checkpoints, 40 weights", size, "MB", MB),
            ("writing it", took, "s", None),
            *opened(path),
        ]


def main() -> None:
    for what, value, unit, _ in rows(quick=False):
        print(f"{what:48} {value:12.2f} {unit}")


if __name__ == "__main__":
    main()
