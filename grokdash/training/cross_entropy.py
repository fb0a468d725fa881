"""Mean cross-entropy in float64 from float32 logits.

With log-softmax in float32 the loss of a confident network cannot go below 1e-7 and
its gradient is rounding noise, which makes training spike; float64 costs little here
because one pass gives the loss and the gradient.
"""

from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function


def cross_entropy(logits: Tensor, labels: Tensor, dtype: torch.dtype) -> Tensor:
    """Give the mean loss in nats.

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
    Tensor
        One number per run, of type ``dtype``; the gradient has the type of the logits.
    """
    return _CrossEntropy.apply(logits, labels, dtype)


class _CrossEntropy(Function):
    @staticmethod
    def forward(ctx: Any, logits: Tensor, labels: Tensor, dtype: torch.dtype) -> Tensor:
        logp = torch.log_softmax(logits, dim=-1, dtype=dtype)
        ctx.save_for_backward(logp, labels)
        ctx.dtype = logits.dtype
        return -logp.gather(-1, labels[..., None]).squeeze(-1).mean(-1)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None, None]:
        logp, labels = ctx.saved_tensors
        grad = logp.exp()
        one = grad.new_full((), -1.0).expand(*labels.shape, 1)
        grad.scatter_add_(-1, labels[..., None], one)
        share = (grads[0] / labels.shape[-1])[..., None, None]
        return grad.mul_(share).to(ctx.dtype), None, None
