"""Time scrubbing and playback of the Explore page in headless Chromium.

    python benchmarks/scrub.py STORE [RUN]

Printed: start of the server (a process of its own), first usable page (all panels show
exact figures), 180 moves of the mouse dragging the slider (time of one draw of all
panels, and from the move asked for to the picture drawn), playback for 4 s, and how
many of all drawn frames carried another epoch than the label says: that must be none.
"""

import itertools
import json
import math
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.chrome.options import Options

MOVES = 180
SECONDS = 4.0

WATCH = """
window.watched = {draws: 0, wrong: 0, times: []};
window.grokdash.player.onDraw((step) => {
  const seen = window.watched;
  const label = document.getElementById("epoch-label").textContent.replace(/\\D/g, "");
  const shown = [...document.querySelectorAll("figure.panel:not(.approximate)")]
    .filter((one) => one.getBoundingClientRect().top < innerHeight);
  seen.draws += 1;
  seen.times.push(performance.now());
  if (label !== String(step) || shown.some((one) => one.dataset.epoch !== label)) {
    seen.wrong += 1;
  }
});
"""


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def start_server(
    store: str, port: int, first: str = "/api/runs"
) -> tuple[subprocess.Popen[bytes], float]:
    """Start a server; give it and the seconds until it answered ``first``."""
    started = time.perf_counter()
    command = [sys.executable, "-m", "grokdash", "serve", store, "--port", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    while True:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}{first}", timeout=5)
        except OSError:
            if server.poll() is not None:
                raise SystemExit("the server ended before it answered") from None
            time.sleep(0.02)
        else:
            return server, time.perf_counter() - started


def cpu_ms(pid: int) -> float:
    """Give the processor time that a process has taken so far (Linux)."""
    return 1000 * time.clock_gettime((~pid << 3) | 2)


def open_browser() -> webdriver.Chrome:
    options = Options()
    for argument in (
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--window-size=1366,900",
        f"--user-data-dir={tempfile.mkdtemp()}",
    ):
        options.add_argument(argument)
    return webdriver.Chrome(options=options)


def wait(driver: webdriver.Chrome, expression: str, seconds: float = 120) -> None:
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        if driver.execute_script(f"return Boolean({expression})"):
            return
        time.sleep(0.02)
    raise SystemExit(f"never true: {expression}")


def mouse(driver: webdriver.Chrome, kind: str, x: float, y: float) -> None:
    pressed = int(kind != "mouseReleased")
    event = {"type": kind, "x": x, "y": y, "button": "left", "buttons": pressed}
    driver.execute_cdp_cmd("Input.dispatchMouseEvent", event | {"clickCount": 1})


def drag(driver: webdriver.Chrome) -> float:
    box = driver.execute_script(
        "return document.querySelector('.track').getBoundingClientRect().toJSON()"
    )
    thumb = driver.execute_script(
        "return document.querySelector('#scrubber [role=slider]')"
        ".getBoundingClientRect().toJSON()"
    )
    y = thumb["y"] + thumb["height"] / 2
    mouse(driver, "mousePressed", thumb["x"] + thumb["width"] / 2, y)
    started = time.perf_counter()
    for i in range(MOVES):
        part = 0.5 - 0.49 * math.cos(2 * math.pi * i / 60)
        mouse(driver, "mouseMoved", box["x"] + part * box["width"], y)
    took = time.perf_counter() - started
    mouse(driver, "mouseReleased", box["x"] + 20, y)
    return took


def summary(driver: webdriver.Chrome) -> dict[str, float]:
    return driver.execute_script("return window.grokdash.player.perf.summary()")


def forget(driver: webdriver.Chrome) -> None:
    driver.execute_script(
        "const {perf} = window.grokdash.player; perf.ticks.length = 0;"
        "perf.latencies.length = 0;"
        "Object.assign(window.watched, {draws: 0, wrong: 0, times: []});"
    )


def play(driver: webdriver.Chrome) -> dict[str, float]:
    driver.execute_script("window.grokdash.player.seek(0)")
    wait(driver, "window.grokdash.player.drawn === 0")
    wait(driver, "window.grokdash.player.settled")
    forget(driver)
    driver.execute_script("window.grokdash.player.play()")
    time.sleep(SECONDS)
    seen = driver.execute_script("return window.watched")
    driver.execute_script("window.grokdash.player.pause()")
    times = seen["times"]
    gaps = [b - a for a, b in itertools.pairwise(times)]
    length = (times[-1] - times[0]) / 1000 if len(times) > 1 else math.nan
    return {
        "fps": (len(times) - 1) / length,
        "worst gap ms": max(gaps, default=math.nan),
        "wrong": seen["wrong"],
    }


def main() -> None:
    if len(sys.argv) < 2:
        print("name a store: python benchmarks/scrub.py STORE [RUN]")
        return
    store = sys.argv[1]
    port = free_port()
    server, server_start = start_server(store, port)
    driver = open_browser()
    try:
        runs = json.load(urllib.request.urlopen(f"http://127.0.0.1:{port}/api/runs"))
        run = sys.argv[2] if len(sys.argv) > 2 else runs[0]["id"]
        driver.get("about:blank")
        started = time.perf_counter()
        driver.get(f"http://127.0.0.1:{port}/run/{run}")
        wait(driver, "window.grokdash?.player?.settled")
        first = time.perf_counter() - started
        driver.get("about:blank")
        started = time.perf_counter()
        driver.get(f"http://127.0.0.1:{port}/run/{run}")
        wait(driver, "window.grokdash?.player?.settled")
        again = time.perf_counter() - started
        started = time.perf_counter()
        wait(
            driver,
            "window.grokdash.player.loaded.every("
            "(n) => n === window.grokdash.player.steps.length)",
        )
        loaded = time.perf_counter() - started
        count = driver.execute_script("return window.grokdash.player.length")
        driver.execute_script(WATCH)
        forget(driver)
        took = drag(driver)
        scrub = summary(driver)
        seen = driver.execute_script("return window.watched")
        wait(driver, "window.grokdash.player.settled")
        played = play(driver)
    finally:
        driver.quit()
        server.terminate()
        server.wait()
    print(f"{Path(store).name}/{run}: {count} checkpoints")
    print(f"server start             {server_start:8.2f} s")
    print(f"first usable page        {first:8.2f} s (again: {again:.2f} s)")
    print(f"all frames in memory     {loaded:8.2f} s later, {scrub['cacheMB']:.1f} MB")
    print(f"drag of {MOVES} moves        {took:8.2f} s, {seen['draws']} draws")
    print(
        f"draw of all panels       {scrub['tickMedian']:8.1f} ms median, "
        f"{scrub['tickP95']:.1f} ms p95"
    )
    print(
        f"asked to drawn           {scrub['latencyMedian']:8.1f} ms median, "
        f"{scrub['latencyP95']:.1f} ms p95"
    )
    print(
        f"playback                 {played['fps']:8.1f} frames/s over {SECONDS:g} s, "
        f"worst gap {played['worst gap ms']:.0f} ms"
    )
    print(f"frames labelled wrong    {seen['wrong'] + played['wrong']:8.0f}")


if __name__ == "__main__":
    main()
