"""Write the tables of rounding twins into docs/measured.md.

    grokdash sweep run twins --store STORE    # or other runs of one seed
    python docs/twins.py STORE [STORE …]

Compares finished runs of the nanda preset with seed 0 and addition that start alike but
for the last bit of one weight (`twin`) or that were trained with other numbers of
threads: their key frequencies, the shares of these over training, and how far the
weights have parted.
"""

import sys
from itertools import chain
from pathlib import Path

import numpy as np
from generate import table
from networks import preset_of

from grokdash.analysis import phases
from grokdash.store import Run, open_store

PAGE = Path(__file__).parent / "measured.md"
BEGIN, END = "<!-- Made by docs/twins.py. -->", "<!-- End. -->"
EPOCHS = (100, 1000, 2000, 5000, 7000, 9000, 10_000, 11_000, 12_000, 15_000)


def main() -> None:
    """Find the twins and write their tables between the marks of the page."""
    if len(sys.argv) < 2:
        sys.exit("usage: python docs/twins.py STORE [STORE …]")
    stores = [open_store(Path(path)) for path in sys.argv[1:]]
    found = chain(*([store.run(one) for one in store.run_ids()] for store in stores))
    runs = sorted(
        filter(wanted, found), key=lambda run: (run.config.twin, threads(run))
    )
    if len(runs) < 2:
        sys.exit("expected at least two finished runs that differ in rounding alone")
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    _, mark, after = rest.partition(END)
    if not mark:
        sys.exit(f"{PAGE}: expected the marks {BEGIN} and {END}")
    made = [BEGIN, summary(runs), outcomes(runs), shares(runs), distances(runs), END]
    PAGE.write_text(before + "\n\n".join(made) + after, encoding="utf-8")


def wanted(run: Run) -> bool:
    """Say whether a run is one of the published configuration and finished."""
    config = run.config
    same = preset_of(config) == "nanda" and config.operation == "add"
    start = config.seed == config.split_seed == 0
    return same and start and run.status.state == "finished"


def threads(run: Run) -> int:
    return int(run.provenance["threads"])


def name(run: Run) -> str:
    """Name a run by what sets it apart."""
    count = threads(run)
    return f"twin {run.config.twin}, {count} thread{'s' if count > 1 else ''}"


def keys(run: Run) -> tuple[int, ...]:
    return tuple(run.key_frequencies or ())


def all_keys(runs: list[Run]) -> list[int]:
    return sorted({k for run in runs for k in keys(run)})


def summary(runs: list[Run]) -> str:
    """Say which frequencies all runs end with, and which only some."""
    shared = [k for k in all_keys(runs) if all(k in keys(run) for run in runs)]
    rest = [k for k in all_keys(runs) if k not in shared]
    counts = {k: sum(k in keys(run) for run in runs) for k in rest}
    sizes = [[neurons(run)[k] for run in runs] for k in shared]
    apart = max((max(one) - min(one) for one in sizes), default=0)
    some = "; ".join(f"{k} in {count}" for k, count in counts.items())
    tail = f" Not in all: {some}." if some else " They are the same in all."
    return (
        f"Of {len(runs)} runs, all end with the frequencies "
        f"{', '.join(map(str, shared))}.{tail} The number of neurons of a shared one "
        f"differs by up to {apart}."
    )


def outcomes(runs: list[Run]) -> str:
    """Tabulate how each run ends."""
    rows: list[list[object]] = []
    for run in runs:
        grok = phases.grok_interval(
            run.steps, np.asarray(run.series("accuracy/test")), run.config.epochs
        )
        losses = np.asarray(run.series("loss/test"))
        rows.append(
            [
                name(run),
                f"{run.steps[-1]:,}",
                ", ".join(map(str, keys(run))),
                grok.text.removeprefix("grokked "),
                f"{losses.max():.1f} at {run.steps[losses.argmax()]:,}",
                f"{losses[-1]:.2e}",
                f"{float(run.series('weights/sumsq_total')[-1]):.0f}",
                ", ".join(map(str, run.measure("attention/freq", int(run.steps[-1])))),
                ", ".join(f"{k}: {count}" for k, count in neurons(run).items()),
            ]
        )
    head = ["run", "epochs", "key frequencies", "grokked", "highest test loss"]
    tail = ["test loss at the end", "Σw²", "frequency of each head", "neurons per key"]
    return table([*head, *tail], rows)


def neurons(run: Run) -> dict[int, int]:
    """Count the neurons of every key frequency at the end."""
    frequency = np.asarray(run.measure("neuron/freq", int(run.steps[-1])))
    return {k: int((frequency == k).sum()) for k in keys(run)}


def shared_epochs(runs: list[Run]) -> list[int]:
    last = min(int(run.steps[-1]) for run in runs)
    return [epoch for epoch in EPOCHS if epoch <= last]


def shares(runs: list[Run]) -> str:
    """Tabulate the share of the logit variance of every key, by epoch and run."""
    columns = all_keys(runs)
    rows: list[list[object]] = []
    for epoch in shared_epochs(runs):
        for run in runs:
            share = np.asarray(run.measure("logits/sum_share", run.nearest_step(epoch)))
            cells = [f"{100 * float(share[k - 1]):.2g}" for k in columns]
            others = np.where(np.isin(np.arange(len(share)) + 1, columns), 0, share)
            other = f"{100 * others.max():.2g} (k = {others.argmax() + 1})"
            rows.append([f"{epoch:,}", name(run), *cells, other])
    head = ["epoch", "run", *(f"k = {k}, %" for k in columns), "strongest other, %"]
    return f"Share of the logit variance on the waves in a + b:\n\n{table(head, rows)}"


def distances(runs: list[Run]) -> str:
    """Tabulate how far the weights of each run are from those of the first."""
    rows: list[list[object]] = []
    for epoch in (0, *shared_epochs(runs)):
        vectors = [
            np.concatenate(
                [W.ravel() for W in run.params(run.nearest_step(epoch)).values()]
            ).astype(np.float64)
            for run in runs
        ]
        size = np.linalg.norm(vectors[0])
        cells = [
            f"{np.linalg.norm(one - vectors[0]) / size:.2g}" for one in vectors[1:]
        ]
        rows.append([f"{epoch:,}", *cells])
    head = ["epoch", *map(name, runs[1:])]
    return (
        f"Distance of all weights from those of {name(runs[0])}, over their norm:\n\n"
        f"{table(head, rows)}"
    )


if __name__ == "__main__":
    main()
