"""Maps, marks and ranges as they lie on the screen, in a real browser."""

import pytest

pytestmark = pytest.mark.browser

MAPS = """[...document.querySelectorAll('.panel .js-plotly-plot')]
      .filter((gd) => gd.clientWidth)
      .flatMap((gd) =>
      [...gd.querySelectorAll('.heatmaplayer image')].map((image) => {
        const {xaxis, yaxis, width, height} = gd._fullLayout;
        const box = image.getBoundingClientRect();
        const gaps = [width - gd.clientWidth, height - gd.clientHeight];
        const fits = gaps.every((gap) => Math.abs(gap) < 1);
        return {width: box.width, height: box.height, x: xaxis._length,
                y: yaxis._length, cells: gd.calcdata[0][0].z.length, fits};
      }))
"""


def test_maps_are_square_in_every_window(page, run_ids):
    """Cells are whole pixels, where the canvas and Plotly's image draw the same."""
    page.open(f"/run/{run_ids[0]}?e=900")
    page.all_loaded()

    for size in [(1366, 768), (1366, 1500), "full screen"]:
        if size == "full screen":
            page.run(
                "document.querySelector('#panel-neuron-grid [data-act=full]').click()"
            )
        else:
            page.window(*size)
        page.until(f"{MAPS}.every(({{fits}}) => fits)")
        maps = page.js(MAPS)

        assert maps
        for one in maps:
            sides = [one[name] for name in ("width", "height", "x", "y")]
            assert sides == pytest.approx([round(one["width"])] * 4, abs=1e-3)
            assert round(one["width"]) % one["cells"] == 0
    assert max(one["width"] for one in maps) > 500


def test_marks_have_a_rim_and_lie_under_text_and_tooltips(page, run_ids):
    """The pixel that is topmost at a mark is its own; beside it is the paper."""
    page.open(f"/run/{run_ids[0]}?e=900&a=4&b=6")
    page.all_loaded()

    order = """
        [...document.querySelectorAll('#panel-correct-logit .svg-container > *')]
          .map((one) => one.matches('canvas.marks') ? 'marks'
                      : one.querySelector('.infolayer, .hoverlayer') ? 'text'
                      : one.querySelector('.cartesianlayer') ? 'data' : '')
          .filter(Boolean).join()
    """.strip()
    colours = page.inside(
        """
        const {picture} = panel("correct-logit");
        const {xaxis, yaxis} = picture.gd._fullLayout;
        const context = picture.marks.getContext("2d");
        const at = (x, y) => [...context.getImageData(
          devicePixelRatio * (xaxis._offset + x),
          devicePixelRatio * (yaxis._offset + y), 1, 1).data];
        const middle = yaxis.c2p(10);
        const found = [];
        for (let x = 0; x < xaxis._length; x++) found.push(at(x, middle).join());
        return [...new Set(found)];"""
    )
    told = page.js(
        "['--gd-mark', '--gd-halo'].map((name) => getComputedStyle("
        "document.documentElement).getPropertyValue(name).trim())"
    )

    assert page.js(order).startswith("data,marks,text")
    opaque = {colour for colour in colours if colour.endswith(",255")}
    for name in told:
        channels = ",".join(str(int(name[i : i + 2], 16)) for i in (1, 3, 5))
        assert f"{channels},255" in opaque
