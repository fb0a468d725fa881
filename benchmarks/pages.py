"""Time scrubbing on every page of a run, and weigh what browser and server hold.

    python benchmarks/pages.py STORE [RUN [MINUTES]]

Per page: number of panels, time until it is usable, one draw of all panels on screen
and the time from an epoch asked for to it drawn (median, 95th percentile, over 60
epochs all over the run), frames labelled wrong, and the browser's memory afterwards.
At the end the resident memory of the server; given MINUTES, the pages are then scrubbed
round after round for so long, each time with other choices, and the server is weighed
after every round: it must level off.
"""

import json
import random
import sys
import time
import urllib.request
from pathlib import Path

from scrub import WATCH, forget, free_port, open_browser, start_server, summary, wait
from selenium import webdriver

PAGES = (
    "",
    "/training",
    "/fourier",
    "/embedding",
    "/attention",
    "/neurons",
    "/logits",
    "/weights",
    "/trajectories",
)
TICKS = 60


def measure(driver: webdriver.Chrome, address: str) -> list[str]:
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
    seen = driver.execute_script("return window.watched")
    drawn = summary(driver)
    wait(driver, "window.grokdash.player.settled")
    heap = driver.execute_script("return performance.memory.usedJSHeapSize") / 1e6
    return [
        f"{panels:d}",
        f"{usable:.2f} s",
        f"{drawn['tickMedian']:.1f} / {drawn['tickP95']:.1f} ms",
        f"{drawn['latencyMedian']:.0f} / {drawn['latencyP95']:.0f} ms",
        f"{seen['wrong']:.0f}",
        f"{heap:.0f} MB",
    ]


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
    if len(sys.argv) < 2:
        print("name a store: python benchmarks/pages.py STORE [RUN]")
        return
    port = free_port()
    server, _seconds = start_server(sys.argv[1], port)
    driver = open_browser()
    try:
        runs = json.load(urllib.request.urlopen(f"http://127.0.0.1:{port}/api/runs"))
        run = sys.argv[2] if len(sys.argv) > 2 else runs[0]["id"]
        print("| page | panels | usable | draw | asked to drawn | wrong | browser |")
        print("|---|---|---|---|---|---|---|")
        for page in PAGES:
            row = measure(driver, f"http://127.0.0.1:{port}/run/{run}{page}")
            print("|", " | ".join([page or "/", *row]), "|", flush=True)
        print(f"server: {resident(server.pid):.0f} MB resident", flush=True)
        minutes = float(sys.argv[3]) if len(sys.argv) > 3 else 0.0
        chance, started = random.Random(1), time.perf_counter()
        while (spent := time.perf_counter() - started) < 60 * minutes:
            for page in PAGES:
                scrub_on(driver, f"http://127.0.0.1:{port}/run/{run}{page}", chance)
            held = resident(server.pid)
            print(f"after {spent / 60:.1f} min more: {held:.0f} MB", flush=True)
    finally:
        driver.quit()
        server.terminate()
        server.wait()


if __name__ == "__main__":
    main()
