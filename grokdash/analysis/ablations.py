"""What each part is worth: forward passes with one thing taken away.

Every function here gives *edits* for :func:`grokdash.analysis.forward.forward`;
:func:`score` runs them. ``zero`` removes a quantity, ``mean`` replaces it by its mean
over all pairs (paper section 4.4).
"""

from collections.abc import Callable
from typing import Literal

import numpy as np
from jaxtyping import Bool, Float, Int

from grokdash.analysis import losses
from grokdash.analysis.attention import linearised
from grokdash.analysis.forward import Activations, Edits, Params, forward
from grokdash.analysis.groups import canonical
from grokdash.analysis.neurons import single_frequency_fit
from grokdash.analysis.progress import SplitScores
from grokdash.config import RunConfig

Mode = Literal["zero", "mean"]


def score(
    params: Params,
    config: RunConfig,
    train_mask: Bool[np.ndarray, "p p"],
    edits: Edits | None = None,
) -> SplitScores:
    """Run the network with edits and score it on all defined pairs."""
    L = forward(params, config, edits=edits).logits
    table = config.rule.table(config.p)
    right = losses.correct_grid(L, table).astype(np.float64)
    return SplitScores(
        loss=losses.grid_means(losses.loss_grid(L, table), table, train_mask),
        accuracy=losses.grid_means(right, table, train_mask),
    )


def without_heads(layer: int, heads: list[int]) -> Edits:
    """Zero what heads write (their values have no bias, so attention 0 does it)."""

    def edit(pattern: np.ndarray) -> np.ndarray:
        changed = pattern.copy()
        changed[heads] = 0
        return changed

    return {f"blocks/{layer}/pattern": edit}


def fixed_attention(layer: int, heads: list[int]) -> Edits:
    """Replace heads' attention by its mean over pairs."""

    def edit(pattern: np.ndarray) -> np.ndarray:
        changed = pattern.copy()
        changed[heads] = pattern[heads].mean(axis=(2, 3), keepdims=True)
        return changed

    return {f"blocks/{layer}/pattern": edit}


def without_equals_attention(layer: int) -> Edits:
    """Zero the attention "=" pays to itself; the rest is not rescaled."""

    def edit(pattern: np.ndarray) -> np.ndarray:
        changed = pattern.copy()
        changed[:, 2] = 0
        return changed

    return {f"blocks/{layer}/pattern": edit}


def linear_attention(layer: int) -> Edits:
    """Replace the sigmoid between a and b by its tangent."""
    return {f"blocks/{layer}/pattern": linearised}


def without_mlp_skip(
    activations: Activations, layer: int, mode: Mode = "zero"
) -> Edits:
    """Remove the path around the neurons of a block."""
    return {f"blocks/{layer}/mlp_out": _minus(activations.resid_mid[layer], mode)}


def without_attention_skip(
    params: Params,
    config: RunConfig,
    activations: Activations,
    layer: int,
    mode: Mode = "zero",
) -> Edits:
    """Remove the path around the attention of a block."""
    if layer > 0:
        before = activations.resid_post[layer - 1]
    else:
        before = (params["W_E"][config.p] + params["W_pos"][2])[None, None]
    return {f"blocks/{layer}/attn_out": _minus(before, mode)}


def _minus(x: np.ndarray, mode: Mode) -> Callable[[np.ndarray], np.ndarray]:
    kept = x.mean(axis=(0, 1), keepdims=True) if mode == "mean" else 0 * x[:1, :1]
    return lambda out: out - x + kept


def without_neurons(
    layer: int, chosen: Bool[np.ndarray, " d_mlp"], mode: Mode = "zero"
) -> Edits:
    """Zero or mean-ablate a set of neurons, such as one frequency's cluster."""

    def edit(N: np.ndarray) -> np.ndarray:
        mean = N.mean(axis=(0, 1)) if mode == "mean" else np.zeros(1, dtype=N.dtype)
        return np.where(chosen, mean, N)

    return {f"blocks/{layer}/neurons": edit}


def fitted_neurons(
    config: RunConfig, layer: int, frequency: Int[np.ndarray, " d_mlp"]
) -> Edits:
    """Replace every neuron that has a frequency by its 9 terms at that frequency.

    Pairs outside the canonical frame (a zero in a multiplication) keep their values;
    an operation without a frame is fitted on the additive grid.
    """
    frame = canonical(config.rule, config.p)

    def edit(N: np.ndarray) -> np.ndarray:
        changed = N.copy()
        for k in np.unique(frequency[frequency > 0]):
            chosen = frequency == k
            if frame is None:
                changed[..., chosen] = single_frequency_fit(N[..., chosen], int(k))
                continue
            fit = single_frequency_fit(frame.grid(N)[..., chosen], int(k))
            cells = np.ix_(frame.a_order, frame.b_order, np.flatnonzero(chosen))
            changed[cells] = fit
        return changed

    return {f"blocks/{layer}/neurons": edit}


def projected_neurons(
    layer: int, directions: Float[np.ndarray, "r d_mlp"], *, complement: bool = False
) -> Edits:
    """Keep the neurons' part in a subspace of neuron space, or all but that part.

    With the key rows of F W_Lᵀ as directions: the 2·|K| directions the logits read
    (paper section 4.4), or their orthogonal complement.
    """
    _, singular, axes = np.linalg.svd(directions, full_matrices=False)
    axes = axes[singular > 1e-10 * singular.max(initial=0.0)]

    def edit(N: np.ndarray) -> np.ndarray:
        kept = (N @ axes.T @ axes).astype(N.dtype)
        return N - kept if complement else kept

    return {f"blocks/{layer}/neurons": edit}
