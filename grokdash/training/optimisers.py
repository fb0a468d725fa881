"""How weights follow their gradients: one value for every optimiser there is.

An optimiser keeps state arrays of the shape of the weights and changes both in place.
It never asks what is in a tensor: on a GPU its update is recorded once and replayed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.optim.adam import adam
from torch.optim.adamw import adamw

from grokdash.config import RunConfig


@dataclass(slots=True, kw_only=True)
class Group:
    """What one call updates: the weights of runs that share all options.

    Weights, gradients and each state array are lists of equal length: a tensor
    ``[*runs, *shape]`` per parameter, where ``runs`` is empty for a run alone; or, for
    an elementwise optimiser, one tensor with a row per run. ``counts``
    has a number per tensor, the updates made, which is for those to keep up to date
    that read it. ``rate`` is the learning rate of this update, a tensor on a GPU.
    """

    config: RunConfig
    runs: tuple[int, ...]
    weights: list[Tensor]
    gradients: list[Tensor]
    state: dict[str, list[Tensor]]
    counts: list[Tensor]
    rate: float | Tensor = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Optimiser:
    """One way to update weights.

    Attributes
    ----------
    name : str
        What a configuration calls it.
    kernel : str
        What computes it, for the provenance of a run.
    fused : bool
        Whether that is a fused kernel where PyTorch has some.
    state : tuple of str
        Arrays it keeps of every parameter, zero at first, stored with checkpoints.
    options : tuple of str
        Fields of the configuration it reads besides the learning rate and its warm-up.
    elementwise : bool
        Whether every weight is updated by itself, whatever its place and parameter.
    update : callable
        Makes one update.
    """

    name: str
    kernel: str
    fused: bool = False
    state: tuple[str, ...]
    options: tuple[str, ...]
    elementwise: bool
    update: Callable[[Group], None]

    def key(self, config: RunConfig) -> tuple[float | int, ...]:
        """Give what two runs must share to be updated by one call."""
        names = ("lr", *self.options, "warmup")
        return tuple(getattr(config, name) for name in names)

    def implementation(self, device: torch.device) -> str:
        """Say what computes the update."""
        return f"{self.kernel} fused" if self.fused and _fuses(device) else self.kernel


def _adam(group: Group, kernel: Callable[..., None]) -> None:
    config = group.config
    kernel(
        group.weights,
        group.gradients,
        group.state["exp_avg"],
        group.state["exp_avg_sq"],
        [],
        group.counts,
        fused=_fuses(group.weights[0].device),
        amsgrad=False,
        beta1=config.beta1,
        beta2=config.beta2,
        lr=group.rate,
        weight_decay=config.weight_decay,
        eps=config.eps,
        maximize=False,
    )


def _fuses(device: torch.device) -> bool:
    return device.type in ("cpu", "cuda")


_ADAM: dict[str, Any] = {
    "fused": True,
    "state": ("exp_avg", "exp_avg_sq"),
    "options": ("weight_decay", "beta1", "beta2", "eps"),
    "elementwise": True,
}

OPTIMISERS = {
    one.name: one
    for one in (
        Optimiser(
            name="adamw",
            kernel="torch.optim.AdamW",
            update=lambda group: _adam(group, adamw),
            **_ADAM,
        ),
        Optimiser(
            name="adam",
            kernel="torch.optim.Adam",
            update=lambda group: _adam(group, adam),
            **_ADAM,
        ),
    )
}


def optimiser_of(config: RunConfig) -> Optimiser:
    """Give the optimiser that a configuration names."""
    return OPTIMISERS[config.optimizer]
