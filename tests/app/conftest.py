"""A small store by the real trainer, the real app on a real port, a real Chromium."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from dash.testing.browser import Browser
from selenium.common.exceptions import JavascriptException
from werkzeug.serving import WSGIRequestHandler, make_server

from grokdash.app import create_app
from grokdash.cache import Cache
from grokdash.config import RunConfig, make_config
from grokdash.report.edit import add
from grokdash.report.picture import Asked, Sources
from grokdash.report.sources import sources_of
from grokdash.snapshot import RunView
from grokdash.store import CheckpointData, RunWriter, Store, open_store
from grokdash.store.report_models import ReportItem
from grokdash.store.reports import Reports
from grokdash.store.sweeps import SWEEPS, write_plan
from grokdash.training.train import Options, train
from grokdash.views.sweep.data import SweepReader

EPOCHS = 900
EVERY = 20

LOADED = {
    "/": ".ag-row .ag-cell",
    "/sweeps": "[data-shipped]",
    "/report": ".report-list",
    "/report/found": ".report-item .js-plotly-plot",
}
"""What comes last on a page that fetches more."""


def small_config(**fields: Any) -> RunConfig:
    """Give a network that trains in seconds and has 46 checkpoints to scrub through."""
    settings = {
        "p": 13,
        "train_fraction": 0.6,
        "d_model": 16,
        "d_mlp": 24,
        "n_heads": 2,
        "epochs": EPOCHS,
        "checkpoint_every": EVERY,
        "dense_every": EVERY,
        "dense_until": 0,
        "grids": 4,
    }
    return make_config(**settings | fields)


def short_config() -> RunConfig:
    """Give another run, of 7 checkpoints up to epoch 240."""
    return small_config(seed=1, epochs=240, checkpoint_every=40, dense_every=40)


@pytest.fixture(scope="session")
def store_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a store of two trained runs, a long and a short one."""
    path = tmp_path_factory.mktemp("store")
    for config in (small_config(), short_config()):
        train(config, Options(store=path, threads=1, device="cpu", quiet=True))
    return path


@pytest.fixture(scope="session")
def run_ids() -> tuple[str, str]:
    """Give the ids of the two trained runs."""
    return small_config().run_id(), short_config().run_id()


@pytest.fixture
def pair(store_path: Path, run_ids: tuple[str, str]) -> Iterator[str]:
    """The id of a sweep of the two runs over their epochs, there for one test."""
    store = open_store(store_path)
    configs = [store.run(run_id).config for run_id in run_ids]
    store.close()
    plan = {
        "id": "pair",
        "title": "Pair",
        "axes": ["epochs"],
        "runs": list(run_ids),
        "points": [{"epochs": config.epochs} for config in configs],
        "configs": [config.model_dump() for config in configs],
    }
    write_plan(store_path, "pair", plan)
    yield "pair"
    for path in (store_path / SWEEPS).glob("pair*"):
        path.unlink()


@pytest.fixture
def found(store_path: Path, run_ids: tuple[str, str]) -> Iterator[str]:
    """The name of a report of two pictures and words, there for one test."""
    store = open_store(store_path)
    reports = Reports(store)
    name, sources = reports.create("Found"), _sources(store)
    for view in ("loss-curves", "correct-logit"):
        asked = Asked("view", run_ids[0], view, {"e": "400"})
        add(reports, name, asked, sources)
    report = reports.read(name)
    words = ReportItem(id="w", kind="text", title="Words", caption="Some *words*.")
    told = {"items": [*report.items, words], "notes": "A [link](https://a.example)."}
    reports.save(name, report.model_copy(update=told))
    yield name
    reports.delete(name)
    store.close()


def _sources(store: Store) -> Sources:
    cache = Cache()
    return sources_of(
        lambda run_id: RunView(store.run(run_id), cache, patience_s=None),
        SweepReader(store),
    )


class _Handler(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002
        """Say nothing."""


@pytest.fixture(scope="session")
def address(store_path: Path) -> Iterator[str]:
    """Serve the store on a free port of this computer."""
    with serving(store_path) as found:
        yield found


class serving:  # noqa: N801 - reads as a verb
    """Serve a store while the block runs."""

    def __init__(self, path: Path) -> None:
        self._store = open_store(path)
        app = create_app(self._store)
        self._server = make_server(
            "127.0.0.1", 0, app.server, threaded=True, request_handler=_Handler
        )
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> str:
        self._thread.start()
        return f"http://127.0.0.1:{self._server.server_port}"

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._store.close()


class Page:
    """A tab that remembers nothing, spoken to in the words of the player."""

    def __init__(self, browser: Browser, address: str) -> None:
        self.browser = browser
        self.driver = browser.driver
        self.address = address
        self.driver.get("about:blank")
        # Who presses Tab at the end of a page takes the focus out of the page.
        self.driver.execute_cdp_cmd("Page.bringToFront", {})
        self.window(1366, 768)
        self.driver.execute_cdp_cmd(
            "Storage.clearDataForOrigin", {"origin": address, "storageTypes": "all"}
        )
        self.logs()

    def open(self, path: str, *, settled: bool = True) -> "Page":
        """Load a path; wait for exact pictures in every panel on screen."""
        self.driver.get(self.address + path)
        if settled:
            self.settle()
        return self

    def js(self, expression: str, *arguments: Any) -> Any:
        """Evaluate an expression."""
        return self.driver.execute_script("return " + expression, *arguments)

    def run(self, script: str, *arguments: Any) -> Any:
        """Run statements."""
        return self.driver.execute_script(script, *arguments)

    def later(self, script: str, *arguments: Any) -> Any:
        """Run statements that call their last argument when done."""
        self.driver.set_script_timeout(60)
        script = f"(async function () {{{script}\n}}).apply(null, arguments);"
        return self.driver.execute_async_script(script, *arguments)

    def inside(self, script: str, *arguments: Any) -> Any:
        """Run statements that see the modules of the page and end with ``return``.

        ``module(name)`` gives one of them, ``stage`` is the stage that is open.
        """
        prelude = """
            const done = arguments[arguments.length - 1];
            const entry = document.querySelector("script[type=module]").src;
            const {modules} = await import(entry);
            const module = (name) => modules[name];
            const stage = module("player/current.js").currentStage();
            const panel = (id) => stage.panels.find((one) => one.id === id);
            const frames = (ms = 0) => new Promise(
              (then) => requestAnimationFrame(() => setTimeout(then, ms)));
        """
        body = f"done([await (async () => {{{script}}})()]);"
        wrapped = f"{prelude} try {{{body}}} catch (error) {{done(error.stack);}}"
        told = self.later(wrapped, *arguments)
        assert isinstance(told, list), told
        return told[0]

    def until(self, expression: str, seconds: float = 60) -> Any:
        """Wait until an expression is true."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                value = self.js(expression)
            except JavascriptException:
                value = None
            if value:
                return value
            time.sleep(0.03)
        raise AssertionError(f"never true: {expression}\n{self.browser.get_logs()}")

    def settle(self) -> None:
        """Wait until every panel on screen shows its exact figure."""
        self.until("window.grokdash.player && window.grokdash.player.settled")

    def seek(self, epoch: int) -> None:
        """Move the playhead and wait for the exact pictures."""
        self.run("window.grokdash.player.seekEpoch(arguments[0])", epoch)
        self.until(f"window.grokdash.player.epoch === {epoch}")
        self.settle()

    def all_loaded(self) -> None:
        """Wait until every frame of every panel is in memory."""
        self.until(
            "grokdash.player.loaded.every((n) => n === grokdash.player.steps.length)"
        )

    @property
    def label(self) -> int:
        """The epoch that the label claims."""
        text = self.js("document.getElementById('epoch-label').textContent")
        return int("".join(c for c in text if c.isdigit()))

    @property
    def epochs(self) -> dict[str, str]:
        """The epoch that each panel says it shows, by view."""
        return self.js(
            "Object.fromEntries([...document.querySelectorAll('figure.panel')]"
            ".map((one) => [one.dataset.view, one.dataset.epoch]))"
        )

    def box(self, selector: str) -> SimpleNamespace:
        """Where an element is, in pixels of the window."""
        found = self.js(
            "document.querySelector(arguments[0]).getBoundingClientRect().toJSON()",
            selector,
        )
        return SimpleNamespace(**found)

    def mouse(self, kind: str, x: float, y: float, *, pressed: bool = False) -> None:
        """Send one event of the mouse."""
        self.driver.execute_cdp_cmd(
            "Input.dispatchMouseEvent",
            {
                "type": kind,
                "x": x,
                "y": y,
                "button": "left" if pressed or kind != "mouseMoved" else "none",
                "buttons": int(pressed),
                "clickCount": 1,
            },
        )

    def press(self, key: str, **more: Any) -> None:
        """Press a key wherever the focus is."""
        text = "\r" if key == "Enter" else key if len(key) == 1 else ""
        for kind in ("keyDown", "keyUp"):
            self.driver.execute_cdp_cmd(
                "Input.dispatchKeyEvent",
                {"type": kind, "key": key, "text": text if kind == "keyDown" else ""}
                | more,
            )

    def opens_dialog(self, opener: str, inside: str) -> None:
        """Press what opens a dialog; wait until that has the focus and keeps it."""
        self.until(f"document.querySelector({opener!r})")
        press = (
            "const one = document.querySelector(arguments[0]); one.focus(); one.click()"
        )
        self.run(press, opener)
        dialog = "document.querySelector('.modal')"
        holds = f"{dialog}.contains(document.activeElement)"
        self.until(f"document.querySelector({inside!r}) && {holds}")
        label = self.js(f"{dialog}.getAttribute('aria-labelledby')")
        assert self.js("document.getElementById(arguments[0]).textContent", label)
        assert self.js(f"{dialog}.getAttribute('aria-modal')") == "true"
        self.run("document.querySelector(arguments[0]).focus()", opener)
        self.until(holds)

    def closes_dialog(self, opener: str) -> None:
        """Press Esc; the dialog goes and the focus returns to what has opened it."""
        self.press("Escape", code="Escape")
        back = f"document.activeElement === document.querySelector({opener!r})"
        self.until(f"!document.querySelector('.modal') && {back}")

    def window(self, width: int, height: int, *, mobile: bool = False) -> None:
        """Give the tab a size."""
        self.driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {
                "width": width,
                "height": height,
                "deviceScaleFactor": 1,
                "mobile": mobile,
            },
        )

    def logs(self) -> list[Any]:
        """Give what the console complains of since the last look."""
        return self.driver.get_log("browser")


@pytest.fixture(scope="session")
def chromium(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Browser]:
    """Start one Chromium for all tests."""
    options = request.config.hook.pytest_setup_options()
    with Browser(
        browser="Chrome",
        headless=True,
        options=options,
        download_path=str(tmp_path_factory.mktemp("downloads")),
        percy_run=False,
        percy_finalize=False,
    ) as browser:
        yield browser


@pytest.fixture
def page(chromium: Browser, address: str) -> Page:
    """Give a tab on the store of two runs."""
    return Page(chromium, address)


@pytest.fixture
def growing(store_path: Path, run_ids: tuple[str, str]) -> Iterator[Callable]:
    """Give ``grow(count)``: a running run gets its next checkpoints; ``grow.id``."""
    store = open_store(store_path)
    source = store.run(run_ids[0])
    config = small_config(seed=7)
    writer = RunWriter.create(store_path, config, {})
    steps = iter(source.steps.tolist())

    def grow(count: int) -> None:
        for step in [next(steps) for _ in range(count)]:
            measures = {
                name: source.measure(name, step)
                for name in source.measure_names
                if not name.startswith("frame/")
            }
            writer.commit(
                CheckpointData(step=step, params=source.params(step), measures=measures)
            )
            writer.set_status("running", step=step)
        writer.flush()

    grow.id = config.run_id()
    grow.writer = writer
    grow(10)
    yield grow
    writer.close()
    store.delete_run(config.run_id())
    store.close()
