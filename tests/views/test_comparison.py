"""Several runs on one timeline, one minus another, one over another."""

from dataclasses import dataclass, field

import numpy as np
import pytest

from grokdash.analysis.phases import GrokInterval
from grokdash.errors import NotStoredError
from grokdash.figures.marks import cell_texts
from grokdash.figures.theme import LIGHT
from grokdash.snapshot import RunView
from grokdash.views import VIEWS, get_view
from grokdash.views.compare.alignment import MOST_PLACES, Column, make_timeline
from grokdash.views.compare.difference import (
    Side,
    describe_difference,
    differences,
    draw_difference,
    locked_bound,
    no_difference,
)
from grokdash.views.compare.overlay import make_layers, no_overlay, overlaid
from grokdash.views.core.render import make_drawing
from grokdash.views.core.selection import default_selection


@dataclass
class FakeConfig:
    epochs: int


@dataclass
class FakeRun:
    """As much of a run as a timeline looks at."""

    steps: np.ndarray
    epochs: int
    grokked: int | None = None
    id: str = "fake"
    config: FakeConfig = field(init=False)

    def __post_init__(self):
        self.config = FakeConfig(self.epochs)

    @property
    def last(self) -> int:
        return int(self.steps[-1])

    def grok(self) -> GrokInterval:
        state = "grokked" if self.grokked else "not within"
        return GrokInterval(
            state=state,
            after=None,
            until=self.grokked,
            first_reached=self.grokked,
            within=self.last,
            complete=True,
        )


def column(steps, *, epochs=None, grokked=None, pin=None) -> Column:
    steps = np.asarray(steps)
    one = object.__new__(Column)
    run = FakeRun(steps, epochs or int(steps[-1]), grokked)
    object.__setattr__(one, "run", run)
    object.__setattr__(one, "pin", pin)
    return one


# Alignment


def test_by_epoch_every_run_is_at_its_nearest_checkpoint():
    line = make_timeline([column([0, 10, 20, 30]), column([0, 15, 30])], "epoch")

    assert line.coordinates.tolist() == [0, 10, 15, 20, 30]
    assert line.indices[0].tolist() == [0, 1, 1, 2, 3]
    assert line.indices[1].tolist() == [0, 1, 1, 1, 2]


def test_a_shorter_run_stays_at_its_end():
    line = make_timeline([column([0, 10, 20, 30]), column([0, 10])], "epoch")

    assert line.indices[1].tolist() == [0, 1, 1, 1]


def test_by_fraction_runs_of_different_length_end_together():
    line = make_timeline([column([0, 50, 100]), column([0, 500, 1000])], "fraction")

    assert line.coordinates.tolist() == [0, 50, 100]
    assert [one.tolist() for one in line.indices] == [[0, 1, 2], [0, 1, 2]]


def test_an_interrupted_run_has_not_gone_all_the_way():
    half = column([0, 25, 50], epochs=100)

    line = make_timeline([half, column([0, 100])], "fraction")

    assert line.coordinates.tolist() == [0, 25, 50, 100]


def test_by_grok_time_the_grok_epochs_coincide():
    early = column([0, 100, 200, 400], grokked=200)
    late = column([0, 300, 600, 900], grokked=600)

    line = make_timeline([early, late], "grok")

    at = int(np.flatnonzero(line.coordinates == 1.0)[0])
    assert early.run.steps[line.indices[0][at]] == 200
    assert late.run.steps[line.indices[1][at]] == 600
    assert line.notices == ()


def test_a_run_that_has_not_grokked_borrows_and_says_so():
    line = make_timeline([column([0, 100], grokked=50), column([0, 100])], "grok")

    assert line.scales == (0.02, 0.02)
    assert "B has not grokked" in line.notices[0]


def test_without_any_grokking_runs_are_aligned_by_epoch():
    line = make_timeline([column([0, 7]), column([0, 9])], "grok")

    assert line.align == "epoch"
    assert "None of these runs has grokked" in line.notices[0]


def test_a_pinned_column_never_moves_and_adds_no_places():
    line = make_timeline([column([0, 10, 20]), column([0, 3, 9], pin=4)], "epoch")

    assert line.coordinates.tolist() == [0, 10, 20]
    assert line.indices[1].tolist() == [1, 1, 1]


def test_only_pinned_columns_have_one_place():
    steps = [0, 10, 20]

    line = make_timeline([column(steps, pin=0), column(steps, pin=20)], "epoch")

    assert line.coordinates.tolist() == [0]
    assert [one.tolist() for one in line.indices] == [[0], [2]]


def test_a_long_timeline_is_thinned_and_keeps_its_ends():
    line = make_timeline([column(np.arange(5000))], "epoch")

    assert len(line.coordinates) == MOST_PLACES
    assert line.coordinates[[0, -1]].tolist() == [0, 4999]


# Difference


def side(run: RunView, letter: str, step: int) -> Side:
    selection = default_selection(run)
    return Side(letter=letter, snapshot=run.at(step), selection=selection)


def test_a_difference_is_cell_by_cell(run_view):
    view = get_view("correct-logit")

    found = differences(view, side(run_view, "A", 6), side(run_view, "B", 2))

    late = run_view.stored.measure("frame/correct_logit", 6).astype(np.float32)
    early = run_view.stored.measure("frame/correct_logit", 2).astype(np.float32)
    np.testing.assert_allclose(found["0.z"], late - early, rtol=1e-6)
    assert np.abs(found["0.z"]).max() > 0


def test_a_checkpoint_minus_itself_is_zero_everywhere(run_view):
    for view in VIEWS:
        if no_difference(view) or view.missing(run_view) or view.cost == "heavy":
            continue
        one = side(run_view, "A", 4)
        for array in differences(view, one, one).values():
            assert np.nanmax(np.abs(array), initial=0) == 0, view.id


def test_the_scale_is_symmetric_and_the_same_at_every_epoch(run_view):
    view = get_view("correct-logit")
    one, other = side(run_view, "A", 6), side(run_view, "B", 0)
    pairs = [(0, 0), (2, 0), (4, 0), (6, 0)]
    bound = locked_bound(view, one, other, pairs)
    arrays = differences(view, one, other)
    drawing = make_drawing(one.snapshot, view, one.selection, "light")

    figure = draw_difference(view, drawing, arrays, bound, "A − B")

    trace = figure.data[0]
    assert (trace.zmin, trace.zmax) == (-bound, bound)
    assert bound >= np.nanmax(np.abs(arrays["0.z"]))
    assert bound == locked_bound(view, one.at(2), other, pairs)
    np.testing.assert_array_equal(trace.z, arrays["0.z"])
    assert trace.colorbar.title.text == "A − B"


def test_numbers_written_into_cells_are_the_differences(run_view):
    view = get_view("attention-pair")
    one, other = side(run_view, "A", 6), side(run_view, "B", 0)
    arrays = differences(view, one, other)
    drawing = make_drawing(one.snapshot, view, one.selection, "light")

    trace = draw_difference(view, drawing, arrays, 1.0, "A − B").data[0]

    assert [list(row) for row in trace.text] == cell_texts(arrays["0.z"])


def test_bars_differ_around_zero(run_view):
    view = get_view("embedding-spectrum")
    one, other = side(run_view, "A", 6), side(run_view, "B", 0)
    arrays = differences(view, one, other)
    drawing = make_drawing(one.snapshot, view, one.selection, "dark")

    figure = draw_difference(view, drawing, arrays, 2.0, "A − B")

    assert tuple(figure.layout.yaxis.range) == (-2.1, 2.1)
    np.testing.assert_array_equal(figure.data[0].y, arrays["0.y"])


def test_other_shapes_are_refused_in_words(runs, run_view):
    other = runs(p=5)

    with pytest.raises(NotStoredError, match=r"A has 7 × 7 numbers, B has 5 × 5"):
        differences(
            get_view("correct-logit"), side(run_view, "A", 6), side(other, "B", 6)
        )


@pytest.mark.parametrize("view_id", ["embedding-circle", "loss-curves"])
def test_what_is_no_grid_has_no_difference(view_id, run_view):
    with pytest.raises(NotStoredError, match="Choose overlaid or side by side"):
        differences(get_view(view_id), side(run_view, "A", 6), side(run_view, "B", 0))


def test_the_sentence_names_epochs_and_the_mean_difference(run_view):
    view = get_view("correct-logit")
    one, other = side(run_view, "A", 6), side(run_view, "B", 0)
    arrays = differences(view, one, other)

    text = describe_difference(view, one, other, arrays)

    assert text.startswith("A at epoch 6 minus B at epoch 0")
    assert f"{np.nanmean(np.abs(arrays['0.z'])):.3g} on average" in text


# Overlay


def layers_of(view, runs_shown, align="epoch", step=6):
    columns = [Column(run=run) for run in runs_shown]
    line = make_timeline(columns, align)
    drawings = [
        make_drawing(run.at(step), view, default_selection(run), "light")
        for run in runs_shown
    ]
    return make_layers(view, columns, drawings, line), line


def test_an_overlay_has_the_curves_of_all_runs_in_their_colours(runs, run_view):
    view = get_view("loss-curves")
    layers, line = layers_of(view, [run_view, runs(seed=1, epochs=12)])

    figure, offsets = overlaid(view, layers, line.align)

    assert offsets == [0, 2]
    assert [trace.name for trace in figure.data] == [
        "A train",
        "A test",
        "B train",
        "B test",
    ]
    first, second = LIGHT.run(0), LIGHT.run(1)
    colours = [trace.line.color for trace in figure.data]
    assert colours == [first, first, second, second]
    assert [trace.line.dash for trace in figure.data][1::2] == ["dash", "dash"]
    np.testing.assert_allclose(
        figure.data[2].y, runs(seed=1, epochs=12).series("loss/train"), rtol=1e-6
    )


def test_curves_over_epochs_follow_the_alignment(runs, run_view):
    view = get_view("loss-curves")
    layers, line = layers_of(view, [run_view, runs(seed=1, epochs=12)], "fraction")

    figure, _offsets = overlaid(view, layers, line.align)

    assert [float(trace.x[-1]) for trace in figure.data] == pytest.approx([100.0] * 4)
    assert tuple(figure.layout.xaxis.range) == pytest.approx((0, 100))
    assert figure.layout.xaxis.title.text == "share of training (%)"


def test_columns_of_one_run_draw_its_curves_once(run_view):
    view = get_view("loss-curves")
    layers, line = layers_of(view, [run_view, run_view])

    figure, _offsets = overlaid(view, layers, line.align)

    assert [trace.name for trace in figure.data] == ["AB train", "AB test"]


def test_columns_of_one_run_are_all_shown_where_the_epoch_matters(run_view):
    layers, _line = layers_of(get_view("embedding-spectrum"), [run_view, run_view])

    assert [layer.name for layer in layers] == ["A", "B"]


def test_grids_and_own_planes_are_not_overlaid():
    assert "fills its whole area" in no_overlay(get_view("correct-logit"))
    assert "do not share a plane" in no_overlay(get_view("embedding-pca"))
    assert no_overlay(get_view("embedding-circle")) is None
