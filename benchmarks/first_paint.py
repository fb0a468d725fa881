"""Time the first second of the Explore page in headless Chromium.

    python benchmarks/first_paint.py STORE [RUN]
    python benchmarks/first_paint.py STORE --against CHECKOUT --repeats 5 --mbit 10

Each row is a median, in milliseconds since the address was entered: anything painted;
the frame of the page; the first true picture, whoever draws it; the first panel and all
panels that show exact figures and answer the mouse. Then requests and bytes as they
came over the network until all panels were there, and the longest task.

"first" is the one visit after the server's start with nothing in the browser, "cold"
has a server that has answered before, "warm" comes again with the browser's cache;
"word" is a page of one word without a network, which is what the browser takes itself.
Given another checkout, its server runs beside this one and visits take turns, so that
what else the computer does falls on both: compare them by their ratio.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import urllib.request
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from browsing import free_port, open_browser, wait
from examples import example_store
from selenium import webdriver
from table import Raw

from grokdash.terminal import say

HERE = Path(__file__).resolve().parents[1]
ROWS = (
    ("painted", "first paint", "ms", 300.0),
    ("picture", "first picture", "ms", 300.0),
    ("all", "first usable page: all panels", "ms", 1000.0),
    ("kB", "bytes over the network", "kB", None),
)
NAMES = ("painted", "frame", "picture", "panel", "all", "requests", "kB", "task")

WATCH = """
(() => {
  const seen = (window.firstSecond = {task: 0});
  const mark = (name, there) => {
    if (there && !(name in seen)) seen[name] = performance.now();
  };
  new PerformanceObserver((list) => {
    for (const {name, startTime} of list.getEntries())
      if (name === "first-contentful-paint") seen.painted = startTime;
  }).observe({type: "paint", buffered: true});
  new PerformanceObserver((list) => {
    for (const {duration} of list.getEntries())
      if (!("all" in seen)) seen.task = Math.max(seen.task, duration);
  }).observe({type: "longtask", buffered: true});
  const look = () => {
    mark("frame", document.querySelector(".panel"));
    mark("picture", document.querySelector(".panel.sketched, .panel.drawn"));
    mark("panel", document.querySelector(".panel.drawn"));
    mark("all", window.grokdash?.player?.settled);
    if (!("all" in seen)) requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})();
"""


def start(checkout: Path, store: str) -> tuple[subprocess.Popen[bytes], str]:
    """Serve a store with the code of a checkout; gives the address it answers at."""
    port = free_port()
    command = [sys.executable, "-m", "grokdash", "serve", store, "--port", str(port)]
    server = subprocess.Popen(
        command,
        cwd=checkout,
        env=os.environ | {"PYTHONPATH": str(checkout)},
        stdout=subprocess.PIPE,
    )
    for line in server.stdout or ():
        if line.startswith(b"serving"):
            return server, f"http://127.0.0.1:{port}"
    raise SystemExit(f"the server of {checkout} ended before it answered")


def watched_browser(mbit: float) -> webdriver.Chrome:
    driver = open_browser("performance")
    driver.execute_cdp_cmd("Network.enable", {})
    driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": WATCH})
    if mbit:
        speed = mbit * 1e6 / 8
        conditions = {"offline": False, "latency": 40}
        conditions |= {"downloadThroughput": speed, "uploadThroughput": speed}
        driver.execute_cdp_cmd("Network.emulateNetworkConditions", conditions)
    return driver


def network(driver: webdriver.Chrome) -> Iterable[dict]:
    """Give what the network did since this was asked last."""
    for entry in driver.get_log("performance"):
        message = json.loads(entry["message"])["message"]
        if message["method"].startswith("Network."):
            yield message


def word(driver: webdriver.Chrome) -> dict[str, float]:
    """Visit a page of one word."""
    driver.get("about:blank")
    driver.get("data:text/html,<p>word")
    wait(driver, "'painted' in window.firstSecond")
    return driver.execute_script("return window.firstSecond")


def visit(driver: webdriver.Chrome, address: str) -> dict[str, float]:
    driver.get("about:blank")
    list(network(driver))
    driver.get(address)
    wait(driver, "'all' in window.firstSecond")
    found = driver.execute_script("return window.firstSecond")
    sent: set[str] = set()
    size = 0.0
    for message in network(driver):
        about = message["params"]
        if message["method"] == "Network.requestWillBeSent":
            if not about["request"]["url"].startswith("data:"):
                sent.add(about["requestId"])
        elif message["method"] == "Network.requestServedFromCache":
            sent.discard(about["requestId"])
        elif message["method"] == "Network.responseReceived":
            if about["response"].get("fromDiskCache"):
                sent.discard(about["requestId"])
        elif message["method"] == "Network.loadingFinished":
            size += about["encodedDataLength"]
    return found | {"requests": len(sent), "kB": size / 1000}


Found = dict[tuple[Path, str], list[dict[str, float]]]
"""Visits by checkout and kind."""


def measure(
    store: str, run: str, checkouts: list[Path], repeats: int, mbit: float
) -> tuple[str, Found]:
    """Visit a run, or the newest one, with the server of every checkout in turn."""
    servers = [start(checkout, store) for checkout in checkouts]
    driver = watched_browser(mbit)
    found: Found = defaultdict(list)
    try:
        address = servers[0][1]
        if not run:
            run = json.load(urllib.request.urlopen(f"{address}/api/runs"))[0]["id"]
        for turn in range(repeats + 1):
            for checkout, (_, address) in zip(checkouts, servers, strict=True):
                driver.execute_cdp_cmd("Network.clearBrowserCache", {})
                kind = "cold" if turn else "first"
                found[checkout, kind].append(visit(driver, f"{address}/run/{run}"))
                found[checkout, "warm"].append(visit(driver, f"{address}/run/{run}"))
                found[checkout, "word"].append(word(driver))
    finally:
        driver.quit()
        for server, _ in servers:
            server.terminate()
            server.wait()
    return run, found


def median(visits: list[dict[str, float]], name: str) -> float:
    return statistics.median(one.get(name, 0) for one in visits)


def rows(*, quick: bool) -> list[Raw]:
    """Measure the visits of the run that benchmarks share."""
    with example_store(quick=quick) as store:
        _, found = measure(str(store), "", [HERE], 2 if quick else 9, 0)
    painted = median(found[HERE, "word"], "painted")
    return [
        ("first paint of a page of one word", painted, "ms", None),
    ] + [
        (f"{what}, {when}", median(found[HERE, kind], name), unit, budget)
        for kind, when in (
            ("cold", "nothing in the browser"),
            ("warm", "with the browser's cache"),
        )
        for name, what, unit, budget in ROWS
    ]


def main() -> None:
    reader = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    reader.add_argument("store")
    reader.add_argument("run", nargs="?", default="")
    reader.add_argument("--against", type=Path, help="another checkout")
    reader.add_argument("--repeats", type=int, default=5)
    reader.add_argument("--mbit", type=float, default=0, help="speed of the network")
    asked = reader.parse_args()
    checkouts = [HERE] + ([asked.against.resolve()] if asked.against else [])
    run, found = measure(asked.store, asked.run, checkouts, asked.repeats, asked.mbit)
    speed = f" at {asked.mbit:g} Mbit/s" if asked.mbit else ""
    say(f"{run}{speed}, {asked.repeats} repeats")
    say(f"| checkout | visit | {' | '.join(NAMES)} |")
    say(f"|---|---|{'--:|' * len(NAMES)}")
    for kind in ("first", "cold", "warm", "word"):
        for checkout in checkouts:
            medians = (median(found[checkout, kind], name) for name in NAMES)
            told = " | ".join(f"{one:,.0f}" for one in medians)
            say(f"| {'this' if checkout == HERE else 'other'} | {kind} | {told} |")


if __name__ == "__main__":
    main()
