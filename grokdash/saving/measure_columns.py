"""Columns of the table of measures: what each is called, its unit, and what it is.

An array of a checkpoint is a column per place, named by the places along its axes:
``loss/restricted/train``, ``attention/mean/0.2/b`` (layer 0, head 2, operand b).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Literal

from grokdash.analysis.losses import SPLITS
from grokdash.analysis.phases import PHASES
from grokdash.config import RunConfig
from grokdash.course.tables import KEY_MEASURES, MEASURES
from grokdash.store.schema import param_shapes

Axis = Literal[
    "split", "parameter", "frequency", "wave", "offset", "class", "token", "neuron",
    "head", "source",
]  # fmt: skip

AXES: dict[str, tuple[Axis, ...]] = {
    "loss/restricted": ("split",),
    "accuracy/restricted": ("split",),
    "loss/excluded2d": ("split",),
    "loss/excluded3d": ("split",),
    "weights/sumsq": ("parameter",),
    "loss/excluded2d_by_k": ("frequency", "split"),
    "loss/restricted_by_k": ("frequency", "split"),
    "logits/sum_share": ("frequency",),
    "logits/diff_share": ("frequency",),
    "logits/cross_split_share": ("frequency",),
    "logits/offset": ("offset",),
    "logits/mean": ("class",),
    "embed/power": ("wave",),
    "embed/power_canonical": ("wave",),
    "wl/power": ("wave",),
    "wl/power_canonical": ("wave",),
    "neuron/freq": ("neuron",),
    "neuron/frac": ("neuron",),
    "neuron/active": ("neuron",),
    "neuron/inert": ("neuron",),
    "attention/freq": ("head",),
    "attention/frac": ("head",),
    "attention/mean": ("head", "source"),
    "attention/std": ("head", "source"),
    "attention/score": ("head", "token"),
}
"""What runs along the axes of a measure at one checkpoint; of all others nothing."""

MATRICES = frozenset(
    {"logits/M", "logits/M_unseen", "logits/G", "frame/loss", "frame/correct_logit"}
)
"""Measures of p² numbers, which no table has: pictures, to be read with ``series``."""

SHORT: frozenset[Axis] = frozenset({"split", "parameter"})
"""Axes that are written out without ``--full``."""

ORDER = tuple(n for row in (*MEASURES, *KEY_MEASURES) for n in row.names.split())
"""Every measure, in the order of the documentation."""

_WHAT = {
    **{f"loss/{split}": "mean cross-entropy over the p answers" for split in SPLITS},
    **{f"accuracy/{split}": "pairs answered right, of all" for split in SPLITS},
    "embed/power": "squared norm of a wave in W_E, tokens in the order 0, 1, 2, …",
    "embed/power_canonical": "the same in the order of the operation's group",
    "wl/power": "squared norm of a wave in W_out W_U, classes in the order 0, 1, 2, …",
    "wl/power_canonical": "the same in the order of the operation's group",
    "gini/embed": "Gini coefficient of the norms of W_E per frequency",
    "gini/wl": "Gini coefficient of the norms of W_out W_U per frequency",
    "gini/embed_additive": "gini/embed with tokens in the order 0, 1, 2, …",
    "gini/wl_additive": "gini/wl with classes in the order 0, 1, 2, …",
    "logits/mean": "logit of a class, mean over all pairs",
    "logits/offset": "logit, mean over all (a, b, c) with one a + b − c",
    "logits/cross_split_share": "variance of the logits in cos and sin of w_k(a + b) "
    "that seen and unseen pairs share",
    "logits/sum_share": "variance of the logits in cos and sin of w_k(a + b)",
    "logits/diff_share": "variance of the logits in cos and sin of w_k(a − b)",
    "logits/lin_share": "variance of the logits that depends on one operand alone",
    "logits/cross_share": "variance of the logits in products of two frequencies",
    "logits/dc_share": "energy of the mean over pairs, as a share of that of logits "
    "less their mean over classes",
    "logits/energy": "sum of squares of the logits, less their means over classes and "
    "over pairs",
    "logits/fve": "variance of the logits in cos w_k(a + b − c) over the keys k",
    "loss/excluded2d_by_k": "loss with the waves of frequency k removed",
    "loss/restricted_by_k": "loss with only the mean and the waves of k kept",
    "loss/restricted": "loss with only the mean and the waves of the keys kept",
    "accuracy/restricted": "accuracy with only the mean and the waves of the keys kept",
    "loss/cross_split": "restricted loss on the seen pairs by the waves of the unseen",
    "loss/excluded2d": "loss with the waves of the keys in a + b removed",
    "loss/excluded3d": "loss with only the multiples of cos w_k(a + b − c) removed",
    "loss/cosine_fit": "loss of Σ α_k cos w_k(a + b − c) over the keys, fitted to the "
    "logits",
    "neuron/freq": "frequency that explains most of a neuron; −1 below 85 %",
    "neuron/frac": "variance of a neuron that its frequency explains",
    "neuron/active": "pairs on which a neuron fires",
    "neuron/inert": "whether a neuron is dead: removing it changes no logit",
    "attention/score": "what a head scores a number",
    "attention/mean": "where a head looks, mean over all pairs",
    "attention/std": "where a head looks, standard deviation over all pairs",
    "attention/freq": "frequency that explains most of what a head looks at",
    "attention/frac": "variance that this frequency explains",
    "weights/sumsq": "sum of squared weights of a matrix",
    "weights/sumsq_total": "sum of all squared weights",
    "symmetry/equivariance": "variance of the logits that depends on a + b − c alone",
    "symmetry/commutativity": "variance of the logits that changes sign when operands "
    "are swapped",
    "pizza/symmetricity": "how alike both operands' embeddings act on a logit",
    "pizza/symmetricity_error": "its standard error, over 100 sampled (a, b, c)",
    "pizza/irrelevance": "how little the right answer's logit depends on a − b",
    "pizza/circularity": "how purely the first four principal components of W_E are "
    "single waves",
}
_UNITS = (
    ("loss/", "nats"),
    ("accuracy/", "fraction"),
    ("logits/energy", "logit²"),
    ("logits/fve", "share"),
    ("logits/mean", "logit"),
    ("logits/offset", "logit"),
    ("logits/", "share"),
    ("symmetry/", "share"),
    ("neuron/freq", "frequency"),
    ("neuron/inert", "true or false"),
    ("neuron/", "share"),
    ("attention/freq", "frequency"),
    ("attention/score", "score"),
    ("attention/", "share"),
)
"""Units by the beginning of a name; without a unit what is none of these."""

_FREQUENCIES = "frequencies"
OF_CHECKPOINT: dict[str, tuple[str, str]] = {
    "run": ("", "id of the run"),
    "epoch": ("epochs", "optimiser updates applied before"),
    "phase": ("", f"one of {', '.join(PHASES)}; known from all of the run"),
    "grokked": (
        "true or false",
        "whether test accuracy is at 99 % from here to the last checkpoint",
    ),
    "key_frequencies": (
        _FREQUENCIES,
        "of this checkpoint alone, by what seen and unseen pairs share",
    ),
    "n_key_frequencies": ("", "how many they are"),
    "weights/norm": ("", "root of weights/sumsq_total"),
    "neuron/clustered": (
        "share",
        "neurons of which one frequency explains 85 % or more",
    ),
    "neuron/frac/mean": ("share", "neuron/frac, mean over the neurons"),
    "neuron/active/mean": ("share", "neuron/active, mean over the neurons"),
    "neuron/inert/mean": ("share", "dead neurons, of all"),
}
"""Unit and meaning of what is no stored measure, at every checkpoint."""

OF_RUN: dict[str, tuple[str, str]] = {
    "run": ("", "id of the run"),
    "title": ("", "what the user has called it"),
    "state": (
        "",
        "finished, running, interrupted, diverged, broken; in a sweep failed, waiting",
    ),
    "message": ("", "why it stopped, where that is known"),
    "checkpoints": ("", "how many are stored"),
    "epoch": ("epochs", "of the last checkpoint"),
    "trained": ("seconds", "of training, all sessions together"),
    "created": ("UTC", "when the run was begun"),
    "memorised": ("epochs", "first checkpoint with 99 % of the training pairs right"),
    "grok_state": ("", "grokked, collapsed, memorised only or not within"),
    "grok_after": ("epochs", "last checkpoint below 99 % of the test pairs right"),
    "grok_until": ("epochs", "the checkpoint after it, from which on it stays there"),
    "grok_reached": ("epochs", "first checkpoint at 99 %, whether or not it stays"),
    "phase": ("", "at the last checkpoint"),
    "phase_peak": ("epochs", "memorised, and the test loss is at its highest"),
    "phase_forming": ("epochs", "from where on the training pairs stay learned"),
    "phase_formed": ("epochs", "from where on the test loss stays below ln p"),
    "phase_clean": ("epochs", "from where on the test loss stays below 10⁻⁴ nats"),
    "phase_collapsed": ("epochs", "from where on the training pairs are lost"),
    "key_frequencies": (
        _FREQUENCIES,
        "fixed at the last epoch; until then those of the newest checkpoint",
    ),
    "n_key_frequencies": ("", "how many they are"),
    "key_rule": ("", "by which they were fixed; empty until then"),
    "memorising": ("true or false", "whether they show no more than a lookup table"),
}
"""Unit and meaning of what is known of a run as a whole, besides its configuration."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name, the unit of its numbers, and what they are."""

    name: str
    unit: str
    what: str


def describe(name: str, known: dict[str, tuple[str, str]]) -> Column:
    """Describe a column: one of these, a field of the configuration, or a measure."""
    if name in known:
        return Column(name, *known[name])
    if name in RunConfig.model_fields:
        field = RunConfig.model_fields[name]
        extra = field.json_schema_extra
        unit = str(extra.get("unit", "")) if isinstance(extra, dict) else ""
        return Column(name, unit, field.description or "")
    if name in OF_CHECKPOINT:
        return Column(name, *OF_CHECKPOINT[name])
    return Column(name, unit_of(name), what_of(name))


def unit_of(name: str) -> str:
    """Give the unit of a measure or of a place in one."""
    return next((unit for start, unit in _UNITS if name.startswith(start)), "")


def what_of(name: str) -> str:
    """Say what a measure is, or what a place in one belongs to."""
    parts = name.split("/")
    starts = ("/".join(parts[:n]) for n in range(len(parts), 0, -1))
    return next(_WHAT[start] for start in starts if start in _WHAT)


def is_short(measure: str) -> bool:
    """Say whether a measure is in every table, not only in a full one."""
    return SHORT.issuperset(AXES.get(measure, ()))


def columns_of(
    measure: str, shape: Sequence[int], config: RunConfig
) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Name the columns of a measure of this shape, each with its place in the array."""
    kinds = AXES.get(measure, ())
    named = [_places(kind, n, config) for kind, n in zip(kinds, shape, strict=True)]
    for places in product(*map(enumerate, named)):
        words = (label for _, label in places)
        yield "/".join((measure, *words)), tuple(index for index, _ in places)


def _places(kind: Axis, size: int, config: RunConfig) -> list[str]:
    """Name the places along an axis."""
    if kind == "split":
        return list(SPLITS)
    if kind == "parameter":
        return sorted(param_shapes(config))  # as analysis.weights.tensor_names
    if kind == "source":
        return ["a", "b", "="]
    if kind == "wave":
        return ["constant", *(_wave(j) for j in range(1, size))]
    if kind in ("neuron", "head"):
        per_layer = size // config.n_layers
        return [f"{i // per_layer}.{i % per_layer}" for i in range(size)]
    first = 1 if kind == "frequency" else 0
    return [str(first + i) for i in range(size)]


def _wave(j: int) -> str:
    """Name vector j > 0 of the Fourier basis."""
    return f"cos{j // 2 + 1}" if j % 2 else f"sin{j // 2}"
