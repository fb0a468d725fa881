"""Time scrubbing on every page of a run, and weigh what browser and server hold.

    python benchmarks/pages.py STORE [RUN [MINUTES]]

Per page: number of panels, time until it is usable, one draw of all panels on screen
and the time from an epoch asked for to it drawn (median, 95th percentile, over 60
epochs all over the run), frames labelled wrong, and the browser's memory afterwards.
At the end the resident memory of the server; given MINUTES, the pages are then scrubbed
round after round for so long, each time with other choices, and the server is weighed
after every round: it must level off.
"""

import argparse
import random
import time
from pathlib import Path

from browsing import PAGES, path_of, visited, wait
from examples import example_store
from scrub import WATCH, forget, summary
from selenium import webdriver
from table import Raw

from grokdash.terminal import say

TICKS = 60


HEAD = ("page", "panels", "usable", "draw", "asked to drawn", "wrong", "browser")


def measure(driver: webdriver.Chrome, address: str) -> dict[str, float]:
    driver.get("about:blank")
    started = time.perf_counter()
    driver.get(address)
    wait(driver, "window.grokdash?.player?.settled")
    usable = time.perf_counter() - started
    count = driver.execute_script("return window.grokdash.player.length")
    panels = driver.execute_script("return document.querySelectorAll('.panel').length")
    time.sleep(4)  # prefetching, as a reader gives it
    driver.execute_script(WATCH)
    forget(driver)
    chance = random.Random(0)
    for _ in range(TICKS):
        index = chance.randrange(count)
        driver.execute_script(f"window.grokdash.player.seek({index})")
        wait(driver, f"window.grokdash.player.drawn === {index}", 20)
    wrong = driver.execute_script("return window.watched.wrong")
    drawn = summary(driver)
    wait(driver, "window.grokdash.player.settled")
    heap = driver.execute_script("return performance.memory.usedJSHeapSize") / 1e6
    return drawn | {"panels": panels, "usable": usable, "wrong": wrong, "heap": heap}


def cells(seen: dict[str, float]) -> list[str]:
    return [
        f"{seen['panels']:.0f}",
        f"{seen['usable']:.2f} s",
        f"{seen['tickMedian']:.1f} / {seen['tickP95']:.1f} ms",
        f"{seen['latencyMedian']:.0f} / {seen['latencyP95']:.0f} ms",
        f"{seen['wrong']:.0f}",
        f"{seen['heap']:.0f} MB",
    ]


def rows(*, quick: bool) -> list[Raw]:
    """Measure all pages, or two of them, on the run that benchmarks share."""
    found: list[Raw] = []
    with (
        example_store(quick=quick) as store,
        visited(str(store), "") as (driver, address, server),
    ):
        for page in PAGES[:2] if quick else PAGES:
            seen = measure(driver, address + path_of(page))
            found += [
                (
                    f"{page}: draw of what is on screen, p95",
                    seen["tickP95"],
                    "ms",
                    None,
                ),
                (f"{page}: epochs labelled wrong", seen["wrong"], "", 0.0),
                (f"{page}: memory of the browser", seen["heap"], "MB", None),
            ]
        found.append(("memory of the server after them", resident(server), "MB", None))
    return found


def scrub_on(driver: webdriver.Chrome, address: str, chance: random.Random) -> None:
    """Open a page with other choices and ask for epochs all over the run."""
    choices = f"k={chance.randint(1, 50)}&n={chance.randint(0, 500)}"
    choices += f"&h={chance.randint(0, 3)}&c={chance.randint(0, 100)}"
    driver.get(f"{address}?{choices}")
    wait(driver, "window.grokdash?.player?.settled")
    count = driver.execute_script("return window.grokdash.player.length")
    height = driver.execute_script("return document.documentElement.scrollHeight")
    for _ in range(12):
        driver.execute_script(f"window.scrollTo(0, {chance.randrange(height)})")
        driver.execute_script(f"window.grokdash.player.seek({chance.randrange(count)})")
        time.sleep(0.4)


def resident(pid: int) -> float:
    text = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return int(text.split("VmRSS:")[1].split()[0]) / 1024


def main() -> None:
    reader = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    reader.add_argument("store")
    reader.add_argument("run", nargs="?", default="")
    reader.add_argument("minutes", nargs="?", type=float, default=0.0)
    asked = reader.parse_args()
    with visited(asked.store, asked.run) as (driver, address, server):
        for line in (HEAD, ["---"] * len(HEAD)):
            say(f"| {' | '.join(line)} |")
        for page in PAGES:
            told = cells(measure(driver, address + path_of(page)))
            say(f"| {' | '.join([page, *told])} |")
        say(f"server: {resident(server):.0f} MB resident")
        chance, started = random.Random(1), time.perf_counter()
        while (spent := time.perf_counter() - started) < 60 * asked.minutes:
            for page in PAGES:
                scrub_on(driver, address + path_of(page), chance)
            say(f"after {spent / 60:.1f} min more: {resident(server):.0f} MB")


if __name__ == "__main__":
    main()
