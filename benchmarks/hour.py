"""An hour of scripted scrubbing over all pages: does memory level off?

    python benchmarks/hour.py [STORE] [--minutes 60]

One browser tab goes from page to page of a run within the app, as a reader does, so
that nothing is freed by loading a document anew: on each it makes other choices,
scrolls, and asks for epochs all over the run; between them it looks at the list of
runs, the guide or the sweeps. After every round the JavaScript heap is weighed once
what is garbage is collected, the resident memory of the tab's process (Linux), which
holds the frames as well, and that of the server. Printed are a table of rounds and what
each grew in the second half of the time, as MB an hour.
"""

import argparse
import contextlib
import json
import os
import random
import tempfile
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from browsing import PAGES, free_port, open_browser, path_of, start_server, wait
from pages import resident
from selenium import webdriver
from sessions import a_store

BETWEEN = ("/", "/guide", "/sweeps")
LOOKS = 8
"""Epochs that are asked for on each page."""
LOOK_S = 0.25
HEAP_MB, SERVER_MB = 300.0, 500.0
Row = tuple[str, float, str, float | None]


@dataclass(frozen=True)
class Weight:
    """What browser and server hold after a round."""

    minutes: float
    heap: float
    tab: float
    nodes: int
    server: float


def follow(driver: webdriver.Chrome, path: str) -> None:
    """Go to a page of the app without loading the document anew."""
    driver.execute_script(
        "history.pushState({}, '', arguments[0]);"
        "window.dispatchEvent(new CustomEvent('_dashprivate_pushstate'));",
        path,
    )


def scrub(driver: webdriver.Chrome, path: str, chance: random.Random) -> None:
    """Open a page of a run with other choices and ask for epochs all over it."""
    choices = f"k={chance.randint(1, 11)}&n={chance.randint(0, 100)}"
    choices += f"&h={chance.randint(0, 3)}&c={chance.randint(0, 22)}"
    follow(driver, f"{path}?{choices}")
    here = f"location.pathname === {json.dumps(path)}"
    wait(driver, f"{here} && window.grokdash?.player?.length")
    time.sleep(LOOK_S)
    count = driver.execute_script("return window.grokdash?.player?.length ?? 1")
    height = driver.execute_script("return document.documentElement.scrollHeight")
    for _ in range(LOOKS):
        driver.execute_script(f"window.scrollTo(0, {chance.randrange(height)})")
        driver.execute_script(
            f"window.grokdash?.player?.seek({chance.randrange(count)})"
        )
        time.sleep(LOOK_S)


def weigh(driver: webdriver.Chrome, server: int, minutes: float) -> Weight:
    driver.execute_cdp_cmd("HeapProfiler.collectGarbage", {})
    heap = driver.execute_script("return performance.memory.usedJSHeapSize") / 1e6
    nodes = driver.execute_script("return document.querySelectorAll('*').length")
    return Weight(minutes, heap, tab_memory(driver), nodes, resident(server))


def tab_memory(driver: webdriver.Chrome) -> float:
    """Give the resident memory of the largest process that draws pages, in MB."""
    process = driver.service.process
    ours, found = {process.pid if process else 0}, [0.0]
    for place in sorted(Path("/proc").glob("[0-9]*"), key=lambda one: int(one.name)):
        with contextlib.suppress(OSError, IndexError):  # it has ended
            parent = int((place / "stat").read_text().rpartition(")")[2].split()[1])
            if parent not in ours:
                continue
            ours.add(int(place.name))
            if b"--type=renderer" in (place / "cmdline").read_bytes():
                found.append(resident(int(place.name)))
    return max(found)


def slope(minutes: list[float], values: list[float]) -> float:
    """Give the growth over the second half of the time, in MB an hour."""
    half = [i for i, at in enumerate(minutes) if at >= minutes[-1] / 2]
    if len(half) < 2:
        return float("nan")
    x, y = np.array(minutes)[half], np.array(values)[half]
    return 60 * float(np.polyfit(x, y, 1)[0])


def measure(store: str, minutes: float) -> list[Weight]:
    """Scrub for so long; give what was held after every round."""
    port, chance = free_port(), random.Random(1)
    server, _ = start_server(store, port)
    driver = open_browser()
    found: list[Weight] = []
    try:
        address = f"http://127.0.0.1:{port}"
        rows = json.load(urllib.request.urlopen(f"{address}/api/runs"))
        run = f"/run/{next(one['id'] for one in rows if not one['problem'])}"
        driver.get(f"{address}{run}")
        wait(driver, "window.grokdash?.player?.settled")
        started = time.perf_counter()
        print("| after min | JS heap MB | tab MB | elements | server MB |")
        print("|--:|--:|--:|--:|--:|")
        while not found or found[-1].minutes < minutes:
            for page in PAGES:
                scrub(driver, run + path_of(page), chance)
            follow(driver, chance.choice(BETWEEN))
            time.sleep(1)
            spent = (time.perf_counter() - started) / 60
            found.append(one := weigh(driver, server.pid, spent))
            print(
                f"| {one.minutes:.1f} | {one.heap:.0f} | {one.tab:.0f} "
                f"| {one.nodes:,} | {one.server:.0f} |",
                flush=True,
            )
    finally:
        driver.quit()
        server.terminate()
        server.wait()
    return found


def told(found: list[Weight]) -> list[Row]:
    times = [one.minutes for one in found]
    spent = f"scrubbing for {times[-1]:.1f} min, {len(found)} rounds"
    rows: list[Row] = []
    for what, budget, held in (
        ("JavaScript heap", HEAP_MB, [one.heap for one in found]),
        ("process of the tab", None, [one.tab for one in found]),
        ("server", SERVER_MB, [one.server for one in found]),
    ):
        rows += [
            (f"{spent}: {what} at most", round(max(held)), "MB", budget),
            (
                f"{what}, growth of the last half",
                slope(times, held),
                "MB an hour",
                None,
            ),
        ]
    return rows


def of_store(named: str, minutes: float) -> list[Row]:
    with a_store(named) as store, tempfile.TemporaryDirectory() as cache:
        os.environ["GROKDASH_CACHE"] = str(Path(cache))
        return told(measure(store, minutes))


def rows(*, quick: bool) -> list[Row]:
    """Give what was measured for the table of all benchmarks."""
    return of_store("", 2 if quick else 60)


def main() -> None:
    reader = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    reader.add_argument("store", nargs="?", default="")
    reader.add_argument("--minutes", type=float, default=60)
    asked = reader.parse_args()
    for what, value, unit, budget in of_store(asked.store, asked.minutes):
        limit = "" if budget is None else f" (at most {budget:g})"
        print(f"{what}: {value:.0f} {unit}{limit}")


if __name__ == "__main__":
    main()
