"""Pictures outside the browser: formats, titles, films, and what is missing."""

import io
import json

import pytest

from grokdash.errors import ConfigError
from grokdash.export import pictures
from grokdash.export.files import endings
from grokdash.export.picture_formats import STILLS
from grokdash.views import get_view
from grokdash.views.core.selection import default_selection

LOOK = pictures.Look(width=300, height=240, scale=1.0)


@pytest.fixture
def drawn(run_view):
    view = get_view("embedding-spectrum")
    selection = default_selection(run_view)
    return pictures.titled(run_view, view, run_view.last, selection, LOOK)


def test_title_says_what_when_and_of_which_run(drawn, run_view):
    text = drawn.layout.title.text

    assert f"epoch {run_view.last:,}" in text
    assert run_view.id in text
    assert (drawn.layout.width, drawn.layout.height) == (300, 240)


def test_json_is_the_figure(drawn, tmp_path):
    pictures.save_still(drawn, tmp_path / "new" / "a.json", LOOK)

    assert json.loads((tmp_path / "new" / "a.json").read_text())["data"][0]["y"]


def test_html_needs_nothing_from_elsewhere(drawn, tmp_path):
    pictures.save_still(drawn, tmp_path / "a.html", LOOK)

    page = (tmp_path / "a.html").read_text()
    assert "plotly.js v" in page
    assert '<script src="http' not in page


def test_unknown_ending_names_the_known_ones(drawn, tmp_path):
    with pytest.raises(ConfigError, match=", ".join(endings(STILLS))):
        pictures.save_still(drawn, tmp_path / "a.bmp", LOOK)


def test_spread_keeps_both_ends():
    assert pictures.spread(list(range(0, 1000, 10)), 4) == [0, 330, 660, 990]
    assert pictures.spread([0, 5], 4) == [0, 5]


@pytest.mark.browser
def test_svg_is_small_and_png_has_the_size(drawn, tmp_path):
    from PIL import Image

    pictures.save_still(drawn, tmp_path / "a.svg", LOOK)
    pictures.save_still(drawn, tmp_path / "a.png", LOOK)

    assert 1_000 < (tmp_path / "a.svg").stat().st_size < 300_000
    with Image.open(tmp_path / "a.png") as picture:
        assert picture.size == (300, 240)


@pytest.mark.browser
def test_film_has_a_picture_per_epoch(run_view, tmp_path):
    from PIL import Image

    view = get_view("embedding-circle")
    selection = default_selection(run_view)
    steps = [int(step) for step in run_view.steps][:3]
    figures = (pictures.titled(run_view, view, step, selection, LOOK) for step in steps)

    count = pictures.save_film(figures, tmp_path / "a.gif", LOOK, 1.5)

    with Image.open(io.BytesIO((tmp_path / "a.gif").read_bytes())) as film:
        assert count == film.n_frames == len(steps)
