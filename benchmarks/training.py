"""CPU time of one epoch of the nanda preset against a textbook PyTorch step.

The textbook step computes all three positions, uses autograd throughout, the same
float64 loss and the same fused optimiser. Run: ``python benchmarks/training.py``.
"""

import argparse
import time
from collections.abc import Callable

import torch

from grokdash.config import RunConfig, make_config
from grokdash.model.parameters import initialise, trained_names
from grokdash.model.textbook import textbook_logits
from grokdash.store import shuffled_pairs
from grokdash.training.memory import keep_freed_memory
from grokdash.training.steppers import alone

CPU = torch.device("cpu")
BUDGET = 0.25


def textbook_step(config: RunConfig, device: torch.device = CPU) -> Callable[[], None]:
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


def measure(step: Callable[[], object], epochs: int) -> tuple[float, float]:
    """Give CPU and wall milliseconds per epoch, the best of three rounds."""
    for _ in range(3):
        step()
    rounds = []
    for _ in range(3):
        cpu, wall = time.process_time(), time.perf_counter()
        for _ in range(epochs):
            step()
        rounds.append(
            (
                (time.process_time() - cpu) / epochs * 1e3,
                (time.perf_counter() - wall) / epochs * 1e3,
            )
        )
    return min(rounds)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=20, help="epochs per round")
    epochs = parser.parse_args().epochs
    keep_freed_memory()
    config = make_config("nanda")
    pairs = shuffled_pairs(config)[: config.n_train]
    costs = {}
    for threads in (1, 2):
        torch.set_num_threads(threads)
        stepper = alone(config, pairs, CPU)
        for name, step in (
            ("textbook", textbook_step(config)),
            ("grokdash", stepper.update),
        ):
            cpu, wall = measure(step, epochs)
            costs[name, threads] = cpu
            print(
                f"{name:9} {threads} thread(s): {cpu:6.1f} ms CPU, "
                f"{wall:6.1f} ms wall, {1e3 / wall:5.1f} epochs/s"
            )
    ratio = costs["grokdash", 1] / costs["textbook", 1]
    verdict = "met" if ratio <= BUDGET else "MISSED"
    print(f"CPU ratio on one thread {ratio:.3f}; budget {BUDGET}: {verdict}")


if __name__ == "__main__":
    main()
