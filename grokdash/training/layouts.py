"""How the numbers of a run, or of several, lie in memory, and so how they are added up.

All numbers of a run are one row, several runs the rows of one matrix, so that the
optimiser, the norms and the copies are single operations.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from grokdash.model.parameters import Params

Shapes = dict[str, tuple[int, ...]]

_ALIGNED = 16
"""Every parameter in a row starts at a multiple of so many numbers: 64 bytes."""
_SUMMED = 512
"""Every row is a multiple of so long, and is added up in parts of this length."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """A number for every trained weight: the weights, their gradients, a moment.

    ``views`` are the parameters by name; ``whole`` is the same memory in rows, and what
    lies between two parameters is zero.
    """

    views: Params
    whole: Tensor

    def fill(self, values: Iterable[Tensor]) -> None:
        """Copy a value for each parameter, in any memory order."""
        for view, value in zip(self.views.values(), values, strict=True):
            view.copy_(value)

    def norm(self) -> Tensor:
        """Give the length of each row: one number per run.

        In two steps, because float32 loses digits in one long sum.
        """
        parts = self.whole.unflatten(-1, (-1, _SUMMED))
        return torch.linalg.vector_norm(torch.linalg.vector_norm(parts, dim=-1), dim=-1)


def zeros(runs: tuple[int, ...], shapes: Shapes, device: torch.device) -> Numbers:
    """Give zeros for every parameter; ``runs`` is the shape before that of one run."""
    width = _padded((sum(map(_padded, shapes.values())),), _SUMMED)
    whole = torch.zeros(*runs, width, device=device)
    views, start = {}, 0
    for name, shape in shapes.items():
        part = whole[..., start : start + int(np.prod(shape))]
        views[name] = part.unflatten(-1, shape)
        start += _padded(shape)
    return Numbers(views, whole)


def _padded(shape: tuple[int, ...], multiple: int = _ALIGNED) -> int:
    return -(-int(np.prod(shape)) // multiple) * multiple
