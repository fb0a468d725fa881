"""From parameters to logits, and from the logits' gradient back to the parameters'.

Where the way back is written out, it is taken; elsewhere autograd finds it.
"""

from collections.abc import Mapping

import torch
from torch import Tensor

from grokdash.config import RunConfig
from grokdash.model.last_token import FastForward
from grokdash.model.one_layer import OneLayer
from grokdash.model.parameters import trained_names


class Traced:
    """The pass of any model, by autograd; see :class:`OneLayer` for its contract."""

    def __init__(
        self, config: RunConfig, pairs: Tensor, dtype: torch.dtype = torch.float32
    ) -> None:
        self._trained = trained_names(config)
        self._forward = FastForward(config, pairs, dtype)
        self._leaves: list[Tensor] = []
        self._logits: Tensor | None = None

    def forward(self, params: Mapping[str, Tensor]) -> Tensor:
        """Compute the logits, and keep what their gradients need."""
        with torch.enable_grad():
            leaves = {name: value.detach() for name, value in params.items()}
            self._leaves = [leaves[name].requires_grad_() for name in self._trained]
            self._logits = self._forward(leaves)
        return self._logits.detach()

    def backward(self, gradient: Tensor) -> list[Tensor]:
        """Give the gradient of every trained parameter, once for each forward pass."""
        logits, self._logits = self._logits, None
        if logits is None:
            raise RuntimeError("gradients were asked for before the values")
        return list(
            torch.autograd.grad(logits, self._leaves, gradient.to(logits.dtype))
        )


Pass = OneLayer | Traced


def make_pass(
    config: RunConfig, pairs: Tensor, dtype: torch.dtype = torch.float32
) -> Pass:
    """Make the fastest pass there is for a model.

    Parameters
    ----------
    config
        The configuration that gives the architecture.
    pairs
        Operands ``[n, 2]``, int64, on the device of the parameters; for several runs
        ``[R, n, 2]``, and every parameter then has the runs as its first axis.
    dtype
        Precision of the parameters.
    """
    traced = config.layer_norm or config.attention_bias or config.unembedding_bias
    kind = Traced if traced or config.n_layers > 1 else OneLayer
    return kind(config, pairs, dtype)
