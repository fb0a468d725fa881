"""What the texts take from elsewhere: settings, measured ranges, theory, tables.

A number that a text states is one of these or has a source beside it.
"""

import math
from functools import cache

import numpy as np

from grokdash.config import PRESETS, make_config
from grokdash.course.tables import TABLES
from grokdash.store.schema import param_shapes
from grokdash.views.core.normal import span
from grokdash.written import fixed, percent, whole

PYTHON = "3.11"
"""The oldest Python that pyproject.toml allows."""


@cache
def _of_preset(preset: str) -> dict[str, str]:
    config = make_config(preset)
    pairs = len(config.rule.pairs(config.p))
    sizes = [int(np.prod(shape)) for shape in param_shapes(config).values()]
    rival = math.cos(2 * math.pi / config.p)
    return {
        "p": str(config.p),
        "pairs": whole(pairs),
        "train": whole(int(config.train_fraction * pairs)),
        "parameters": whole(sum(sizes)),
        "d_model": str(config.d_model),
        "n_heads": str(config.n_heads),
        "epochs": whole(config.epochs),
        "rival": fixed(rival, 4),
        "lead": fixed(1 - rival, 4),
    }


def _relu_purity() -> str:
    """Give the share of one frequency in ReLU(cos a + cos b), on a fine grid."""
    angles = 2 * np.pi * np.arange(512) / 512
    fired = np.maximum(np.cos(angles)[:, None] + np.cos(angles), 0)
    power = np.square(np.abs(np.fft.fft2(fired)))
    inside = [0, 1, -1]
    kept = power[np.ix_(inside, inside)].sum() - power[0, 0]
    return percent(kept / (power.sum() - power[0, 0]))


def fact(name: str) -> str:
    """Give what stands for ``{{name}}``.

    ``quick.pairs`` is a number of a preset, ``normal:fve`` a measured range,
    ``table:measures`` a table.

    Raises
    ------
    KeyError
        If there is no such fact.
    """
    kind, _, rest = name.partition(":")
    if kind == "normal":
        return span(rest)
    if kind == "table":
        return TABLES[rest]()
    preset, _, field = name.partition(".")
    if preset in PRESETS:
        return _of_preset(preset)[field]
    return {"relu_purity": _relu_purity, "python": lambda: PYTHON}[name]()
