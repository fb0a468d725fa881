"""What a softmax in float32 would lose: a diagnosis that takes no part in training."""

import torch
from torch import Tensor


@torch.no_grad()
def float32_saturation(logits: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """Give the shares of rows whose softmax or gradient float32 would round away.

    Parameters
    ----------
    logits
        ``[n, n_classes]``, or ``[R, n, n_classes]`` for R runs.
    labels
        Right classes ``[n]``, int64, or ``[R, n]``.

    Returns
    -------
    tuple
        Two fractions, float32, one number per run. Collapsed: Σ exp(z − max z), summed
        in float32 in the order of PyTorch, is exactly 1 (softmax collapse of Prieto et
        al. 2025); if such a row is answered right, its loss and the gradient of the
        right logit are 0. Zero gradient: softmax − one-hot is 0 at every logit.
    """
    logits = logits.float()
    weights = (logits - logits.amax(-1, keepdim=True)).exp_()
    total = weights.sum(-1, keepdim=True)
    gradient = weights.div_(total)
    minus_one = gradient.new_full((), -1.0).expand(*labels.shape, 1)
    gradient.scatter_add_(-1, labels[..., None], minus_one)
    zero = gradient.abs_().amax(-1) == 0
    return (total.squeeze(-1) == 1).float().mean(-1), zero.float().mean(-1)
