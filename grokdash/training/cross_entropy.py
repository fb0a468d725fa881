"""Mean cross-entropy in float64 from float32 logits, and the softmax-collapse share.

With log-softmax in float32 the loss of a confident network cannot go below 1e-7 and
its gradient is rounding noise, which makes training spike; float64 costs little here
because one pass gives the loss, the gradient and the collapse share.
"""

from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function

COLLAPSED = -(2.0**-24)
"""Largest log-probability above which Σ exp(z − max z), rounded to float32, is 1."""


def cross_entropy(
    logits: Tensor, labels: Tensor, dtype: torch.dtype
) -> tuple[Tensor, Tensor]:
    """Give the mean loss in nats and the share of rows whose softmax has collapsed.

    Parameters
    ----------
    logits
        ``[n, n_classes]``, or ``[R, n, n_classes]`` for R runs.
    labels
        Right classes ``[n]``, int64, or ``[R, n]``.
    dtype
        Precision of the log-softmax.

    Returns
    -------
    tuple
        The loss (differentiable; the gradient has the type of the logits) and the
        collapse share, both of type ``dtype`` and one number per run. A row has
        collapsed when the denominator of its softmax, rounded to float32, is 1: to
        float32 the network is then certain, and the gradient of the row's largest logit
        is zero.
    """
    loss, collapse = _CrossEntropy.apply(logits, labels, dtype)
    return loss, collapse


class _CrossEntropy(Function):
    @staticmethod
    def forward(
        ctx: Any, logits: Tensor, labels: Tensor, dtype: torch.dtype
    ) -> tuple[Tensor, Tensor]:
        logp = torch.log_softmax(logits, dim=-1, dtype=dtype)
        ctx.save_for_backward(logp, labels)
        ctx.dtype = logits.dtype
        loss = -logp.gather(-1, labels[..., None]).squeeze(-1).mean(-1)
        collapse = (logp.amax(-1) >= COLLAPSED).to(dtype).mean(-1)
        ctx.mark_non_differentiable(collapse)
        return loss, collapse

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None, None]:
        logp, labels = ctx.saved_tensors
        grad = logp.exp()
        one = grad.new_full((), -1.0).expand(*labels.shape, 1)
        grad.scatter_add_(-1, labels[..., None], one)
        share = (grads[0] / labels.shape[-1])[..., None, None]
        return grad.mul_(share).to(ctx.dtype), None, None
