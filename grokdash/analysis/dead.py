"""Dead neurons: those whose removal changes no logit.

A neuron that is never active and one that nothing reads come to the same, so one rule
judges both, for every activation function: what the neuron adds to a sum is lost where
float32 rounds it away. A ReLU neuron that never fires adds 0. A GELU neuron that
never fires still writes, unless it is far below 0, and is alive if it is read.
"""

import numpy as np
from jaxtyping import Bool, Float

from grokdash.analysis.forward import Activations, Params, mlp_sums, neuron_logit_map
from grokdash.analysis.outputs import Outputs
from grokdash.config import RunConfig

RESOLUTION = 2.0**-24
"""Half a unit in the last place of float32: what is added below this share is lost."""


def rounds_away(
    N: Float[np.ndarray, "n m"],
    W: Float[np.ndarray, "m d"],
    sums: Float[np.ndarray, "n d"],
) -> Bool[np.ndarray, " m"]:
    """Say which neurons add less than float32 resolves, on every one of n pairs.

    Neuron j does if max_d |N[i, j] W[j, d]| ≤ 2⁻²⁴ max_d |sums[i, d]| for every pair i.
    Dividing a neuron's weights W by what multiplies its activation changes nothing.

    Parameters
    ----------
    N
        Activations.
    W
        What a neuron of activation 1 adds.
    sums
        What it is part of: the sums over all neurons and everything else.
    """
    reach = np.abs(W).max(axis=1).astype(np.float64)
    lost = RESOLUTION * np.abs(sums).max(axis=1).astype(np.float64)
    largest = np.maximum(N.max(axis=0), -N.min(axis=0)) * reach
    result = largest <= lost.max()
    unsure = result & (largest > lost.min())
    result[unsure] = (np.abs(N[:, unsure]) * reach[unsure] <= lost[:, None]).all(axis=0)
    return result


def dead_neurons(
    params: Params,
    config: RunConfig,
    activations: Activations | Outputs,
    layer: int,
    defined: Bool[np.ndarray, "p p"],
) -> Bool[np.ndarray, " m"]:
    """Say which neurons of a block are dead: without any one, no logit changes.

    In the last block the sums are the logits and W is W_L = W_out W_U. With LayerNorm,
    and in earlier blocks, that is not the whole path: there the sums are the residual
    stream before LayerNorm and W is W_out, at "=" and, in earlier blocks, at a and b.

    Parameters
    ----------
    params, config
        The network.
    activations
        Of its forward pass.
    layer
        The block.
    defined
        Which pairs have an answer; no other pair counts.
    """
    if layer + 1 == config.n_layers and not config.layer_norm:
        W = neuron_logit_map(params, config)
        sums = [(activations.neurons[layer], activations.logits)]
    else:
        W = params[f"blocks/{layer}/W_out"]
        sums = mlp_sums(params, config, layer)
    lost = [rounds_away(_rows(N, defined), W, _rows(X, defined)) for N, X in sums]
    return np.logical_and.reduce(lost)


def _rows(
    X: Float[np.ndarray, "a b d"], defined: Bool[np.ndarray, "p p"]
) -> Float[np.ndarray, "n d"]:
    """List the vectors of defined pairs, of defined operands where X has no other."""
    alone = tuple(axis for axis in (0, 1) if X.shape[axis] == 1)
    wanted = defined.any(axis=alone, keepdims=True) if alone else defined
    return X.reshape(-1, X.shape[-1]) if wanted.all() else X[wanted]
