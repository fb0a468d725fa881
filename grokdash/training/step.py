"""One full-batch update: fast forward, float64 loss, gradients, AdamW, step scalars.

A :class:`Trainer` owns the parameters and the optimiser of one run and nothing else:
it knows neither the store nor the schedule. The same configuration, device, thread
count and library versions give the same bits.
"""

from collections.abc import Callable, Mapping

import numpy as np
import torch
from torch import Tensor
from torch.nn.utils import get_total_norm

from grokdash.config import RunConfig
from grokdash.model.last_token import FastForward
from grokdash.model.parameters import Params, initialise, trained_names
from grokdash.training.cross_entropy import cross_entropy

SCALARS = ("train_loss", "grad_norm", "update_norm", "collapse_share", "sumsq")
"""What is kept of every update. Loss, gradient norm, collapse share and Σw² belong to
the weights before the update; the update norm is the length of the update itself."""

Arrays = dict[str, np.ndarray]


class Trainer:
    """Parameters, optimiser and update rule of one run.

    Parameters
    ----------
    config
        The configuration of the run.
    train_pairs
        Training pairs ``[n, 2]``, int64.
    device
        Where to compute.
    """

    def __init__(
        self, config: RunConfig, train_pairs: np.ndarray, device: torch.device
    ) -> None:
        self.config = config
        self.device = device
        self.step = 0
        self.params: Params = {
            name: value.to(device) for name, value in initialise(config).items()
        }
        self.trained = trained_names(config)
        self._leaves = [self.params[name].requires_grad_() for name in self.trained]
        self._previous = [leaf.detach().clone() for leaf in self._leaves]
        pairs = torch.from_numpy(np.ascontiguousarray(train_pairs)).to(device)
        table = torch.from_numpy(config.rule.table(config.p)).to(device)
        self._labels = table[pairs[:, 0], pairs[:, 1]]
        self._forward = FastForward(config, pairs)
        self._dtype = loss_dtype(config, device)
        self.optimizer = make_optimizer(config, self._leaves, device)

    def learning_rates(self) -> list[float]:
        """Give the rate of the next update for each parameter group: there is one."""
        return [warmed_up(self.config, self.step)]

    def update(self) -> Tensor:
        """Make one update and give its :data:`SCALARS`, float64 ``[5]`` on the device.

        The loss belongs to the weights before the update.
        """
        for group in self.optimizer.param_groups:
            group["lr"] = self.learning_rates()[0]
        scalars = self.compute()
        self.step += 1
        return scalars

    def compute(self) -> Tensor:
        """Make one update at the optimiser's present learning rate."""
        loss, collapse = cross_entropy(
            self._forward(self.params), self._labels, self._dtype
        )
        # The fused kernel pairs elements by memory order: a transposed gradient, which
        # autograd.grad may give, would update the wrong weights.
        gradients = [
            gradient.contiguous()
            for gradient in torch.autograd.grad(loss, self._leaves)
        ]
        with torch.no_grad():
            sumsq = get_total_norm(list(self.params.values())).to(self._dtype).square()
            parts = zip(self._leaves, gradients, self._previous, strict=True)
            for leaf, gradient, previous in parts:
                previous.copy_(leaf)
                leaf.grad = gradient
            self.optimizer.step()
            for leaf, previous in zip(self._leaves, self._previous, strict=True):
                previous.sub_(leaf)
            grad_norm = get_total_norm(gradients)
            update_norm = get_total_norm(self._previous)
            values = (loss.detach(), grad_norm, update_norm, collapse, sumsq)
            return torch.stack([value.to(self._dtype) for value in values])

    def copy_params(self) -> Arrays:
        """Copy the parameters to NumPy arrays."""
        return {name: _copy(value) for name, value in self.params.items()}

    def copy_optimizer(self) -> Arrays:
        """Copy the optimiser's state: two moments per parameter and its step count."""
        arrays: Arrays = {}
        for name, leaf in zip(self.trained, self._leaves, strict=True):
            for kind, value in self.optimizer.state[leaf].items():
                if kind != "step":
                    arrays[f"{kind}/{name}"] = _copy(value)
        arrays["step"] = np.array(self.step, dtype=np.int64)
        return arrays

    def restore(
        self,
        step: int,
        params: Mapping[str, np.ndarray],
        optimizer: Mapping[str, np.ndarray],
    ) -> None:
        """Continue from what :meth:`copy_params` and :meth:`copy_optimizer` gave."""
        for leaf in self._leaves if step else []:
            state = self.optimizer.state[leaf]
            # Fused AdamW keeps its count as a float32 tensor on the device.
            state["step"] = torch.zeros((), device=self.device)
            state["exp_avg"] = torch.zeros_like(leaf, requires_grad=False)
            state["exp_avg_sq"] = torch.zeros_like(leaf, requires_grad=False)
        self.refill(step, params, optimizer)

    def refill(
        self,
        step: int,
        params: Mapping[str, np.ndarray],
        optimizer: Mapping[str, np.ndarray],
    ) -> None:
        """Write weights and optimiser state into the tensors that are there."""
        self.step = step
        with torch.no_grad():
            for name, value in self.params.items():
                value.copy_(_tensor(params[name]))
            for name, leaf in zip(self.trained, self._leaves, strict=True):
                for kind, value in self.optimizer.state[leaf].items():
                    if kind == "step":
                        value.fill_(float(step))
                    elif step:
                        value.copy_(_tensor(optimizer[f"{kind}/{name}"]))
                    else:
                        value.zero_()

    def snapshot(self) -> Callable[[], None]:
        """Keep a copy of everything; give the function that puts it back."""
        kept = self.step, self.copy_params(), self.copy_optimizer()
        return lambda: self.refill(*kept)


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


def make_optimizer(
    config: RunConfig, leaves: list[Tensor], device: torch.device
) -> torch.optim.Optimizer:
    """Build AdamW, or Adam with the decay in the gradient, fused."""
    kind = torch.optim.AdamW if config.optimizer == "adamw" else torch.optim.Adam
    return kind(
        leaves,
        lr=config.lr,
        betas=(config.beta1, config.beta2),
        eps=config.eps,
        weight_decay=config.weight_decay,
        fused=device.type in ("cpu", "cuda"),
    )


def named_scalars(rows: np.ndarray) -> Arrays:
    """Name the rows of ``[5, S]``, the scalars of S updates."""
    named = zip(SCALARS, rows, strict=True)
    return {name: np.ascontiguousarray(row) for name, row in named}


def _copy(value: Tensor) -> np.ndarray:
    return value.detach().to("cpu", copy=True).numpy()


def _tensor(values: np.ndarray) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(values))
