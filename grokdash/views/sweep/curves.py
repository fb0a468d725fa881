"""Pictures of how the runs of a sweep train and how they end."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from grokdash.analysis.fourier import count_for_fraction
from grokdash.figures.families import Family, Line, families, multiples
from grokdash.figures.grids import Scale, heat_map
from grokdash.figures.intervals import Quantity, quantities
from grokdash.figures.parallel import Thread, Upright, parallel
from grokdash.figures.swept import label, spread_out
from grokdash.figures.theme import Axis, Theme, outcome_colours
from grokdash.views.sweep.choice import Chosen
from grokdash.views.sweep.data import DERIVED, SweepRun
from grokdash.views.sweep.grokking import Drawn

_RATIOS = 113
_EPOCH = Axis("epoch")
_LOG_EPOCH = Axis("epoch", kind="log")

_Curve = Callable[[SweepRun], np.ndarray]


def accuracies(chosen: Chosen, theme: Theme) -> Drawn:
    """Draw test accuracy of all runs, over epochs and over their logarithm."""
    lines = _lines(chosen, lambda run: run.curves["test_accuracy"])
    y = Axis("test accuracy", (-0.03, 1.03))
    members = [
        Family(x=_EPOCH, y=y, lines=lines, dash="dash"),
        Family(x=_LOG_EPOCH, y=y, lines=_from_one(lines), dash="dash"),
    ]
    figure = families(members, theme, chosen.x, columns=2)
    told = f"{len(lines)} runs; one colour per value of {chosen.x.title}."
    return Drawn(figure, told)


def losses(chosen: Chosen, theme: Theme) -> Drawn:
    """Draw train and test loss of all runs on logarithmic axes."""
    train = _from_one(_lines(chosen, lambda run: run.curves["train_loss"]))
    test = _from_one(_lines(chosen, lambda run: run.curves["test_loss"]))
    members = [
        Family(x=_LOG_EPOCH, y=Axis("train loss (nats)", kind="log"), lines=train),
        Family(
            x=_LOG_EPOCH,
            y=Axis("test loss (nats)", kind="log"),
            lines=test,
            dash="dash",
        ),
    ]
    lowest = min((run.last("train_loss") for run in chosen.runs), default=np.nan)
    told = "Train loss solid, test loss dashed; colours as above."
    if np.isfinite(lowest):
        told += f" Lowest final train loss {lowest:.1e} nats."
    figure = families(members, theme, chosen.x, columns=2, legend=False)
    return Drawn(figure, told)


def weights(chosen: Chosen, theme: Theme) -> Drawn:
    """Draw sparsity in the Fourier basis and the weight norm of all runs."""
    members = [
        Family(
            x=_EPOCH,
            y=Axis("Gini, W_L", (0.0, 1.0)),
            lines=_lines(chosen, lambda run: run.curves["gini"]),
        ),
        Family(x=_EPOCH, y=Axis("weight norm"), lines=_lines(chosen, _norm)),
    ]
    told = (
        "Gini coefficient of the folded spectrum of W_L without its constant part, "
        "and Euclidean norm of all weights; colours as above."
    )
    figure = families(members, theme, chosen.x, columns=2, legend=False)
    return Drawn(figure, told)


def growing(chosen: Chosen, theme: Theme) -> Drawn:
    """Draw the four curves that the animation lets grow together."""
    members = [
        Family(
            x=_EPOCH,
            y=Axis("test accuracy", (-0.03, 1.03)),
            lines=_lines(chosen, lambda run: run.curves["test_accuracy"]),
            dash="dash",
        ),
        Family(
            x=_EPOCH,
            y=Axis("train loss (nats)", kind="log"),
            lines=_lines(chosen, lambda run: run.curves["train_loss"]),
        ),
        Family(
            x=_EPOCH,
            y=Axis("Gini, W_L", (0.0, 1.0)),
            lines=_lines(chosen, lambda run: run.curves["gini"]),
        ),
        Family(
            x=_EPOCH,
            y=Axis("key share of logits", (0.0, 1.0)),
            lines=_lines(chosen, lambda run: run.key_share),
        ),
    ]
    figure = families(members, theme, chosen.x, columns=2)
    last = max((int(run.steps[-1]) for run in chosen.runs if len(run.steps)), default=1)
    for number in ("", "2", "3", "4"):
        figure.layout[f"xaxis{number}"].range = [0, last]
    figure.layout["margin"]["b"] = 44
    told = (
        "Epochs: all curves grow together. Values: one value of "
        f"{chosen.x.title} after the other, the rest faint."
    )
    return Drawn(figure, told)


def ends(chosen: Chosen, theme: Theme) -> Drawn:
    """Draw how many frequencies are used, how sparse, and how large the weights are."""
    x = chosen.x
    values = [run.values[chosen.choice.x] for run in chosen.runs]
    offsets = spread_out(values, 0.4 * x.gap)
    at = x.drawn(x.unit(values) + offsets) if values else np.zeros(0)
    hues = x.colours(theme)
    common: dict[str, Any] = {
        "x": at,
        "runs": [run.id for run in chosen.runs],
        "texts": [chosen.name(run) for run in chosen.runs],
        "colours": [hues[x.index(value)] for value in values],
    }
    sets = [
        [
            Quantity(title="by the 1 % rule", y=_each(chosen, _key_count), **common),
            Quantity(
                title="for 90 % of it",
                y=_each(chosen, _k90),
                symbol="diamond-open",
                **common,
            ),
        ],
        [
            Quantity(title="W_L", y=_each(chosen, _final("gini")), **common),
            Quantity(
                title="W_E",
                y=_each(chosen, _final("gini_embed")),
                symbol="diamond-open",
                **common,
            ),
        ],
        [
            Quantity(
                title="norm",
                y=_each(chosen, lambda r: float(np.sqrt(r.last("sumsq")))),
                **common,
            )
        ],
    ]
    titles = ["key frequencies", "Gini", "weight norm"]
    told = (
        "Filled: key frequencies that hold more than 1 % of the logit variance each "
        "(counted, not set), Gini of W_L. Open: frequencies that hold 90 % of it "
        "together, Gini of W_E. At the newest checkpoint of every run."
    )
    return Drawn(quantities(sets, theme, x, titles), told)


def spectra(chosen: Chosen, theme: Theme) -> Drawn:
    """Draw the final spectrum of every run as a row."""
    runs = [run for run in chosen.runs if len(run.share)]
    longest = max((len(run.share) for run in runs), default=1)
    mixed = len({len(run.share) for run in runs}) > 1
    columns = _RATIOS if mixed else longest
    z = np.full((max(len(runs), 1), columns), np.nan)
    marks: list[tuple[float, int]] = []
    for row, run in enumerate(runs):
        count = len(run.share)
        if mixed:
            places = np.arange(columns) * count // columns
            z[row] = run.share[places]
            marks += [((k - 0.5) / count / 2, row) for k in run.keys]
        else:
            z[row] = run.share
            marks += [(k, row) for k in run.keys]
    at = (
        (np.arange(columns) + 0.5) / columns / 2 if mixed else np.arange(1, columns + 1)
    )
    top = float(np.nanmax(z)) if runs and np.isfinite(z).any() else 1.0
    scale = Scale(
        colours=theme.sequential, low=0.0, high=top, title="share of logit variance"
    )
    title = "frequency / modulus" if mixed else "frequency k"
    figure = heat_map(z, scale, theme, Axis(title, values=at), Axis(chosen.x.title))
    figure.data[0].meta = [run.id for run in runs]
    figure.add_scatter(
        x=[one[0] for one in marks],
        y=[one[1] for one in marks],
        mode="markers",
        marker={
            "symbol": "circle-open",
            "size": 6,
            "color": theme.test,
            "line": {"width": 1.4},
        },
        meta=[run.id for run in runs],
        hoverinfo="skip",
    )
    figure.layout["margin"]["l"] = 64
    _name_rows(figure, chosen, runs)
    told = "One row per run; circles mark its key frequencies by the 1 % rule."
    return Drawn(figure, told)


def _name_rows(figure: Any, chosen: Chosen, runs: Sequence[SweepRun]) -> None:
    values = [run.values[chosen.choice.x] for run in runs]
    first = [i for i, value in enumerate(values) if i == 0 or values[i - 1] != value]
    figure.layout.yaxis.tickvals = first
    figure.layout.yaxis.ticktext = [label(values[i]) for i in first]
    figure.layout.yaxis.autorange = "reversed"


def coordinates(chosen: Chosen, theme: Theme) -> Drawn:
    """Draw every run as a thread through its settings and what came of them."""
    names = [
        name
        for name in chosen.data.axes
        if name not in DERIVED or name == chosen.choice.x
    ]
    uprights = [_setting(chosen, name) for name in names]
    uprights += [
        _epochs(chosen),
        _upright(
            "test accuracy",
            _each(chosen, lambda r: r.last("test_accuracy")),
            (0.0, 1.0),
        ),
        _upright("Gini, W_L", _each(chosen, _final("gini")), (0.0, 1.0)),
        _upright("keys", _each(chosen, _key_count), None),
        _upright(
            "weight norm",
            np.log10(_each(chosen, lambda r: max(r.last("sumsq"), 1e-12) ** 0.5)),
            None,
            log=True,
        ),
    ]
    hues = outcome_colours(theme)
    hues["unfinished"] = theme.muted
    threads = [
        Thread(
            run=run.id,
            group=chosen.outcomes[run.id].kind,
            colour=hues[chosen.outcomes[run.id].kind],
            text=chosen.text(run),
        )
        for run in chosen.runs
    ]
    told = (
        "Colour: what became of the run. The grok epoch is logarithmic; runs that do "
        "not grok within their epochs end above its axis, at “later”."
    )
    return Drawn(parallel(uprights, threads, theme), told)


def small_multiples(chosen: Chosen, theme: Theme) -> Drawn:
    """Draw train and test accuracy in one small plot per value."""
    x, y, groups = chosen.x, chosen.y, chosen.groups()
    last = max((int(run.steps[-1]) for run in chosen.runs if len(run.steps)), default=1)
    cells = []
    for second in y.values if y is not None else (None,):
        for value in x.values:
            runs = groups.get((value, second), [])
            title = label(value) if y is None else f"{label(value)} | {label(second)}"
            told = {chosen.outcomes[run.id].kind for run in runs}
            cells.append(
                (
                    f"{title}: {', '.join(sorted(told)) if told else 'no run'}",
                    _plain(chosen, runs, "train_accuracy"),
                    _plain(chosen, runs, "test_accuracy"),
                )
            )
    columns = len(x.values) if y is not None else min(len(x.values), 6)
    columns = min(columns, 8)
    figure = multiples(cells, theme, columns, float(last))
    over = x.title if y is None else f"{x.title} | {y.title}"
    told = f"{over}: outcomes. Train accuracy solid, test accuracy dashed; all seeds."
    return Drawn(figure, told, height=60 + 150 * -(-len(cells) // columns))


def _plain(chosen: Chosen, runs: Sequence[SweepRun], name: str) -> list[Line]:
    return [
        Line(
            run=run.id,
            value=None,
            text=chosen.name(run),
            x=run.steps,
            y=run.curves[name],
        )
        for run in runs
        if len(run.steps)
    ]


def _lines(chosen: Chosen, curve: _Curve) -> list[Line]:
    return [
        Line(
            run=run.id,
            value=run.values[chosen.choice.x],
            text=chosen.name(run),
            x=run.steps,
            y=curve(run),
        )
        for run in chosen.runs
        if len(run.steps)
    ]


def _from_one(lines: Sequence[Line]) -> list[Line]:
    """Leave epoch 0 out, which a logarithmic axis does not have."""
    return [
        Line(
            run=one.run,
            value=one.value,
            text=one.text,
            x=one.x[one.x > 0],
            y=one.y[one.x > 0],
        )
        for one in lines
    ]


def _each(chosen: Chosen, number: Callable[[SweepRun], float]) -> np.ndarray:
    found = [number(run) if len(run.steps) else np.nan for run in chosen.runs]
    return np.array(found, dtype=float)


def _final(name: str) -> Callable[[SweepRun], float]:
    return lambda run: run.last(name)


def _norm(run: SweepRun) -> np.ndarray:
    return np.sqrt(run.curves["sumsq"])


def _key_count(run: SweepRun) -> float:
    return float(len(run.keys)) if len(run.share) else float("nan")


def _k90(run: SweepRun) -> float:
    if not len(run.share) or not np.isfinite(run.share).all():
        return float("nan")
    return float(count_for_fraction(run.share, 0.9))


def _setting(chosen: Chosen, name: str) -> Upright:
    axis = chosen.axis(name)
    places = axis.unit(axis.values)
    low, span = float(places.min()), float(np.ptp(places)) or 1.0
    mine = axis.unit([run.values[name] for run in chosen.runs])
    ticks = list(zip(((places - low) / span).tolist(), axis.labels, strict=True))
    return Upright(title=axis.title, places=(mine - low) / span, ticks=_few(ticks))


def _epochs(chosen: Chosen) -> Upright:
    """Give the grok epoch on a logarithmic axis with a place for later ones."""
    times, observed = chosen.times(chosen.runs)
    known = np.log10(np.maximum(times[observed], 1))
    low = float(known.min()) if len(known) else 0.0
    span = (float(known.max()) - low if len(known) else 0.0) or 1.0
    places = np.where(
        observed, 0.86 * (np.log10(np.maximum(times, 1)) - low) / span, 1.0
    )
    marks = [low + share * span for share in (0.0, 0.5, 1.0)] if len(known) else []
    ticks = [(0.86 * (one - low) / span, f"{10**one:,.0f}") for one in marks]
    if not observed.all():
        ticks.append((1.0, "later"))
    return Upright(title="grok epoch", places=places, ticks=ticks)


def _upright(
    title: str,
    values: np.ndarray,
    limits: tuple[float, float] | None,
    *,
    log: bool = False,
) -> Upright:
    known = values[np.isfinite(values)]
    if limits is None:
        limits = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
    low, span = limits[0], (limits[1] - limits[0]) or 1.0
    marks = [(share, low + share * span) for share in (0.0, 0.5, 1.0)]
    ticks = [(share, f"{10**one if log else one:.3g}") for share, one in marks]
    return Upright(title=title, places=(values - low) / span, ticks=ticks)


def _few(ticks: list[tuple[float, str]]) -> list[tuple[float, str]]:
    return ticks[:: max(1, -(-len(ticks) // 12))]
