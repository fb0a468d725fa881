"""What each head looks at and what it moves: never averaged over heads."""

from dataclasses import dataclass
from math import sqrt

import numpy as np
from jaxtyping import Float, Int

from grokdash.analysis import fourier, neurons, variation
from grokdash.analysis.forward import Params
from grokdash.analysis.groups import Canonical
from grokdash.config import RunConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreTables:
    """The first block's attention scores of "=" as tables over tokens.

    ``token`` ``[n_heads, p]``: C_h, the score a token gets wherever it stands;
    ``position`` ``[n_heads, 3]``: what each position adds; ``equals`` ``[n_heads]``:
    the whole score of "=" itself. A softmax over ``token[a] + position[0]``,
    ``token[b] + position[1]`` and ``equals`` is the pattern.
    """

    token: Float[np.ndarray, "n_heads p"]
    position: Float[np.ndarray, "n_heads 3"]
    equals: Float[np.ndarray, " n_heads"]


def score_tables(params: Params, config: RunConfig) -> ScoreTables:
    """Give the first block's scores (paper section 4.3: C_h), float64."""
    p = config.p
    W_E, W_pos = (params[n].astype(np.float64, copy=False) for n in ("W_E", "W_pos"))
    query = (W_E[p] + W_pos[2]) @ params["blocks/0/W_Q"].astype(np.float64)
    if config.attention_bias:  # b_K adds the same to all three
        query += params["blocks/0/b_Q"]
    key = np.einsum("he,hde->hd", query, params["blocks/0/W_K"]) / sqrt(config.d_head)
    return ScoreTables(
        token=key @ W_E[:p].T,
        position=key @ W_pos.T,
        equals=key @ (W_E[p] + W_pos[2]),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadFrequencies:
    """The best frequency of every head's attention to a, all ``[n_heads]``.

    ``frequency``: largest share, −1 for a head whose attention does not vary;
    ``fraction``: that share, of the 8 terms of one frequency.
    """

    frequency: Int[np.ndarray, " n_heads"]
    fraction: Float[np.ndarray, " n_heads"]


def head_frequencies(to_a: Float[np.ndarray, "n_heads q q"]) -> HeadFrequencies:
    """Find the frequency that explains most of a head's attention to a.

    Heads of mixed frequency exist: ``fraction`` says how pure one is.
    """
    found = neurons.frequencies(np.moveaxis(to_a, 0, -1))
    return HeadFrequencies(frequency=found.best, fraction=found.fraction)


def difference_fit(to_a: Float[np.ndarray, "n_heads q q"]) -> Float[np.ndarray, "..."]:
    """Give the fraction of variance of α(cos i − cos j) + β(sin i − sin j) per head.

    Two parameters per frequency, result ``[nf, n_heads]`` (paper table 2). The mean is
    left free where the paper fixes ½. NaN for a head whose attention does not vary.
    """
    q = to_a.shape[-1]
    centred, total = variation.centre(to_a, (1, 2))
    odd = fourier.basis(q) @ (centred.sum(axis=2) - centred.sum(axis=1)).T
    energy = fourier.fold(np.square(odd).T).T / (2 * q)
    return energy / np.where(total > 0, total, np.nan)


def source_means(
    pattern: Float[np.ndarray, "n_heads 3 p p"], defined: np.ndarray
) -> tuple[Float[np.ndarray, "n_heads 3"], Float[np.ndarray, "n_heads 3"]]:
    """Give mean and standard deviation over defined pairs of attention by source.

    mean[:, 0] − mean[:, 1] is a head's preference for a over b.
    """
    values = pattern[:, :, defined]
    return values.mean(axis=2, dtype=np.float64), values.std(axis=2, dtype=np.float64)


def linearised(pattern: Float[np.ndarray, "n_heads 3 p p"]) -> Float[np.ndarray, "..."]:
    """Replace the sigmoid between a and b by its tangent at equal scores.

    Attention to "=" is kept; what is left over is divided as ½ + x/4 and ½ − x/4 with
    x the difference of the two scores.
    """
    left = 1 - pattern[:, 2]
    with np.errstate(divide="ignore", invalid="ignore"):
        x = np.log(pattern[:, 0]) - np.log(pattern[:, 1])
    to_a = left * (0.5 + np.nan_to_num(x) / 4)
    return np.stack([to_a, left - to_a, pattern[:, 2]], axis=1)


def ov_tables(
    params: Params, config: RunConfig, layer: int = 0
) -> Float[np.ndarray, "n_heads p d_model"]:
    """Give W_E W_V W_O of every head: what a token writes when looked at.

    Exact for the first block; for later ones the direct path from the embedding only.
    """
    W_E = params["W_E"][: config.p].astype(np.float64)
    values = np.einsum("pd,hde->hpe", W_E, params[f"blocks/{layer}/W_V"])
    return np.matmul(values, params[f"blocks/{layer}/W_O"])


def folded_shares(
    tables: Float[np.ndarray, "n_heads p d"], frame: Canonical | None = None
) -> Float[np.ndarray, "n_heads nf"]:
    """Give the share of each frequency in tables over tokens, constant left out.

    For C_h use ``token[:, :, None]``; with a frame, tokens are read in its order. NaN
    for a table that is the same for every token.
    """
    if frame is not None:
        tables = tables[:, frame.a_order]
    power = np.stack([fourier.component_power(table) for table in tables])
    folded = fourier.fold(power)
    total = folded.sum(axis=1, keepdims=True)
    return folded / np.where(total > 0, total, np.nan)
