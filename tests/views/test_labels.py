"""Labels against numbers: relabel the tokens and see which label stays true.

A network whose tokens and classes are renamed shows the same pictures, moved along
every axis by as much as the renaming moves what the axis is said to be: by one along
``a`` or ``log a``, by two along ``a + b``, not at all along ``log a − log b``.
"""

import csv
import re
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from grokdash.analysis import logits
from grokdash.analysis.groups import canonical, primitive_root
from grokdash.analysis.measures import checkpoint_measures
from grokdash.analysis.terms import NO_OPPOSITE, terms
from grokdash.cache import Cache
from grokdash.operations import OPERATIONS
from grokdash.saving.number_formats import CSV
from grokdash.saving.numbers import view_numbers
from grokdash.snapshot import RunView
from grokdash.store import CheckpointData, RunWriter, open_store
from grokdash.store.pair_split import train_mask
from grokdash.store.schema import param_shapes
from grokdash.views import VIEWS, get_view
from grokdash.views.core.render import make_drawing, render
from grokdash.views.core.selection import Selection
from tests.conftest import tiny_config

P = 7
ROOT = primitive_root(P)
GROUPS = ("add", "subtract", "multiply", "divide")
ANSWERS_MOVE = {"add": 2, "subtract": 0, "multiply": 2, "divide": 0}
"""By how much the answer moves in the frame when both operands move by one."""
FREE_OF_ANSWERS = re.compile(
    "attention|neuron-(grid|input|output)|weight-matrix|token-"
)
"""What a³ + ab shows of a renaming: it maps no answer to one answer."""


def renaming(operation):
    """Give the new name of every token and every class."""
    names = np.arange(P)
    frame = canonical(operation, P)
    if frame is not None and frame.basis == "additive":
        return (names + 1) % P, (names + ANSWERS_MOVE[operation]) % P
    power = 0 if operation == "cubic" else ANSWERS_MOVE.get(operation, 2)
    return names * ROOT % P, names * ROOT**power % P


def network(config):
    """Give random weights, the tokens mostly on a circle of frequency 2."""
    rng = np.random.default_rng(1)
    shapes = param_shapes(config).items()
    params = {name: 0.5 * rng.normal(size=s).astype("f4") for name, s in shapes}
    frame = canonical(config.operation, P)
    order = np.arange(P) if frame is None else frame.a_order
    angle = 4 * np.pi * np.arange(len(order)) / len(order)
    params["W_E"][order] *= 0.1
    params["W_E"][order, 0] += 4 * np.cos(angle).astype("f4")
    params["W_E"][order, 1] += 4 * np.sin(angle).astype("f4")
    return params


def renamed(params, tokens, classes):
    W_E, W_U = params["W_E"].copy(), params["W_U"].copy()
    W_E[tokens] = params["W_E"][:P]
    W_U[:, classes] = params["W_U"][:, :P]
    return params | {"W_E": W_E, "W_U": W_U}


@pytest.fixture(scope="module")
def pairs(tmp_path_factory):
    """Give ``pairs[operation]``: a network, the renamed one, and the new names."""
    folder, made = tmp_path_factory.mktemp("renamed"), {}
    for operation in OPERATIONS:
        tokens, classes = renaming(operation)
        for seed in (0, 1):
            config = tiny_config(
                operation=operation, seed=seed, split_seed=0, p=P, grids=0, epochs=2
            )
            params = network(config)
            params = renamed(params, tokens, classes) if seed else params
            found = checkpoint_measures(params, config, train_mask(config))
            with RunWriter.create(folder, config, {}) as writer:
                data = CheckpointData(step=0, params=params, measures=found)
                writer.commit(data)
                writer.finish()
            made.setdefault(operation, []).append(config.run_id())
        made[operation] += [tokens, classes]
    store = open_store(folder)
    yield {
        name: SimpleNamespace(
            before=RunView(store.run(one), Cache(), patience_s=None),
            after=RunView(store.run(other), Cache(), patience_s=None),
            tokens=tokens,
            classes=classes,
        )
        for name, (one, other, tokens, classes) in made.items()
    }
    store.close()


def selected(run, tokens, classes):
    """Select a pair and a class by their names; k = 1 orders tokens by their places.

    A factor renames the frequencies too, so there all of them are kept.
    """
    keys = "1-2" if run.canonical else "1-2-3"
    a, b, c = int(tokens[5]), int(tokens[3]), int(classes[2])
    return Selection(a=a, b=b, c=c, n=3, keys=keys, norm="epoch", order="frequency")


def moves(title, pair):
    """Give the new place of a place on an axis of this title; None if it is no token's.

    The title is taken at its word.
    """
    rule = pair.before.config.rule.title
    if title in ("a", "b", "a (token)", "b (token)", "token"):
        return lambda places: pair.tokens[places]
    if title in ("c (class)", "class c", f"answer s = {rule}"):
        return lambda places: pair.classes[places]
    plain = re.sub(r" \((base \d+, )?mod \d+\)$", "", title)
    plain = re.sub(r"^s = |^place in order of 1·", "", plain)
    plain = re.sub(r"log\(a ([×÷]) b\)", r"(log a \1 log b)", plain)
    plain = plain.replace("×", "+").replace("÷", "−")
    plain = plain.replace("log of the token", "log a")
    factor = pair.before.canonical is None  # renamed by a factor, which a sum keeps
    if factor and plain in ("a", "a + b", "a − b"):
        return lambda places: pair.tokens[places]
    if factor and plain == f"c − ({rule})":
        return lambda places: (pair.classes[places % P] + P // 2) % P - P // 2
    return shifted(plain, pair) if re.fullmatch(r"[()abclog +−]+", plain) else None


def shifted(variables, pair):
    """Move places by as much as a sum of a, b and c moves, or of their logarithms."""
    q = P - 1 if "log" in variables else P
    assert q == pair.before.modulus, variables
    moved = {"a": 1, "b": 1, "c": ANSWERS_MOVE[pair.before.config.operation]}
    shift = eval(variables.replace("log ", "").replace("−", "-"), moved)
    low = -((q - 1) // 2) if re.match(r"(log )?c − ", variables) else 0
    return lambda places: (places + shift - low) % q + low


def titled(fig, letter):
    """Give the title of the axes of one direction, which panels share."""
    axes = fig.select_xaxes() if letter == "x" else fig.select_yaxes()
    return next((axis.title.text for axis in axes if axis.title.text), "")


def places_of(trace, letter, count):
    values = trace[letter]
    return np.arange(count) if values is None else np.asarray(values).astype(int)


def compare(pair, view):
    """Compare the pictures before and after; give the titles that were tested."""
    before, after = (
        render(make_drawing(run.at(0), view, selection, "light"), view)
        for run, selection in (
            (pair.before, selected(pair.before, np.arange(P), np.arange(P))),
            (pair.after, selected(pair.after, pair.tokens, pair.classes)),
        )
    )
    tested = set()
    for one, other in zip(before.data, after.data, strict=True):
        attribute = "z" if one.type == "heatmap" else "y"
        if one.type == "scatter" and one.mode == "markers":  # the training pairs stay
            continue
        old, new = (np.asarray(trace[attribute], float) for trace in (one, other))
        if view.id == "answers":  # 2 · trained on + right: the training pairs stay
            old, new = old % 2, new % 2
        letters = "yx" if attribute == "z" else "x"
        for axis, letter in enumerate(letters):
            title = titled(before, letter)
            places = places_of(one, letter, old.shape[axis])
            move = moves(title, pair)
            if move is None:
                continue
            tested.add(title)
            target = {value: place for place, value in enumerate(places.tolist())}
            order = [target[int(value)] for value in move(places)]
            new = np.take(new, order, axis=axis)
        if tested:
            np.testing.assert_allclose(
                new, old, atol=3e-4, err_msg=f"{view.id}: {sorted(tested)}"
            )
    return tested


def candidates(operation):
    """List the views of one epoch that may lie over tokens, pairs or classes."""
    return [
        view
        for view in VIEWS
        if view.per_step
        and view.kind in ("grid", "lines", "bars", "table")
        and (operation != "cubic" or FREE_OF_ANSWERS.match(view.id))
    ]


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_axis_is_what_its_title_says(pairs, operation):
    pair, tested = pairs[operation], {}
    for view in candidates(operation):
        if view.missing(pair.before) is None and (found := compare(pair, view)):
            tested[view.id] = found

    assert {"attention-head", "attention-score", "neuron-input"} <= set(tested)
    assert len(tested) >= (16 if operation in GROUPS else 9), sorted(tested)
    titles = set().union(*tested.values())
    logarithmic = {title for title in titles if "log" in title}
    assert bool(logarithmic) == (operation in ("multiply", "divide"))


def value_of(unit, token):
    """Evaluate the title of a colour bar, such as ``3·log a mod 6``, at a token."""
    found = re.fullmatch(r"(\d+)·(log )?a mod (\d+)", unit)
    if found is None:
        assert unit == "a (token)"
        return token
    place = [pow(ROOT, i, P) for i in range(P - 1)].index(token) if found[2] else token
    return int(found[1]) * place % int(found[3])


@pytest.mark.parametrize("colour", ["ka", "token"])
@pytest.mark.parametrize("view_id", ["embedding-circle", "embedding-pca"])
@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_token_has_the_colour_that_the_bar_says(
    pairs, operation, view_id, colour
):
    view, at = get_view(view_id), pairs[operation].before.at(0)
    drawing = make_drawing(at, view, Selection(k=2, colour=colour), "light")

    (points,) = render(drawing, view).data

    unit = points.marker.colorbar.title.text
    tokens = [int(text.removeprefix("token ")) for text in points.text]
    assert points.marker.color.tolist() == [value_of(unit, token) for token in tokens]
    assert points.customdata.tolist() == tokens, "a click selects the token"


def wave(combined, k):
    """Give the logits over (a, b, c) that are one wave in what ``combined`` says.

    Zero where a logarithm is missing.
    """
    a, b, c = np.ix_(np.arange(P), np.arange(P), np.arange(P))
    if combined in ("a + b", "a − b"):
        place = a + b if combined == "a + b" else a - b
        return np.cos(2 * np.pi * k * (place - c) / P)
    log = np.zeros(P, dtype=int)
    log[[pow(ROOT, i, P) for i in range(P - 1)]] = np.arange(P - 1)
    place = log[a] + log[b] if combined == "a × b" else log[a] - log[b]
    return np.cos(2 * np.pi * k * (place - log[c]) / (P - 1)) * (a * b * c > 0)


@pytest.mark.parametrize("operation", GROUPS)
def test_the_kinds_of_waves_are_named_in_the_operands(pairs, operation):
    """Logits that are a wave of one kind are all in the line of that name."""
    names = get_view("logit-shares").titles(pairs[operation].before)
    frame = canonical(operation, P)
    for kind in ("sum", "difference"):
        found = logits.spectrum(frame.cube(wave(names[kind], 2)))
        share = {"sum": found.sum_share.sum(), "difference": found.diff_share.sum()}
        assert share[kind] == pytest.approx(1.0), (operation, names[kind])


@pytest.mark.parametrize("operation", GROUPS)
def test_the_amplitudes_belong_to_the_cosine_that_is_named(operation):
    rule, frame = OPERATIONS[operation], canonical(operation, P)

    M = np.stack([frame.cube(wave(rule.title, 2))[0, s] for s in range(frame.q)])
    alpha = logits.cosine_coefficients(logits.offset_profile(M))

    assert alpha[1] == pytest.approx(1.0)
    variables = terms(rule).offset.replace("log ", "")
    assert variables == rule.title.replace("×", "+").replace("÷", "−") + " − c"


def test_an_operation_without_a_group_has_no_opposite(pairs):
    run = pairs["quadratic"].before

    assert "difference" not in get_view("logit-shares").titles(run)
    assert terms("quadratic").difference == NO_OPPOSITE


PHASES = re.compile(r"(-?[\d.]+) for (?:log )?a, (-?[\d.]+) for (?:log )?b")


@pytest.mark.parametrize("operation", GROUPS)
def test_phases_are_those_of_the_operands(pairs, operation):
    """Both operands move by one place, so both phases turn by 2πk/q."""
    pair, view = pairs[operation], get_view("neuron-output")
    frequency = pair.before.stored.measure("neuron/freq", 0)
    n = int(np.argmax(frequency > 0))
    told = []
    for run in (pair.before, pair.after):
        drawing = make_drawing(run.at(0), view, Selection(n=n), "light")
        told.append(PHASES.search(view.describe(drawing).replace("−", "-")))
    turn = 2 * np.pi * frequency[n] / pair.before.modulus
    for old, new in zip(*(one.groups() for one in told), strict=True):
        change = float(new) - float(old) - turn
        assert np.cos(change) == pytest.approx(1.0, abs=1e-3)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_table_is_headed_by_what_the_picture_is_labelled_with(pairs, operation):
    run, words = pairs[operation].before, terms(operation)
    drawing = make_drawing(
        run.at(0), view := get_view("neuron-input"), Selection(), "light"
    )

    text = CSV.of_view(view_numbers(drawing, view)).decode()

    head = next(csv.reader(text.splitlines()))
    title = render(drawing, view).layout.xaxis.title.text
    assert head == [title, "a", "b", "provenance"]
    shares = get_view("logit-shares")
    drawing = make_drawing(run.at(0), shares, Selection(), "light")
    head = CSV.of_view(view_numbers(drawing, shares)).decode().splitlines()[0]
    assert words.whole in head.split(",")


@pytest.mark.parametrize("operation", OPERATIONS)
def test_guides_speak_of_the_operation(operation):
    """No guide is left with a name to be filled, or with another operation's words."""
    own = {terms(operation).whole, terms(operation).opposite}
    others = {"a + b", "a − b", "a+b", "a−b"} - own
    for view in VIEWS:
        guide = replace(view.guide.told(operation), normal="", reference="")
        texts = [getattr(guide, name) for name in guide.__slots__]
        for text in (*texts, view.title, view.question):
            assert "$" not in text, (view.id, text)
            if canonical(operation, P) is not None:
                assert not any(other in text for other in others), (view.id, text)
