"""Every page and every dialog, judged by all rules of axe, in both looks and sizes."""

from pathlib import Path

import pytest

from grokdash.course.texts import CHAPTERS
from grokdash.pages.run.panels import SUBJECTS
from tests.app.conftest import LOADED, Page, short_config, small_config
from tests.readable import unreadable

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.usefixtures("pair", "found"),
]

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
OFF = {
    "color-contrast-enhanced": "WCAG's level AAA: text here is held to AA, 4.5",
}
"""Rules that are not asked, and why; all others are, the experimental ones too."""

FIGURES = ".js-plotly-plot"
"""What rules of colours leave out: figures, which tests/contrast.py measures."""

LEFT = {
    ("focus-order-semantics", ".ag-"): (
        "an experimental rule that takes the rows of a grid, which the arrow keys walk "
        "over as ARIA's pattern of a grid has it, for no place of the focus"
    ),
}
"""What is left of a rule where selectors say this, and why."""

ONE, OTHER = small_config().run_id(), short_config().run_id()
RUN, PAIR = f"/run/{ONE}", f"/compare?runs={ONE},{OTHER}"
PAGES = (
    "/",
    RUN,
    *(f"{RUN}/{subject}" for subject in SUBJECTS),
    f"/store/{ONE}",
    "/compare",
    PAIR,
    f"{PAIR}&mode=overlay",
    f"{PAIR}&mode=difference",
    "/sweeps",
    "/sweeps/pair",
    "/report",
    "/report/found",
    "/guide",
    "/guide/about",
    "/tour",
    f"/tour/{ONE}/1",
    "/nothing-here",
)
HEADED = "#page h1, #page h2"
LOOK = "document.documentElement.getAttribute('data-bs-theme')"
DIALOGS = {
    "a new run": ("/", "[data-new-run]", ".modal #start-run, .modal #start-exists"),
    "notes of a run": ("/", ".ag-row [data-icon=menu]", ".modal [name=notes]"),
    "a sweep of one's own": ("/sweeps", "[data-new-sweep]", ".modal form"),
    "keys": (RUN, ".bar [data-act=keys]", ".modal table"),
    "the guide of a panel": (RUN, ".panel-grid [data-act=help]", ".modal-body p"),
    "views to choose": (RUN, ".rail [data-act=arrange]", ".modal .offered-views"),
}
SIZES = ((1366, 768), (400, 800))

JUDGE = r"""
    const [off, figures, colours] = arguments;
    const done = arguments[arguments.length - 1];
    const ids = (...tags) => axe.getRules(tags).map((one) => one.ruleId);
    const ofColours = ids("cat.color");
    const names = colours ? ofColours : ids().filter((one) => !ofColours.includes(one));
    const values = names.filter((name) => !off.includes(name));
    const rules = Object.fromEntries(values.map((name) => [name, { enabled: true }]));
    const where = colours ? { exclude: [[figures]] } : document;
    const { violations, incomplete } = await axe.run(where, {
      preload: false, rules, runOnly: { type: "rule", values },
      resultTypes: ["violations", "incomplete"],
    });
    const found = violations.flatMap(({ id, impact, nodes }) => nodes.map(
      ({ target, failureSummary }) => [id, target.join(" "), impact, failureSummary]));
    const channels = (text) => {
      const [r, g, b, a = 1] = text.match(/[\d.]+/g).map(Number);
      return [r, g, b, a];
    };
    const over = ([r, g, b, a], below) =>
      [[r, g, b].map((one, i) => one * a + below[i] * (1 - a)), 1].flat();
    const light = (colour) => {
      const [r, g, b] = colour.map((one) => one / 255).map((one) =>
        one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4);
      return 0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05;
    };
    const around = (node) => node ? [node, ...around(node.parentElement)] : [];
    const ratio = (node) => {
      const style = getComputedStyle(node);
      const ink = channels(node instanceof SVGElement ? style.fill : style.color);
      const all = around(node).map((one) => getComputedStyle(one));
      for (const { opacity } of all) ink[3] *= Number(opacity);
      const papers = all.map((one) => channels(one.backgroundColor));
      const end = papers.findIndex((paper) => paper[3] === 1);
      const layers = papers.slice(0, end + 1);
      const paper = layers.reduceRight((below, one) => over(one, below));
      const ends = [light(over(ink, paper)), light(paper)].sort((a, b) => b - a);
      return ends[0] / ends[1];
    };
    for (const { id, nodes } of incomplete) {
      for (const { target } of id === "color-contrast" ? nodes : []) {
        const measured = ratio(document.querySelector(target[0]));
        if (!(measured >= 4.5)) found.push([id, target[0], "undecided", measured]);
      }
    }
    done(found);
"""
TEXTS = """
    const left = [...document.querySelectorAll("pre, code, kbd")];
    for (const one of left) one.hidden = true;
    const names = [...document.querySelectorAll("[title], [aria-label], [alt]")];
    const attributes = ["title", "aria-label", "alt"];
    const named = names.flatMap((one) => attributes.map((a) => one.getAttribute(a)));
    const texts = [...document.body.innerText.split("\\n"), ...named].filter(Boolean);
    for (const one of left) one.hidden = false;
    return texts;
"""


@pytest.fixture(autouse=True)
def moving(page):
    """Let things move again for the tests that follow."""
    yield
    page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def judged(page: Page, *, colours: bool = False) -> list[str]:
    """Give what axe, or the measure beside it, finds on the page as it is."""
    found = page.later(JUDGE, list(OFF), FIGURES, colours)
    left = [(rule, part) for rule, part in LEFT]
    return [
        " · ".join(map(str, one))
        for one in found
        if not any(one[0] == rule and part in one[1] for rule, part in left)
    ]


def opened(page: Page, path: str, theme: str) -> None:
    """Open a page in one look, wait for what it shows, and bring axe to it."""
    still = [{"name": "prefers-reduced-motion", "value": "reduce"}]
    page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": still})
    mark = "&" if "?" in path else "?"
    page.open(f"{path}{mark}t={theme}", settled="/run/" in path or "runs=" in path)
    there = LOADED.get(path, HEADED)
    page.until(f"document.querySelector('{there}')")
    page.run(AXE.read_text("utf-8"))


def drawn(page: Page) -> None:
    """Wait until what watches the size of its place has seen that of the window."""
    page.later(
        "const done = arguments[arguments.length - 1];"
        "requestAnimationFrame(() => requestAnimationFrame(() => done()));"
    )


def turned(page: Page, theme: str) -> None:
    """Change the look of the page that is open."""
    page.run("document.querySelector('.bar [data-act=theme]').click()")
    page.until(f"{LOOK} === {theme!r}")


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.replace(ONE, "run"))
def test_no_rule_of_axe_is_broken(page, path):
    """All rules in either size; those of colours in both looks of both sizes.

    The second size is that of a window made narrow: nothing may stay as wide as before.
    """
    faults = []
    for place, (width, height) in enumerate(SIZES):
        theme, other = ("light", "dark") if place == 0 else ("dark", "light")
        page.window(width, height)
        drawn(page)
        if place == 0:
            opened(page, path, theme)
            texts = page.run(TEXTS)
            faults += [told for one in texts if (told := unreadable(one))]
        found = [*judged(page), *judged(page, colours=True)]
        if (needed := page.js("document.documentElement.scrollWidth")) > width:
            found.append(f"the page is {needed} pixels wide")
        faults += [f"{theme}, {width} wide: {one}" for one in found]
        turned(page, other)
        found = judged(page, colours=True)
        faults += [f"{other}, {width} wide: {one}" for one in found]

    assert not faults, f"{len(faults)} faults\n" + "\n".join(faults)


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_no_rule_of_axe_is_broken_in_a_text(page, chapter):
    """Chapters have one look and size; what differs is what they say."""
    opened(page, f"/guide/{chapter}", "light")

    assert [*judged(page), *judged(page, colours=True)] == []


@pytest.mark.parametrize("name", DIALOGS)
def test_no_rule_of_axe_is_broken_in_a_dialog(page, name):
    path, opener, inside = DIALOGS[name]
    opened(page, path, "light")
    page.opens_dialog(opener, inside)
    faults = [*judged(page), *judged(page, colours=True)]
    page.window(*SIZES[1])
    drawn(page)
    faults += judged(page)
    page.run("document.documentElement.setAttribute('data-bs-theme', 'dark')")
    faults += judged(page, colours=True)

    assert not faults, f"{len(faults)} faults\n" + "\n".join(faults)


def test_a_fault_is_found(page):
    """A name that is missing, a text that is faint where axe decides nothing."""
    opened(page, "/guide", "light")
    page.run(
        "document.querySelector('.bar [data-act=theme]').removeAttribute('aria-label');"
        "document.querySelector('.bar [data-act=theme]').removeAttribute('title');"
        "document.querySelector('h1').style.opacity = 0.3;"
        "document.querySelector('h1').textContent = '7'"
    )

    found = [*judged(page), *judged(page, colours=True)]

    assert any(one.startswith("button-name") for one in found)
    assert any(one.startswith("color-contrast · h1 · undecided") for one in found)
