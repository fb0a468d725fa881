"""Every page for those who hear it, who tab through it, who read its numbers."""

from pathlib import Path

import pytest

from grokdash.pages.run.panels import SUBJECTS
from grokdash.store import open_store
from grokdash.store.sweeps import write_plan
from tests.readable import unreadable

pytestmark = [pytest.mark.browser, pytest.mark.slow]

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
RUN_AXE = """
    const done = arguments[arguments.length - 1];
    const options = { preload: false, resultTypes: ["violations"] };
    const { violations } = await axe.run(document, options);
    done(violations.flatMap(({ id, impact, nodes }) => nodes.map(
      ({ target, failureSummary: why }) => [impact, id, target.join(" "), why])));
"""
TEXTS = """
    for (const one of document.querySelectorAll("pre, code, kbd")) one.hidden = true;
    const names = [...document.querySelectorAll("[title], [aria-label], [alt]")];
    const attributes = ["title", "aria-label", "alt"];
    const named = names.flatMap((one) => attributes.map((a) => one.getAttribute(a)));
    return [...document.body.innerText.split("\\n"), ...named].filter(Boolean);
"""
GRAVE = ("serious", "critical")
FOCUS = "document.activeElement"
LISTEN = """
    const region = document.getElementById("live-region");
    window.heard = [];
    new MutationObserver(() => window.heard.push(region.textContent)).observe(
      region, { childList: true, characterData: true, subtree: true });
"""
SAID = "document.getElementById('live-region').textContent"


@pytest.fixture(scope="module")
def paths(store_path, run_ids):
    """Give the path of every page of the store, with a sweep of its two runs."""
    one, other = run_ids
    store = open_store(store_path)
    configs = [store.run(run_id).config for run_id in run_ids]
    store.close()
    plan = {
        "id": "pair-2",
        "title": "Pair",
        "axes": ["epochs"],
        "runs": list(run_ids),
        "points": [{"epochs": config.epochs} for config in configs],
        "configs": [config.model_dump() for config in configs],
    }
    write_plan(store_path, "pair-2", plan)
    return [
        "/",
        f"/run/{one}",
        *(f"/run/{one}/{subject}" for subject in SUBJECTS),
        "/compare",
        f"/compare?runs={one},{other}",
        "/sweeps",
        "/sweeps/pair-2",
        "/guide",
        "/guide/fourier",
        "/tour",
        f"/tour/{one}/1",
    ]


@pytest.mark.parametrize(
    ("theme", "size"), [("light", (1366, 768)), ("dark", (400, 800))]
)
def test_no_page_has_a_grave_fault(page, paths, theme, size):
    """What axe calls serious or critical, and what no reader should meet."""
    page.window(*size, mobile=size[0] < 500)
    script, faults = AXE.read_text("utf-8"), []
    for path in paths:
        mark = "&" if "?" in path else "?"
        plays = "/run/" in path or "runs=" in path
        page.open(f"{path}{mark}t={theme}", settled=plays)
        there = ".ag-row .ag-cell" if path == "/" else "#page h1, #page h2"
        page.until(f"document.querySelector('{there}')")
        page.run(script)
        found = page.later(RUN_AXE)
        faults += [f"{path}: {' · '.join(one)}" for one in found if one[0] in GRAVE]
        texts = page.run(TEXTS)
        faults += [f"{path}: {told}" for one in texts if (told := unreadable(one))]

    assert not faults, f"{len(faults)} faults\n" + "\n".join(faults)


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
