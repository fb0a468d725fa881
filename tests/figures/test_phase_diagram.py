import numpy as np
import pytest

from grokdash.figures.grids import Scale, decade_ticks
from grokdash.figures.phase_diagram import phase_diagram
from grokdash.figures.swept import swept
from grokdash.figures.theme import LIGHT


@pytest.mark.parametrize("log10", [True, False])
def test_the_bar_tells_numbers_where_the_cells_are_logarithms(log10):
    x, y = swept("lr", [0.1, 0.2]), swept("seed", [0])
    scale = Scale(
        colours="Cividis",
        low=2.0,
        high=4.0,
        title="time to the last epoch",
        log10=log10,
    )

    fig = phase_diagram([], np.array([[2.0, 4.0]]), scale, LIGHT, x, y)

    told = fig.data[0].colorbar.ticktext
    assert (told is not None) == log10
    if log10:
        assert told == ("100", "1,000", "10,000")


@pytest.mark.parametrize(
    ("ends", "texts"),
    [
        ((-8.2, 0.4), ["10⁻⁸", "10⁻⁶", "10⁻⁴", "10⁻²", "1"]),
        ((-4.0, 0.0), ["10⁻⁴", "10⁻³", "10⁻²", "10⁻¹", "1"]),
        ((-8.5, -7.5), ["5 × 10⁻⁹", "10⁻⁸", "2 × 10⁻⁸"]),
        ((2.02, 2.1), ["105", "110", "115", "120", "126"]),
    ],
)
def test_a_bar_of_logarithms_has_as_many_ticks_as_it_needs(ends, texts):
    assert decade_ticks(*ends)["ticktext"] == texts
