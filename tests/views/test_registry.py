"""Every view, on every operation and depth, at the first, middle and last epoch."""

import itertools
import json
import math
import re
from dataclasses import replace

import numpy as np
import pytest

from grokdash.operations import OPERATIONS
from grokdash.views import BY_PAGE, EXPLORE, VIEWS, get_view
from grokdash.views.core.render import (
    make_drawing,
    render,
    said,
    scrubbed,
    view_arrays,
)
from grokdash.views.core.selection import CHOICES, Selection, default_selection, limits
from grokdash.written import with_minus
from tests.contrast import faint
from tests.readable import check_readable, unreadable

SCRUBBED_TYPES = {"heatmap", "bar", "scatter"}
MAY_BE_ALL_MISSING = {"neuron-phases"}
"""Where no neuron of a tiny network has a frequency, none has a phase."""
EARLIER_ROWS = set(range(1, 24))

BIASED = {"attention_bias": True, "unembedding_bias": True}
RUNS = [
    pytest.param({"operation": name, "n_layers": layers}, id=f"{name}-{layers}")
    for name in OPERATIONS
    for layers in (1, 2)
]
OTHERS = [
    pytest.param(
        {"p": 5, "n_layers": 3, "tied_unembedding": True, "equals_class": False},
        id="three layers, tied",
    ),
    pytest.param(
        {"p": 6, "layer_norm": True, "activation": "gelu", **BIASED},
        id="even modulus, norm, biases",
    ),
    pytest.param(
        {"n_heads": 1, "d_mlp": 1, "mlp_bias": False, "causal_mask": False},
        id="one head, one neuron",
    ),
    pytest.param({"epochs": 1}, id="two checkpoints"),
    pytest.param(
        {"operation": "quadratic", "n_heads": 1, "layer_norm": True},
        id="no basis, one head, norm",
    ),
]


def test_ids_are_unique_slugs_and_found_again():
    ids = [view.id for view in VIEWS]

    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name) for name in ids)
    assert all(get_view(view.id) is view for view in VIEWS)
    assert tuple(itertools.chain.from_iterable(BY_PAGE.values())) == VIEWS
    assert set(EXPLORE) <= set(ids)


def test_every_visualisation_of_the_earlier_project_has_its_view():
    replaced = {row for view in VIEWS for row in view.replaces}

    assert replaced == EARLIER_ROWS


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.id)
def test_a_view_says_what_it_is(view):
    fields = {
        *Selection.__dataclass_fields__,
        "step",
    }

    assert view.title
    assert view.question.endswith("?")
    assert set(view.reads) <= fields
    assert set(view.styles) <= fields - {"step"}
    assert not set(view.reads) & set(view.styles)
    assert not (view.cursor and view.per_step)
    for target in view.scrub:
        assert re.fullmatch(r"(\*|\d+)\.(z|x|y|marker\.(color|size))", target)
    assert view.kind != "surface" or not view.scrub
    assert set(view.picks.values()) <= fields


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.id)
def test_a_guide_is_complete(view):
    texts = {name: getattr(view.guide, name) for name in view.guide.__slots__}

    for name, text in texts.items():
        if name != "reference":
            assert len(text) > 5, name
        assert text == text.strip(), name
        assert "  " not in text, name
    for name in ("what", "before", "after", "normal", "wrong"):
        assert texts[name].endswith("."), name


def unusual(run):
    """Give a selection that reads and draws otherwise wherever it can."""
    words = {name: choices[-1] for name, choices in CHOICES.items()}
    k = min(2, run.n_frequencies)
    return replace(default_selection(run), k=k, matrix="blocks/0/W_in", **words)


@pytest.mark.parametrize("fields", RUNS)
def test_every_view_draws_at_every_epoch(runs, fields):
    """Read at three epochs; drawn, which takes the time, at the last and the first.

    The picture of a deeper network differs from that of one layer in nothing that
    the last epoch does not show.
    """
    run = runs(**fields)
    first, middle, last = (int(run.steps[i]) for i in (0, len(run.steps) // 2, -1))
    check_views(run, default_selection(run), (first, middle, last), last)
    if fields["n_layers"] == 1:
        check_views(run, unusual(run), (first, last), first, "dark")


@pytest.mark.parametrize("fields", OTHERS)
def test_every_view_draws_every_kind_of_network(runs, fields):
    run = runs(**fields)
    first, last = int(run.steps[0]), run.last
    check_views(run, default_selection(run), (first, last), last)


def test_no_view_is_passed_over(runs):
    """The walk skips a view that says what it lacks: only this one may."""
    for fields in (run.values[0] for run in RUNS):
        run = runs(**fields)
        lacking = {view.id for view in VIEWS if view.missing(run) is not None}
        assert lacking == (set() if run.canonical else {"circuit-symmetry"}), fields


def check_views(run, selection, steps, drawn, theme="light"):
    """Check every view at these epochs, and its picture at one of them."""
    for view in VIEWS:
        why = view.missing(run)
        if why is not None:
            assert "python " in why or "grokdash" in why, f"{view.id}: {why}"
            continue
        shapes = set()
        for step in steps:
            drawing = make_drawing(run.at(step), view, selection, theme)
            check_numbers(view, drawing)
            if view.id not in MAY_BE_ALL_MISSING:
                for name in view.scrub.values():
                    assert not np.isnan(drawing.arrays[name]).all(), (view.id, name)
            if step == drawn:
                check_picture(view, drawing)
            shapes.add(
                tuple(
                    (name, part.shape)
                    for name, part in scrubbed(view, drawing.arrays).items()
                )
            )
        assert len(shapes) == 1, f"{view.id}: shapes change over the run: {shapes}"


def check_numbers(view, drawing):
    where = f"{view.id} at epoch {drawing.step}"
    for name, array in drawing.arrays.items():
        assert np.asarray(array).dtype.kind in "fiub", f"{where}: {name}"
        if name in view.scrub.values():
            assert not np.isinf(array).any(), f"{where}: {name} is infinite"
    for name in set(view.scrub.values()):
        assert name in drawing.limits, f"{where}: {name} has no limits"
        low, high = drawing.limits[name]
        assert math.isfinite(low), where
        assert math.isfinite(high), where
        assert low <= high, where
    check_text(view.describe(drawing), where)


def check_drawing(view, drawing):
    check_numbers(view, drawing)
    check_picture(view, drawing)


def check_picture(view, drawing):
    where = f"{view.id} at epoch {drawing.step}"
    figure = render(drawing, view)
    plain = json.loads(figure.to_json())
    check_titles(plain, where)
    check_readable(plain, where)
    assert faint(plain) == [], where
    check_scrub(view, drawing, figure, where)
    if view.cursor:
        check_epochs(plain, drawing, where)
    assert all("none" not in str(trace.hovertemplate) for trace in figure.data), where
    assert figure.layout.paper_bgcolor == drawing.theme.paper, where
    assert figure.layout.meta["epoch"] == drawing.step


def check_epochs(plain, drawing, where):
    """The x axis holds all epochs; every y axis says what it measures."""
    first, last = 0, max(drawing.run.last, 2)
    x = plain["layout"]["xaxis"]
    ends = [first, last] if x.get("type") != "log" else [0, math.log10(last)]
    assert x["range"] == pytest.approx(ends), where
    for name, axis in plain["layout"].items():
        if name.startswith("yaxis"):
            assert axis["title"]["text"], where


def check_text(sentence, where):
    assert len(sentence) > 15, f"{where}: {sentence!r}"
    assert sentence.endswith("."), f"{where}: {sentence!r}"
    assert "[" not in sentence, f"{where}: {sentence!r}"
    assert unreadable(with_minus(sentence)) is None, f"{where}: {unreadable(sentence)}"


def check_titles(plain, where):
    layout = plain["layout"]
    scene = layout.get("scene")
    if scene:
        assert scene["xaxis"]["title"]["text"], where
        assert scene["yaxis"]["title"]["text"], where
        return
    for letter in "xy":
        axes = {
            name: value
            for name, value in layout.items()
            if name.startswith(f"{letter}axis")
        }
        visible = [one for one in axes.values() if one.get("visible", True)]
        titles = [
            one.get("title", {}).get("text") or one.get("ticktext") for one in visible
        ]
        cartesian = any(
            trace["type"] in {"heatmap", "bar", "scatter", "scattergl"}
            for trace in plain["data"]
        )
        assert not visible or not cartesian or any(titles), f"{where}: {letter} axis"


def check_scrub(view, drawing, figure, where):
    for target, given in scrubbed(view, drawing.arrays).items():
        place, attribute = target.split(".", 1)
        assert int(place) < len(figure.data), f"{where}: no trace {place}"
        trace = figure.data[int(place)]
        assert trace.type in SCRUBBED_TYPES, f"{where}: {trace.type} is not scrubbed"
        drawn = trace
        for part in attribute.split("."):
            drawn = drawn[part]
        shown = np.asarray(drawn, dtype=float)
        array = np.asarray(given, dtype=float)
        assert shown.shape == array.shape, f"{where}: {target}"
        off_the_axis = np.isnan(shown) & ~(array > 0)  # a log axis has no place for it
        assert np.array_equal(
            shown, np.where(off_the_axis, np.nan, array), equal_nan=True
        ), f"{where}: {target} is drawn from other numbers"


def test_every_choice_can_be_drawn(run_view):
    """Style words never fail, and never change the arrays."""
    base = default_selection(run_view)
    for view in VIEWS:
        if view.missing(run_view) is not None:
            continue
        for name in {*view.styles, *view.reads} & set(CHOICES):
            for word in CHOICES[name]:
                selection = replace(base, **{name: word})
                drawing = make_drawing(run_view.at(4), view, selection, "light")
                check_drawing(view, drawing)
                if name in view.styles:
                    plain = view_arrays(run_view.at(4), view, base)
                    for array in plain:
                        assert np.array_equal(
                            plain[array], drawing.arrays[array], equal_nan=True
                        ), f"{view.id}: {name} changes {array}"


def test_the_ends_of_every_selection_can_be_drawn(runs):
    run = runs(operation="divide", n_layers=2)
    base, bounds = default_selection(run), limits(run)
    for view in VIEWS:
        if view.missing(run) is not None:
            continue
        for name in set(view.reads) & set(bounds):
            for value in bounds[name]:
                selection = replace(base, **{name: value})
                drawing = make_drawing(run.at(6), view, selection, "light")
                check_drawing(view, drawing)


def test_any_key_set_can_be_drawn(run_view):
    base = default_selection(run_view)
    every = "-".join(map(str, range(1, run_view.n_frequencies + 1)))
    for view in VIEWS:
        if "keys" in {*view.reads, *view.styles} and view.missing(run_view) is None:
            for keys in ("1", every):
                drawing = make_drawing(
                    run_view.at(6), view, replace(base, keys=keys), "light"
                )
                check_drawing(view, drawing)


def test_texts_of_one_epoch_are_said_to_be_so(runs):
    """While another epoch is drawn they are dimmed, as no frame carries them."""
    run = runs(lr=0.1)  # whose weights change in its few epochs
    base = default_selection(run)
    for view in VIEWS:
        if view.scrub and view.missing(run) is None and not view.picture.traits.texts:
            told = set()
            for step in (0, 6):
                drawing = make_drawing(run.at(step), view, base, "light")
                figure = render(drawing, view)
                axes = [*figure.select_xaxes(), *figure.select_yaxes()]
                notes = [one.text for one in figure.layout.annotations]
                ticks = [tuple(one.ticktext or ()) for one in axes]
                told.add((*notes, *ticks, *(one.title.text for one in axes)))
            assert len(told) == 1, f"{view.id} says something of the epoch: {told}"


@pytest.mark.parametrize("name", ["k", "a", "b", "c", "n", "h", "s", "layer"])
def test_what_is_not_read_does_not_matter(run_view, name):
    """A view that forgets to name what it reads would be cached wrongly."""
    base = default_selection(run_view)
    low, high = limits(run_view)[name]
    for view in VIEWS:
        if name in view.reads or view.missing(run_view) is not None or low == high:
            continue
        one = view.arrays(run_view.at(4), replace(base, **{name: low}))
        two = view.arrays(run_view.at(4), replace(base, **{name: high}))
        for array in one:
            assert np.array_equal(one[array], two[array], equal_nan=True), (
                f"{view.id} reads {name}"
            )
        words = {
            said(run_view.at(4), view, replace(base, **{name: value}), one)
            for value in (low, high)
        }
        assert len(words) == 1, f"the sentence of {view.id} reads {name}"


def test_arrays_are_the_same_every_time(run_view):
    selection = default_selection(run_view)
    for view in VIEWS:
        if view.missing(run_view) is None:
            one = view.arrays(run_view.at(2), selection)
            two = view.arrays(run_view.at(2), selection)
            for name in one:
                assert np.array_equal(one[name], two[name], equal_nan=True), view.id
