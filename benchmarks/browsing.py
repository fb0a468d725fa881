"""A server of one store, a browser, and the pages of a run, for what measures them."""

import json
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

from selenium import webdriver
from selenium.webdriver.chrome.options import Options

from grokdash.pages.run.panels import SUBJECTS

EXPLORE = "explore"
PAGES = (EXPLORE, *SUBJECTS)


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def cpu_ms(pid: int) -> float:
    """Give the processor time that a process has taken so far (Linux)."""
    return 1000 * time.clock_gettime((~pid << 3) | 2)


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


def open_browser(logged: str = "") -> webdriver.Chrome:
    """Open a browser that has seen nothing yet; ``logged`` is a log to be kept."""
    options = Options()
    for argument in (
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-quic",
        "--disable-background-networking",
        "--window-size=1366,900",
        f"--user-data-dir={tempfile.mkdtemp()}",
    ):
        options.add_argument(argument)
    if logged:
        options.set_capability("goog:loggingPrefs", {logged: "ALL"})
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


def path_of(page: str) -> str:
    """Give the path of a page below that of its run."""
    return "" if page == EXPLORE else f"/{page}"


@contextmanager
def visited(store: str, run: str) -> Iterator[tuple[webdriver.Chrome, str, int]]:
    """Give a browser, the address of a run or the newest, and the server's process."""
    port = free_port()
    server, _seconds = start_server(store, port)
    driver = open_browser()
    driver.execute_cdp_cmd("Performance.enable", {"timeDomain": "threadTicks"})
    try:
        runs = json.load(urllib.request.urlopen(f"http://127.0.0.1:{port}/api/runs"))
        yield driver, f"http://127.0.0.1:{port}/run/{run or runs[0]['id']}", server.pid
    finally:
        driver.quit()
        server.terminate()
        server.wait()
