"""Pictures of several runs as files: names, origins, numbers."""

import csv
import io
import json

import numpy as np
import pytest

from grokdash.errors import NotStoredError
from grokdash.saving.comparisons import (
    compare,
    difference,
    draw_mixed,
    mixed_numbers,
    mixed_origin,
    overlay,
)
from grokdash.saving.number_formats import CSV
from grokdash.saving.origins import VERSION, mixed_stem
from grokdash.views import get_view
from grokdash.views.compare.alignment import Column
from grokdash.views.compare.runs import asked_runs
from grokdash.views.core.render import make_drawing


@pytest.fixture(scope="module")
def compared(runs):
    """Two runs, the second pinned at epoch 4, with frequency 2 picked."""
    columns = (Column(run=runs()), Column(run=runs(seed=1), pin=4))
    return compare(columns, (2, None), "epoch", {"k": "2"}, "light")


def rows_of(numbers):
    (first, *rest) = csv.DictReader(io.StringIO(CSV.of_view(numbers).decode()))
    return first, rest


def test_an_origin_names_runs_configurations_epochs_picks_version_and_link(compared):
    made = difference(compared, get_view("attention-score"), 0, 1)
    origin = mixed_origin(made)
    one, other = (column.run for column in compared.columns)

    assert [part["run"] for part in origin["runs"]] == [one.id, other.id]
    assert [part["config"] for part in origin["runs"]] == [
        one.config.hash(),
        other.config.hash(),
    ]
    assert [part["epoch"] for part in origin["runs"]] == [2, 4]
    assert origin["version"] == VERSION
    path, _, query = origin["permalink"].partition("?")
    assert path == "/compare"
    asked = dict(part.split("=") for part in query.split("&"))
    assert asked_runs(asked["runs"]) == [(one.id, ""), (other.id, "4")]
    assert (asked["mode"], asked["at"]) == ("difference", "2")
    assert asked["views"] == "attention-score"


def test_a_file_is_named_by_its_runs_its_view_and_their_epochs(compared):
    one, other = (column.run.id for column in compared.columns)
    view = get_view("embedding-spectrum")

    assert overlay(compared, view).stem == (
        f"{one}-vs-{other}__embedding-spectrum__e000002-vs-e000004"
    )
    assert difference(compared, view, 1, 0).stem == (
        f"{other}-minus-{one}__embedding-spectrum__e000004-minus-e000002"
    )


def test_a_run_at_two_epochs_is_named_once_and_many_names_are_counted():
    assert mixed_stem(["a", "a"], "v", [1, 2], "-vs-") == "a__v__e000001-vs-e000002"
    many = mixed_stem([c * 40 for c in "abcdef"], "v", [1] * 6, "-vs-")
    assert many == f"{'a' * 40}-vs-5-others__v__e000001"


def test_a_table_has_both_runs_and_what_is_left(compared):
    view = get_view("correct-logit")
    numbers = mixed_numbers(difference(compared, view, 0, 1))
    first, rest = rows_of(numbers)

    a, b = (
        make_drawing(
            column.run.at(step), view, compared.side(place, view).selection, "light"
        ).arrays["logit"]
        for place, (column, step) in enumerate(
            zip(compared.columns, compared.steps, strict=True)
        )
    )
    assert list(first) == ["a", "b", "A logit", "B logit", "A − B logit", "provenance"]
    assert len(rest) == 48
    left = np.array([float(row["A − B logit"]) for row in (first, *rest)])
    np.testing.assert_allclose(left.reshape(7, 7), a.astype(float) - b.astype(float))
    assert json.loads(first["provenance"])["mode"] == "difference"


@pytest.mark.parametrize(
    ("align", "title", "axes"),
    [("epoch", "epoch", 2), ("fraction", "share of training (%)", 1)],
)
def test_curves_lie_along_the_axis_of_the_picture(runs, align, title, axes):
    """Runs of as many checkpoints share rows where these lie at the same places."""
    longer = runs(epochs=12, checkpoint_every=4, dense_every=4, dense_until=4)
    columns = (Column(run=runs()), Column(run=longer))
    made = overlay(
        compare(columns, (None, None), align, {}, "light"), get_view("loss-curves")
    )
    figure, offsets = draw_mixed(made)
    numbers = mixed_numbers(made)

    assert len(longer.steps) == len(runs().steps)
    for letter, start in zip("AB", offsets, strict=True):
        (along,) = numbers.axes[f"{letter} train"]
        assert along.title == title
        np.testing.assert_allclose(along.values, figure.data[start].x)
    first, _ = rows_of(numbers)
    assert len([name for name in first if name.startswith(title)]) == axes


def test_what_cannot_be_overlaid_has_no_numbers(compared):
    with pytest.raises(NotStoredError, match="fills its whole area"):
        mixed_numbers(overlay(compared, get_view("correct-logit")))
