"""The table of colours, measured: contrast, distance, even lightness."""

import re
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from plotly.colors import unlabel_rgb

from grokdash.figures import colours
from grokdash.figures.colours import FRAME, KEYS, NAMED, RUNS
from grokdash.figures.scales import CYCLIC, ramp
from grokdash.figures.swept import swept
from grokdash.figures.theme import DARK, LIGHT, frequency_colours, layout
from tests.contrast import contrast as measured
from tests.contrast import laid

TEXTS = ("text", "quiet", "accent", "bad", "good", "warn", "mark")
PAPERS = ("page", "surface", "hover", "accent-soft")
HAIRLINES = ("line", "line-strong", "phase-a", "phase-b")
"""They part what is told apart without them: nothing is read off them."""

MODES = pytest.mark.parametrize("mode", [0, 1], ids=["light", "dark"])

DRAWN = {
    **{name: pair for name, pair in NAMED.items() if name not in FRAME},
    **{f"run {place}": pair for place, pair in enumerate(RUNS)},
}
BY_KEY = {f"key {place}": pair for place, pair in enumerate(KEYS)}


def linear(colour):
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    return np.array(
        [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    )


def contrast(one, other):
    """Give the ratio of two colours that hide what is below them."""
    return measured(*(laid(colour, (255, 255, 255), 1.0) for colour in (one, other)))


def lab(rgb):
    """CIELAB of a colour in linear sRGB, white point D65."""
    to_xyz = np.array(
        [
            [0.4124564, 0.3575761, 0.1804375],
            [0.2126729, 0.7151522, 0.0721750],
            [0.0193339, 0.1191920, 0.9503041],
        ]
    )
    xyz = to_xyz @ rgb / to_xyz.sum(axis=1)
    x, y, z = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz * 841 / 108 + 4 / 29)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def oklab(colour):
    """Ottosson's OKLab, in which distances are near those that are seen."""
    to_cones = np.array(
        [
            [0.4122214708, 0.5363325363, 0.0514459929],
            [0.2119034982, 0.6806995451, 0.1073969566],
            [0.0883024619, 0.2817188376, 0.6299787005],
        ]
    )
    to_lab = np.array(
        [
            [0.2104542553, 0.7936177850, -0.0040720468],
            [1.9779984951, -2.4285922050, 0.4505937099],
            [0.0259040371, 0.7827717662, -0.8086757660],
        ]
    )
    return to_lab @ np.cbrt(to_cones @ linear(colour))


def apart(one, other):
    return float(np.linalg.norm(oklab(one) - oklab(other)))


def as_hex(channels):
    return "#" + "".join(f"{round(float(one)):02x}" for one in channels)


def between(scale, shares):
    """Read a scale as the browser does: straight lines between its stops."""
    stops = [[int(colour[i : i + 2], 16) for i in (1, 3, 5)] for _, colour in scale]
    places = [place for place, _ in scale]
    columns = [np.interp(shares, places, one) for one in np.transpose(stops)]
    return [as_hex(channels) for channels in np.transpose(columns)]


@MODES
def test_text_is_read_on_every_paper(mode):
    """WCAG 2.2 AA: 4.5 for text."""
    letters = [(pair[mode], FRAME["surface"][mode]) for pair in RUNS]
    buttons = [(FRAME["on-accent"][mode], FRAME["accent"][mode])]
    plain = [(FRAME[i][mode], FRAME[paper][mode]) for i in TEXTS for paper in PAPERS]

    ratios = {pair: contrast(*pair) for pair in [*letters, *buttons, *plain]}

    assert min(ratios.values()) >= 4.5, ratios


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_tooltips_are_ink_on_paper_whatever_they_are_about(theme):
    label = layout(theme)["hoverlabel"]

    assert contrast(label["font"]["color"], label["bgcolor"]) >= 4.5
    assert contrast(label["bordercolor"], label["bgcolor"]) >= 3


@MODES
def test_marks_and_lines_are_seen_on_the_paper(mode):
    """WCAG 2.2 AA: 3 for the parts of graphics that carry meaning."""
    apart_from = (*PAPERS, *HAIRLINES, "on-accent", "halo")
    shown = {name: pair for name, pair in NAMED.items() if name not in apart_from}
    table = {name: pair[mode] for name, pair in (shown | DRAWN | BY_KEY).items()}
    shares = np.linspace(0, 1, 21).tolist()
    scales = {
        "ramp": [
            as_hex(unlabel_rgb(one))
            for one in ramp(shares, "dark" if mode else "light")
        ],
        "cyclic": between(CYCLIC, shares),
    }
    table |= {
        f"{name} {share}": colour
        for name, scale in scales.items()
        for share, colour in zip(shares, scale, strict=True)
    }

    paper = FRAME["surface"][mode]
    faint = {name: contrast(one, paper) for name, one in table.items()}

    assert {name: ratio for name, ratio in faint.items() if ratio < 3} == {}


@MODES
def test_only_a_key_wears_the_colour_of_a_key(mode):
    near = {
        (key, name): apart(pair[mode], other[mode])
        for key, pair in BY_KEY.items()
        for name, other in (DRAWN | {n: FRAME[n] for n in (*TEXTS, "muted")}).items()
    }

    assert {names: gap for names, gap in near.items() if gap < 0.05} == {}


@MODES
def test_no_two_names_have_one_colour(mode):
    table = {name: pair[mode] for name, pair in (DRAWN | BY_KEY).items()}
    near = {
        (one, other): apart(table[one], table[other])
        for one, other in combinations(table, 2)
    }

    assert {names: gap for names, gap in near.items() if gap < 0.025} == {}
    keys = [gap for names, gap in near.items() if set(names) <= set(BY_KEY)]
    assert min(keys) >= 0.1


def test_the_cyclic_scale_is_equally_light_and_turns_evenly():
    places = np.linspace(0, 1, 361).tolist()
    points = np.array([lab(linear(colour)) for colour in between(CYCLIC, places)])

    lightness = points[:, 0]
    steps = np.linalg.norm(np.diff(points[::15], axis=0), axis=1)

    assert np.ptp(lightness) < 1
    assert steps.max() / steps.min() < 1.1
    assert np.linalg.norm(points[0] - points[-1]) < 1e-9
    assert LIGHT.cyclic == DARK.cyclic == CYCLIC


def test_a_colour_belongs_to_a_name_and_not_to_a_place():
    keys = {5: LIGHT.key(1), 2: LIGHT.key(0)}
    turned = dict(reversed(keys.items()))
    ordered = swept("k", [3, 1, 2])

    found = frequency_colours(6, keys, LIGHT)

    assert found == frequency_colours(6, turned, LIGHT)
    assert (found[1], found[4]) == (LIGHT.key(0), LIGHT.key(1))
    assert {found[i] for i in (0, 2, 3, 5)} == {LIGHT.muted}
    assert ordered.colours(LIGHT) == swept("k", [1, 2, 3]).colours(LIGHT)


def test_the_page_has_the_same_colours_as_the_figures():
    light, dark = colours.style_sheet().split('[data-bs-theme="dark"]')

    for theme, sheet in ((LIGHT, light), (DARK, dark)):
        assert f"--gd-test: {theme.test};" in sheet
        assert f"--gd-surface: {theme.paper};" in sheet
        assert f"{colours.key_property(12)}: {theme.key(12)};" in sheet


def test_no_colour_is_named_outside_the_table():
    """Shadows and dimmed backgrounds have none, and print is on white paper."""
    table = {"colours.py", "scales.py", "colours.css", "print.css"}
    root = Path(colours.__file__).parents[2]
    files = [*root.glob("grokdash/**/*.py"), *root.glob("assets/css/*.css")]

    found = {
        path.name: re.findall(r"#[0-9a-fA-F]{6}\b|#[0-9a-fA-F]{3}\b", path.read_text())
        for path in files
        if path.name not in table
    }

    assert {name: named for name, named in found.items() if named} == {}
