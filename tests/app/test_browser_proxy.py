"""Behind a proxy that serves the app below a path: every page works, nothing strays."""

import pytest

from tests.app.conftest import Page
from tests.app.proxy import Proxy

pytestmark = pytest.mark.browser

BELOW = "/user/jo%40x/proxy/8050"


def test_all_pages_work_below_a_path_and_ask_for_nothing_outside_it(
    chromium, address, run_ids
):
    first, second = run_ids
    with Proxy(address, BELOW) as proxy:
        page = Page(chromium, proxy.address)
        page.open("/", settled=False)
        page.until(f"document.querySelector('[row-id=\"{first}\"] a')")
        page.run(f"document.querySelector('[row-id=\"{first}\"] a').click()")
        page.settle()
        assert page.js("location.pathname") == f"{BELOW}/run/{first}"
        page.press("End")
        page.until("document.querySelector('.rail-nav a:nth-child(3)')")
        page.run("document.querySelector('.rail-nav a:nth-child(3)').click()")
        page.until("document.querySelector('.rail-link.active')?.text === 'Fourier'")
        page.settle()
        page.press("j")
        page.until(f"location.pathname === '{BELOW}/run/{second}/fourier'")
        page.settle()
        page.open(f"/run/{second}?e=120")
        assert page.label == 120
        link = page.inside("return stage.permalink();")
        assert link.startswith(f"{proxy.address}/run/{second}?")
        page.open(f"/compare?runs={first},{second}")
        for path in ("/sweeps", "/guide"):
            page.run(f"document.querySelector('nav a[href$=\"{path}\"]').click()")
            page.until(f"location.pathname === '{BELOW}{path}'")
        assert proxy.strayed == []
        severe = [one for one in page.logs() if one["level"] == "SEVERE"]
        assert severe == []
