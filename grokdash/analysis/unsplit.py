"""What can be measured where nobody knows which pairs a network was trained on.

Everything over all pairs can; what compares training with test pairs cannot, and is
NaN. A mask without any pair stands for a split that is not known: no network is trained
on nothing.
"""

import numpy as np
from jaxtyping import Float

from grokdash.analysis.logits import KEY_THRESHOLD

_BY_SPLIT = (
    "loss/excluded2d_by_k",
    "loss/restricted_by_k",
    "loss/excluded2d",
    "loss/excluded3d",
    "loss/restricted",
    "accuracy/restricted",
)
"""Over training, test and all pairs, on the last axis."""
_OF_TEST = ("loss/test", "accuracy/test", "logits/M_unseen")


def without_split(measures: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Give measures with NaN for every one that needs the split."""
    found = dict(measures)
    for name in measures.keys() & set(_BY_SPLIT):
        found[name] = measures[name].copy()
        found[name][..., :2] = np.nan
    for name in measures.keys() & set(_OF_TEST):
        found[name] = np.full_like(measures[name], np.nan)
    return found


def published_keys(sum_share: Float[np.ndarray, " nf"]) -> tuple[int, ...]:
    """List the frequencies with 1 % of the logit variance, the published rule.

    A lookup table may have some too: see :mod:`~grokdash.analysis.cross_split`.
    """
    return tuple(int(k) + 1 for k in np.flatnonzero(sum_share > KEY_THRESHOLD))
