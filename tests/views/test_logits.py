"""The views of the logits, drawn from logits whose answers are known."""

from dataclasses import replace
from functools import cached_property

import numpy as np
import pytest

from grokdash.analysis import losses
from grokdash.analysis.logits import offset_profile
from grokdash.config import make_config
from grokdash.figures.theme import LIGHT
from grokdash.operations import get_operation
from grokdash.snapshot import RunView, Snapshot
from grokdash.views.core.render import make_drawing, render, view_arrays
from grokdash.views.core.selection import Selection, default_selection
from grokdash.views.core.view import Drawing, array_limits
from grokdash.views.logits import circuits, offsets, pairs, parts

P = 13
ALPHA = {2: 3.0, 5: -1.5}


class KnownRun(RunView):
    """A run of which nothing is stored."""

    def __init__(self, rule):
        self._config = make_config(p=P, operation=rule, d_model=8, n_heads=2)

    @property
    def config(self):
        return self._config

    @cached_property
    def train_mask(self):
        drawn = np.random.default_rng(0).random((P, P)) < 0.4
        return drawn & (self.table >= 0)

    @property
    def keys(self):
        return tuple(ALPHA)

    @property
    def keys_final(self):
        return True


class Known(Snapshot):
    """What a view sees of a network with exactly these logits."""

    def __init__(self, run, cube):
        super().__init__(run, 10)
        M = run.fibres.mean_of_rows(run.fibres.gather(cube))
        self._cube = cube
        self._measures = {
            "logits/M": M.astype(np.float32),
            "logits/offset": offset_profile(M),
            "frame/correct_logit": losses.correct_logit_grid(cube, run.table),
            "frame/loss": losses.loss_grid(cube, run.table),
            "symmetry/equivariance": np.array(1.0),
        }

    @property
    def logits(self):
        return self._cube

    def measure(self, name):
        return self._measures[name]


def snapshot(cube, rule="add"):
    return Known(KnownRun(rule), cube)


def drawn(view, at, selection=None):
    """Draw one view of a snapshot; the range is that of this epoch."""
    selection = selection or Selection(norm="epoch")
    arrays = view.arrays(at, selection)
    limits = {name: array_limits(arrays[name]) for name in view.scrub.values()}
    drawing = Drawing(
        arrays=arrays,
        limits=limits,
        selection=selection,
        theme=LIGHT,
        snapshot=at,
    )
    return drawing, view.picture.draw(drawing)


def cosines(rule="add"):
    a, b, c = np.ix_(np.arange(P), np.arange(P), np.arange(P))
    s = a + b if rule == "add" else a - b
    return sum(
        size * np.cos(2 * np.pi * k * (s - c) / P) for k, size in ALPHA.items()
    ) + 0.0 * np.ones((P, P, P))


@pytest.mark.parametrize("rule", ["add", "subtract"])
def test_the_bars_are_the_signed_coefficients(rule):
    drawing, fig = drawn(offsets.OFFSET_SPECTRUM, snapshot(cosines(rule), rule))

    expected = np.zeros(P // 2)
    for k, size in ALPHA.items():
        expected[k - 1] = size
    assert np.asarray(fig.data[0].y) == pytest.approx(expected, abs=1e-6)
    colours = fig.data[0].marker.color
    assert colours[1] == LIGHT.key(0)
    assert colours[4] == LIGHT.key(1)
    assert colours[0] == LIGHT.muted
    assert fig.layout.yaxis.range[0] < -1.5
    assert "frequencies 2 (α = 3)" in offsets.OFFSET_SPECTRUM.describe(drawing)


def test_the_profile_has_the_answer_in_the_middle():
    _, fig = drawn(offsets.OFFSET_PROFILE, snapshot(cosines()))

    profile, fit = (np.asarray(trace.y) for trace in fig.data)
    x = np.asarray(fig.data[0].x)
    expected = sum(s * np.cos(2 * np.pi * k * x / P) for k, s in ALPHA.items())
    assert x[P // 2] == 0
    assert profile == pytest.approx(expected, abs=1e-6)
    assert fit == pytest.approx(expected, abs=1e-6)


def test_a_network_that_is_always_one_too_high_is_seen_at_plus_one():
    """The profile and the confusion must agree on which side is which."""
    answer = get_operation("add").table(P)
    cube = np.eye(P)[(answer + 1) % P] * 5.0
    at = snapshot(cube)

    _, profile = drawn(offsets.OFFSET_PROFILE, at)
    confusion, fig = drawn(offsets.CONFUSION_OFFSET, at)

    assert profile.data[0].x[int(np.argmax(profile.data[0].y))] == 1
    test = np.asarray(fig.data[0].y)
    assert np.asarray(fig.data[0].x)[np.isfinite(test)].tolist() == [1]
    assert fig.data[0].marker.color == LIGHT.test
    assert fig.data[1].marker.color == LIGHT.train
    sentence = offsets.CONFUSION_OFFSET.describe(confusion)
    assert "+1" in sentence
    assert sentence.startswith("0.0 %")


def test_fibre_means_are_a_circulant_for_a_pure_network():
    _, fig = drawn(offsets.FIBRE_MEANS, snapshot(cosines()))

    M = np.asarray(fig.data[0].z)
    assert M[0] == pytest.approx(np.roll(M[4], -4), abs=1e-5)
    assert fig.data[0].zmin == -fig.data[0].zmax


def test_margins_are_positive_exactly_where_the_network_is_right():
    cube = cosines()
    cube[3, 4, 0] += 50
    drawing, fig = drawn(pairs.MARGIN_GRID, snapshot(cube))

    margin = np.asarray(fig.data[0].z)
    assert np.array_equal(margin > 0, cube.argmax(2) == get_operation("add").table(P))
    assert "a = 3, b = 4" in pairs.MARGIN_GRID.describe(drawing)


def test_the_loss_grid_marks_the_training_pairs():
    at = snapshot(cosines())
    _, fig = drawn(pairs.LOSS_GRID, at)

    marks = at.run.train_mask
    rows, columns = np.nonzero(marks)
    assert np.array_equal(fig.data[1].x, columns)
    assert np.array_equal(fig.data[1].y, rows)
    loss = np.log10(at.measure("frame/loss"))
    assert np.asarray(fig.data[0].z) == pytest.approx(loss, abs=1e-5)
    assert list(fig.layout.xaxis.range) == [-0.5, P - 0.5]


def test_losses_far_too_small_for_half_precision_are_drawn():
    cube = 80 * np.eye(P)[get_operation("add").table(P)]
    _, fig = drawn(pairs.LOSS_GRID, snapshot(cube))

    expected = np.log10((P - 1) * np.exp(-80))
    assert np.asarray(fig.data[0].z) == pytest.approx(expected, abs=1e-5)


def test_a_loss_stored_as_zero_is_drawn_as_the_smallest_that_is_not():
    cube = 5 * np.eye(P)[get_operation("add").table(P)]
    cube[0, 0, 0] = 1e4
    _, fig = drawn(pairs.LOSS_GRID, snapshot(cube))

    z = np.asarray(fig.data[0].z)
    assert z[0, 0] == pytest.approx(-8)
    assert z[1, 1] == pytest.approx(np.log10(np.log1p((P - 1) * np.exp(-5))))


def test_undefined_pairs_are_missing_and_not_zero():
    rng = np.random.default_rng(1)
    at = snapshot(rng.normal(size=(P, P, P)), "divide")

    for view in (pairs.CORRECT_LOGIT, pairs.LOSS_GRID, pairs.MARGIN_GRID):
        _, fig = drawn(view, at)
        z = np.asarray(fig.data[0].z, dtype=float)
        assert np.isnan(z[:, 0]).all()
        assert np.isfinite(z[:, 1:]).all()


def test_the_three_parts_share_one_scale():
    selection = Selection(norm="epoch", c=4, keys="2")
    drawing, fig = drawn(parts.CLASS_PARTS, snapshot(cosines()), selection)

    assert [one.text for one in fig.layout.annotations] == list(parts.PARTS)
    assert len({(trace.zmin, trace.zmax) for trace in fig.data}) == 1
    assert "80.0 %" in parts.CLASS_PARTS.describe(drawing)


def test_a_class_outside_the_frame_is_said_to_be_outside():
    selection = Selection(norm="epoch", c=0)
    at = snapshot(cosines(), "multiply")
    drawing, _ = drawn(parts.CLASS_PARTS, at, selection)

    assert "outside the frame" in parts.CLASS_PARTS.describe(drawing)


def test_the_residual_of_a_memoriser_keeps_its_score():
    at = snapshot(cosines())
    a, b = np.nonzero(at.run.train_mask)
    cube = cosines()
    cube[a, b, (a + b) % P] += 9.0
    drawing, _ = drawn(parts.MEMORISATION_RESIDUAL, snapshot(cube))

    train, test, _all = drawing.arrays["loss"]
    assert test - train > 2
    assert f"{test - train:.3g}" in parts.MEMORISATION_RESIDUAL.describe(drawing)


def test_sums_are_rows_and_differences_columns():
    a, b = np.indices((P, P))
    cube = np.zeros((P, P, P))
    cube[a, b, (a + b) % P] = np.cos(2 * np.pi * 3 * (a - b) / P)
    drawing, fig = drawn(circuits.SUM_DIFFERENCE, snapshot(cube))

    table = np.asarray(fig.data[0].z)
    assert np.ptp(table, axis=0).max() < 1e-6
    assert fig.layout.xaxis.title.text.startswith("a − b")
    assert fig.layout.yaxis.title.text.startswith("a + b")
    assert "explain 100.0 %" in circuits.SUM_DIFFERENCE.describe(drawing)


def test_subtraction_is_read_in_its_own_frame():
    _, fig = drawn(circuits.SUM_DIFFERENCE, snapshot(cosines("subtract"), "subtract"))

    assert fig.layout.yaxis.title.text.startswith("a − b")
    assert fig.layout.xaxis.title.text.startswith("a + b")


def test_one_pair_shows_its_answer_and_the_network_s_own_logits(run_view):
    selection = replace(default_selection(run_view), a=3, b=6, norm="epoch")
    at = run_view.at(6)
    drawing = make_drawing(at, parts.INPUT_PARTS, selection, "light")

    fig = render(drawing, parts.INPUT_PARTS)

    own = at.logits[3, 6].astype(float)
    full, restricted, excluded = (np.asarray(trace.y) for trace in fig.data)
    assert full == pytest.approx(own - own.mean(), abs=1e-5)
    mean = restricted + excluded - full
    assert mean == pytest.approx(
        (at.logits - at.logits.mean(2, keepdims=True)).mean((0, 1)), abs=1e-4
    )
    assert fig.layout.annotations[0].text == f"answer {(3 + 6) % 7}"
    assert fig.layout.annotations[0].x == 2


def test_clock_and_pizza_start_from_their_initial_values(run_view):
    selection = default_selection(run_view)
    drawing = make_drawing(run_view.at(6), circuits.CLOCK_PIZZA, selection, "light")

    fig = render(drawing, circuits.CLOCK_PIZZA)

    assert [trace.name for trace in fig.data][:3] == [
        "symmetricity",
        "irrelevance",
        "circularity",
    ]
    for trace in fig.data[:3]:
        assert np.array_equal(trace.x, run_view.steps)
    said = circuits.CLOCK_PIZZA.describe(drawing)
    for trace in fig.data[1:3]:
        assert f"{trace.y[0]:.3f} at initialisation" in said
    levels = [shape.y0 for shape in fig.layout.shapes if shape.y0 == shape.y1]
    assert {float(trace.y[0]) for trace in fig.data[:3]} <= set(levels)


def test_what_is_known_from_a_sample_is_shown_with_its_error(run_view):
    selection = default_selection(run_view)
    drawing = make_drawing(run_view.at(6), circuits.CLOCK_PIZZA, selection, "light")
    mean, error = (
        drawing.arrays[name] for name in ("symmetricity", "symmetricity_error")
    )

    fig = render(drawing, circuits.CLOCK_PIZZA)

    said = circuits.CLOCK_PIZZA.describe(drawing)
    assert f"symmetricity {mean[-1]:.2f} ± {error[-1]:.2f} (" in said
    low, high = (np.asarray(trace.y) for trace in fig.data[3:5])
    assert high - low == pytest.approx(2 * error)
    earlier = {n: a for n, a in drawing.arrays.items() if n != "symmetricity_error"}
    bound = np.sqrt((1 - mean[-1] ** 2) / 99)
    said = circuits.CLOCK_PIZZA.describe(replace(drawing, arrays=earlier))
    assert f"symmetricity {mean[-1]:.2f} (± at most {bound:.2f}) (" in said


def test_clock_and_pizza_of_a_run_stored_without_them(run_view, monkeypatch):
    stored = view_arrays(run_view.at(6), circuits.CLOCK_PIZZA, Selection())
    has = RunView.has
    monkeypatch.setattr(
        RunView, "has", lambda run, name: "pizza" not in name and has(run, name)
    )

    recomputed = view_arrays(run_view.at(6), circuits.CLOCK_PIZZA, Selection())

    assert recomputed["pending"] == 0
    for name in ("symmetricity", "symmetricity_error", "irrelevance", "circularity"):
        np.testing.assert_allclose(recomputed[name], stored[name], atol=2e-3)


def test_symmetry_needs_a_group(runs):
    run = runs(operation="cubic")

    assert "no group" in circuits.CIRCUIT_SYMMETRY.missing(run)
