"""What is picked: the part of the state, beside the epoch, that makes the picture.

A selection comes from a URL and goes back into one. Bad values are clamped to what the
run has, and every clamping is told.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from grokdash.snapshot import RunView
from grokdash.views.core.misfits import FIELD_NAMES, no_number, outside
from grokdash.written import whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """One choice per thing that can be chosen."""

    k: int = 1
    layer: int = 0
    h: int = 0
    n: int = 0
    a: int = 0
    b: int = 0
    c: int = 0
    s: int = 0
    ref: int = -1
    norm: str = "run"
    x: str = "linear"
    y: str = "log"
    basis: str = "canonical"
    colour: str = "ka"
    matrix: str = "W_E"
    order: str = "frequency"
    keys: str = ""

    def query(self, names: tuple[str, ...]) -> dict[str, str]:
        """Give the named fields as URL parameters."""
        return {name: str(getattr(self, name)) for name in names}


CHOICES: dict[str, tuple[str, ...]] = {
    "norm": ("run", "epoch"),
    "x": ("linear", "log"),
    "y": ("log", "linear"),
    "basis": ("canonical", "additive"),
    "colour": ("ka", "token"),
    "order": ("frequency", "phase", "fraction", "index"),
}
"""The fields that take one of a few words; the first is the default."""


def limits(run: RunView) -> dict[str, tuple[int, int]]:
    """Give the smallest and largest value of every numeric field."""
    config = run.config
    token = (0, run.p - 1)
    return {
        "k": (1, max(1, run.n_frequencies)),
        "layer": (0, config.n_layers - 1),
        "h": (0, config.n_heads - 1),
        "n": (0, config.d_mlp - 1),
        "a": token,
        "b": token,
        "c": token,
        "s": (0, 2),
        "ref": (0, int(run.steps[-1]) if len(run.steps) else 0),
    }


def matrices(run: RunView) -> tuple[str, ...]:
    """Name the matrices of the run that can be looked at."""
    names = ["W_E", "W_pos", "W_L"]
    if not run.config.tied_unembedding:
        names.append("W_U")
    for layer in range(run.config.n_layers):
        names += [f"blocks/{layer}/{name}" for name in _BLOCK_MATRICES]
    return tuple(names)


_BLOCK_MATRICES = ("W_Q", "W_K", "W_V", "W_O", "W_in", "W_out")


def default_selection(run: RunView) -> Selection:
    """Choose what shows the run best: its lowest key, a neuron that follows it.

    Of the key frequencies the lowest has the widest bands, which are easiest to see.
    """
    if not len(run.steps):
        return Selection()
    layer = run.config.n_layers - 1
    k = min(run.keys) if run.keys else _strongest_frequency(run)
    return Selection(
        k=k,
        layer=layer,
        n=_typical_neuron(run, k, layer),
        a=min(5, run.p - 1),
        b=min(9, run.p - 1),
        c=int(run.table[min(5, run.p - 1), min(9, run.p - 1)]) % run.p,
        ref=run.last,
    )


def _strongest_frequency(run: RunView) -> int:
    if not run.has("logits/sum_share"):
        return 1
    share = np.nan_to_num(run.stored.measure("logits/sum_share", run.last))
    return int(np.argmax(share)) + 1 if share.size else 1


def _typical_neuron(run: RunView, k: int, layer: int) -> int:
    """Choose once for every checkpoint that is the newest: every request asks."""
    if not run.has("neuron/freq"):
        return 0
    found = run.remember(
        "typical_neuron",
        (k, layer),
        lambda: {"n": np.array(_follower(run, k, layer))},
        disk=False,
        step=run.last,
    )
    return int(found["n"])


def _follower(run: RunView, k: int, layer: int) -> int:
    """Give the neuron that follows a frequency most; else any one."""
    m = run.config.d_mlp
    part = slice(layer * m, (layer + 1) * m)
    freq = run.stored.measure("neuron/freq", run.last)[part]
    frac = np.nan_to_num(run.stored.measure("neuron/frac", run.last)[part])
    typical = np.where(freq == k, 1.0, 0.0) + frac
    if run.has("neuron/inert"):
        dead = run.stored.measure("neuron/inert", run.last)[part] > 0
        typical = np.where(dead, -1.0, typical)
    return int(np.argmax(typical))


def parse_selection(
    query: Mapping[str, Any], run: RunView
) -> tuple[Selection, list[str]]:
    """Read a selection from URL parameters; unknown ones are none of our business.

    Returns
    -------
    selection, notices
        A selection that this run can show, and one sentence per value that had to be
        changed.
    """
    selection = default_selection(run)
    notices: list[str] = []
    bounds = limits(run)
    changes: dict[str, Any] = {}
    for field in fields(Selection):
        if field.name not in query:
            continue
        text = str(query[field.name])[:200]
        if field.name in bounds:
            value, notice = _whole_number(field.name, text, bounds[field.name])
        else:
            value, notice = _word(field.name, text, run)
        if value is not None:
            changes[field.name] = value
        if notice:
            notices.append(notice)
    return replace(selection, **changes), notices


def _whole_number(
    name: str, text: str, bounds: tuple[int, int]
) -> tuple[int | None, str]:
    low, high = bounds
    title = FIELD_NAMES[name]
    try:
        wanted = int(text)
    except ValueError:
        return None, no_number(title, text)
    value = min(max(wanted, low), high)
    if value != wanted:
        return value, outside(f"{title} {whole(wanted)}", value, bounds)
    return value, ""


def _word(name: str, text: str, run: RunView) -> tuple[str | None, str]:
    if name == "keys":
        return _key_set(text, run)
    known = matrices(run) if name == "matrix" else CHOICES[name]
    if text in known:
        return text, ""
    one_of = ", ".join(known)
    return None, f"{FIELD_NAMES[name]}: expected one of {one_of}; got “{text}”."


def _key_set(text: str, run: RunView) -> tuple[str | None, str]:
    try:
        chosen = sorted({int(part) for part in text.split("-") if part})
    except ValueError:
        title = FIELD_NAMES["keys"]
        return None, f"{title}: expected numbers joined by −, got “{text}”."
    inside = [k for k in chosen if 1 <= k <= run.n_frequencies]
    notice = ""
    if inside != chosen:
        asked = f"{FIELD_NAMES['keys']} {' '.join(map(str, chosen))}"
        notice = (
            f"{asked} was asked for; 1 to {run.n_frequencies} exist here; the others "
            "are left out."
        )
    return "-".join(map(str, inside)), notice


def chosen_keys(selection: Selection, run: RunView) -> tuple[int, ...]:
    """Give the key set in force: the one chosen by hand, else the run's own."""
    if selection.keys:
        return tuple(int(k) for k in selection.keys.split("-"))
    return run.keys
