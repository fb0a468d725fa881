"""CPU time of an update against a textbook step in PyTorch, for networks of many sizes.

The textbook step computes all three positions, uses autograd throughout, the same
float64 loss and the same fused optimiser. Both take turns in one process, so that what
noise there is hits both, and the best round of each counts. Beside it stands the rate
at which this machine multiplies matrices of the update's shape, as a measure of how
much is left. Run: ``python benchmarks/training.py``.
"""

import argparse
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import torch

from grokdash.config import RunConfig, make_config
from grokdash.model.parameters import initialise, trained_names
from grokdash.model.textbook import textbook_logits
from grokdash.store import shuffled_pairs
from grokdash.training.memory import keep_freed_memory
from grokdash.training.pace import update_gflop
from grokdash.training.process import FLUSH_DENORMAL
from grokdash.training.steppers import alone

CPU = torch.device("cpu")
FULL, OTHER = 0.20, 0.25
"""Budgets: an update of the full nanda preset over a textbook step, and of all else."""
TWO_THREADS = 1 / 1.7
"""Budget: wall time on two threads over that on one."""
CASES = [
    *(("nanda", p, 1) for p in (23, 31, 59, 113)),
    *(("quick", p, 1) for p in (23, 31, 59)),
    *(("quick", 59, layers) for layers in (2, 3)),
    *(("nanda", 113, layers) for layers in (2, 3)),
]
QUICK = [("nanda", 113, 1), ("quick", 23, 1), ("quick", 59, 2)]
ROUND_S = 0.3

Step = Callable[[], object]
Row = tuple[str, float, str, float | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Milliseconds of a step, the best of some rounds."""

    cpu: float
    wall: float


def textbook_step(config: RunConfig, device: torch.device = CPU) -> Step:
    """Make the step everyone would write first."""
    drawn = {name: v.to(device) for name, v in initialise(config).items()}
    params = {name: v.requires_grad_() for name, v in drawn.items()}
    leaves = [params[name] for name in trained_names(config)]
    optimizer = torch.optim.AdamW(
        leaves,
        lr=config.lr,
        betas=(config.beta1, config.beta2),
        eps=config.eps,
        weight_decay=config.weight_decay,
        fused=True,
    )
    pairs = torch.from_numpy(shuffled_pairs(config)[: config.n_train]).to(device)
    labels = (pairs[:, 0] + pairs[:, 1]) % config.p

    def step() -> None:
        logits = textbook_logits(params, config, pairs)
        log_p = torch.log_softmax(logits, dim=1, dtype=torch.float64)
        loss = torch.nn.functional.nll_loss(log_p, labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    return step


def our_step(config: RunConfig) -> Step:
    """Make the update that a run makes."""
    pairs = shuffled_pairs(config)[: config.n_train]
    return alone(config, pairs, CPU).update


def product_step(config: RunConfig) -> Step:
    """Make a plain product of the shape of an update's largest."""
    neurons = torch.randn(config.n_train, config.d_mlp)
    readout = torch.randn(config.d_mlp, config.n_classes)
    return lambda: torch.mm(neurons, readout)


def product_gflop(config: RunConfig) -> float:
    """Count the operations of :func:`product_step`, in thousand millions."""
    return 2e-9 * config.n_train * config.d_mlp * config.n_classes


def measure(steps: Mapping[str, Step], rounds: int) -> dict[str, Cost]:
    """Let some steps take turns."""
    counts, best = {}, dict.fromkeys(steps, Cost(cpu=float("inf"), wall=float("inf")))
    for name, step in steps.items():
        timed(step, 3)
        counts[name] = max(1, round(1e3 * ROUND_S / timed(step, 1).cpu))
    for _ in range(rounds):
        for name, step in steps.items():
            found, known = timed(step, counts[name]), best[name]
            best[name] = Cost(
                cpu=min(found.cpu, known.cpu), wall=min(found.wall, known.wall)
            )
    return best


def timed(step: Step, count: int) -> Cost:
    """Give the mean milliseconds of so many steps."""
    cpu, wall = time.process_time(), time.perf_counter()
    for _ in range(count):
        step()
    return Cost(
        cpu=(time.process_time() - cpu) / count * 1e3,
        wall=(time.perf_counter() - wall) / count * 1e3,
    )


def rows(quick: bool) -> list[Row]:
    """Measure: what, how much, its unit and its budget, an upper bound, if any."""
    prepare()
    return list(_rows(quick=quick))


def _rows(*, quick: bool) -> Iterator[Row]:
    rounds = 3 if quick else 8
    torch.set_num_threads(1)
    for preset, p, n_layers in QUICK if quick else CASES:
        config = make_config(preset, p=p, n_layers=n_layers)
        yield from _of_network(preset, config, rounds)
    yield from _of_threads(make_config("nanda"), rounds)


def _of_network(preset: str, config: RunConfig, rounds: int) -> Iterator[Row]:
    layers = "" if config.n_layers == 1 else f", {config.n_layers} layers"
    what = f"training, {preset}, p = {config.p}{layers}"
    steps = {
        "textbook": textbook_step(config),
        "own": our_step(config),
        "product": product_step(config),
    }
    found = measure(steps, rounds)
    own, textbook = found["own"].cpu, found["textbook"].cpu
    rate = product_gflop(config) / found["product"].cpu * 1e3
    full = (preset, config.p, config.n_layers) == ("nanda", 113, 1)
    yield f"{what}: CPU of a step", own, "ms", None
    yield f"{what}: CPU of a textbook step", textbook, "ms", None
    yield (
        f"{what}: CPU of a step / textbook",
        own / textbook,
        "ratio",
        FULL if full else OTHER,
    )
    yield f"{what}: products of its shape", rate, "GFLOP/s", None
    share = update_gflop(config) / rate * 1e3 / own
    yield f"{what}: products as written / step, at that rate", share, "ratio", None


def _of_threads(config: RunConfig, rounds: int) -> Iterator[Row]:
    steps = {str(n): _on_threads(our_step(config), n) for n in (1, 2)}
    found = measure(steps, rounds)
    torch.set_num_threads(1)
    share = found["2"].wall / found["1"].wall
    yield (
        f"training, nanda, p = {config.p}: wall on two threads / on one",
        share,
        "ratio",
        TWO_THREADS,
    )


def _on_threads(step: Step, count: int) -> Step:
    def on_threads() -> None:
        torch.set_num_threads(count)
        step()

    return on_threads


def prepare() -> None:
    """Set the process up as a trainer sets itself up."""
    keep_freed_memory()
    torch.set_flush_denormal(FLUSH_DENORMAL)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="three networks only")
    quick = parser.parse_args().quick
    prepare()
    for what, value, unit, budget in _rows(quick=quick):
        verdict = ""
        if budget is not None:
            verdict = f"  budget {budget:.2f}: {'met' if value <= budget else 'MISSED'}"
        print(f"{what:66} {value:8.3f} {unit}{verdict}", flush=True)


if __name__ == "__main__":
    main()
