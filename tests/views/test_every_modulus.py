"""Every view of every operation from the smallest modulus on, as trained and stored.

By default where groups are tiny or even, at the first and the last checkpoint. With
every frequency, head and choice at every checkpoint and modulus it takes an hour:

    GROKDASH_WALK=1 python -m pytest tests/views/test_every_modulus.py
"""

import json
import os
import re
from dataclasses import replace

import numpy as np
import pytest

from grokdash.config import next_prime
from grokdash.operations import OPERATIONS, is_prime
from grokdash.saving.number_formats import NUMBER_FORMATS
from grokdash.saving.numbers import view_numbers
from grokdash.views import VIEWS
from grokdash.views.core.render import make_drawing, render, sentence
from grokdash.views.core.selection import CHOICES, default_selection, limits

WHOLE = bool(os.environ.get("GROKDASH_WALK"))
MODULI = (2, 3, 4, 5, 6, 12, 30, 113)
NO_NUMBER = re.compile(r"\b(nan|inf|infinity)\b|-0(\.0+)?%", re.IGNORECASE)
"""Words that a reader must never meet: a value that is missing has a word for it."""
LEAST = {"n_heads": 1, "d_model": 2, "d_mlp": 3}


def nearest_modulus(rule, p):
    """Give p, or for an operation on units the next prime that it can be."""
    p = max(p, rule.smallest_p)
    return p if not rule.needs_prime or is_prime(p) else next_prime(p)


FEWEST = [
    pytest.param({"operation": name, "p": rule.smallest_p}, id=name)
    for name, rule in OPERATIONS.items()
]
OTHERS = [
    pytest.param({"operation": "multiply", "p": 13}, id="multiply mod 13"),
    pytest.param({"p": 2, "train_fraction": 0.25, **LEAST}, id="one pair to train on"),
    pytest.param({"p": 3, "train_fraction": 0.9, **LEAST}, id="one pair to test on"),
]


def half(run):
    """Give the selection at the highest frequency: for an even modulus half of it."""
    return replace(default_selection(run), k=max(1, run.n_frequencies))


def check(run, view, selection, step, *, drawn):
    """Check one view at one checkpoint: words, numbers in every format, the picture."""
    where = f"{view.id} of {run.id} at {step}, k = {selection.k}"
    drawing = make_drawing(run.at(step), view, selection, "light")
    text = sentence(drawing, view)
    assert text.endswith("."), where
    assert not NO_NUMBER.search(text), f"{where}: {text}"
    for name, array in drawing.arrays.items():
        assert not np.isinf(np.asarray(array, dtype=float)).any(), f"{where}: {name}"
    if not drawn:
        return
    for written_as in NUMBER_FORMATS:
        assert written_as.of_view(view_numbers(drawing, view)), where
    plain = render(drawing, view).to_json()
    texts = (part for part in strings(json.loads(plain)) if "\n" not in part)
    assert not [part for part in texts if NO_NUMBER.search(part)], where


def strings(plain):
    """Give every text that a figure shows: titles, ticks, notes, hovers."""
    if isinstance(plain, dict):
        for name, value in plain.items():
            if name in ("template", "meta", "config"):
                continue
            if isinstance(value, str) and "text" in name.lower():
                yield value
            yield from strings(value)
    elif isinstance(plain, list):
        for value in plain:
            yield from strings(value)


def shown(run):
    return [view for view in VIEWS if view.missing(run) is None]


@pytest.mark.parametrize("fields", [*FEWEST, *OTHERS])
def test_every_view_is_right_from_the_smallest_modulus_on(runs, fields):
    """Words of all; numbers in every format and pictures in a group of two."""
    run = runs(epochs=2, **fields)
    selection = half(run)

    assert run.steps.tolist() == [0, 2]
    assert run.stored.key_frequencies is not None
    for view in shown(run):
        if view.per_step:
            check(run, view, selection, 0, drawn=False)
        check(run, view, selection, 2, drawn=fields == {"operation": "divide", "p": 3})


def selections(run, view):
    """Give every selection that a view tells apart, one field at a time."""
    base, of_view = default_selection(run), {*view.reads, *view.styles}
    yield base
    ends = limits(run)
    for name in of_view & set(ends):
        low, high = ends[name]
        values = range(low, high + 1) if name in ("k", "h") else (low, high)
        yield from (replace(base, **{name: value}) for value in values)
    for name in of_view & set(CHOICES):
        for word in CHOICES[name]:
            yield replace(half(run), **{name: word})
    if "keys" in of_view:
        every = range(1, run.n_frequencies + 1)
        for keys in (every, every[-1:], every[:1]):
            yield replace(base, keys="-".join(map(str, keys)))


@pytest.mark.skipif(not WHOLE, reason="takes an hour: set GROKDASH_WALK=1")
@pytest.mark.parametrize("p", MODULI)
@pytest.mark.parametrize("name", list(OPERATIONS))
def test_the_whole_walk(runs, name, p):
    run = runs(operation=name, p=nearest_modulus(OPERATIONS[name], p))

    for view in shown(run):
        for selection in selections(run, view):
            for step in run.steps.tolist() if view.per_step else (run.last,):
                check(run, view, selection, int(step), drawn=True)
