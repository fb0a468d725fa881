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
            assert one["width"] == one["height"] == one["x"] == one["y"]
            assert one["width"] % one["cells"] == 0
    assert max(one["width"] for one in maps) > 500
