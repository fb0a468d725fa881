"""How the numbers of a run, or of several, lie in memory, and so how they are added up.

A run alone has a tensor per parameter. Several runs are the rows of one matrix, so that
the optimiser, the norms and the copies are single operations.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from torch import Tensor
from torch.nn.utils import get_total_norm

from grokdash.model.parameters import Params

Shapes = dict[str, tuple[int, ...]]

_ALIGNED = 16
"""Every parameter in a row starts at a multiple of so many numbers: 64 bytes."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """A number for every trained weight: the weights, their gradients, a moment.

    ``views`` are the parameters by name; ``whole`` is the same memory in as few tensors
    as it has.
    """

    views: Params
    whole: list[Tensor]

    def fill(self, values: Iterable[Tensor]) -> None:
        """Copy a value for each parameter, in any memory order."""
        for view, value in zip(self.views.values(), values, strict=True):
            view.copy_(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How the numbers of some runs lie in memory.

    ``runs`` is the shape in front of that of one run; ``make`` gives zeros; ``norm``
    gives the length of whole tensors, one number per run.
    """

    runs: tuple[int, ...]
    make: Callable[[Shapes, torch.device], Numbers]
    norm: Callable[[Sequence[Tensor]], Tensor]


def _make_apart(shapes: Shapes, device: torch.device) -> Numbers:
    views = {name: torch.zeros(shape, device=device) for name, shape in shapes.items()}
    return Numbers(views, list(views.values()))


def _make_rows(n_runs: int, shapes: Shapes, device: torch.device) -> Numbers:
    matrix = torch.zeros(n_runs, sum(map(_padded, shapes.values())), device=device)
    views, start = {}, 0
    for name, shape in shapes.items():
        part = matrix[:, start : start + int(np.prod(shape))]
        views[name] = part.unflatten(1, shape)
        start += _padded(shape)
    return Numbers(views, [matrix])


def _padded(shape: tuple[int, ...]) -> int:
    return -(-int(np.prod(shape)) // _ALIGNED) * _ALIGNED


APART = Layout(runs=(), make=_make_apart, norm=get_total_norm)


def in_rows(n_runs: int) -> Layout:
    """Give the layout of several runs of equal shape."""
    return Layout(
        runs=(n_runs,),
        make=partial(_make_rows, n_runs),
        norm=lambda whole: torch.linalg.vector_norm(whole[0], dim=1),
    )
