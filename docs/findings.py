"""Write the numbers of docs/findings from a store with the trained sweeps.

    grokdash sweep run weight-decay-small --store STORE    # and the others
    python docs/findings.py STORE

For every page it writes the runs as CSV, the picture of their grok epochs as SVG, and
the tables between the two marks of the page. Without a store it fits the power laws
again, which need no more than the CSV files. The prose around the tables is written by
hand: read it again when numbers have changed. tests/test_findings.py computes the
tables from the CSV files by other means, and finds every number of the prose in them.
"""

import csv
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import plotly.graph_objects as go
from generate import table

from grokdash.analysis.survival import censored_quantile, power_law
from grokdash.figures.swept import label
from grokdash.figures.theme import LIGHT
from grokdash.store import Store, open_store
from grokdash.store.sweeps import sweep_ids
from grokdash.sweeps.plan import find_sweep, read_sweep
from grokdash.views.sweep.choice import Choice
from grokdash.views.sweep.chosen import Chosen
from grokdash.views.sweep.comparisons import (
    Comparison,
    comparisons,
    strata_fields,
    together,
)
from grokdash.views.sweep.data import SweepData, SweepReader, SweepRun
from grokdash.views.sweep.ends import key_words
from grokdash.views.sweep.grokking import GROK
from grokdash.views.sweep.table import records
from grokdash.written import percent

DOCS = Path(__file__).parent / "findings"
LATE = 2000
"""Epoch from which every network here should have settled on its training pairs."""
MEDIAN_LOSS = f"median train loss from epoch {LATE:,}"
HIGHEST_LOSS = f"highest train loss from epoch {LATE:,}"
LAW = "Power law, all runs, censored ones as such: grok epoch ∝ "
BEGIN, END = "<!-- Made by docs/findings.py. -->", "<!-- End. -->"


@dataclass(frozen=True, slots=True)
class Page:
    """One page: its sweep, the axes of its picture, and the quantities it tests."""

    name: str
    x: str
    y: str | None = None
    tests: tuple[str, ...] = ()


PAGES = (
    Page("weight-decay", "weight_decay"),
    Page("train-fraction", "train_fraction"),
    Page("learning-rate", "lr"),
    Page("operation", "operation"),
    Page("depth", "operation", "n_layers", tests=("n_layers",)),
    Page("effective-regularisation", "decay_rate"),
    Page("prime", "p"),
    Page("heads", "n_heads"),
    Page("heads-primes", "p", "n_heads", tests=("n_heads",)),
    Page("multi-seed", "p", "n_heads", tests=("n_heads",)),
    Page("head-width", "d_model", "n_heads", tests=("n_heads", "d_model")),
    Page("bias", "mlp_bias"),
    Page("precision", "loss_dtype", "beta2", tests=("loss_dtype", "beta2")),
)


def main() -> None:
    """Write CSV, pictures and tables of every page, or the laws without a store."""
    if len(sys.argv) > 2:
        sys.exit("usage: python docs/findings.py [STORE]")
    if len(sys.argv) == 1:
        for page in PAGES:
            renew_law(page)
        return
    reader = SweepReader(open_store(Path(sys.argv[1])))
    for page in PAGES:
        write_page(reader.store, page, read(reader, f"{page.name}-small"))


def read(reader: SweepReader, name: str) -> SweepData:
    """Give the complete sweep of a shipped file."""
    wanted = read_sweep(find_sweep(name)).id
    if wanted not in sweep_ids(reader.store.path):
        sys.exit(f"{name}: not in this store; grokdash sweep run {name} trains it")
    data = reader.get(wanted)
    if data.absent:
        sys.exit(f"{name}: not complete: {data.absent}")
    return data


def write_page(store: Store, page: Page, data: SweepData) -> None:
    """Write the three parts of one page."""
    chosen = Chosen(data, Choice(x=page.x, y=page.y))
    write_csv(store, chosen, DOCS / f"{page.name}.csv")
    write_picture(chosen, DOCS / f"{page.name}.svg")
    path = DOCS / f"{page.name}.md"
    before, _, rest = path.read_text(encoding="utf-8").partition(BEGIN)
    _, mark, after = rest.partition(END)
    if not mark:
        sys.exit(f"{path}: expected the marks {BEGIN} and {END}")
    tested = [Chosen(data, Choice(x=name)) for name in page.tests or (page.x,)]
    law = law_line(chosen.x.title, read_csv(page))
    tables = [values_table(store, chosen), *law, *map(tests_table, tested)]
    middle = "\n\n".join([BEGIN, *tables, END])
    path.write_text(before + middle + after, encoding="utf-8")


def late_losses(store: Store, run: SweepRun) -> dict[str, float]:
    """Give median and highest loss of all updates once networks have memorised."""
    steps, losses = store.run(run.id).scalars("train_loss")
    late = losses[steps >= LATE]
    return {MEDIAN_LOSS: float(np.median(late)), HIGHEST_LOSS: float(late.max())}


def write_csv(store: Store, chosen: Chosen, path: Path) -> None:
    """Write one line per run; empty where a run has no such number."""
    rows = [
        {name: f"{v:.6g}" if isinstance(v, float) else v for name, v in one.items()}
        for one in records(chosen)
    ]
    for row, run in zip(rows, chosen.runs, strict=True):
        row["within"] = int(run.steps[-1])
        for name, loss in late_losses(store, run).items():
            row[name] = f"{loss:.3g}"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def read_csv(page: Page) -> list[dict[str, str]]:
    """Give the runs of a page as its CSV file has them."""
    with (DOCS / f"{page.name}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def write_picture(chosen: Chosen, path: Path) -> None:
    """Draw the grok epochs."""
    figure = go.Figure(GROK.draw(chosen, LIGHT))
    figure.update_layout(
        width=720, height=380, paper_bgcolor="white", plot_bgcolor="white"
    )
    figure.write_image(path, format="svg")


def values_table(store: Store, chosen: Chosen) -> str:
    """Say for every value what became of its runs."""
    seconds = [] if chosen.y is None else [chosen.y.title]
    head = [
        chosen.x.title,
        *seconds,
        "grok",
        "median grok epoch",
        "single runs",
        "test accuracy at the end",
        "key frequencies",
        "Gini of W_L",
        "weight norm",
        HIGHEST_LOSS,
    ]
    rows: list[list[object]] = []
    for (value, second), runs in chosen.groups().items():
        times, observed = chosen.times(runs)
        rows.append(
            [
                label(value),
                *([label(second)] if seconds else []),
                f"{observed.sum()} of {len(runs)}",
                epoch(censored_quantile(times, observed)),
                ", ".join(single(chosen, run) for run in by_time(chosen, runs)),
                span([run.last("test_accuracy") for run in runs], percent),
                span([len(run.keys) for run in runs], "{:d}".format),
                span([run.last("gini") for run in runs], "{:.2f}".format),
                span([run.last("sumsq") ** 0.5 for run in runs], "{:.1f}".format),
                span(
                    [late_losses(store, run)[HIGHEST_LOSS] for run in runs],
                    "{:.1g}".format,
                ),
            ]
        )
    return f"{table(head, rows)}\n\n{key_words(chosen.runs)}"


def by_time(chosen: Chosen, runs: list[SweepRun]) -> list[SweepRun]:
    """Sort runs by grok epoch, those without one last."""
    rises = {run.id: chosen.rise(run) for run in runs}
    return sorted(
        runs, key=lambda one: (not rises[one.id].observed, rises[one.id].time)
    )


def single(chosen: Chosen, run: SweepRun) -> str:
    """Give the epoch by which one run grokked, or why there is none."""
    outcome = chosen.outcomes[run.id]
    if outcome.until is not None:
        return f"{outcome.until:,}"
    return "collapses" if outcome.kind == "collapses" else f"> {outcome.within:,}"


def epoch(value: float) -> str:
    """Write a median, or that there is none."""
    return f"{value:,.0f}" if np.isfinite(value) else "not reached"


def span(values: list[float], write: Callable[[float], str]) -> str:
    """Write the smallest and the largest of some numbers."""
    low, high = write(min(values)), write(max(values))
    return low if low == high else f"{low} to {high}"


def law_line(title: str, rows: list[dict[str, str]]) -> list[str]:
    """Give the power law of a column, if it holds numbers and there is one."""
    try:
        values = np.array([float(row[title]) for row in rows])
    except ValueError:
        return []
    until = [row["grok until"] for row in rows]
    times = [float(row["grok until"] or row["within"]) for row in rows]
    law = power_law(values, np.array(times), np.array([epoch != "" for epoch in until]))
    if law is None:
        return []
    told = (
        f"{LAW}{title} ^ {law.slope:.2f} (standard error {law.error:.2f}, "
        f"scatter × {np.exp(law.spread):.2f})."
    )
    return [told]


def renew_law(page: Page) -> None:
    """Write the power law of a page anew."""
    path = DOCS / f"{page.name}.md"

    def anew(line: re.Match[str]) -> str:
        return law_line(line["title"], read_csv(page))[0]

    told = re.sub(
        f"^{re.escape(LAW)}(?P<title>.+) \\^ .*$",
        anew,
        path.read_text(encoding="utf-8"),
        flags=re.MULTILINE,
    )
    path.write_text(told, encoding="utf-8")


def tests_table(chosen: Chosen) -> str:
    """Say which values differ."""
    title = chosen.x.title
    head = [title, "and", "grok", "medians", "p", "p, Holm", "smallest possible p"]
    rows = [test_row(one) for one in comparisons(chosen)]
    apart = stratified_by(chosen)
    told = f"Which values of {title} differ{apart}? {together(chosen)}"
    return f"{told}\n\n{table(head, rows)}"


def stratified_by(chosen: Chosen) -> str:
    """Name what else varies and is held fixed in the comparisons."""
    names = [chosen.data.axes.get(name, name) for name in strata_fields(chosen)]
    return f" (runs compared only at equal {', '.join(names)})" if names else ""


def test_row(one: Comparison) -> list[object]:
    """Write one comparison."""
    cells: list[object] = [
        label(one.first),
        label(one.second),
        f"{one.grokked[0]} of {one.runs[0]}, {one.grokked[1]} of {one.runs[1]}",
        f"{epoch(one.medians[0])}, {epoch(one.medians[1])}",
    ]
    if one.test is None:
        return [*cells, "not comparable", "", ""]
    p_values = (one.test.p_value, one.corrected, one.test.smallest)
    return [*cells, *(f"{p:.3g}" for p in p_values)]


if __name__ == "__main__":
    main()
