"""Views of all neurons of a layer as points and counts: frequencies and phases."""

from collections.abc import Callable, Sequence

import numpy as np
import plotly.graph_objects as go

from grokdash.analysis import neurons
from grokdash.analysis.terms import terms
from grokdash.cache import Arrays
from grokdash.figures.curves import add_level
from grokdash.figures.grids import Scale
from grokdash.figures.marks import stepwise
from grokdash.figures.points import Points, scatter
from grokdash.figures.theme import Axis, frequency_colours
from grokdash.snapshot import RunView, Snapshot
from grokdash.views.core.normal import span
from grokdash.views.core.selection import Selection
from grokdash.views.core.view import Drawing, Guide, Traits, View
from grokdash.views.pictures import Bars, Special
from grokdash.views.reading.frames import basis_note, needs_stored
from grokdash.views.reading.frequencies import alternates, frequency_title, key_colours
from grokdash.views.reading.neurons import frequencies_at, phases_at
from grokdash.written import fixed, percent

_GOLDEN = 0.6180339887498949
_THRESHOLD = percent(neurons.CLUSTER_THRESHOLD, 0)


def _frequency_scale(drawing: Drawing) -> Scale:
    run, theme = drawing.run, drawing.theme
    of_keys = key_colours(drawing)
    colours = [theme.muted, *frequency_colours(run.n_frequencies, of_keys, theme)]
    return Scale(
        colours=stepwise(colours),
        low=-0.5,
        high=run.n_frequencies + 0.5,
        title="frequency",
    )


def _point_map(draw: Callable[[Drawing], go.Figure]) -> Special:
    """Give the picture of one point per neuron in the colour of its frequency."""
    return Special(
        draw,
        Traits(
            kind="points",
            scrub={"0.x": "x", "0.y": "y", "0.marker.color": "colour"},
            picks={"point": "n"},
        ),
    )


def _coloured_points(drawing: Drawing, x: Axis, y: Axis) -> go.Figure:
    points = Points(
        x=drawing.arrays["x"],
        y=drawing.arrays["y"],
        labels=[f"neuron {n}" for n in range(len(drawing.arrays["x"]))],
        colours=drawing.arrays["colour"],
        scale=_frequency_scale(drawing),
        size=5.0,
    )
    fig = scatter(points, drawing.theme, x, y)
    fig.update_traces(marker_showscale=False, marker_line_width=0)
    return fig.update_layout(margin_r=12)


def _scatter(snapshot: Snapshot, selection: Selection) -> Arrays:
    frequency, fraction, _ = frequencies_at(snapshot, selection.layer)
    colour = np.maximum(frequency, 0).astype(float)
    jitter = (np.arange(len(colour)) * _GOLDEN) % 1 - 0.5
    return {"x": colour + 0.6 * jitter, "y": fraction, "colour": colour}


def _draw_scatter(drawing: Drawing) -> go.Figure:
    run = drawing.run
    x = Axis(
        f"{frequency_title(run, Selection())}, 0: none",
        (-1.0, run.n_frequencies + 1.0),
    )
    y = Axis("share of variance in it", (0.0, 1.03))
    fig = _coloured_points(drawing, x, y)
    fig.update_traces(
        customdata=drawing.arrays["colour"],
        hovertemplate="%{text}<br>frequency %{customdata}<br>share %{y:.4g}"
        "<extra></extra>",
    )
    level = neurons.CLUSTER_THRESHOLD
    add_level(fig, level, f"explained above {_THRESHOLD}", drawing.theme)
    return fig.update_annotations(x=0.45, xanchor="center")


def _describe_scatter(drawing: Drawing) -> str:
    frequency, fraction, dead = frequencies_at(
        drawing.snapshot, drawing.selection.layer
    )
    inside = frequency > 0
    if not inside.any():
        return (
            f"No neuron of layer {drawing.selection.layer} has {_THRESHOLD} of its "
            f"variance in one frequency; {int(dead.sum())} are dead."
        )
    return (
        f"{percent(inside.mean(), 0)} of the neurons have over {_THRESHOLD} of their "
        "variance in one frequency, with a median of "
        f"{percent(np.median(fraction[inside]))}; {int(dead.sum())} are "
        f"dead.{basis_note(drawing.run)}"
    )


def _counts(snapshot: Snapshot, selection: Selection) -> Arrays:
    frequency, _, dead = frequencies_at(snapshot, selection.layer)
    explained = frequency[frequency > 0]
    count = np.bincount(explained, minlength=snapshot.run.n_frequencies + 1)[1:]
    other = int(((frequency < 1) & ~dead).sum())
    return {"count": np.array([int(dead.sum()), other, *count], dtype=float)}


def _places(count: int) -> np.ndarray:
    """Give where the bars stand: dead and other apart on the left, then 1 … count."""
    left = [-max(2.0, 0.17 * count), -max(1.0, 0.06 * count)]
    return np.array([*left, *range(1, count + 1)], dtype=float)


def _count_axis(drawing: Drawing, _bars: int) -> Axis:
    run = drawing.run
    places = _places(run.n_frequencies)
    limits = (places[0] - 1.5, places[-1] + 1.0)
    return Axis(frequency_title(run, Selection()), limits, values=places)


def _count_colours(drawing: Drawing, _bars: int) -> Sequence[str]:
    run, theme = drawing.run, drawing.theme
    colours = frequency_colours(run.n_frequencies, key_colours(drawing), theme)
    return [theme.colour("dead"), theme.muted, *colours]


def _name_counts(fig: go.Figure, drawing: Drawing) -> go.Figure:
    count = drawing.run.n_frequencies
    places = _places(count)
    every = max(1, count // 6)
    ticks = list(range(every, count + 1, every))
    fig.update_xaxes(
        tickvals=[*places[:2], *ticks], ticktext=["dead", "other", *map(str, ticks)]
    )
    return fig.update_traces(
        width=0.8,
        customdata=[
            "dead",
            "other",
            *(f"frequency {k}" for k in range(1, count + 1)),
        ],
        hovertemplate="%{customdata}<br>%{y:.0f} neurons<extra></extra>",
        marker_line={
            "width": [1, 0, *np.zeros(count)],
            "color": drawing.theme.muted,
        },
    )


def _describe_counts(drawing: Drawing) -> str:
    count = drawing.arrays["count"].astype(int)
    dead, other, sizes = count[0], count[1], count[2:]
    top = [k for k in np.argsort(sizes)[::-1][:6] if sizes[k]]
    names = ", ".join(f"{k + 1}: {sizes[k]}" for k in sorted(top))
    return (
        f"Neurons by frequency: {names or 'none'}; {other} without one frequency, "
        f"{dead} dead, of {int(count.sum())} in layer {drawing.selection.layer}."
    )


def _phases(snapshot: Snapshot, selection: Selection) -> Arrays:
    found = phases_at(snapshot, selection)
    frequency, _, _ = frequencies_at(snapshot, selection.layer)
    expected = np.pi - (np.pi - (found.a + found.b)) % (2 * np.pi)
    signed = np.array([alternates(snapshot.run, k) for k in frequency.tolist()])
    return {
        "x": np.where(signed, np.nan, expected),
        "y": np.where(signed, np.nan, found.out),
        "colour": np.maximum(frequency, 0).astype(float),
        "defect": found.defect,
        "signed": signed,
    }


def _draw_phases(drawing: Drawing) -> go.Figure:
    bound = 1.04 * np.pi
    words = terms(drawing.run.config.rule)
    told = f"phase of {words.a} {words.sign} phase of {words.b} (rad)"
    x, y = Axis(told, (-bound, bound)), Axis("phase out (rad)", (-bound, bound))
    fig = _coloured_points(drawing, x, y)
    ticks = {"tickvals": [-np.pi, 0, np.pi], "ticktext": ["−π", "0", "π"]}
    fig.update_xaxes(**ticks).update_yaxes(**ticks)
    fig.add_shape(
        type="line",
        x0=-np.pi,
        y0=-np.pi,
        x1=np.pi,
        y1=np.pi,
        layer="below",
        line={"color": drawing.theme.muted, "width": 1, "dash": "dot"},
    )
    return fig


def _describe_phases(drawing: Drawing) -> str:
    signed, defect = drawing.arrays["signed"], np.abs(drawing.arrays["defect"])
    known = defect[np.isfinite(defect) & ~signed]
    signs = _describe_signs(drawing.run, defect[signed])
    if not known.size:
        return (
            signs or "No neuron has one frequency at this epoch: there are no phases."
        )
    return (
        f"For {known.size} neurons with one frequency, the phase out differs from the "
        f"combined phases in by {fixed(np.median(known))} rad in the median; chance "
        f"would be {fixed(np.pi / 2)}. {signs}"
    ).rstrip()


def _describe_signs(run: RunView, defect: np.ndarray) -> str:
    """Describe the neurons of the alternating wave, which has a sign and no phase."""
    if not defect.size:
        return ""
    return (
        f"{defect.size} of frequency {run.n_frequencies}, which alternates, have signs "
        f"instead of phases and no point here: the sign out is the product of the "
        f"signs in for {int((defect < 1).sum())}, where chance would be half."
    )


NEURON_SCATTER = View(
    id="neuron-scatter",
    title="Frequency and purity of all neurons",
    question="Which frequency does each neuron follow, and how purely?",
    reads=("step", "layer"),
    arrays=_scatter,
    picture=_point_map(_draw_scatter),
    describe=_describe_scatter,
    frequency_shares=True,
    missing=needs_stored("neuron/freq"),
    fixed={"y": (0.0, 1.0), "x": (0.0, 1.0), "colour": (0.0, 1.0)},
    cost="stored",
    version=2,
    replaces=(12,),
    guide=Guide(
        what="One point per neuron: the frequency that explains most of its variance "
        "and the share explained. A neuron below the dotted line belongs to no "
        "frequency and stands at 0, as does a dead one; a neuron that does not vary is "
        "not drawn. Points are spread a little sideways so that they do not hide one "
        "another.",
        formula="max over k of Σ C[f, g]² over f, g in {1, cos k, sin k} without the "
        "constant / Σ C², C = F N Fᵀ",
        before="A low cloud at 0.",
        after="A few columns in the key colours near the top.",
        normal=f"The neurons above the line have a median share of {span('purity')}. "
        f"They are {span('clustered')} of all; 84.6 % in the network of Nanda et al.",
        wrong="Grey columns: neurons at frequencies the logits do not use. Shares near "
        "1 need a bias; a plain ReLU of two cosines reaches 0.96, and 1 only at half "
        "of an even modulus, whose wave has two values.",
        reference="Nanda et al. 2023, section 4.3 and figure 5",
    ),
)

NEURON_CLUSTERS = View(
    id="neuron-clusters",
    title="Neurons per frequency",
    question="How many neurons does each frequency get?",
    reads=("step", "layer"),
    arrays=_counts,
    picture=Bars(
        "count",
        "neurons",
        x=_count_axis,
        colours=_count_colours,
        finish=_name_counts,
    ),
    describe=_describe_counts,
    frequency_shares=True,
    missing=needs_stored("neuron/freq"),
    cost="stored",
    version=2,
    replaces=(12,),
    guide=Guide(
        what=f"Number of neurons with over {_THRESHOLD} of their variance in one "
        "frequency, by frequency. On the left: dead neurons, whose removal changes no "
        "logit, and others, which follow no one frequency.",
        formula="count of n with max_k share_k[n] > 0.85, by argmax",
        before="All neurons are others.",
        after="A bar per key frequency.",
        normal=f"Of all neurons {span('per_key')} follow one key. In the network of "
        "Nanda et al. 44 to 145 of 512 do, and 79 others fire for nearly every pair.",
        wrong="Most neurons in others after grokking: mixed frequencies, or the wrong "
        "basis for the operation.",
        reference="Nanda et al. 2023, section 4.3",
    ),
)

NEURON_PHASES = View(
    id="neuron-phases",
    title="Phases in and out",
    question="Do the neurons add angles?",
    reads=("step", "layer"),
    arrays=_phases,
    picture=_point_map(_draw_phases),
    describe=_describe_phases,
    version=3,
    fixed={"x": (-np.pi, np.pi), "y": (-np.pi, np.pi), "colour": (0.0, 1.0)},
    missing=needs_stored("attention/mean"),
    guide=Guide(
        what="One point per neuron that follows a frequency. Across: the phase with "
        "which the token at a pushes it $sign that of the token at b. Up: the phase "
        "of the wave it adds to the logits. Colours are those of the frequency. Both "
        "axes are angles: left and right edge are the same, and so are top and "
        "bottom. The alternating wave of an even modulus has a sign and no phase: its "
        "neurons are counted in the sentence, not drawn.",
        formula="cos(w_k $a − φ_a), cos(w_k $b − φ_b) fitted to the pushes on the "
        "neuron, cos(w_k $c − φ_out) to its row of W_L; a neuron that computes $whole "
        "has φ_out = φ_a $sign φ_b mod 2π",
        before="Few points, anywhere.",
        after="All points on the dotted diagonal, spread evenly along it.",
        normal=f"Median distance: {span('phase_defect')}.",
        wrong="A cloud: the frequency is present but not used to combine. In later "
        "layers the direct path from the embedding may not be what counts.",
        reference="McCracken et al. 2025; Nanda et al. 2023, section 4.3",
    ),
)

VIEWS: tuple[View, ...] = (
    NEURON_SCATTER,
    NEURON_CLUSTERS,
    NEURON_PHASES,
)
