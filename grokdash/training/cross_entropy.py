"""Mean cross-entropy in float64 from float32 logits, and its gradient.

With log-softmax in float32 the loss of a confident network cannot go below 1e-7 and
its gradient is rounding noise, which makes training spike; float64 costs little here
because one pass gives the loss and the gradient.
"""

import torch
from torch import Tensor


@torch.no_grad()
def cross_entropy(
    logits: Tensor, labels: Tensor, dtype: torch.dtype
) -> tuple[Tensor, Tensor]:
    """Give the mean loss in nats, and the gradient of the logits.

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
        One loss per run, and the gradient of the shape of the logits; both of type
        ``dtype``.
    """
    right = labels[..., None]
    logp = torch.log_softmax(logits, dim=-1, dtype=dtype)
    loss = -logp.gather(-1, right).squeeze(-1).mean(-1)
    gradient = logp.exp_()
    one = gradient.new_full((), -1.0).expand(right.shape)
    gradient.scatter_add_(-1, right, one)
    return loss, gradient.div_(labels.shape[-1])
