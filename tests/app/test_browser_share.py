"""The file to share, opened from disk with the network cut."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait
from typer.testing import CliRunner

from grokdash.cache import Cache
from grokdash.cli import app as commands
from grokdash.snapshot import RunView
from grokdash.store import open_store
from grokdash.views import get_view
from grokdash.views.core.render import make_drawing, render
from grokdash.views.core.selection import default_selection

pytestmark = pytest.mark.browser

SETTLED = "return window.grokdash?.player?.settled === true"


@pytest.fixture(scope="module")
def shared(store_path, run_ids, tmp_path_factory) -> Path:
    """Write the file of the long run by command, with weights of six checkpoints."""
    path = tmp_path_factory.mktemp("shared") / "run.html"
    asked = ["share", run_ids[0], "--store", str(store_path), "-o", str(path)]
    asked += ["--checkpoints", "12", "--weights", "6", "--max-size", "1.6"]
    told = CliRunner().invoke(commands, asked)
    assert told.exit_code == 0, told.output
    assert path.stat().st_size < 1_600_000
    return path


@pytest.fixture
def opened(shared, dash_br):
    """Open the file with the network cut, and wait for its figures."""
    driver = dash_br.driver
    driver.execute_cdp_cmd("Network.enable", {})
    cut = {"offline": True, "latency": 0, "downloadThroughput": 0}
    driver.execute_cdp_cmd(
        "Network.emulateNetworkConditions", {**cut, "uploadThroughput": 0}
    )
    driver.get(f"file://{shared}?t=light")
    settle(driver)
    yield driver
    cut["offline"] = False
    driver.execute_cdp_cmd(
        "Network.emulateNetworkConditions",
        {**cut, "downloadThroughput": -1, "uploadThroughput": -1},
    )


def settle(driver):
    """Wait until every panel on screen shows an exact figure."""
    waiting(driver, lambda: driver.execute_script(SETTLED))


def waiting(driver, done, seconds=20):
    WebDriverWait(driver, seconds, poll_frequency=0.05).until(lambda _: done())


def later(driver, code, *arguments):
    """Wait for what a promise of the page gives."""
    body = f"const then = arguments[arguments.length - 1]; ({code}).then(then);"
    return driver.execute_async_script(body, *arguments)


@pytest.fixture(scope="module")
def stored(store_path, run_ids):
    """The run itself."""
    store = open_store(store_path)
    yield RunView(store.run(run_ids[0]), Cache(), patience_s=None)
    store.close()


def test_the_page_computes_what_the_library_computes(opened, stored):
    epochs = opened.execute_script("return grokdash.file.epochs")
    p = stored.p

    assert len(epochs) == 6
    for epoch in epochs:
        at = stored.at(epoch)
        answers = later(opened, "grokdash.file.answers(arguments[0])", epoch)
        expected = at.logits.argmax(axis=-1).ravel()
        np.testing.assert_array_equal(answers, expected, err_msg=f"epoch {epoch}")
    last = stored.at(epochs[-1])
    logits = later(opened, "grokdash.file.logits(arguments[0], 3, 7)", epochs[-1])
    neuron = later(opened, "grokdash.file.neuron(arguments[0], 11)", epochs[-1])
    pattern = later(opened, "grokdash.file.attention(arguments[0], 1)", epochs[-1])
    near = {"rtol": 0, "atol": 2e-2}
    spread = np.ptp(last.logits[3, 7])
    np.testing.assert_allclose(logits / spread, last.logits[3, 7] / spread, **near)
    most = last.neuron(0, 11).max() or 1
    grid = np.reshape(neuron, (p, p))
    np.testing.assert_allclose(grid / most, last.neuron(0, 11) / most, **near)
    np.testing.assert_allclose(
        np.reshape(pattern, (p, p)), last.pattern(0)[1, 0], **near
    )


def test_the_file_plays_as_the_app_does(opened):
    epoch = lambda: opened.execute_script("return grokdash.player.epoch")  # noqa: E731
    shown = opened.execute_script(
        "return [...document.querySelectorAll('.panel')].map((one) => one.dataset.view)"
    )
    assert shown[0] == "loss-curves"
    assert {"answers", "input-logits", "neuron-grid"} < set(shown)

    opened.find_element(By.TAG_NAME, "body").send_keys(Keys.END)
    settle(opened)
    assert epoch() == 900
    thumb = opened.find_element(By.CSS_SELECTOR, "#scrubber [role=slider]")
    assert thumb.get_attribute("aria-valuetext") == "epoch 900"
    thumb.send_keys(Keys.ARROW_LEFT)
    settle(opened)
    assert epoch() < 900

    opened.execute_script("grokdash.player.select({n: 5, h: 1, a: 2, b: 3})")
    settle(opened)
    caption = opened.find_element(By.CSS_SELECTOR, "#panel-neuron-grid figcaption")
    assert caption.text.startswith("Neuron 5. Computed in this page")
    opened.find_element(By.CSS_SELECTOR, "#panel-neuron-grid [data-act=help]").click()
    dialog = opened.find_element(By.CSS_SELECTOR, "dialog.modal")
    assert "One neuron" in dialog.text
    assert not dialog.find_elements(By.TAG_NAME, "a")  # there is no page to go to
    dialog.send_keys(Keys.ESCAPE)
    assert not opened.find_elements(By.CSS_SELECTOR, "dialog.modal")

    opened.execute_script("document.getElementById('panel-input-logits').focus()")
    settle(opened)
    pair = opened.find_element(By.CSS_SELECTOR, "#panel-input-logits figcaption")
    waiting(opened, lambda: pair.get_attribute("textContent"))
    assert pair.get_attribute("textContent").startswith("For a = 2, b = 3 the network")

    dark = "return document.documentElement.dataset.bsTheme"
    opened.find_element(By.CSS_SELECTOR, ".bar [data-act=theme]").click()
    settle(opened)
    assert opened.execute_script(dark) == "dark"
    opened.find_element(By.CSS_SELECTOR, ".bar [data-act=theme]").click()

    told = [one for one in opened.get_log("browser") if one["level"] == "SEVERE"]
    assert told == []


RANGES = """
return arguments[0].map((view) => {
  const { data: [{ zmin, zmax }], layout } = document.getElementById(`graph-${view}`);
  return [layout.xaxis.range, layout.yaxis.range, zmin, zmax, layout.meta];
});
"""


@pytest.mark.parametrize("norm", ["run", "epoch"])
def test_figures_have_the_ranges_of_the_app_at_every_epoch(opened, stored, norm):
    views = ["embedding-spectrum", "embedding-circle", "correct-logit"]
    opened.execute_script("grokdash.player.select({norm: arguments[0]})", norm)
    for step in opened.execute_script("return grokdash.player.steps")[::5]:
        opened.execute_script("grokdash.player.seekEpoch(arguments[0])", step)
        waiting(opened, lambda at=step: _shows(opened, at))
        selection = replace(default_selection(stored), norm=norm)
        found = opened.execute_script(RANGES, views)
        for name, (x, y, low, high, meta) in zip(views, found, strict=True):
            view = get_view(name)
            drawing = make_drawing(stored.at(step), view, selection, "light")
            figure = render(drawing, view).to_plotly_json()
            data, layout = figure["data"][0], figure["layout"]
            assert meta["epoch"] == step
            assert [low, high] == [data.get("zmin"), data.get("zmax")]
            if view.kind != "grid":
                assert y == pytest.approx(layout["yaxis"]["range"])
            if view.kind == "points":  # Plotly widens it to the room that there is
                assert x[1] >= layout["xaxis"]["range"][1] * (1 - 1e-9)


def _shows(driver, step):
    return driver.execute_script(SETTLED) and step == driver.execute_script(
        "return grokdash.player.epoch"
    )


def test_what_is_not_in_the_file_is_said(opened, stored):
    has = opened.execute_script("return grokdash.player.selection.k"), *stored.keys
    other = next(k for k in range(1, stored.n_frequencies + 1) if k not in has)
    opened.execute_script("grokdash.player.select({k: arguments[0]})", other)
    shown = opened.find_element(By.ID, "panel-embedding-circle")
    if len(set(has)) > 1:
        waiting(opened, lambda: f"{other} is not in this file" in shown.text)
    else:
        assert opened.execute_script("return grokdash.player.selection.k") == has[0]


def test_numbers_come_out_of_the_file(opened):
    text = later(
        opened,
        """(async () => {
          const menu = document.querySelector("#panel-correct-logit [data-act=menu]");
          const saved = new Promise((then) => document.addEventListener(
            "grokdash:saved", ({detail}) => then(detail.blob)));
          menu.click();
          await new Promise((then) => setTimeout(then, 100));
          document.querySelector("#panel-menu [data-act=csv]").click();
          return (await saved).text();
        })()""",
    )
    lines = text.strip().split("\n")
    assert lines[0].split(",")[:3] == ["trace", "a", "b"]
    assert len(lines) == 1 + 13**2
    assert math.isfinite(float(lines[1].split(",")[3]))
