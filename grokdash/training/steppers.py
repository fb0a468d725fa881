"""One full-batch update: fast forward, float64 loss, gradients, optimiser, scalars.

A :class:`Stepper` owns the parameters and the optimiser state of its runs and nothing
else: it knows neither the store nor the schedule. A small network cannot fill a core,
let alone a GPU: most of its update is spent on the way from one operation to the next.
Several runs of equal shape therefore go that way together, in tensors that have the
runs as their first axis. Nothing mixes the runs: each is what it would be alone, up to
rounding.

The same configurations, device, thread count and library versions give the same bits.
"""

from collections.abc import Callable, Sequence
from itertools import groupby

import numpy as np
import torch
from torch import Tensor

from grokdash.config import RunConfig
from grokdash.model.parameters import Params, initialise, trained_names
from grokdash.model.passes import make_pass
from grokdash.store.schema import param_shapes
from grokdash.training.cross_entropy import cross_entropy
from grokdash.training.layouts import Numbers, zeros
from grokdash.training.optimisers import Group, optimiser_of
from grokdash.training.saturation import float32_saturation

SCALARS = (
    "train_loss",
    "grad_norm",
    "update_norm",
    "float32_collapse",
    "float32_zero_gradient",
    "sumsq",
)
"""What is kept of every update. The update norm is the length of the update itself; all
else belongs to the weights before it."""

Arrays = dict[str, np.ndarray]


def alone(
    config: RunConfig, train_pairs: np.ndarray, device: torch.device
) -> "Stepper":
    """Make the stepper of one run; its training pairs are ``[n, 2]``, int64."""
    return Stepper([config], [train_pairs], device, runs=())


def batched(
    configs: Sequence[RunConfig],
    train_pairs: Sequence[np.ndarray],
    device: torch.device,
) -> "Stepper":
    """Make the stepper of several runs of equal shape.

    Those that agree in the optimiser's key should stand next to each other.
    """
    return Stepper(configs, train_pairs, device, runs=(len(configs),))


class Stepper:
    """Parameters, optimiser state and update rule of one run or several.

    Made by :func:`alone` or :func:`batched`. What belongs to one run comes and goes in
    lists with an entry per run.
    """

    def __init__(
        self,
        configs: Sequence[RunConfig],
        train_pairs: Sequence[np.ndarray],
        device: torch.device,
        runs: tuple[int, ...],
    ) -> None:
        self.configs = tuple(configs)
        self.device = device
        self.step = 0
        self._runs = runs
        config = self.configs[0]
        shapes = param_shapes(config)
        trained = {name: shapes[name] for name in trained_names(config)}
        self._weights, self._gradients, self._before = (
            zeros(runs, trained, device) for _ in range(3)
        )
        self._optimiser = optimiser_of(config)
        self._state = {
            kind: zeros(runs, trained, device) for kind in self._optimiser.state
        }
        self.params, self.rng = self._initialise()
        pairs = self._runs_first(np.stack(train_pairs))
        tables = [
            one.rule.table(one.p)[own[:, 0], own[:, 1]]
            for one, own in zip(self.configs, train_pairs, strict=True)
        ]
        self._labels = self._runs_first(np.stack(tables))
        self._pass = make_pass(config, pairs)
        self._dtype = loss_dtype(config, device)
        self.groups = self._make_groups()

    def rates(self) -> list[float]:
        """Give the learning rate of the next update for each group."""
        return [warmed_up(group.config, self.step) for group in self.groups]

    def update(self) -> Tensor:
        """Make one update; give :data:`SCALARS`, float64 ``[R, 6]``, on the device."""
        for group, rate in zip(self.groups, self.rates(), strict=True):
            group.rate = rate
        scalars = self.compute()
        self.step += 1
        return scalars

    @torch.no_grad()
    def compute(self) -> Tensor:
        """Make one update at the present learning rates."""
        logits = self._pass.forward(self.params)
        loss, gradient = cross_entropy(logits, self._labels, self._dtype)
        self._gradients.fill(self._pass.backward(gradient))
        length = self._weights.norm()
        moved = self._before.whole.copy_(self._weights.whole)
        for group in self.groups:
            self._optimiser.update(group)
        moved.sub_(self._weights.whole)
        norms = self._gradients.norm(), self._before.norm()
        saturation = float32_saturation(logits, self._labels)
        sumsq = length.to(self._dtype).square()
        values = (loss, *norms, *saturation, sumsq)
        scalars = torch.stack([value.to(self._dtype) for value in values], dim=-1)
        return scalars.view(len(self.configs), len(SCALARS))

    def copy_params(self) -> list[Arrays]:
        """Copy the parameters of every run to NumPy arrays."""
        return self._by_run(self.params)

    def copy_optimizer(self) -> list[Arrays]:
        """Copy every run's optimiser state, none before the first update, and step.

        ``runs`` says how many were trained together: others round differently.
        """
        arrays = {
            f"{kind}/{name}": view
            for kind, numbers in self._state.items()
            for name, view in numbers.views.items()
        }
        counts = {
            "step": np.array(self.step, dtype=np.int64),
            "runs": np.array(len(self.configs), dtype=np.int64),
        }
        return [own | counts for own in self._by_run(arrays if self.step else {})]

    def restore(
        self, step: int, params: Sequence[Arrays], optimizer: Sequence[Arrays]
    ) -> None:
        """Go on from what :meth:`copy_params` and :meth:`copy_optimizer` gave.

        The tensors stay the same: a recorded graph holds on to those it saw.
        """
        self.step = step
        with torch.no_grad():
            for name, value in self.params.items():
                value.copy_(self._stack(params, name))
            for kind, numbers in self._state.items():
                for name, view in numbers.views.items():
                    if step:
                        view.copy_(self._stack(optimizer, f"{kind}/{name}"))
                    else:
                        view.zero_()
            for group in self.groups:
                for count in group.counts:
                    count.fill_(float(step))

    def snapshot(self) -> Callable[[], None]:
        """Keep a copy of everything; give the function that puts it back."""
        kept = self.step, self.copy_params(), self.copy_optimizer()
        return lambda: self.restore(*kept)

    def _initialise(self) -> tuple[Params, list[np.ndarray]]:
        """Draw what each run draws alone; give the generators' states as well."""
        drawn, rng = [], []
        for config in self.configs:
            own = {name: value.numpy() for name, value in initialise(config).items()}
            drawn.append(own)
            rng.append(torch.get_rng_state().numpy().copy())
        params: Params = {}
        for name in drawn[0]:
            params[name] = self._stack(drawn, name).to(self.device)
            if name in self._weights.views:
                params[name] = self._weights.views[name].copy_(params[name])
        return params, rng

    def _make_groups(self) -> list[Group]:
        """Make one group of all runs that stand together and share all options."""
        optimiser, groups, start = self._optimiser, [], 0
        # A recorded graph counts by itself; all else reads the count on the host.
        counting = self.device if self.device.type == "cuda" else torch.device("cpu")

        def part(numbers: Numbers, rows: slice) -> list[Tensor]:
            views = list(numbers.views.values())
            whole = [numbers.whole] if optimiser.elementwise else views
            return [one[rows] if self._runs else one for one in whole]

        for _, equal in groupby(self.configs, optimiser.key):
            members = list(equal)
            rows = slice(start, start + len(members))
            start = rows.stop
            weights = part(self._weights, rows)
            groups.append(
                Group(
                    config=members[0],
                    runs=(len(members),) if self._runs else (),
                    weights=weights,
                    gradients=part(self._gradients, rows),
                    state={kind: part(own, rows) for kind, own in self._state.items()},
                    counts=[torch.zeros((), device=counting) for _ in weights],
                )
            )
        return groups

    def _runs_first(self, values: np.ndarray) -> Tensor:
        """Give ``[R, …]`` on the device, without its first axis for a run alone."""
        tensor = torch.from_numpy(np.ascontiguousarray(values)).to(self.device)
        return tensor.view(*self._runs, *values.shape[1:])

    def _stack(self, runs: Sequence[Arrays], name: str) -> Tensor:
        values = np.stack([own[name] for own in runs])
        return torch.from_numpy(values).view(*self._runs, *values.shape[1:])

    def _by_run(self, tensors: Params) -> list[Arrays]:
        arrays = {
            name: _copy(value).reshape(
                len(self.configs), *value.shape[len(self._runs) :]
            )
            for name, value in tensors.items()
        }
        return [
            {name: values[run] for name, values in arrays.items()}
            for run in range(len(self.configs))
        ]


def warmed_up(config: RunConfig, step: int) -> float:
    """Give the learning rate of an update: linear warm-up from 0, then constant."""
    if step >= config.warmup:
        return config.lr
    return config.lr * step / config.warmup


def loss_dtype(config: RunConfig, device: torch.device) -> torch.dtype:
    """Give the precision of the training loss; MPS has no float64."""
    if config.loss_dtype == "float32" or device.type == "mps":
        return torch.float32
    return torch.float64


def _copy(value: Tensor) -> np.ndarray:
    return value.detach().to("cpu", copy=True).numpy()
