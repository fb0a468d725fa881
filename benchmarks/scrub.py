"""Time scrubbing and playback of every page of a run in headless Chromium.

    python benchmarks/scrub.py STORE [RUN] [--pages explore,fourier] [--screens 1]

Every page is scrolled from top to bottom, a screenful at a time, until all its panels
have been on screen. At each stop the slider is dragged by the mouse, back and forth
over the run, and the run is played at 2×, a checkpoint or more per animation frame.
Printed per page, over all its stops: milliseconds until it was usable; from an epoch
asked for to all panels drawn, and from the move of the hand on the slider
to the same; drawings and moves; processor time of the page's thread per frame of
playback; frames per second and the longest gap of playback; and how many drawings
carried another epoch than the label: that must be none.

Beside playback stands the same of an empty loop of animation frames on a thread of its
own in the same page: what the computer, busy with other things, would let through.
"""

import argparse
import itertools
import math
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from browsing import EXPLORE, PAGES, mouse, path_of, visited, wait
from examples import example_store
from selenium import webdriver
from table import Raw

from grokdash.terminal import say

MOVES = 120
SWING = 60
"""Moves from one end of the slider to the other."""
SECONDS = 4.0
SPEED = 2
PATIENCE_S = 20.0
"""For so long frames are loaded into memory before a stop is measured."""
BUDGETS = {"asked": 16.0, "frames": 60.0, "gap": 50.0, "wrong": 0.0}

WATCH = """
(() => {
  const {player} = window.grokdash;
  const label = document.getElementById("epoch-label");
  const onScreen = (one) => {
    const {top, bottom} = one.getBoundingClientRect();
    return top < innerHeight && bottom > 0;
  };
  const panels = () => [...document.querySelectorAll("figure.panel")].filter(onScreen);
  const fresh = () => ({draws: 0, wrong: 0, approximate: 0, moves: 0, times: [],
    hand: [], movedAt: 0, turns: 0, panels: panels()});
  window.watchAgain = () => {
    window.watched = fresh();
    player.perf.ticks.length = player.perf.latencies.length = 0;
  };
  window.watchAgain();
  addEventListener("pointermove", ({timeStamp, buttons}) => {
    if (!buttons) return;
    window.watched.moves += 1;
    window.watched.movedAt ||= timeStamp;
  }, {capture: true, passive: true});
  const turn = () => {
    window.watched.turns += 1;
    requestAnimationFrame(turn);
  };
  requestAnimationFrame(turn);
  player.onDraw((step) => {
    const now = performance.now();
    const seen = window.watched;
    const told = label.textContent.replace(/\\D/g, "");
    seen.draws += 1;
    seen.times.push(now);
    if (seen.movedAt) seen.hand.push(now - seen.movedAt);
    seen.movedAt = 0;
    const far = seen.panels.filter((one) => one.classList.contains("approximate"));
    const exact = seen.panels.filter((one) => !far.includes(one));
    seen.approximate += far.length;
    if (told !== String(step) || exact.some((one) => one.dataset.epoch !== told))
      seen.wrong += 1;
  });
})();
"""

EMPTY_LOOP = """
const text = `
  let times = [];
  const tick = () => { times.push(performance.now()); requestAnimationFrame(tick); };
  requestAnimationFrame(tick);
  onmessage = () => { postMessage(times); times = []; };
`;
window.emptyLoop = new Worker(URL.createObjectURL(new Blob([text])));
"""

LOOKED = """
const done = arguments[0];
window.emptyLoop.onmessage = ({data}) => done(data);
window.emptyLoop.postMessage(0);
"""

FASTER = """
const box = document.querySelector("#speed-slot select");
box.value = String(arguments[0]);
box.dispatchEvent(new Event("change"));
"""


LOOPING = """
const button = document.querySelector("[data-act=loop]");
if (button.getAttribute("aria-pressed") !== "true") button.click();
"""
"""A short run is over before it has been played for long enough."""


@dataclass
class Seen:
    """What was measured on one page."""

    panels: int = 0
    usable: float = math.nan
    asked: list[float] = field(default_factory=list)
    hand: list[float] = field(default_factory=list)
    drawn: int = 0
    moves: int = 0
    wrong: int = 0
    approximate: int = 0
    busy: list[float] = field(default_factory=list)
    """Milliseconds of the processor per frame of playback, by stop."""
    frames: list[float] = field(default_factory=list)
    """Frames per second of playback, by stop."""
    gaps: list[float] = field(default_factory=list)
    empty_frames: list[float] = field(default_factory=list)
    empty_gaps: list[float] = field(default_factory=list)


def summary(driver: webdriver.Chrome) -> dict[str, float]:
    return driver.execute_script("return window.grokdash.player.perf.summary()")


def forget(driver: webdriver.Chrome) -> None:
    """Begin to watch anew, the panels that are on the screen now."""
    driver.execute_script("window.watchAgain()")


def watched(driver: webdriver.Chrome) -> dict[str, Any]:
    return driver.execute_script("return {...window.watched, panels: 0}")


def empty_loop(driver: webdriver.Chrome) -> list[float]:
    """Give when the empty loop had its frames since this was asked last."""
    return driver.execute_async_script(LOOKED)


def busy(driver: webdriver.Chrome) -> float:
    """Give the milliseconds of the processor that the page's thread has used."""
    told = driver.execute_cdp_cmd("Performance.getMetrics", {})["metrics"]
    return 1000 * next(one["value"] for one in told if one["name"] == "TaskDuration")


def drag(driver: webdriver.Chrome, moves: int) -> None:
    """Drag the slider from end to end and back; every move is to another epoch."""
    track, thumb = driver.execute_script(
        "return ['.track', '#scrubber [role=slider]'].map((one) =>"
        " document.querySelector(one).getBoundingClientRect().toJSON())"
    )
    y = thumb["y"] + thumb["height"] / 2
    mouse(driver, "mousePressed", thumb["x"] + thumb["width"] / 2, y)
    for i in range(moves):
        part = abs((i / SWING + 0.5) % 2 - 1)
        mouse(driver, "mouseMoved", track["x"] + part * track["width"], y)
    mouse(driver, "mouseReleased", track["x"] + 20, y)


def loop_of(times: list[float]) -> tuple[float, float]:
    """Give frames per second and the longest gap between two of them."""
    if len(times) < 2:
        return 0.0, math.inf
    gaps = [b - a for a, b in itertools.pairwise(times)]
    return 1000 * len(gaps) / (times[-1] - times[0]), max(gaps)


def stops(driver: webdriver.Chrome) -> Iterator[int]:
    """Scroll until every panel has been on the screen; give the places."""
    height, seen = driver.execute_script(
        "return [document.documentElement.scrollHeight, innerHeight]"
    )
    bar = driver.execute_script(
        "return document.querySelector('#scrub-bar').getBoundingClientRect().height"
    )
    step = max(200, int(0.8 * (seen - bar)))
    for place in range(0, max(height - seen, 0) + step, step):
        driver.execute_script(f"window.scrollTo(0, {place})")
        time.sleep(0.3)  # until the page has noticed
        yield place
        if place + seen >= height:
            return


def load_frames(driver: webdriver.Chrome) -> None:
    """Wait until nothing more is loaded into memory."""
    wait(driver, "window.grokdash.player.settled")
    end, before, still = time.perf_counter() + PATIENCE_S, -1, 0
    while time.perf_counter() < end and still < 4:
        now = driver.execute_script(
            "return window.grokdash.player.loaded.reduce((sum, one) => sum + one, 0)"
        )
        still = still + 1 if now == before else 0
        before = now
        time.sleep(0.25)


def measure_drag(driver: webdriver.Chrome, moves: int, seen: Seen) -> None:
    forget(driver)
    drag(driver, moves)
    wait(driver, "window.grokdash.player.drawn === window.grokdash.player.want")
    found = watched(driver)
    seen.asked += driver.execute_script("return window.grokdash.player.perf.latencies")
    seen.hand += found["hand"]
    seen.drawn += found["draws"]
    seen.moves += found["moves"]
    seen.wrong += found["wrong"]
    seen.approximate += found["approximate"]


def measure_playback(driver: webdriver.Chrome, seconds: float, seen: Seen) -> None:
    driver.execute_script("window.grokdash.player.seek(0)")
    wait(driver, "window.grokdash.player.drawn === 0")
    wait(driver, "window.grokdash.player.settled")
    driver.execute_script("window.grokdash.player.play()")
    time.sleep(0.3)
    forget(driver)
    empty_loop(driver)
    before = busy(driver)
    time.sleep(seconds - 0.3)
    found, beside, after = watched(driver), empty_loop(driver), busy(driver)
    driver.execute_script("window.grokdash.player.pause()")
    wait(driver, "window.grokdash.player.settled")
    for frames, gaps, times in (
        (seen.frames, seen.gaps, found["times"]),
        (seen.empty_frames, seen.empty_gaps, beside),
    ):
        fps, gap = loop_of(times)
        frames.append(fps)
        gaps.append(gap)
    seen.busy.append((after - before) / max(found["draws"], 1))
    seen.wrong += found["wrong"]
    seen.approximate += found["approximate"]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """How much is measured on a page."""

    moves: int = MOVES
    seconds: float = SECONDS
    screens: int | None = None
    """How many stops at most; None for all."""


def measure_page(driver: webdriver.Chrome, address: str, asked: Asked) -> Seen:
    """Open a page and scrub and play all of it."""
    seen = Seen()
    driver.get("about:blank")
    started = time.perf_counter()
    driver.get(address)
    wait(driver, "window.grokdash?.player?.settled")
    seen.usable = 1000 * (time.perf_counter() - started)
    seen.panels = driver.execute_script(
        "return document.querySelectorAll('figure.panel').length"
    )
    driver.execute_script(FASTER, SPEED)
    driver.execute_script(LOOPING)
    driver.execute_script(EMPTY_LOOP)
    driver.execute_script(WATCH)
    for _ in itertools.islice(stops(driver), asked.screens):
        load_frames(driver)
        measure_drag(driver, asked.moves, seen)
        wait(driver, "window.grokdash.player.settled")
        measure_playback(driver, asked.seconds, seen)
    return seen


def p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[-1] if len(values) > 1 else math.nan


def measure(
    store: str, run: str, pages: list[str], asked: Asked
) -> Iterator[tuple[str, Seen]]:
    with visited(store, run) as (driver, address, _):
        for page in pages:
            yield page, measure_page(driver, address + path_of(page), asked)


def rows(*, quick: bool) -> list[Raw]:
    """Measure all pages, or two of them shortly, on the run that benchmarks share."""
    pages = [EXPLORE, "fourier"] if quick else list(PAGES)
    asked = Asked(moves=SWING, seconds=2.0, screens=1) if quick else Asked()
    found: list[Raw] = []
    with example_store(quick=quick) as store:
        for page, seen in measure(str(store), "", pages, asked):
            found += _rows(page, seen)
    return found


def _rows(page: str, seen: Seen) -> list[Raw]:
    beside = f"{page}: empty loop beside playback"
    return [
        (f"{page}: asked to drawn, median", statistics.median(seen.asked), "ms", None),
        (f"{page}: asked to drawn, p95", p95(seen.asked), "ms", BUDGETS["asked"]),
        (f"{page}: hand to drawn, p95", p95(seen.hand), "ms", None),
        (f"{page}: processor per frame of playback", max(seen.busy), "ms", None),
        # To whole frames: a screen of 60 Hz gives 59.9 of them.
        (
            f"{page}: playback at {SPEED}×",
            round(min(seen.frames)),
            "frames/s",
            BUDGETS["frames"],
        ),
        (beside, round(min(seen.empty_frames)), "frames/s", None),
        (f"{page}: longest gap of playback", max(seen.gaps), "ms", BUDGETS["gap"]),
        (f"{beside}, longest gap", max(seen.empty_gaps), "ms", None),
        (f"{page}: drawings labelled wrong", seen.wrong, "", BUDGETS["wrong"]),
    ]


HEAD = (
    *("page", "panels", "stops", "usable", "asked to drawn", "hand to drawn"),
    *(
        "drawings/moves",
        "processor a frame",
        "frames/s",
        "empty loop",
        "longest gap",
        "empty loop",
    ),
    *("of another epoch", "labelled wrong"),
)


def _cells(page: str, seen: Seen) -> list[str]:
    return [
        page,
        f"{seen.panels}",
        f"{len(seen.frames)}",
        f"{seen.usable:.0f} ms",
        f"{statistics.median(seen.asked):.1f}, p95 {p95(seen.asked):.1f} ms",
        f"{statistics.median(seen.hand):.1f}, p95 {p95(seen.hand):.1f} ms",
        f"{seen.drawn}/{seen.moves}",
        f"{max(seen.busy):.1f} ms",
        f"{min(seen.frames):.1f}",
        f"{min(seen.empty_frames):.1f}",
        f"{max(seen.gaps):.0f} ms",
        f"{max(seen.empty_gaps):.0f} ms",
        f"{seen.approximate}",
        f"{seen.wrong}",
    ]


def main() -> None:
    reader = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    reader.add_argument("store")
    reader.add_argument("run", nargs="?", default="")
    reader.add_argument("--pages", default=",".join(PAGES))
    reader.add_argument("--screens", type=int, help="stops at most")
    reader.add_argument("--seconds", type=float, default=SECONDS)
    asked = reader.parse_args()
    for line in (HEAD, ["---"] * len(HEAD)):
        say(f"| {' | '.join(line)} |")
    pages = asked.pages.split(",")
    how = Asked(seconds=asked.seconds, screens=asked.screens)
    for page, seen in measure(asked.store, asked.run, pages, how):
        say(f"| {' | '.join(_cells(page, seen))} |")


if __name__ == "__main__":
    main()
