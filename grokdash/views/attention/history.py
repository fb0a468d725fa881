"""Views of attention over all of training."""

import numpy as np
import plotly.graph_objects as go

from grokdash.cache import Arrays
from grokdash.figures.marks import DASHES
from grokdash.figures.spreads import Spread, bands
from grokdash.figures.theme import Axis
from grokdash.snapshot import Snapshot
from grokdash.views.core.normal import span
from grokdash.views.core.selection import Selection
from grokdash.views.core.view import Drawing, Guide, Traits, View
from grokdash.views.pictures import EpochCurves, Level, Line, Special
from grokdash.views.reading.epochs import add_phases, epoch_axis, shown_epochs
from grokdash.views.reading.frames import basis_note, needs_stored
from grokdash.views.reading.frequencies import key_colours
from grokdash.views.reading.neurons import heads_of
from grokdash.views.reading.words import POSITIONS
from grokdash.written import percent, percent_within, whole

_BAND_DASHES = ("solid", "dash", "dot")
_MOST_NAMES = 8


def _sources(snapshot: Snapshot, selection: Selection) -> Arrays:
    run = snapshot.run
    row = selection.layer * run.config.n_heads + selection.h
    return {
        "epochs": run.steps.astype(float),
        "mean": run.series("attention/mean")[:, row].astype(float),
        "std": run.series("attention/std")[:, row].astype(float),
    }


def _draw_sources(drawing: Drawing) -> go.Figure:
    epochs, arrays = shown_epochs(drawing), drawing.arrays
    groups = [
        Spread(
            name=f"to {source}",
            x=epochs,
            mean=arrays["mean"][:, index],
            deviation=arrays["std"][:, index],
            colour=drawing.theme.colour(source),
            dash=_BAND_DASHES[index],
        )
        for index, source in enumerate(POSITIONS)
    ]
    y = Axis(f"attention of head {drawing.selection.h} (share)", (-0.05, 1.05))
    fig = bands(groups, drawing.theme, epoch_axis(drawing), y)
    return add_phases(fig, drawing)


def _describe_sources(drawing: Drawing) -> str:
    index, selection = drawing.snapshot.index, drawing.selection
    mean, std = drawing.arrays["mean"], drawing.arrays["std"]
    return (
        f"At epoch {drawing.step:,}, {percent_within(mean[index, 0], std[index, 0])} "
        f"of the attention of head {selection.h} of layer {selection.layer} goes to a; "
        f"at initialisation it was {percent_within(mean[0, 0], std[0, 0])}."
    )


def _fractions(snapshot: Snapshot, selection: Selection) -> Arrays:
    run = snapshot.run
    rows = heads_of(run, selection.layer)
    return {
        "epochs": run.steps.astype(float),
        "fraction": run.series("attention/frac")[:, rows].astype(float),
        "frequency": run.series("attention/freq")[:, rows].astype(float),
    }


def _head_lines(drawing: Drawing, values: np.ndarray) -> list[Line]:
    """Give a line per head in the colour of the frequency it ends with."""
    run, layer = drawing.run, drawing.selection.layer
    frequency = run.stored.measure("attention/freq", run.last)
    of_keys = key_colours(drawing)
    return [
        Line(
            f"head {head} (k = {k})" if k > 0 else f"head {head}",
            values[:, head],
            of_keys.get(int(k), "muted"),
            dash=DASHES[head % len(DASHES)],
        )
        for head, k in enumerate(frequency[heads_of(run, layer)].astype(int))
    ]


def _describe_fractions(drawing: Drawing) -> str:
    index = drawing.snapshot.index
    fraction, frequency = drawing.arrays["fraction"], drawing.arrays["frequency"]
    parts = "; ".join(
        f"head {head} frequency {whole(frequency[index, head])} "
        f"({percent(fraction[index, head])})"
        for head in range(min(8, fraction.shape[1]))
        if np.isfinite(fraction[index, head])
    )
    if not parts:
        return f"At epoch {drawing.step:,} no head's attention varies."
    return f"At epoch {drawing.step:,}: {parts}.{basis_note(drawing.run)}"


def _asymmetry(snapshot: Snapshot, selection: Selection) -> Arrays:
    run = snapshot.run
    rows = heads_of(run, selection.layer)
    mean = run.series("attention/mean")[:, rows].astype(float)
    return {
        "epochs": run.steps.astype(float),
        "difference": mean[:, :, 0] - mean[:, :, 1],
    }


def _even(drawing: Drawing) -> Axis:
    difference = drawing.arrays["difference"]
    known = np.abs(difference[np.isfinite(difference)])
    bound = max(0.05, 1.08 * float(known.max())) if known.size else 1.0
    return Axis("mean of attention to a − to b", (-bound, bound))


def _describe_asymmetry(drawing: Drawing) -> str:
    difference = drawing.arrays["difference"][drawing.snapshot.index]
    if not np.isfinite(difference).any():
        return "Attention is not known at this epoch."
    head = int(np.nanargmax(np.abs(difference)))
    side = "a" if difference[head] > 0 else "b"
    return (
        f"At epoch {drawing.step:,} head {head} is the least even: on average it gives "
        f"{side} {percent(abs(difference[head]))} more than the other operand."
    )


ATTENTION_MEAN_CURVES = View(
    id="attention-mean-curves",
    title="Attention of one head over training",
    question="When does the head begin to depend on its input?",
    reads=("layer", "h"),
    arrays=_sources,
    picture=Special(_draw_sources, Traits(kind="curves", styles=("x",))),
    describe=_describe_sources,
    missing=needs_stored("attention/mean"),
    cost="stored",
    guide=Guide(
        what="Mean attention of one head to a, b and =, with a band of one standard "
        "deviation over the pairs, at every checkpoint.",
        formula="mean ± standard deviation over (a, b) of A_h[a, b, source]",
        before="Three lines near one third with narrow bands.",
        after="a and b near one half with wide bands, = near zero.",
        normal="The bands widen during circuit formation, long before test loss falls.",
        wrong="Bands that stay narrow: this head does not take part.",
        reference="Nanda et al. 2023, section 4.3",
    ),
)

ATTENTION_FREQUENCY_CURVES = View(
    id="attention-frequency-curves",
    title="How pure each head's attention is",
    question="When does each head settle on one frequency?",
    reads=("layer",),
    arrays=_fractions,
    picture=EpochCurves(
        lines=lambda drawing: _head_lines(drawing, drawing.arrays["fraction"]),
        y=Axis("share of variance in one frequency", (-0.03, 1.03)),
        most_names=_MOST_NAMES,
    ),
    describe=_describe_fractions,
    frequency_shares=True,
    missing=needs_stored("attention/frac"),
    cost="stored",
    guide=Guide(
        what="Share of the variance of a head's attention to a that its best frequency "
        "explains, at every checkpoint. Colours are those of the frequency the head "
        "has at the last checkpoint; grey is no key frequency.",
        formula="max over k of the 8-term share of A_h[·, ·, a]",
        before="Low: no frequency stands out.",
        after="High for heads that follow one frequency, lower for those that mix "
        "several.",
        normal=f"Rises during circuit formation and ends at {span('head_share')}.",
        wrong="A line that drops after grokking: the head changes its frequency or is "
        "being abandoned.",
        reference="Nanda et al. 2023, table 2",
    ),
)

ATTENTION_ASYMMETRY = View(
    id="attention-asymmetry",
    title="Preference for one operand",
    question="Does each head treat a and b alike?",
    reads=("layer",),
    arrays=_asymmetry,
    picture=EpochCurves(
        lines=lambda drawing: _head_lines(drawing, drawing.arrays["difference"]),
        y=_even,
        level=lambda _drawing: Level(0.0, "no preference"),
        most_names=_MOST_NAMES,
    ),
    describe=_describe_asymmetry,
    missing=needs_stored("attention/mean"),
    cost="stored",
    guide=Guide(
        what="Difference of a head's mean attention to a and to b, at every "
        "checkpoint. Where the operation is commutative, the network has no reason to "
        "prefer one operand.",
        formula="mean over (a, b) of A_h[a, b, a] − A_h[a, b, b]",
        before="Away from zero: the random position embeddings decide.",
        after="Near zero for every head.",
        normal="For addition and multiplication |a − b| ends at "
        f"{span('attention_preference')}. Subtraction and division may keep a "
        "preference.",
        wrong="A lasting preference for a commutative operation: heads compensate one "
        "another, or the network has not generalised.",
        reference="Nanda et al. 2023, section 4.3",
    ),
)

VIEWS: tuple[View, ...] = (
    ATTENTION_MEAN_CURVES,
    ATTENTION_FREQUENCY_CURVES,
    ATTENTION_ASYMMETRY,
)
