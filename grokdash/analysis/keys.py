"""Key frequencies by every published rule, side by side.

The published rules do not agree, and the paper gives no number for its own; grokdash
uses ``cross_split``, which no memorised answer passes, and shows the others next to it.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from grokdash.analysis import fourier
from grokdash.analysis.logits import key_frequencies


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRules:
    """Folded frequencies each rule selects, ascending.

    ``cross_split``: on cos and sin of w_k(a + b), seen and unseen pairs share more
    than 1 % of the gauge-fixed logit variance, or than chance gives
    (:func:`grokdash.analysis.cross_split.key_threshold`). ``sum_directions``: more than
    1 % of that variance lies there. ``embedding`` and ``neuron_logit``: folded norm in
    W_E, or W_L, above a quarter of the largest. ``neurons``: the best frequency of at
    least one neuron. ``cosine``: cosine similarity of the logits with
    cos(w_k(a + b − c)) above 0.005.
    """

    cross_split: tuple[int, ...]
    sum_directions: tuple[int, ...]
    embedding: tuple[int, ...]
    neuron_logit: tuple[int, ...]
    neurons: tuple[int, ...]
    cosine: tuple[int, ...]


def compare_rules(
    sum_share: Float[np.ndarray, " nf"],
    embed_power: Float[np.ndarray, " q"],
    wl_power: Float[np.ndarray, " q"],
    neuron_frequency: Int[np.ndarray, " m"],
    cosine_similarity: Float[np.ndarray, " nf"],
    *,
    cross_split: tuple[int, ...],
) -> KeyRules:
    """Apply the published rules to arrays in the canonical frame.

    Parameters
    ----------
    sum_share
        ``logits/sum_share``.
    embed_power, wl_power
        ``embed/power_canonical``, ``wl/power_canonical``.
    neuron_frequency
        Best frequency per neuron (−1: none). The published rule does not threshold;
        the stored ``neuron/freq`` does, which makes the rule stricter.
    cosine_similarity
        From :func:`cosine_similarities`.
    cross_split
        From :func:`grokdash.analysis.cross_split.key_frequencies`.
    """
    chosen = np.unique(neuron_frequency)
    return KeyRules(
        cross_split=cross_split,
        sum_directions=key_frequencies(sum_share),
        embedding=_above_quarter(embed_power),
        neuron_logit=_above_quarter(wl_power),
        neurons=tuple(int(k) for k in chosen if k > 0),
        cosine=tuple(int(k) + 1 for k in np.flatnonzero(cosine_similarity > 0.005)),
    )


def cosine_similarities(
    f: Float[np.ndarray, " q"], energy: float
) -> Float[np.ndarray, " nf"]:
    """Give the cosine similarity of gauge-fixed logits with each cosine wave.

    Parameters
    ----------
    f
        Offset profile (``logits/offset``).
    energy
        Sum of squares of the gauge-fixed logits (``logits/energy``).
    """
    projections = (fourier.basis(len(f))[1::2] @ f) * len(f)
    return projections / np.sqrt(energy) if energy > 0 else projections * np.nan


def _above_quarter(power: np.ndarray) -> tuple[int, ...]:
    norms = np.sqrt(fourier.fold(power))
    if not len(norms) or not norms.max() > 0:
        return ()
    return tuple(int(k) + 1 for k in np.flatnonzero(norms > norms.max() / 4))
