"""A zoom lives on through whatever happens to a panel, for every kind of panel."""

import numpy as np
import pytest

pytestmark = pytest.mark.browser

PANELS = {
    "bars": ("", "embedding-spectrum"),
    "bars that show all of training": ("/fourier", "spectra-strip"),
    "curves": ("", "progress-measures"),
    "grid": ("", "correct-logit"),
    "lines": ("/attention", "attention-score"),
    "points": ("", "embedding-circle"),
    "points that show all of training": ("/trajectories", "embedding-pca-strip"),
    "table": ("/weights", "weight-positions"),
}

STATE = """
const {gd, node, scrubbing, sentRanges} = panel(arguments[0]).picture;
const {xaxis, yaxis} = gd._fullLayout;
return {
  x: xaxis.range.map(Number),
  y: yaxis.range.map(Number),
  sent: [sentRanges.xaxis, sentRanges.yaxis],
  traces: gd.data.length,
  points: gd.calcdata.reduce((sum, one) => sum + one.length, 0),
  marks: node.querySelectorAll(".plot .trace, .plot .hm, .plot .points path").length,
  dark: getComputedStyle(document.documentElement).colorScheme,
  width: gd._fullLayout.width,
  room: node.clientWidth,
  scrubbing,
};
"""


class Zoomed:
    """One panel of a page, whose plot area is zoomed with the mouse."""

    def __init__(self, page, view):
        self.page = page
        self.view = view

    @property
    def state(self):
        """What the panel shows now."""
        return self.page.inside(STATE, self.view)

    def at(self, x, y):
        """Give the place in the window of a place in the first plot area."""
        return self.page.inside(
            """
            const {gd} = panel(arguments[0]).picture;
            const {xaxis, yaxis} = gd._fullLayout;
            const box = gd.getBoundingClientRect();
            return [box.left + xaxis._offset + arguments[1] * xaxis._length,
                    box.top + yaxis._offset + arguments[2] * yaxis._length];""",
            self.view,
            x,
            y,
        )

    def drag(self):
        """Zoom into a part of the plot area."""
        start, end = self.at(0.25, 0.25), self.at(0.65, 0.7)
        self.page.mouse("mouseMoved", *start)
        self.page.mouse("mousePressed", *start, pressed=True)
        for part in np.linspace(0.2, 1, 5):
            point = [a + part * (b - a) for a, b in zip(start, end, strict=True)]
            self.page.mouse("mouseMoved", *point, pressed=True)
        self.page.mouse("mouseReleased", *end)

    def is_shown(self, zoom):
        """Say that the panel is zoomed as before, and that it is not empty."""
        now = self.state
        np.testing.assert_allclose(now["x"], zoom["x"], rtol=1e-9)
        np.testing.assert_allclose(now["y"], zoom["y"], rtol=1e-9)
        assert now["traces"] == zoom["traces"] > 0
        assert now["points"] > 0
        assert now["marks"] > 0
        return now


def shown(page, view):
    """Scroll to a panel and wait for its exact figure."""
    page.run(
        "document.querySelector(`[data-view='${arguments[0]}']`)"
        ".scrollIntoView({block: 'center', behavior: 'instant'})",
        view,
    )
    page.until(f"document.querySelector(\"[data-view='{view}'].drawn\")")
    page.settle()
    return Zoomed(page, view)


def zoomed(page, view):
    """Zoom into a panel with the mouse; give it and what it shows then."""
    found = shown(page, view)
    before = found.state
    found.drag()
    return found, before, changed(found, before)


def changed(panel, before):
    """Wait until a panel has other ranges than before; give what it shows then."""
    for _ in range(100):
        now = panel.state
        if now["x"] != before["x"] or now["y"] != before["y"]:
            return now
    raise AssertionError("the ranges stayed")


@pytest.mark.parametrize("kind", PANELS)
def test_a_zoom_stays_whatever_happens(page, run_ids, kind):
    place, view = PANELS[kind]
    page.open(f"/run/{run_ids[0]}{place}?e=600")
    panel, before, zoom = zoomed(page, view)

    page.seek(300)
    panel.is_shown(zoom)

    page.run("grokdash.player.play()")
    page.until("grokdash.player.epoch > 400")
    page.run("grokdash.player.pause()")
    page.settle()
    panel.is_shown(zoom)

    page.run("document.querySelector('[data-act=theme]').click()")
    page.settle()
    assert panel.is_shown(zoom)["dark"] != zoom["dark"]

    page.window(1100, 700)
    page.until(
        f"(() => {{ const one = document.querySelector(\"[data-view='{view}'] .plot\");"
        "return Math.abs(one._fullLayout.width - one.clientWidth) < 1; })()"
    )
    page.settle()
    assert panel.is_shown(zoom)["width"] != zoom["width"]

    x, y = shown(page, view).at(0.5, 0.5)
    for _ in range(2):
        page.mouse("mousePressed", x, y, pressed=True)
        page.mouse("mouseReleased", x, y)
    changed(panel, zoom)
    np.testing.assert_allclose(panel.state["x"], before["x"])
    np.testing.assert_allclose(panel.state["y"], before["y"])


def test_a_zoom_stays_while_frames_are_drawn(page, run_ids):
    """The canvas draws the part of the picture that the reader has chosen."""
    page.open(f"/run/{run_ids[0]}?e=600")
    page.all_loaded()
    _, _, zoom = zoomed(page, "correct-logit")

    drawn = page.inside(
        """
        grokdash.player.seekEpoch(300);
        await frames();
        const {picture} = panel("correct-logit");
        const {xaxis, yaxis} = picture.gd._fullLayout;
        const context = picture.canvas.getContext("2d");
        const x = Math.round(xaxis._offset + xaxis._length / 2);
        const y = Math.round(yaxis._offset + yaxis._length / 2);
        return {scrubbing: picture.scrubbing, x: xaxis.range.map(Number),
                alpha: context.getImageData(x, y, 1, 1).data[3]};"""
    )

    assert drawn["scrubbing"]
    assert drawn["alpha"] == 255
    np.testing.assert_allclose(drawn["x"], zoom["x"])


def test_a_turned_surface_stays_turned(page, run_ids):
    page.open(f"/run/{run_ids[0]}/logits?e=600")
    shown(page, "logit-surface")
    eye = (
        "document.querySelector(\"[data-view='logit-surface'] .plot\")"
        "._fullLayout.scene.camera.eye.x"
    )
    before = page.js(eye)
    box = page.box("[data-view='logit-surface'] .plot")
    x, y = box.x + box.width / 2, box.y + box.height / 2
    page.mouse("mouseMoved", x, y)
    page.mouse("mousePressed", x, y, pressed=True)
    for part in range(1, 6):
        page.mouse("mouseMoved", x + 20 * part, y + 4 * part, pressed=True)
        page.inside("await frames(20)")
    page.mouse("mouseReleased", x + 100, y + 20)
    page.until(f"{eye} !== {before}")
    turned = page.inside(f"await frames(200); return {eye}")

    page.seek(300)
    assert page.js(eye) == pytest.approx(turned)
    page.run("document.querySelector('[data-act=theme]').click()")
    page.settle()
    assert page.js(eye) == pytest.approx(turned)
    traces = "document.querySelector(\"[data-view='logit-surface'] .plot\").data.length"
    assert page.js(traces) > 0


@pytest.mark.parametrize("mode", ["side", "overlay", "difference"])
def test_a_zoom_stays_in_a_comparison(page, run_ids, mode):
    view = "embedding-spectrum" if mode == "overlay" else "correct-logit"
    page.open(f"/compare?runs={','.join(run_ids)}&views={view}&mode={mode}&at=200")
    panel, _, zoom = zoomed(page, view)

    page.seek(120)
    panel.is_shown(zoom)
    page.run("document.querySelector('[data-act=theme]').click()")
    page.settle()
    panel.is_shown(zoom)
