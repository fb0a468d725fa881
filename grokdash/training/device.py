"""Where to compute: CPU, CUDA with the update as one graph, or MPS."""

import logging
from collections.abc import Callable

import torch
from torch import Tensor

from grokdash.errors import ConfigError
from grokdash.training.steppers import Stepper

logger = logging.getLogger(__name__)

DEVICES = ("auto", "cpu", "cuda", "mps")
_WARM_UP = 3


def pick_device(name: str) -> torch.device:
    """Give the device called ``name``; ``auto`` is CUDA, else MPS, else the CPU.

    Raises
    ------
    ConfigError
        If there is no such device here.
    """
    available = {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }
    if name == "auto":
        return torch.device(next(kind for kind, there in available.items() if there))
    if name not in available:
        raise ConfigError(
            f"--device: expected one of {', '.join(DEVICES)}; got {name!r}"
        )
    if not available[name]:
        raise ConfigError(
            f"--device: PyTorch {torch.__version__} finds no {name} device here; "
            "use --device cpu or --device auto"
        )
    return torch.device(name)


def make_update(stepper: Stepper) -> Callable[[], Tensor]:
    """Give the function that makes one update: a captured graph on CUDA."""
    if stepper.device.type != "cuda":
        return stepper.update
    try:
        return _capture(stepper)
    except RuntimeError as error:
        logger.warning("no CUDA graph, each kernel is launched apart: %s", error)
        return stepper.update


def _capture(stepper: Stepper) -> Callable[[], Tensor]:
    """Record one update as a CUDA graph, then put the weights back."""
    put_back = stepper.snapshot()
    rates = torch.zeros(len(stepper.groups), device=stepper.device)
    for group, rate in zip(stepper.groups, rates, strict=True):
        group.rate = rate
    try:
        stream = torch.cuda.Stream()
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            for _ in range(_WARM_UP):
                stepper.compute()
        torch.cuda.current_stream().wait_stream(stream)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            scalars = stepper.compute()
    finally:
        put_back()

    def update() -> Tensor:
        for rate, value in zip(rates, stepper.rates(), strict=True):
            rate.fill_(value)
        graph.replay()
        stepper.step += 1
        return scalars.clone()

    return update
