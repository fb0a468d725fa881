"""One epoch against the matrix products in it, and against a textbook epoch.

    python benchmarks/products.py

The products of one epoch (shapes and order of storage) are noted while it runs and then
made alone, on arrays that are there already: that is the least that an epoch could take
on this machine if all else were free. The textbook epoch, that of grokdash and its
products alone take turns in one process; CPU time of one thread, least of some rounds.
"""

import time
from collections.abc import Callable
from typing import Any

import torch
from batched import on_one_thread
from growth import update
from table import Raw
from torch.utils._python_dispatch import TorchDispatchMode
from training import textbook_step

from grokdash.config import make_config

ROUNDS = 5
PRODUCTS = {"mm": (0, 1), "bmm": (0, 1), "addmm": (1, 2), "baddbmm": (1, 2)}
"""The products of torch, and which of their arguments are multiplied."""

Pair = tuple[torch.Tensor, torch.Tensor]


class Noted(TorchDispatchMode):
    """Note the factors of every matrix product."""

    def __init__(self) -> None:
        super().__init__()
        self.pairs: list[Pair] = []

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        places = PRODUCTS.get(func.__name__.partition(".")[0])
        if places:
            self.pairs.append((like(args[places[0]]), like(args[places[1]])))
        return func(*args, **kwargs or {})


def like(one: torch.Tensor) -> torch.Tensor:
    """Make random numbers of the same shape, type and strides."""
    axes = list(zip(one.shape, one.stride(), strict=True))
    once = [min(size, 1) if stride == 0 else size for size, stride in axes]
    empty = torch.empty_strided(once, one.stride(), dtype=one.dtype)
    return empty.normal_().expand(one.shape)


def operations(pairs: list[Pair]) -> float:
    """Count the multiplications and additions of products."""
    return sum(2.0 * a.numel() * b.shape[-1] for a, b in pairs)


def multiply(pairs: list[Pair]) -> Callable[[], None]:
    outs = [a @ b for a, b in pairs]

    def work() -> None:
        for (a, b), out in zip(pairs, outs, strict=True):
            torch.matmul(a, b, out=out)

    return work


def least(ways: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Give the least CPU seconds of each way; they take turns."""
    found = dict.fromkeys(ways, float("inf"))
    for work in ways.values():
        work()
    for _ in range(rounds):
        for name, work in ways.items():
            start = time.process_time()
            for _ in range(3):
                work()
            found[name] = min(found[name], (time.process_time() - start) / 3)
    return found


def rows(*, quick: bool) -> list[Raw]:
    """Give the rate of products here, and what the epochs take beside them."""
    on_one_thread()
    config = make_config("nanda")
    step = update([config])
    step()
    with Noted() as noted:
        step()
    pairs = noted.pairs
    largest = max(pairs, key=lambda pair: operations([pair]))
    ways = {
        "textbook": textbook_step(config),
        "grokdash": step,
        "products": multiply(pairs),
        "largest": multiply([largest]),
    }
    took = least(ways, 2 if quick else ROUNDS)
    count = operations(pairs)
    shape = " × ".join(map(str, (*largest[0].shape, largest[1].shape[-1])))
    share = took["products"] / took["grokdash"]
    return [
        ("textbook epoch of nanda, CPU time", 1e3 * took["textbook"], "ms", None),
        ("epoch of nanda, CPU time", 1e3 * took["grokdash"], "ms", None),
        ("epoch over a textbook epoch", took["grokdash"] / took["textbook"], "", 0.2),
        ("matrix products of an epoch alone", 1e3 * took["products"], "ms", None),
        ("arithmetic of these products", count / 1e9, "GFLOP", None),
        (
            "rate of these products here",
            count / took["products"] / 1e9,
            "GFLOP/s",
            None,
        ),
        (
            f"rate of the largest, {shape}",
            operations([largest]) / took["largest"] / 1e9,
            "GFLOP/s",
            None,
        ),
        ("share of the epoch that its products take", share, "", None),
    ]


def main() -> None:
    for what, value, unit, _ in rows(quick=False):
        print(f"{what:44} {value:8.3g} {unit}")


if __name__ == "__main__":
    main()
