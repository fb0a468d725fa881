"""Measure training on a GPU in less than four minutes, where there is one.

    python benchmarks/gpu.py [--out gpu] [--device cuda] [--quick]

In turn: one epoch as a CUDA graph, launched kernel by kernel, and as a textbook step;
how far the GPU's weights are from the CPU's after 100 updates; whether a run that is
gone on with ends with the same bits; 40,000 epochs of the ``nanda`` preset, stored as
``grokdash train`` does; 100 seeds as one model at p = 113, and 1,000 at p = 31. Each
part is a process of its own for so long at most: one that hangs costs no other.

``--device cpu --quick`` runs every part on tiny networks: to see that the script works.
Where there is no GPU, and no other device is named, it says so and that is all.
"""

import argparse
import json
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import table
import torch
from batched import several
from report import HERE, BenchmarkError, about, environment, in_process, sentence
from table import Raw, Report, Row
from training import textbook_step

from grokdash.config import RunConfig, make_config
from grokdash.store import shuffled_pairs
from grokdash.terminal import say
from grokdash.training.device import make_update
from grokdash.training.steppers import Stepper, alone, batched
from grokdash.training.train import Options, train

TINY: dict[str, Any] = {"p": 7, "d_model": 8, "d_mlp": 12, "n_heads": 2}
SAME_FOR = 100
"""Updates after which the GPU and the CPU are compared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """How large everything is, and for how many seconds each part steps."""

    nanda: dict[str, Any] = field(default_factory=dict)
    small: dict[str, Any] = field(default_factory=lambda: {"p": 31})
    epochs: int = 40_000
    seeds: tuple[int, int] = (100, 1000)
    stepping_s: float = 5.0
    run_s: float = 75.0


FULL = Sizes()
QUICK = Sizes(
    nanda=TINY, small=TINY, epochs=30, seeds=(3, 4), stepping_s=0.05, run_s=5.0
)


def config_of(sizes: Sizes) -> RunConfig:
    return make_config("nanda", sizes.nanda, epochs=sizes.epochs)


def stepper_of(config: RunConfig, device: torch.device) -> Stepper:
    return alone(config, shuffled_pairs(config)[: config.n_train], device)


def wait(device: torch.device) -> None:
    """Wait until a device has done what it was asked to."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()


def each(action: Callable[[], object], seconds: float, device: torch.device) -> float:
    """Repeat for so long; give the seconds of one."""
    for _ in range(3):
        action()
    wait(device)
    count, some = 0, 1
    start = time.perf_counter()
    while (took := time.perf_counter() - start) < seconds:
        for _ in range(some):
            action()
        wait(device)
        count += some
        some = min(2 * some, 256)
    return took / count


def steps(device: torch.device, sizes: Sizes) -> list[Raw]:
    """Compare one epoch as a graph, kernel by kernel, and as a textbook step."""
    config = config_of(sizes)
    graph = each(make_update(stepper_of(config, device)), sizes.stepping_s, device)
    eager = each(stepper_of(config, device).update, sizes.stepping_s, device)
    textbook = each(textbook_step(config, device), sizes.stepping_s, device)
    stepping = graph * 40_000
    return [
        ("GPU: epoch of nanda as one graph", 1e3 * graph, "ms", None),
        ("GPU: the same, kernel by kernel", 1e3 * eager, "ms", None),
        ("GPU: textbook epoch", 1e3 * textbook, "ms", None),
        ("GPU: gain of the graph over kernels", eager / graph, "×", 1.0),
        ("GPU: gain over a textbook epoch", textbook / graph, "×", 1.0),
        ("GPU: 40,000 epochs of nanda, stepping alone", stepping, "s", 20.0),
    ]


def agreement(device: torch.device, sizes: Sizes) -> list[Raw]:
    """Compare losses and weights with those of the CPU, update by update."""
    config = config_of(sizes)
    ours, theirs = stepper_of(config, device), stepper_of(config, torch.device("cpu"))
    update = make_update(ours)
    losses = np.array(
        [(update()[0, 0].item(), theirs.update()[0, 0].item()) for _ in range(SAME_FOR)]
    )
    here, there = ours.copy_params()[0], theirs.copy_params()[0]
    largest = max(float(np.abs(value).max()) for value in there.values())
    weights = max(float(np.abs(here[n] - there[n]).max()) for n in there) / largest
    loss = float(np.abs(losses[:, 0] / losses[:, 1] - 1).max())
    what = f"GPU against CPU over {SAME_FOR} updates"
    return [
        (f"{what}: train loss, largest relative difference", loss, "", 1e-3),
        (f"{what}: weights, of the largest weight", weights, "", 1e-2),
    ]


def resumed(device: torch.device, sizes: Sizes) -> list[Raw]:
    """Count the arrays that differ after a run was put away and gone on with."""
    config = config_of(sizes)
    straight, first, second = (stepper_of(config, device) for _ in range(3))
    repeat(make_update(straight), 40)
    repeat(make_update(first), 20)
    second.restore(20, first.copy_params(), first.copy_optimizer())
    repeat(make_update(second), 20)
    pairs = [
        (straight.copy_params()[0], second.copy_params()[0]),
        (straight.copy_optimizer()[0], second.copy_optimizer()[0]),
    ]
    differing = sum(
        not np.array_equal(one[name], other[name])
        for one, other in pairs
        for name in one
    )
    return [("GPU: arrays with other bits after going on", differing, "", 0)]


def repeat(action: Callable[[], object], count: int) -> None:
    for _ in range(count):
        action()


def whole_run(device: torch.device, sizes: Sizes) -> list[Raw]:
    """Train and store a run, or as much of it as there is time for."""
    config = config_of(sizes)
    with tempfile.TemporaryDirectory() as folder:
        stop = Path(folder) / "stop"
        timer = threading.Timer(sizes.run_s, stop.touch)
        timer.start()
        options = Options(
            store=Path(folder) / "store", device=device.type, quiet=True, stop_file=stop
        )
        start = time.perf_counter()
        outcome = train(config, options)
        took = time.perf_counter() - start
        timer.cancel()
    whole = outcome.step == config.epochs
    said = "" if whole else f", from the first {outcome.step:,}"
    expected = took * config.epochs / max(outcome.step, 1)
    return [
        (
            f"GPU: {config.epochs:,} epochs of nanda with storing{said}",
            expected,
            "s",
            None,
        ),
        ("GPU: of this, updates and storing", outcome.training_s, "s", None),
        ("GPU: of this, closing analysis and packing", outcome.finishing_s, "s", None),
    ]


def seeds(device: torch.device, sizes: Sizes, place: int) -> list[Raw]:
    """Step many seeds as one model."""
    count = sizes.seeds[place]
    fields = (sizes.nanda, sizes.small)[place]
    configs = several("nanda", fields, count)
    pairs = [shuffled_pairs(config)[: config.n_train] for config in configs]
    update = make_update(batched(configs, pairs, device))
    took = each(update, 2 * sizes.stepping_s, device)
    one = make_update(stepper_of(configs[0], device))
    gain = count * each(one, sizes.stepping_s / 5, device) / took
    what = f"GPU: {count:,} seeds as one model, p = {configs[0].p}"
    budget = 300.0 if place == 0 else None
    return [
        (f"{what}: 40,000 epochs, stepping alone", 40_000 * took, "s", budget),
        (f"{what}: gain over one after another", gain, "×", 1.0),
    ]


PARTS: dict[str, Callable[[torch.device, Sizes], list[Raw]]] = {
    "steps": steps,
    "agreement": agreement,
    "resumed": resumed,
    "run": whole_run,
    "hundred seeds": lambda device, sizes: seeds(device, sizes, 0),
    "thousand seeds": lambda device, sizes: seeds(device, sizes, 1),
}
CAPS_S = {
    "steps": 35,
    "agreement": 25,
    "resumed": 20,
    "run": 95,
    "hundred seeds": 30,
    "thousand seeds": 30,
}
"""Less than four minutes together, with the start of each process."""


def measure(device: str, *, quick: bool) -> list[Row]:
    """Run every part in a process of its own; a part that fails is a row."""
    found: list[Row] = []
    command = [sys.executable, str(HERE / "gpu.py"), "--device", device]
    for name, seconds in CAPS_S.items():
        say(f"{name} …", to_errors=True)
        more = ["--part", name, *["--quick"] * quick]
        try:
            out = in_process([*command, *more], seconds, environment())
            found += table.read_rows(json.loads(out.splitlines()[-1]))
        except (BenchmarkError, ValueError, IndexError) as error:
            found.append(Row(what=f"GPU: {name}", said=str(error), failed=True))
    return found


def rows(*, quick: bool) -> list[Row]:
    """Give all rows where there is a GPU, and else one that says so."""
    if not torch.cuda.is_available():
        return [Row(what="training on a GPU", said="none here")]
    return measure("cuda", quick=quick)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--quick", action="store_true", help="tiny networks")
    parser.add_argument("--out", type=Path, help="write OUT.md and OUT.json as well")
    parser.add_argument("--part", choices=PARTS, help="one of them, told as JSON")
    asked = parser.parse_args()
    if asked.device == "cuda" and not torch.cuda.is_available():
        say("no CUDA device here: nothing was measured")
        return 0
    device = torch.device(asked.device)
    if asked.part:
        say(json.dumps(PARTS[asked.part](device, QUICK if asked.quick else FULL)))
        return 0
    where, start = about(quick=asked.quick), time.perf_counter()
    where["device"] = name_of(device)
    found = measure(asked.device, quick=asked.quick)
    said = sentence(where, time.perf_counter() - start)
    report = Report(
        sections=[("Training on a GPU", found)],
        where=f"{where['device']}. {said}",
        about=where,
    )
    report.show()
    if asked.out:
        report.write(asked.out)
    return int(report.counts["FAILED"] > 0)


def name_of(device: torch.device) -> str:
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else device.type
    return f"{name}, PyTorch {torch.__version__}"


if __name__ == "__main__":
    raise SystemExit(main())
