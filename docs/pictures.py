"""Make the pictures of the README, with the real app in a real browser.

    python docs/pictures.py [STORE]

STORE has a run of addition that has grokked; without one the quick preset is trained in
a folder of its own first. The still pictures show the Explore page; the moving ones are
films, made by the commands that stand below them. Needs Chromium, chromedriver,
selenium, Pillow and PyAV, as the tests do.
"""

import io
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from selenium import webdriver
from selenium.webdriver.chrome.options import Options

from grokdash.contract.addresses import run_path
from grokdash.store import open_store
from grokdash.story.choice import STORY_PRESET, story_run

IMAGES = Path(__file__).parent / "images"
PATIENCE_S = 60.0
FILMS = {
    "story": ("--size", "1280x720", "--frames", "32", "--fps", "4"),
    "circles": (
        *("--views", "embedding-circles,readout-spectrum"),
        *("--size", "960x540", "--frames", "60", "--fps", "8"),
    ),
}
"""Names of the moving pictures, and what `grokdash film` is told; as in the README."""
STEPS = [sys.executable, "-m", "grokdash"]


@contextmanager
def served(store: Path) -> Iterator[str]:
    """Serve a store while the block runs; give the address."""
    command = [*STEPS, "serve", str(store), "--port", "0", "--read-only"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            line = next(one for one in server.stdout or () if one.startswith("serving"))
            yield line.split()[1].rstrip("/")
        finally:
            server.terminate()


@contextmanager
def browser(width: int, height: int, *, scale: float = 1) -> Iterator[webdriver.Chrome]:
    """Open a window of a browser that remembers nothing."""
    options = Options()
    for one in ("headless=new", "no-sandbox", "hide-scrollbars"):
        options.add_argument(f"--{one}")
    driver = webdriver.Chrome(options=options)
    try:
        size = {"width": width, "height": height, "deviceScaleFactor": scale}
        driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride", size | {"mobile": False}
        )
        yield driver
    finally:
        driver.quit()


def wait(driver: webdriver.Chrome, expression: str) -> None:
    """Wait until an expression is true in the page."""
    end = time.monotonic() + PATIENCE_S
    script = f"try {{ return {expression} }} catch {{ return false }}"
    while not driver.execute_script(script):
        if time.monotonic() > end:
            raise TimeoutError(expression)
        time.sleep(0.05)


def shot(driver: webdriver.Chrome, selector: str = "") -> Image.Image:
    """Take a picture of the window, or of one element."""
    if not selector:
        png = driver.get_screenshot_as_png()
    else:
        png = driver.find_element("css selector", selector).screenshot_as_png
    return Image.open(io.BytesIO(png)).convert("RGB")


def opened(driver: webdriver.Chrome, address: str) -> int:
    """Open a page of a run; give how many checkpoints there are."""
    driver.get(address)
    wait(driver, "grokdash.player.settled")
    return driver.execute_script("return grokdash.player.length")


def film(store: Path, run: str, name: str, options: Sequence[str]) -> None:
    """Make one of the films of the README by its command."""
    path = str(IMAGES / f"{name}.gif")
    command = [*STEPS, "film", run, "--store", str(store), "-o", path, "--force"]
    subprocess.run([*command, *options], check=True)


def stills(driver: webdriver.Chrome, address: str, epoch: int) -> None:
    """Keep the Explore page in both themes."""
    for theme in ("light", "dark"):
        opened(driver, f"{address}?e={epoch}")
        shown = "document.documentElement.getAttribute('data-bs-theme')"
        if driver.execute_script(f"return {shown}") != theme:
            driver.execute_script("document.querySelector('[data-act=theme]').click()")
            opened(driver, f"{address}?e={epoch}")
        wait(driver, f"{shown} === '{theme}'")
        shot(driver).save(IMAGES / f"explore-{theme}.png", optimize=True)


def make(store: Path) -> None:
    """Make every picture from the run on which the story is told."""
    summary = story_run(open_store(store).summaries())
    if summary is None:
        raise SystemExit(f"{store}: has no run of addition that has grokked")
    epoch = int(summary.grok_end or 0)
    with served(store) as address:
        run = f"{address}{run_path(summary.id)}"
        with browser(1366, 768) as driver:
            stills(driver, run, epoch)
    for name, options in FILMS.items():
        film(store, summary.id, name, options)
    for path in sorted(IMAGES.iterdir()):
        print(f"{path.name}: {path.stat().st_size / 1e6:.2f} MB")


def main() -> None:
    """Take the store that is named, or train what is needed."""
    if len(sys.argv) > 1:
        make(Path(sys.argv[1]))
        return
    with tempfile.TemporaryDirectory() as folder:
        train = [*STEPS, "train", "--preset", STORY_PRESET, "--store", folder]
        subprocess.run(train, check=True)
        make(Path(folder))


if __name__ == "__main__":
    main()
