"""The training page: curves over epochs, read from a tiny real run."""

import itertools
from contextlib import ExitStack, closing

import numpy as np
import pytest

from grokdash.analysis import cross_split, progress
from grokdash.analysis.cross_split import MEMORISING
from grokdash.cache import Cache
from grokdash.config import make_config
from grokdash.snapshot import RunView
from grokdash.store import CheckpointData, RunWriter, open_store
from grokdash.store.schema import param_shapes
from grokdash.views import BY_PAGE, VIEWS, get_view
from grokdash.views.core.render import make_drawing, render
from grokdash.views.core.selection import parse_selection
from grokdash.views.reading.keys import no_keys, told_honestly

IDS = [view.id for view in BY_PAGE["training"]]


def drawing_of(run, view_id, theme="light", **query):
    view = get_view(view_id)
    assert view.missing(run) is None
    selection, _ = parse_selection(query, run)
    return make_drawing(run.at(run.last), view, selection, theme)


def figure_of(run, view_id, theme="light", **query):
    return render(drawing_of(run, view_id, theme, **query), get_view(view_id))


def test_every_view_is_over_epochs():
    assert all(view.cursor for view in BY_PAGE["training"])


@pytest.mark.parametrize("view_id", IDS)
def test_a_log_axis_starts_at_epoch_1(run_view, view_id):
    fig = figure_of(run_view, view_id, x="log")

    assert tuple(fig.layout.xaxis.range) == (0.0, pytest.approx(np.log10(6)))
    assert "without 0" in fig.layout.xaxis.title.text


OVER_EPOCHS = [view.id for view in VIEWS if view.cursor]


@pytest.mark.parametrize("view_id", OVER_EPOCHS)
def test_a_log_axis_draws_no_epoch_that_is_not_its_own(run_view, view_id):
    """The initialisation is left out; it is not what epoch 1 was."""
    linear, log = (figure_of(run_view, view_id, x=kind) for kind in ("linear", "log"))

    for plain, drawn in zip(linear.data, log.data, strict=True):
        if plain.x is None or not len(plain.x):
            continue
        epochs = np.asarray(plain.x, float)
        if drawn.type == "heatmap":
            np.testing.assert_array_equal(drawn.x, epochs[epochs > 0])
        else:
            expected = np.where(epochs > 0, epochs, np.nan)
            np.testing.assert_array_equal(drawn.x, expected)


def test_losses_are_the_stored_ones_with_fixed_meaning(run_view):
    fig = figure_of(run_view, "loss-curves", y="linear")
    train, test = fig.data

    np.testing.assert_array_equal(train.y, run_view.series("loss/train"))
    np.testing.assert_array_equal(test.y, run_view.series("loss/test"))
    assert (train.line.dash, test.line.dash) == ("solid", "dash")
    assert "ln 7" in fig.layout.annotations[0].text
    assert fig.layout.annotations[0].y == pytest.approx(np.log(7))


def test_phases_shade_the_whole_run(run_view):
    fig = figure_of(run_view, "accuracy-curves")
    bands = [shape for shape in fig.layout.shapes if shape.type == "rect"]

    assert bands[0].x0 == 0
    assert bands[-1].x1 == 6
    assert all(a.x1 == b.x0 for a, b in itertools.pairwise(bands))


def test_restricted_by_split_is_the_formula(run_view):
    drawing = drawing_of(run_view, "restricted-splits", keys="1-3")
    M = run_view.stored.measure("logits/M", run_view.last)
    expected = progress.restricted_losses(M, run_view.fibres.counts, (1, 3))

    assert drawing.arrays["train"][-1] == pytest.approx(expected[0])
    assert drawing.arrays["test"][-1] == pytest.approx(expected[1])
    assert drawing.arrays["all"][-1] == pytest.approx(expected[2])
    means = run_view.at(run_view.last).split_means
    assert drawing.arrays["cross_split"][-1] == pytest.approx(
        cross_split.loss(means, (1, 3))
    )


def test_ratio_is_test_over_restricted(run_view):
    drawing = drawing_of(run_view, "loss-ratio", keys="2")
    splits = drawing_of(run_view, "restricted-splits", keys="2").arrays["all"]

    np.testing.assert_allclose(
        drawing.arrays["ratio"], run_view.series("loss/test") / splits
    )
    honest = drawing_of(run_view, "restricted-splits", keys="2").arrays["cross_split"]
    np.testing.assert_allclose(
        drawing.arrays["honest"], run_view.series("loss/test") / honest
    )


def test_what_lies_between_the_restricted_losses_is_shaded(run_view):
    fig = figure_of(run_view, "progress-measures", keys="1-3", y="linear")
    lines = {trace.name: np.asarray(trace.y) for trace in fig.data}

    published, honest = lines["restricted"], lines["cross-split"]
    edge = lines["memorised answers"]
    np.testing.assert_array_equal(edge, np.concatenate([published, honest[::-1]]))
    told = get_view("progress-measures").describe(
        drawing_of(run_view, "progress-measures", keys="1-3")
    )
    assert f"{honest[-1]:.3g} with no pair judged by its own logits" in told
    assert (MEMORISING in told) == (honest[-1] >= np.log(7))


@pytest.mark.parametrize(
    ("honest", "told"),
    [
        (2.0, f"2 with no pair judged by its own logits ({MEMORISING})"),
        (1.5, "1.5 with no pair judged by its own logits (53 % of"),
        (1.0, "1 with no pair judged by its own logits (0 % of"),
        (np.nan, "a loss not yet computed with no pair judged by its own logits"),
    ],
)
def test_what_is_memorised_is_a_part_of_what_seems_to_be_saved(run_view, honest, told):
    assert told_honestly(run_view, (1,), 1.0, honest).startswith(told)


def test_without_a_key_it_is_said_why(run_view, runs):
    assert no_keys(run_view) == f"No key frequency: {MEMORISING}"
    assert no_keys(runs(p=3)).endswith("cannot be told from chance")


def test_excluded_lines_are_coloured_for_keys_only(run_view):
    fig = figure_of(run_view, "excluded-by-frequency", keys="2", k="3", y="linear")
    names = [trace.name for trace in fig.data]
    by_k = run_view.series("loss/excluded2d_by_k")

    assert names == ["others", "k = 2", "k = 3 (chosen)"]
    np.testing.assert_array_equal(fig.data[1].y, by_k[:, 1, 0])
    np.testing.assert_allclose(fig.data[0].y[:4], by_k[:, 0, 0], rtol=1e-6)


def test_square_sums_of_matrices_add_up(run_view):
    arrays = drawing_of(run_view, "weight-norm").arrays
    parts = [v for name, v in arrays.items() if name not in ("epochs", "total")]

    np.testing.assert_allclose(np.sum(parts, axis=0), arrays["total"], rtol=1e-9)
    W = run_view.at(6).param("blocks/0/W_in").astype(float)
    assert arrays["blocks/0/W_in"][-1] == pytest.approx(np.sum(W**2))


def test_layers_are_told_apart_by_dashes(runs):
    run = runs(n_layers=2)
    fig = figure_of(run, "weight-norm")
    dashes = {trace.name: trace.line.dash for trace in fig.data}

    assert dashes["W_in 0"] == "solid"
    assert dashes["W_in 1"] == "dash"


def test_gini_shows_the_additive_basis_only_beside_another(runs, run_view):
    assert len(figure_of(run_view, "gini-curves").data) == 2
    assert len(figure_of(runs(operation="multiply"), "gini-curves").data) == 4
    described = drawing_of(runs(operation="sum_of_squares"), "gini-curves")
    assert "no canonical" in get_view("gini-curves").describe(described)


def test_update_strip_keeps_every_update_of_a_short_run(run_view):
    fig = figure_of(run_view, "update-strip")
    steps, loss = run_view.stored.scalars("train_loss")

    assert len(fig.data) == 6
    np.testing.assert_array_equal(fig.data[0].x, steps)
    np.testing.assert_array_equal(fig.data[0].y, loss)
    assert fig.data[5].marker.symbol == "triangle-down"


@pytest.fixture
def run_with_scalars(tmp_path):
    """Give ``run_with_scalars(name=values, …)``, an untrained run that stored these."""
    with ExitStack() as stack:

        def make(**scalars):
            config = make_config(p=7, d_model=8, d_mlp=12, n_heads=2)
            params = {
                name: np.zeros(shape, np.float32)
                for name, shape in param_shapes(config).items()
            }
            with RunWriter.create(tmp_path, config) as writer:
                for step, own in ((0, {}), (2, scalars)):
                    measures = {"loss/test": np.array(2.0)}
                    writer.commit(
                        CheckpointData(
                            step=step, params=params, measures=measures, scalars=own
                        )
                    )
            store = stack.enter_context(closing(open_store(tmp_path)))
            return RunView(store.run(config.run_id()), Cache(), patience_s=None)

        yield make


SIZES = {
    "train_loss": np.ones(2),
    "grad_norm": np.ones(2),
    "update_norm": np.ones(2),
}


def test_both_float32_shares_are_drawn_and_said(run_with_scalars):
    run = run_with_scalars(
        **SIZES, float32_collapse=[0, 0.48], float32_zero_gradient=[0, 0.05]
    )
    drawing = drawing_of(run, "update-strip")
    shares = render(drawing, get_view("update-strip")).data[3:5]

    assert [trace.name for trace in shares] == [
        "softmax collapsed in float32",
        "gradient zero in float32",
    ]
    assert [list(trace.y) for trace in shares] == [[0, 0.48], [0, 0.05]]
    text = get_view("update-strip").describe(drawing)
    assert "48 % of the training pairs has collapsed" in text
    assert "5 % have no gradient" in text


def test_the_share_that_older_runs_stored_is_not_called_collapse(run_with_scalars):
    run = run_with_scalars(**SIZES, collapse_share=[0, 0.2])
    drawing = drawing_of(run, "update-strip")
    fig = render(drawing, get_view("update-strip"))
    text = get_view("update-strip").describe(drawing)

    assert fig.data[3].name == "largest probability within 2⁻²⁴ of 1"
    assert "20 % of the training pairs have a probability within 2⁻²⁴ of 1" in text
    assert "has collapsed" not in text
