"""The player for those who hear it and who tab through it."""

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FOCUS = "document.activeElement"
LISTEN = """
    const region = document.getElementById("live-region");
    window.heard = [];
    new MutationObserver(() => window.heard.push(region.textContent)).observe(
      region, { childList: true, characterData: true, subtree: true });
"""
SAID = "document.getElementById('live-region').textContent"


def test_play_and_the_slider_come_first(page, run_ids):
    page.open(f"/run/{run_ids[0]}")

    page.press("Tab", code="Tab")
    assert page.js(f"{FOCUS}.textContent") == "Skip to Play"
    page.press("Enter", code="Enter")
    page.until(f"{FOCUS}.dataset.act === 'play'")
    page.press("Tab", code="Tab")
    assert page.js(f"{FOCUS}.getAttribute('role')") == "slider"
    assert page.js(f"{FOCUS}.getAttribute('aria-label')")


def test_points_are_walked_over_and_picked_by_keys(page, run_ids):
    """Arrows say what they reach; Enter picks it; Esc leaves the panel."""
    page.open(f"/run/{run_ids[0]}/logits?a=0&b=0&e=200")
    page.run("document.getElementById('panel-correct-logit').focus()")
    page.run(LISTEN)

    page.press("Enter", code="Enter")
    page.until(f"{SAID}.startsWith('Arrows move')")
    before = page.js("JSON.stringify(grokdash.player.selection)")
    page.press("ArrowRight", code="ArrowRight")
    page.until(f"/^b \\d+, a \\d+, logit/.test({SAID})")
    page.press("Enter", code="Enter")
    picked = "window.heard.find((one) => one.startsWith('picked: b '))"
    b, a = page.until(f"{picked}.match(/\\d+/g).slice(0, 2).map(Number)")
    chosen = page.js("grokdash.player.selection")
    assert (chosen["a"], chosen["b"]) == (a, b)
    assert page.js("JSON.stringify(grokdash.player.selection)") != before
    page.settle()
    page.press("Escape", code="Escape")
    page.until("window.heard.some((one) => one.startsWith('left '))")
    assert page.js(f"{FOCUS}.id") == "panel-correct-logit"
    page.press("ArrowLeft", code="ArrowLeft")
    page.until("grokdash.player.epoch < 200")
