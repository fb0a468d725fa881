"""The MLP of a block with its gradients written out.

Autograd would keep, and give back, an array of all neurons for each of the bias, the
non-linearity and the products; here one array holds the neurons and one what comes
back, and the biases are added while the products are.
"""

from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function

from grokdash.config import RunConfig

Weights = tuple[Tensor, Tensor, Tensor, Tensor]
"""W_in, b_in, W_out, b_out of a block."""


def with_mlp(x: Tensor, weights: Weights, config: RunConfig) -> Tensor:
    """Add to rows ``[r, d_model]`` what the MLP gives for them.

    Parameters
    ----------
    x
        Residual stream; several runs stand in front, as they do in the weights.
    weights
        Those of the block.
    config
        The run's configuration: which non-linearity.
    """
    return _WithMlp.apply(x, *weights, config.activation == "relu")


def through_activation(gradient: Tensor, before: Tensor, *, relu: bool) -> None:
    """Turn the gradient of the neurons into that of what they are of, in place.

    ``before`` is that; of ReLU its result will do as well.
    """
    aten = torch.ops.aten
    if relu:
        aten.threshold_backward.grad_input(gradient, before, 0, grad_input=gradient)
    else:
        aten.gelu_backward.grad_input(gradient, before, grad_input=gradient)


def activated(before: Tensor, *, relu: bool) -> Tensor:
    """Apply the non-linearity; ReLU overwrites its input."""
    return before.relu_() if relu else torch.nn.functional.gelu(before)


class _WithMlp(Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, *rest: Any) -> Tensor:
        W_in, b_in, W_out, b_out, relu = rest
        before = _add_product(b_in.unsqueeze(-2), x, W_in)
        neurons = activated(before, relu=relu)
        ctx.save_for_backward(x, W_in, W_out, before, neurons)
        ctx.relu = relu
        return _add_product(x, neurons, W_out).add_(b_out.unsqueeze(-2))

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        x, W_in, W_out, before, neurons = ctx.saved_tensors
        (gradient,) = grads
        d_W_out = neurons.mT @ gradient
        d_before = gradient @ W_out.mT
        through_activation(d_before, before, relu=ctx.relu)
        return (
            _add_product(gradient, d_before, W_in.mT),
            x.mT @ d_before,
            d_before.sum(-2),
            d_W_out,
            gradient.sum(-2),
            None,
        )


def _add_product(x: Tensor, a: Tensor, b: Tensor) -> Tensor:
    return (torch.addmm if a.ndim == 2 else torch.baddbmm)(x, a, b)
