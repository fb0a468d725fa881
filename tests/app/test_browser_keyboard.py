"""By keys alone through Explore, a comparison and a sweep: nothing is out of reach.

Where the focus is must be on the screen and have a ring at every stop of Tab.
"""

import time

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

HERE = """
    const one = document.activeElement;
    if (!one || one === document.body) return null;
    const style = getComputedStyle(one), after = getComputedStyle(one, "::after");
    const box = one.getBoundingClientRect();
    const width = (text) => parseFloat(text) || 0;
    const ringed = (style.outlineStyle !== "none" && width(style.outlineWidth) > 0)
      || (after.content !== "none" && after.borderTopStyle !== "none"
          && width(after.borderTopWidth) > 0);
    const shown = box.width > 0 && box.bottom > 0 && box.top < innerHeight
      && box.right > 0 && box.left < innerWidth;
    const name = one.getAttribute("aria-label") || one.textContent || one.value || "";
    return {tag: one.tagName, id: one.id, act: one.dataset.act || "", ringed, shown,
            role: one.getAttribute("role") || "", name: name.trim().slice(0, 60)};
"""
FOCUS = "document.activeElement"
MOST = 250
"""More stops than any page has."""
SCROLLED_S = 1.0
"""After what time at most the page has scrolled to what has the focus."""

CODES = {"Tab": 9, "Enter": 13, "Escape": 27, " ": 32, "ArrowDown": 40, "ArrowUp": 38}


class Keys:
    """Somebody who has a keyboard and nothing else."""

    def __init__(self, page):
        self.page = page

    def press(self, *keys, shift=False):
        """Press keys one after another, as the system tells a browser of them."""
        for key in keys:
            more = {"code": "Space" if key == " " else key}
            if key in CODES:
                more["windowsVirtualKeyCode"] = CODES[key]
            self.page.press(key, modifiers=8 * shift, **more)

    @property
    def here(self):
        """What has the focus, and whether that is seen; None at the end of the page."""
        end = time.monotonic() + SCROLLED_S
        found = self.page.run(HERE)
        while found and not found["shown"] and time.monotonic() < end:
            time.sleep(0.02)
            found = self.page.run(HERE)
        return found

    def stops(self):
        """Give every stop of Tab from the start of the page to its end."""
        found = []
        while len(found) < MOST:
            self.press("Tab")
            here = self.here
            if here is None:
                return found
            found.append(here)
        raise AssertionError(f"Tab comes to no end: {found[-3:]}")

    def to(self, selector):
        """Press Tab until an element has the focus."""
        for _ in range(MOST):
            self.press("Tab")
            if self.page.js(f"{FOCUS}.matches(arguments[0])", selector):
                here = self.here
                assert here["ringed"], here
                assert here["shown"], here
                return here
        raise AssertionError(f"Tab does not come to {selector}")


def unseen(stops):
    """Give the stops at which nobody sees where the focus is."""
    return [one for one in stops if not (one["ringed"] and one["shown"])]


@pytest.fixture
def keys(page):
    return Keys(page)


def test_every_stop_of_explore_is_seen(page, keys, run_ids):
    page.open(f"/run/{run_ids[0]}?e=200")

    stops = keys.stops()

    assert stops[0]["name"] == "Skip to Play"
    assert unseen(stops) == []
    acts = {one["act"] for one in stops}
    assert {"play", "help", "pin", "full", "menu", "theme", "keys"} <= acts
    assert "slider" in {one["role"] for one in stops}
    assert sum(one["tag"] == "FIGURE" for one in stops) == 7


def test_explore_is_played_picked_and_saved_by_keys(page, keys, run_ids):
    page.open(f"/run/{run_ids[0]}?e=200")

    keys.press("Tab", "Enter")
    page.until(f"{FOCUS}.dataset.act === 'play'")
    keys.press(" ")
    page.until("grokdash.player.playing")
    keys.press(" ")
    page.until("!grokdash.player.playing")
    keys.to("[role=slider]")
    before = page.js("grokdash.player.want")
    keys.press("ArrowRight")
    page.until(f"grokdash.player.want === {before + 1}")
    page.settle()

    keys.to("#panel-correct-logit")
    keys.press("Enter")
    said = "document.getElementById('live-region').textContent"
    page.until(f"{said}.startsWith('Arrows move')")
    keys.press("ArrowUp", "Enter")
    page.until(f"{said}.startsWith('picked: ')")
    keys.press("Escape")
    page.settle()

    keys.to("#panel-correct-logit [data-act=full]")
    keys.press("Enter")
    page.until("document.querySelector('.panel.zoomed')")
    keys.press("Escape")
    page.until("!document.querySelector('.panel.zoomed')")

    page.run("document.getElementById('panel-correct-logit').focus()")
    keys.to("#panel-correct-logit [data-act=menu]")
    keys.press("Enter")
    page.until(f"{FOCUS}.closest('#panel-menu')")
    keys.press("Escape")
    page.until(f"{FOCUS}.matches('#panel-correct-logit [data-act=menu]')")
    keys.press("Enter")
    page.until(f"{FOCUS}.closest('#panel-menu')")
    while "Table" not in keys.here["name"] and "table" not in keys.here["name"]:
        keys.press("ArrowDown")
    keys.press("Enter")
    page.until("document.querySelector('.modal table.numbers')")
    keys.press("Escape")
    page.until("!document.querySelector('.modal')")


def test_two_runs_are_compared_by_keys(page, keys, run_ids):
    page.open("/compare", settled=False)
    page.until("document.querySelector('#compare-picker input')")

    for run_id in run_ids:
        keys.to(f"#compare-picker input[value='{run_id}']")
        keys.press(" ")
    page.run("document.querySelector('#compare-picker input').focus()")
    keys.to("#compare-go")
    keys.press("Enter")
    page.until("location.search.includes('runs=')")
    page.settle()

    keys.to("#compare-choices select")
    keys.press("ArrowDown")
    page.until(f"{FOCUS}.selectedIndex === 1")
    page.settle()
    page.run("document.activeElement.blur(); window.scrollTo(0, 0)")
    assert unseen(keys.stops()) == []


@pytest.mark.usefixtures("pair")
def test_a_sweep_is_read_by_keys(page, keys):
    page.open("/sweeps", settled=False)
    page.until("document.querySelector('a[href$=\"/sweeps/pair\"]')")
    keys.to("a[href$='/sweeps/pair']")
    keys.press("Enter")
    page.until("document.querySelector('.sweep-thresholds summary')")

    keys.to("[role=slider]")
    before = page.js(f"{FOCUS}.getAttribute('aria-valuenow')")
    keys.press("ArrowRight")
    page.until(f"{FOCUS}.getAttribute('aria-valuenow') !== {before!r}")
    keys.to(".sweep-thresholds summary")
    keys.press("Enter")
    page.until("document.querySelector('.sweep-thresholds').open")
    keys.to("#sweep-event input")
    keys.press("ArrowDown")
    page.until("document.querySelectorAll('#sweep-event input')[1].checked")
    page.run("document.activeElement.blur(); window.scrollTo(0, 0)")
    assert unseen(keys.stops()) == []


def test_runs_are_sorted_by_keys(page, keys):
    page.open("/", settled=False)
    page.until("document.querySelector('.ag-row .ag-cell')")
    keys.to(".ag-header-cell[col-id=title], .ag-header-row")
    for _ in range(20):
        if page.js(f"{FOCUS}.getAttribute('col-id') === 'title'"):
            break
        keys.press("ArrowRight")
    keys.press("Enter")
    head = "document.querySelector('.ag-header-cell[col-id=title]')"

    page.until(f"{head}.getAttribute('aria-sort') === 'ascending'")
