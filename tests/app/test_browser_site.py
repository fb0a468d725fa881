"""A site, opened from disk with the network cut."""

from pathlib import Path

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select, WebDriverWait
from typer.testing import CliRunner

from grokdash.cli import app as commands

pytestmark = pytest.mark.browser


@pytest.fixture
def site(store_path, run_ids, pair, tmp_path) -> Path:
    """Write a site of one of the two runs, both compared, and their sweep."""
    folder = tmp_path / "my site"
    asked = ["site", str(store_path), "-o", str(folder), "--runs", run_ids[1]]
    asked += ["--compare", ",".join(run_ids), "--sweeps", pair]
    asked += ["--checkpoints", "3", "--weights", "0", "--title", "Two runs"]
    asked += ["--views", "embedding-spectrum"]
    told = CliRunner().invoke(commands, asked)
    assert told.exit_code == 0, told.output
    for page in folder.rglob("*.html"):
        assert str(store_path) not in page.read_text("utf-8")
    return folder


@pytest.fixture
def cut(dash_br):
    """Give the browser with the network cut."""
    driver = dash_br.driver
    driver.execute_cdp_cmd("Network.enable", {})
    cut = {"offline": True, "latency": 0, "downloadThroughput": 0}
    cut["uploadThroughput"] = 0
    driver.execute_cdp_cmd("Network.emulateNetworkConditions", cut)
    yield driver
    on = {**cut, "offline": False, "downloadThroughput": -1, "uploadThroughput": -1}
    driver.execute_cdp_cmd("Network.emulateNetworkConditions", on)


def waiting(driver, code):
    wait = WebDriverWait(driver, 20, poll_frequency=0.05)
    return wait.until(lambda _: driver.execute_script(code))


def test_a_site_is_read_from_disk(site, cut, run_ids):
    cut.get(f"file://{site}/index.html?t=light")
    count = "return document.getElementById('site-count')?.textContent"
    assert waiting(cut, count) == "1 run"
    search = cut.find_element(By.ID, "site-search")
    search.send_keys("multiplication")
    row = cut.find_element(By.CSS_SELECTOR, "#site-runs tbody tr")
    assert not row.is_displayed()
    assert "q=multiplication" in cut.current_url
    search.send_keys(Keys.CONTROL, "a")
    search.send_keys("mod 13")
    assert row.is_displayed()
    head = cut.find_element(By.CSS_SELECTOR, "th[data-column='test loss']")
    head.find_element(By.TAG_NAME, "button").send_keys(Keys.ENTER)
    assert head.get_attribute("aria-sort") == "ascending"
    assert "sort=test+loss" in cut.current_url

    row.find_element(By.TAG_NAME, "a").click()
    waiting(cut, "return window.grokdash?.player?.settled")
    assert cut.execute_script("return grokdash.player.length") == 3
    cut.find_element(By.CSS_SELECTOR, ".alone-home").click()
    waiting(cut, count)
    cut.find_element(By.CSS_SELECTOR, ".site-pages a[href^=compare]").click()

    settled = "return window.grokdash?.player?.settled"
    waiting(cut, settled)
    before = cut.execute_script("return grokdash.player.epochs")
    cut.find_element(By.CSS_SELECTOR, "[data-act=previous]").click()
    waiting(cut, settled)
    assert cut.execute_script("return grokdash.player.epochs") != before
    Select(cut.find_element(By.ID, "compare-show")).select_by_value("difference")
    waiting(cut, settled)
    told = "return document.querySelector('[id$=AB-difference] figcaption').textContent"
    assert " minus B at epoch " in waiting(cut, told)
    Select(cut.find_element(By.ID, "compare-show")).select_by_value("overlay")
    Select(cut.find_element(By.ID, "compare-align")).select_by_value("fraction")
    waiting(cut, settled)
    assert not cut.find_elements(By.CSS_SELECTOR, ".panel-missing:not([hidden])")

    cut.get(f"file://{site}/sweeps/pair.html?t=dark")
    drawn = "return document.querySelectorAll('.js-plotly-plot').length"
    WebDriverWait(cut, 20).until(lambda _: cut.execute_script(drawn) == 11)
    assert cut.find_element(By.ID, "sweep-caption-grok").text
    link = cut.find_element(By.CSS_SELECTOR, "#sweep-runs td a")
    assert link.get_attribute("href").endswith(f"/runs/{run_ids[1]}.html")
    severe = [one for one in cut.get_log("browser") if one["level"] == "SEVERE"]
    assert severe == []
