"""One full-batch update of several runs of equal shape at once.

A small network cannot fill a core, let alone a GPU: most of its update is spent on the
way from one operation to the next. Here R runs go that way together. Their parameters
are the rows of one matrix, so that the optimiser, the norms and the copies are single
operations; every tensor of the forward pass has the runs as its first axis. Nothing
mixes the runs: each row is what the run would be alone, up to the rounding of float32.
"""

from collections.abc import Callable, Sequence
from itertools import groupby

import numpy as np
import torch
from torch import Tensor

from grokdash.config import RunConfig
from grokdash.model.last_token import FastForward
from grokdash.model.parameters import Params, initialise, trained_names
from grokdash.store.schema import param_shapes
from grokdash.training.cross_entropy import cross_entropy
from grokdash.training.step import Arrays, loss_dtype, make_optimizer, warmed_up

_ALIGNED = 16
"""Every parameter starts at a multiple of so many numbers: 64 bytes."""


class BatchTrainer:
    """Parameters, optimisers and update rule of several runs of equal shape.

    Parameters
    ----------
    configs
        Configurations that differ in nothing that gives a tensor its shape; those that
        agree in all of :func:`optimizer_key` should stand next to each other.
    train_pairs
        Training pairs ``[n, 2]``, int64, of each run.
    device
        Where to compute.
    """

    def __init__(
        self,
        configs: Sequence[RunConfig],
        train_pairs: Sequence[np.ndarray],
        device: torch.device,
    ) -> None:
        self.configs = tuple(configs)
        self.device = device
        self.step = 0
        self.rng: list[np.ndarray] = []
        config = self.configs[0]
        self._trained = trained_names(config)
        self._weights = self._matrix()
        self._gradients = torch.zeros_like(self._weights)
        self._before = torch.zeros_like(self._weights)
        self.params = self._initialise()
        self._leaves = [self.params[name].requires_grad_() for name in self._trained]
        self._gradient_views = list(self._views(self._gradients).values())
        self._dtype = loss_dtype(config, device)
        pairs = torch.from_numpy(np.stack(train_pairs)).to(device)
        self._labels = torch.stack(
            [
                torch.from_numpy(one.rule.table(one.p)).to(device)[own[:, 0], own[:, 1]]
                for one, own in zip(self.configs, pairs, strict=True)
            ]
        )
        self._forward = FastForward(config, pairs)
        self._rows, self.optimizer = self._make_optimizer()

    def learning_rates(self) -> list[float]:
        """Give the rate of the next update for each parameter group."""
        return [warmed_up(config, self.step) for config, _ in self._rows]

    def update(self) -> Tensor:
        """Make one update; give the scalars ``[R, 5]``, float64, on the device."""
        rates = zip(self.optimizer.param_groups, self.learning_rates(), strict=True)
        for group, rate in rates:
            group["lr"] = rate
        scalars = self.compute()
        self.step += 1
        return scalars

    def compute(self) -> Tensor:
        """Make one update at the optimiser's present learning rates."""
        loss, collapse = cross_entropy(
            self._forward(self.params), self._labels, self._dtype
        )
        found = torch.autograd.grad(loss, self._leaves, torch.ones_like(loss))
        with torch.no_grad():
            norm = torch.linalg.vector_norm
            for view, gradient in zip(self._gradient_views, found, strict=True):
                view.copy_(gradient)
            sumsq = norm(self._weights, dim=1).to(self._dtype).square()
            self._before.copy_(self._weights)
            self.optimizer.step()
            self._before.sub_(self._weights)
            grad_norm = norm(self._gradients, dim=1)
            update_norm = norm(self._before, dim=1)
            values = (loss.detach(), grad_norm, update_norm, collapse, sumsq)
            return torch.stack([value.to(self._dtype) for value in values], dim=1)

    def copy_params(self) -> list[Arrays]:
        """Copy the parameters of every run to NumPy arrays."""
        return self._split({name: _copy(v) for name, v in self.params.items()})

    def copy_optimizer(self) -> list[Arrays]:
        """Copy every run's optimiser state: two moments per parameter, step count."""
        arrays: Arrays = {}
        for kind in ("exp_avg", "exp_avg_sq"):
            if self.step:
                rows = [self.optimizer.state[rows][kind] for _, rows in self._rows]
                moments = self._views(torch.cat(rows))
                arrays |= {f"{kind}/{name}": _copy(v) for name, v in moments.items()}
        count = np.array(self.step, dtype=np.int64)
        return [own | {"step": count} for own in self._split(arrays)]

    def restore(
        self, step: int, params: Sequence[Arrays], optimizer: Sequence[Arrays]
    ) -> None:
        """Continue from what :meth:`copy_params` and :meth:`copy_optimizer` gave."""
        for _, rows in self._rows if step else []:
            state = self.optimizer.state[rows]
            state["step"] = torch.zeros((), device=self.device)
            state["exp_avg"] = torch.zeros_like(rows)
            state["exp_avg_sq"] = torch.zeros_like(rows)
        self.refill(step, params, optimizer)

    def refill(
        self, step: int, params: Sequence[Arrays], optimizer: Sequence[Arrays]
    ) -> None:
        """Write weights and optimiser state into the tensors that are there."""
        self.step = step
        with torch.no_grad():
            for name, value in self.params.items():
                value.copy_(_stack(params, name))
            moments = {}
            for kind in ("exp_avg", "exp_avg_sq"):
                moments[kind] = self._matrix()
                if step:
                    for name, view in self._views(moments[kind]).items():
                        view.copy_(_stack(optimizer, f"{kind}/{name}"))
            start = 0
            for _, rows in self._rows:
                end = start + len(rows)
                for kind, value in self.optimizer.state[rows].items():
                    if kind == "step":
                        value.fill_(float(step))
                    else:
                        value.copy_(moments[kind][start:end])
                start = end

    def snapshot(self) -> Callable[[], None]:
        """Keep a copy of everything; give the function that puts it back."""
        kept = self.step, self.copy_params(), self.copy_optimizer()
        return lambda: self.refill(*kept)

    def _matrix(self) -> Tensor:
        """Make the matrix whose rows are runs and whose columns are all weights."""
        shapes = param_shapes(self.configs[0])
        width = sum(_padded(shapes[name]) for name in self._trained)
        return torch.zeros(len(self.configs), width, device=self.device)

    def _views(self, matrix: Tensor) -> Params:
        """Give every trained parameter ``[R, …]`` as a view of such a matrix."""
        shapes, views, start = param_shapes(self.configs[0]), {}, 0
        for name in self._trained:
            size = int(np.prod(shapes[name]))
            part = matrix.detach()[:, start : start + size]
            views[name] = part.unflatten(1, shapes[name])
            start += _padded(shapes[name])
        return views

    def _initialise(self) -> Params:
        """Draw what each run would draw alone; frozen parameters stay apart."""
        runs: list[Params] = []
        for config in self.configs:
            runs.append(initialise(config))
            self.rng.append(torch.get_rng_state().numpy().copy())
        views = self._views(self._weights)
        params: Params = {}
        for name in runs[0]:
            drawn = torch.stack([own[name] for own in runs]).to(self.device)
            params[name] = views[name].copy_(drawn) if name in views else drawn
        return params

    def _make_optimizer(
        self,
    ) -> tuple[list[tuple[RunConfig, Tensor]], torch.optim.Optimizer]:
        """Make one parameter group for all runs that share their hyper-parameters."""
        rows, start = [], 0
        for _, equal in groupby(self.configs, optimizer_key):
            count = len(members := list(equal))
            own = self._weights[start : start + count]
            own.grad = self._gradients[start : start + count]
            rows.append((members[0], own))
            start += count
        optimizer = make_optimizer(rows[0][0], [rows[0][1]], self.device)
        for config, own in rows[1:]:
            other = make_optimizer(config, [own], self.device)
            optimizer.add_param_group(other.param_groups[0])
        return rows, optimizer

    def _split(self, arrays: Arrays) -> list[Arrays]:
        return [
            {name: values[run] for name, values in arrays.items()}
            for run in range(len(self.configs))
        ]


def optimizer_key(config: RunConfig) -> tuple[float | int, ...]:
    """Give what two runs must share to be updated by one call."""
    return (
        config.lr,
        config.weight_decay,
        config.beta1,
        config.beta2,
        config.eps,
        config.warmup,
    )


def _padded(shape: tuple[int, ...]) -> int:
    return -(-int(np.prod(shape)) // _ALIGNED) * _ALIGNED


def _copy(value: Tensor) -> np.ndarray:
    return value.detach().to("cpu", copy=True).numpy()


def _stack(runs: Sequence[Arrays], name: str) -> Tensor:
    return torch.from_numpy(np.stack([own[name] for own in runs]))
