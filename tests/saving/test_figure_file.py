"""Figures of several panels from a file."""

import json
from pathlib import Path

import pytest

from grokdash.errors import ConfigError, NotStoredError
from grokdash.saving.figure_file import compose, read_figure
from grokdash.saving.picture_formats import STILLS

ROWS = """
run = "RUN"
width = "12cm"
[[row]]
panels = [
  { view = "embedding-circle", epoch = 0, select = { k = 2 } },
  { view = "embedding-circle", run = "OTHER" },
]
[[row]]
widths = [2, 1]
panels = [{ view = "loss-curves" }, { view = "logit-plane", title = "At the end" }]
"""


@pytest.fixture
def composed(runs, tmp_path):
    """Give ``composed(text)``: the sheet that a file describes."""
    known = {one.id: one for one in (runs(), runs(seed=1))}
    first, other = known

    def make(text):
        path = tmp_path / "figure.toml"
        path.write_text(text.replace("RUN", first).replace("OTHER", other))
        return compose(read_figure(path), known.__getitem__)

    return make


def test_panels_lie_in_their_rows_with_letters_and_a_caption(composed, run_view):
    sheet = composed(ROWS)

    assert [one.look.letter for one in sheet.panels] == ["a", "b", "c", "d"]
    tops = [one.y for one in sheet.panels]
    assert tops[0] == tops[1] < tops[2] == tops[3]
    a, b, c, d = sheet.panels
    assert a.look.width == pytest.approx(b.look.width)
    assert c.look.width == pytest.approx(2 * d.look.width)
    assert b.x + b.look.width == pytest.approx(sheet.width)
    assert d.x + d.look.width == pytest.approx(sheet.width)
    lines = sheet.told.splitlines()
    assert lines[0].startswith("(a) Embedding circle, epoch 0; ")
    assert run_view.id in lines[0]
    assert [one["epoch"] for one in sheet.origin["panels"]] == [0, 6, 6, 6]


def test_panels_of_one_view_share_their_ranges(composed):
    def ranges(text):
        figures = [one.figure for one in composed(text).panels[:2]]
        return [tuple(one.layout.xaxis.range) for one in figures]

    first, second = ranges(ROWS)
    own, other = ranges(f"shared = false\n{ROWS}")

    assert first == second
    assert own != other
    assert first[1] == max(own[1], other[1])


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        ("row = 3", ConfigError, "row: expected a list; got 3"),
        ("run = ", ConfigError, "no TOML"),
        ('wide = "3cm"\n' + ROWS, ConfigError, "wide"),
        ('[[row]]\npanels = [{ view = "loss-curves" }]', ConfigError, "expected a run"),
        (ROWS.replace("[2, 1]", "[1]"), ConfigError, "one for each of 2 panels"),
        (ROWS.replace("loss-curves", "loss"), NotStoredError, "no view 'loss'"),
        (ROWS.replace("k = 2", "k = 77"), ConfigError, "77 was asked for"),
        (ROWS.replace("12cm", "12 yards"), ConfigError, "8.5cm"),
    ],
)
def test_what_does_not_fit_is_named(composed, text, error, words):
    with pytest.raises(error, match=words):
        composed(text)


def test_the_example_of_the_documentation_is_read(tmp_path):
    page = Path(__file__).parents[2] / "docs" / "export.md"
    example = page.read_text("utf-8").partition("```toml\n")[2].partition("```")[0]
    (tmp_path / "a.toml").write_text(example)

    assert [len(row.panels) for row in read_figure(tmp_path / "a.toml").row] == [3, 2]


@pytest.mark.browser
def test_a_sheet_is_one_drawing_with_text(composed, drawer):
    svg = next(one for one in STILLS if one.ending == "svg")
    drawing = svg.begin(composed(ROWS), 1.0, drawer).result().decode()

    assert 'width="12cm"' in drawing
    for words in (
        ">a</text>",
        ">d</text>",
        ">At the end</text>",
        ">loss (nats)</text>",
    ):
        assert words in drawing
    told = drawing.partition("<metadata>")[2].partition("</metadata>")[0]
    assert len(json.loads(told)["panels"]) == 4


def test_panels_without_room_for_a_plot_are_refused(composed):
    with pytest.raises(ConfigError, match="no room for a plot"):
        composed(ROWS.replace("12cm", "5cm"))
