"""Heat maps of a few kinds."""

import numpy as np

from grokdash.figures.kinds import kind_map, pale
from grokdash.figures.theme import LIGHT, Axis


def test_every_kind_has_its_colour_and_its_name():
    kind = np.array([[0.0, 1.0], [2.0, np.nan]])
    kinds = {"red": "#ff0000", "green": "#00ff00", "blue": "#0000ff"}

    (cells,) = kind_map(kind, kinds, LIGHT, Axis("b"), Axis("a")).data

    middles = [(value - cells.zmin) / (cells.zmax - cells.zmin) for value in range(3)]
    for middle, colour in zip(middles, kinds.values(), strict=True):
        below = [one for at, one in cells.colorscale if at < middle]
        above = [one for at, one in cells.colorscale if at > middle]
        assert below[-1] == above[0] == colour
    assert cells.text.tolist() == [["red", "green"], ["blue", "none"]]
    assert list(cells.colorbar.ticktext) == list(kinds)


def test_pale_lies_between_paper_and_colour():
    assert pale("#000000", "#ffffff", 0.0) == "#ffffff"
    assert pale("#204060", "#ffffff", 1.0) == "#204060"
    assert pale("#000000", "#ffffff", 0.5) == "#808080"
