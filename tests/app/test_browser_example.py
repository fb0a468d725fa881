"""An empty store in a real browser: one click, and there is a run to look at."""

import pytest

from grokdash.example import example_id
from tests.app.conftest import Page, serving

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_the_first_thing_in_an_empty_store_is_a_run_one_click_away(chromium, tmp_path):
    with serving(tmp_path) as address:
        page = Page(chromium, address).open("/", settled=False)
        page.until("document.getElementById('runs-empty').checkVisibility()")
        heading = page.js("document.querySelector('#runs-empty h2').textContent")
        assert heading == "See one before you train one"
        assert not page.js("document.getElementById('welcome')")

        page.run("document.querySelector('#runs-empty .tool').click()")
        page.until(f"location.pathname === '/run/{example_id()}'")
        page.settle()
        page.seek(1620)

        assert (tmp_path / example_id() / "run.h5").exists()
        assert set(page.epochs.values()) >= {"1620"}
        assert page.logs() == []
