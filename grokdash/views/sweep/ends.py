"""Pictures of what the runs of a sweep end as: frequencies, sparsity, weights."""

from collections.abc import Callable, Sequence

import numpy as np
import plotly.graph_objects as go

from grokdash.analysis.cross_split import MEMORISING, PUBLISHED
from grokdash.analysis.fourier import count_for_fraction
from grokdash.figures.grids import Scale, heat_map
from grokdash.figures.intervals import Quantity, quantities
from grokdash.figures.outcomes import OTHER_MARKS
from grokdash.figures.parallel import Thread, Upright, parallel
from grokdash.figures.swept import label, spread_out
from grokdash.figures.theme import Axis, Theme
from grokdash.views.sweep.axes import DERIVED
from grokdash.views.sweep.chosen import Chosen
from grokdash.views.sweep.data import SweepRun
from grokdash.views.sweep.picture import (
    SweepPicture,
    Table,
    outcome_table,
    settings_table,
)
from grokdash.written import number, percent, whole

_RATIOS = 113
"""Columns of the spectra when the moduli differ."""

_Number = Callable[[SweepRun], float]


def test_accuracy(run: SweepRun) -> float:
    """Give the newest test accuracy."""
    return run.last("test_accuracy")


def gini(run: SweepRun) -> float:
    """Give the newest Gini coefficient of W_L."""
    return run.last("gini")


def gini_embed(run: SweepRun) -> float:
    """Give the newest Gini coefficient of W_E."""
    return run.last("gini_embed")


def norm(run: SweepRun) -> float:
    """Give the newest Euclidean norm of all weights."""
    return float(np.sqrt(run.last("sumsq")))


def key_count(run: SweepRun) -> float:
    """Count the key frequencies; NaN without a spectrum."""
    return float(len(run.keys)) if len(run.share) else float("nan")


def count_for_most(run: SweepRun) -> float:
    """Count the frequencies that hold 90 % of the logit variance together."""
    if not len(run.share) or not np.isfinite(run.share).all():
        return float("nan")
    return float(count_for_fraction(np.maximum(run.share, 0.0), 0.9))


def key_words(runs: Sequence[SweepRun]) -> str:
    """Say by which rule keys were counted, and of how many runs they say nothing."""
    known = [run for run in runs if len(run.share)]
    old = [run for run in known if run.key_rule == PUBLISHED]
    memorising = sum(run.memorising for run in known)
    told = []
    if len(old) < len(known):
        told.append("Keys are what seen and unseen pairs share.")
    if memorising:
        told.append(f"{memorising} of {len(known)} runs: {MEMORISING}.")
    if old:
        null = max(run.null for run in old)
        told.append(
            f"{len(old)} of {len(known)} runs were stored without that: their keys are "
            "counted by the published rule, more than 1 % of the logit variance, of "
            f"which memorising alone gives every frequency up to {percent(null, 2)}."
        )
    return " ".join(told)


_PLOTS: dict[str, tuple[tuple[str, _Number], ...]] = {
    "key frequencies": (
        ("counted", key_count),
        ("for 90 % of it", count_for_most),
    ),
    "Gini": (("W_L", gini), ("W_E", gini_embed)),
    "weight norm": (("norm", norm),),
}
"""The plots side by side: filled and open markers."""

_COLUMNS: dict[str, _Number] = {
    "test accuracy": test_accuracy,
    "key frequencies": key_count,
    "frequencies for 90 %": count_for_most,
    "Gini W_L": gini,
    "Gini W_E": gini_embed,
    "weight norm": norm,
}


def _each(chosen: Chosen, number: _Number) -> np.ndarray:
    return np.array([number(run) for run in chosen.runs], dtype=float)


def _draw_ends(chosen: Chosen, theme: Theme) -> go.Figure:
    x = chosen.x
    values = [run.values[chosen.choice.x] for run in chosen.runs]
    offsets = spread_out(values, 0.4 * x.gap)
    hues = x.colours(theme)
    sets = [
        [
            Quantity(
                title=title,
                x=x.drawn(x.unit(values) + offsets),
                y=_each(chosen, number),
                runs=[run.id for run in chosen.runs],
                texts=[chosen.name(run) for run in chosen.runs],
                colours=[hues[x.index(value)] for value in values],
                symbol=symbol,
            )
            for (title, number), symbol in zip(plot, OTHER_MARKS, strict=False)
        ]
        for plot in _PLOTS.values()
    ]
    columns = 1 if chosen.narrow else len(_PLOTS)
    return quantities(sets, theme, x, list(_PLOTS), columns)


def _ends_words(chosen: Chosen) -> str:
    return (
        "Filled: key frequencies (counted, not set), Gini of W_L. Open: frequencies "
        "that hold 90 % of the logit variance together, Gini of W_E. At the newest "
        f"checkpoint of every run. {key_words(chosen.runs)}"
    )


def _ends_numbers(chosen: Chosen) -> Table:
    columns = {title: _each(chosen, number) for title, number in _COLUMNS.items()}
    return settings_table(chosen, chosen.runs) | columns


def _draw_spectra(chosen: Chosen, theme: Theme) -> go.Figure:
    """Draw a row per run; over frequency / modulus where the moduli differ."""
    runs = _with_spectrum(chosen)
    mixed = len({len(run.share) for run in runs}) > 1
    columns = _RATIOS if mixed else max((len(run.share) for run in runs), default=1)
    z = np.full((max(len(runs), 1), columns), np.nan)
    marks: list[tuple[float, int]] = []
    for row, run in enumerate(runs):
        count = len(run.share)
        z[row] = run.share[np.arange(columns) * count // columns]
        marks += [((k - 0.5) / count / 2 if mixed else float(k), row) for k in run.keys]
    places = np.arange(columns)
    at = (places + 0.5) / columns / 2 if mixed else places + 1
    top = float(np.nanmax(z)) if np.isfinite(z).any() else 1.0
    scale = Scale(
        colours=theme.sequential, low=0.0, high=top, title="share of logit variance"
    )
    x = Axis("frequency / modulus" if mixed else "frequency k", values=at)
    figure = heat_map(z, scale, theme, x, Axis(chosen.x.title))
    figure.data[0].meta = [run.id for run in runs]
    _circle_keys(figure, marks, [run.id for run in runs], theme)
    _name_rows(figure, [run.values[chosen.choice.x] for run in runs])
    return figure


def _with_spectrum(chosen: Chosen) -> list[SweepRun]:
    return [run for run in chosen.runs if len(run.share)]


def _circle_keys(
    figure: go.Figure,
    marks: Sequence[tuple[float, int]],
    ids: Sequence[str],
    theme: Theme,
) -> None:
    for colour, width in ((theme.paper, 4.0), (theme.text, 1.4)):
        figure.add_scatter(
            x=[one[0] for one in marks],
            y=[one[1] for one in marks],
            mode="markers",
            marker={
                "symbol": "circle-open",
                "size": 6,
                "color": colour,
                "line": {"width": width},
            },
            meta=list(ids),
            hoverinfo="skip",
        )


def _name_rows(figure: go.Figure, values: Sequence[object]) -> None:
    first = [i for i, value in enumerate(values) if i == 0 or values[i - 1] != value]
    names = {"tickvals": first, "ticktext": [label(values[i]) for i in first]}
    figure.update_layout(margin_l=64, yaxis={**names, "autorange": "reversed"})


def _spectra_words(chosen: Chosen) -> str:
    return (
        f"One row per run; circles mark its key frequencies. {key_words(chosen.runs)}"
    )


def _spectra_numbers(chosen: Chosen) -> Table:
    """Give one row per run and frequency."""
    runs = _with_spectrum(chosen)
    counts = [len(run.share) for run in runs]
    settings = settings_table(chosen, runs)
    keys = [k in run.keys for run in runs for k in range(1, len(run.share) + 1)]
    return {title: np.repeat(one, counts) for title, one in settings.items()} | {
        "frequency k": np.array([k + 1 for count in counts for k in range(count)]),
        "share of logit variance": np.concatenate([*(r.share for r in runs), []]),
        "key frequency": np.array(keys),
    }


def _draw_parallel(chosen: Chosen, theme: Theme) -> go.Figure:
    names = [
        name
        for name in chosen.data.axes
        if name not in DERIVED or name == chosen.choice.x
    ]
    norms = np.maximum(_each(chosen, norm), 1e-6)
    uprights = [
        *(_setting(chosen, name) for name in names),
        _epochs(chosen),
        _upright("test accuracy", _each(chosen, test_accuracy), (0.0, 1.0)),
        _upright("Gini, W_L", _each(chosen, gini), (0.0, 1.0)),
        _upright("keys", _each(chosen, key_count), None),
        _upright("weight norm", np.log10(norms), None, log=True),
    ]
    kinds = [chosen.outcomes[run.id].kind for run in chosen.runs]
    threads = [
        Thread(run=run.id, group=kind, colour=theme.colour(kind), text=chosen.text(run))
        for run, kind in zip(chosen.runs, kinds, strict=True)
    ]
    return parallel(uprights, threads, theme)


def _parallel_words(_chosen: Chosen) -> str:
    return (
        "Colour: what became of the run. The grok epoch is logarithmic; runs that do "
        "not grok within their epochs end above its axis, at “later”."
    )


def _parallel_numbers(chosen: Chosen) -> Table:
    return _ends_numbers(chosen) | outcome_table(chosen, chosen.runs)


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
    known = np.log10(times[observed & (times > 0)])
    low = float(known.min()) if len(known) else 0.0
    span = (float(known.max()) - low if len(known) else 0.0) or 1.0
    with np.errstate(divide="ignore"):
        heights = np.where(times > 0, 0.86 * (np.log10(times) - low) / span, np.nan)
    places = np.where(observed, heights, 1.0)
    marks = [low + share * span for share in (0.0, 0.5, 1.0)] if len(known) else []
    ticks = [(0.86 * (one - low) / span, whole(10**one)) for one in marks]
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
    ticks = [(share, number(10**one if log else one)) for share, one in marks]
    return Upright(title=title, places=(values - low) / span, ticks=ticks)


def _few(ticks: list[tuple[float, str]]) -> list[tuple[float, str]]:
    return ticks[:: max(1, -(-len(ticks) // 12))]


ENDS = SweepPicture(
    name="ends",
    title="What the networks end as",
    question="How many frequencies, how sparse, how large?",
    draw=_draw_ends,
    words=_ends_words,
    numbers=_ends_numbers,
    width=7,
    stacked=3,
    height=300,
)

SPECTRA = SweepPicture(
    name="spectra",
    title="Final spectra",
    question="Which frequencies does each run end with?",
    draw=_draw_spectra,
    words=_spectra_words,
    numbers=_spectra_numbers,
    width=5,
    height=380,
)

PARALLEL = SweepPicture(
    name="parallel",
    title="Parallel coordinates",
    question="Which settings lead to which ends?",
    draw=_draw_parallel,
    words=_parallel_words,
    numbers=_parallel_numbers,
    judged=True,
    width=7,
    height=380,
)
