"""One browser for all tests of files."""

import pytest

from grokdash.saving.browser import browser
from tests.conftest import missing_browser


@pytest.fixture(scope="package")
def drawer():
    """Give what draws sheets."""
    if why := missing_browser():
        pytest.skip(why)
    with browser() as opened:
        yield opened
