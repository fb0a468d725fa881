"""What every test shares: hypothesis profiles, and whether there is a browser."""

import os
import shutil

import hypothesis
import pytest
import torch
from selenium.webdriver.chrome.options import Options

hypothesis.settings.register_profile("fast", max_examples=15, deadline=None)
hypothesis.settings.register_profile("ci", max_examples=200, deadline=None)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fast"))

CHROME = ("google-chrome", "google-chrome-stable", "chromium", "chromium-browser")


def missing_browser() -> str | None:
    """Say what a browser test lacks here; None if it lacks nothing."""
    if not any(map(shutil.which, CHROME)):
        return "no Chromium: install chromium (Debian: apt-get install chromium)"
    if not shutil.which("chromedriver"):
        return "no chromedriver: install it (Debian: apt-get install chromium-driver)"
    return None


def pytest_setup_options() -> Options:
    """Give dash[testing] the options of its Chromium."""
    options = Options()
    options.add_argument("--headless=new")
    options.add_argument("--disable-dev-shm-usage")
    options.add_argument("--window-size=1366,768")
    if os.geteuid() == 0:
        options.add_argument("--no-sandbox")
    return options


@pytest.fixture
def process_settings():
    """Put back what training sets for its whole process."""
    threads = torch.get_num_threads()
    yield
    torch.set_num_threads(threads)
    torch.set_flush_denormal(False)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep each file, and all browser tests, on one worker: fixtures are made once.

    Browser tests are skipped where there is no browser. First of all such hooks:
    pytest-xdist reads the groups in its own.
    """
    lacking = missing_browser()
    for item in items:
        in_browser = item.get_closest_marker("browser") is not None
        group = "browser" if in_browser else item.path.stem
        item.add_marker(pytest.mark.xdist_group(group))
        if in_browser and lacking:
            item.add_marker(pytest.mark.skip(reason=lacking))
