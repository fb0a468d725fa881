"""Pictures of how the runs of a sweep train: one line per run, over the epochs."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import plotly.graph_objects as go

from grokdash.figures.families import Family, Line, families, multiples
from grokdash.figures.swept import label
from grokdash.figures.theme import Axis, Theme
from grokdash.views.sweep.chosen import Chosen
from grokdash.views.sweep.data import SweepRun
from grokdash.views.sweep.picture import SweepPicture, Table, settings_table
from grokdash.written import number

_MOST_COLUMNS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """A quantity of a run over training: its curve, its axis, the look of its line."""

    axis: Axis
    curve: Callable[[SweepRun], np.ndarray]
    dash: Literal["solid", "dash"] = "solid"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracks:
    """Quantities of all runs over training, a plot each.

    ``log`` has one entry per plot: whether its epochs are logarithmic. ``whole`` takes
    every plot from epoch 0 to the last of any run.
    """

    tracks: Sequence[Track]
    log: Sequence[bool]
    legend: bool = True
    whole: bool = False

    def draw(self, chosen: Chosen, theme: Theme) -> go.Figure:
        """Draw the plots, two in a row or one, one colour per value."""
        columns = 1 if chosen.narrow else 2
        limits = (0.0, _last_epoch(chosen)) if self.whole else None
        members = [
            Family(
                x=Axis("epoch", limits, "log" if log else "linear"),
                y=track.axis,
                lines=_lines(chosen.runs, chosen, track, start=1 if log else 0),
                dash=track.dash,
            )
            for track, log in zip(self.tracks, self.log, strict=True)
        ]
        return families(members, theme, chosen.x, columns=columns, legend=self.legend)

    def numbers(self, chosen: Chosen) -> Table:
        """Give one row per run and evaluated epoch."""
        runs = _begun(chosen.runs)
        counts = [len(run.steps) for run in runs]
        settings = settings_table(chosen, runs)
        table = {title: np.repeat(one, counts) for title, one in settings.items()}
        table["epoch"] = _joined(run.steps for run in runs)
        for track in self.tracks:
            table[track.axis.title] = _joined(track.curve(run) for run in runs)
        return table


def _lines(
    runs: Sequence[SweepRun], chosen: Chosen, track: Track, start: int = 0
) -> list[Line]:
    """Give the curves from an epoch on: a logarithmic axis has no epoch 0."""
    return [
        Line(
            run=run.id,
            value=run.values[chosen.choice.x],
            text=chosen.name(run),
            x=run.steps[run.steps >= start],
            y=track.curve(run)[run.steps >= start],
        )
        for run in _begun(runs)
    ]


def _begun(runs: Sequence[SweepRun]) -> list[SweepRun]:
    return [run for run in runs if len(run.steps)]


def _joined(parts: Iterable[np.ndarray]) -> np.ndarray:
    return np.concatenate([*parts, np.zeros(0)])


def _last_epoch(chosen: Chosen) -> float:
    return max((float(run.steps[-1]) for run in _begun(chosen.runs)), default=1.0)


_TEST_ACCURACY = Track(
    axis=Axis("test accuracy", (-0.03, 1.03)),
    curve=lambda run: run.curves["test_accuracy"],
    dash="dash",
)
_TRAIN_ACCURACY = Track(
    axis=Axis("train accuracy", (-0.03, 1.03)),
    curve=lambda run: run.curves["train_accuracy"],
)
_TRAIN_LOSS = Track(
    axis=Axis("train loss (nats)", kind="log"),
    curve=lambda run: run.curves["train_loss"],
)
_TEST_LOSS = Track(
    axis=Axis("test loss (nats)", kind="log"),
    curve=lambda run: run.curves["test_loss"],
    dash="dash",
)
_GINI = Track(axis=Axis("Gini, W_L", (0.0, 1.0)), curve=lambda run: run.curves["gini"])
_NORM = Track(axis=Axis("weight norm"), curve=lambda run: np.sqrt(run.curves["sumsq"]))
_KEY_SHARE = Track(
    axis=Axis("key share of logits", (0.0, 1.0)), curve=lambda run: run.key_share
)

_ACCURACY = Tracks(tracks=(_TEST_ACCURACY, _TEST_ACCURACY), log=(False, True))
_GROWING = Tracks(
    tracks=(_TEST_ACCURACY, _TRAIN_LOSS, _GINI, _KEY_SHARE),
    log=(False,) * 4,
    whole=True,
)
_LOSSES = Tracks(tracks=(_TRAIN_LOSS, _TEST_LOSS), log=(True, True), legend=False)
_WEIGHTS = Tracks(tracks=(_GINI, _NORM), log=(False, False), legend=False)
_BOTH = Tracks(tracks=(_TRAIN_ACCURACY, _TEST_ACCURACY), log=(False, False))


def _accuracy_words(chosen: Chosen) -> str:
    count = len(_begun(chosen.runs))
    return f"{count} runs; one colour per value of {chosen.x.title}."


def _growing_words(chosen: Chosen) -> str:
    return (
        "Epochs: all curves grow together. Values: one value of "
        f"{chosen.x.title} after the other, the rest faint."
    )


def _losses_words(chosen: Chosen) -> str:
    told = "Train loss solid, test loss dashed; colours as above."
    ends = np.array([run.last("train_loss") for run in chosen.runs])
    if np.isfinite(ends).any():
        told += f" Lowest final train loss {number(np.nanmin(ends), 2)} nats."
    return told


def _weights_words(_chosen: Chosen) -> str:
    return (
        "Gini coefficient of the folded spectrum of W_L without its constant part, "
        "and Euclidean norm of all weights; colours as above."
    )


def _draw_multiples(chosen: Chosen, theme: Theme) -> go.Figure:
    groups = chosen.groups()
    cells = []
    for second in (None,) if chosen.y is None else chosen.y.values:
        for value in chosen.x.values:
            runs = groups.get((value, second), [])
            train, test = (_lines(runs, chosen, track) for track in _BOTH.tracks)
            cells.append((_cell_title(chosen, value, second, runs), train, test))
    return multiples(cells, theme, _columns(chosen), _last_epoch(chosen))


def _cell_title(
    chosen: Chosen, value: object, second: object, runs: Sequence[SweepRun]
) -> str:
    name = label(value) if chosen.y is None else f"{label(value)} | {label(second)}"
    kinds = sorted({chosen.outcomes[run.id].kind for run in runs})
    return f"{name}: {', '.join(kinds) if kinds else 'no run'}"


def _columns(chosen: Chosen) -> int:
    if chosen.narrow:
        return min(len(chosen.x.values), 2)
    most = _MOST_COLUMNS if chosen.y is not None else 6
    return min(len(chosen.x.values), most)


def _rows(chosen: Chosen) -> int:
    seconds = 1 if chosen.y is None else len(chosen.y.values)
    return -(-len(chosen.x.values) * seconds // _columns(chosen))


def _multiples_words(chosen: Chosen) -> str:
    x, y = chosen.x, chosen.y
    over = x.title if y is None else f"{x.title} | {y.title}"
    return f"{over}: outcomes. Train accuracy solid, test accuracy dashed; all seeds."


ACCURACY = SweepPicture(
    name="accuracy",
    title="Test accuracy of all runs",
    question="How does each run get there, early and late?",
    draw=_ACCURACY.draw,
    words=_accuracy_words,
    numbers=_ACCURACY.numbers,
    width=12,
    stacked=2,
    height=280,
)

GROWING = SweepPicture(
    name="growing",
    title="Training of all runs, animated",
    question="What happens together while the runs train?",
    draw=_GROWING.draw,
    words=_growing_words,
    numbers=_GROWING.numbers,
    width=12,
    stacked=2,
    height=440,
)

LOSSES = SweepPicture(
    name="losses",
    title="Losses",
    question="Does every run fit its training pairs, and stay there?",
    draw=_LOSSES.draw,
    words=_losses_words,
    numbers=_LOSSES.numbers,
    width=6,
    stacked=2,
    height=280,
)

WEIGHTS = SweepPicture(
    name="weights",
    title="Sparsity and weight norm",
    question="Do sparsity and small weights go with grokking?",
    draw=_WEIGHTS.draw,
    words=_weights_words,
    numbers=_WEIGHTS.numbers,
    width=6,
    stacked=2,
    height=280,
)

MULTIPLES = SweepPicture(
    name="multiples",
    title="Every value by itself",
    question="What do the accuracies of each value look like?",
    draw=_draw_multiples,
    words=_multiples_words,
    numbers=_BOTH.numbers,
    judged=True,
    width=12,
    height=360,
    rows=_rows,
)
