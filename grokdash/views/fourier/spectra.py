"""Views of the spectra of embedding and read-out."""

from collections.abc import Callable
from typing import Any

import numpy as np
import plotly.graph_objects as go

from grokdash.analysis import fourier
from grokdash.cache import Arrays
from grokdash.figures.bars import bars
from grokdash.figures.theme import Axis
from grokdash.snapshot import Snapshot
from grokdash.views.core.normal import span
from grokdash.views.core.selection import Selection
from grokdash.views.core.view import Drawing, Guide, Traits, View, needs_measure
from grokdash.views.pictures import Bars, Special
from grokdash.views.pictures.bars import rising
from grokdash.views.reading.frames import modulus_of
from grokdash.views.reading.frequencies import colours_of, frequency_axis, in_frame
from grokdash.written import fixed, number, percent

MATRIX_TITLES = {"embed": "W_E", "wl": "W_L"}


def _power(snapshot: Snapshot, selection: Selection, source: str) -> np.ndarray:
    own = in_frame(snapshot.run, selection)
    name = f"{source}/power_canonical" if own else f"{source}/power"
    return snapshot.measure(name).astype(float)


def _spectrum(source: str) -> Callable[[Snapshot, Selection], Arrays]:
    def arrays(snapshot: Snapshot, selection: Selection) -> Arrays:
        power = _power(snapshot, selection, source)
        return {"norm": np.sqrt(fourier.fold(power)), "dc": np.sqrt(power[:1])}

    return arrays


def _describe_spectrum(source: str) -> Callable[[Drawing], str]:
    title = MATRIX_TITLES[source]

    def describe(drawing: Drawing) -> str:
        norm = drawing.arrays["norm"]
        if not norm.any():
            return f"{title} varies with no frequency: it is constant or zero."
        energy = norm**2 / np.sum(norm**2)
        top = np.argsort(energy)[::-1][:5]
        gini = fixed(fourier.norm_gini(norm))
        names = ", ".join(f"{k + 1} ({percent(energy[k], 0)})" for k in top)
        return f"Strongest frequencies of {title}: {names}. Gini coefficient {gini}."

    return describe


def _components(snapshot: Snapshot, selection: Selection) -> Arrays:
    norm = np.sqrt(_power(snapshot, selection, "embed"))
    cos = norm[1::2]
    sin = np.full(len(cos), np.nan)
    sin[: len(norm[2::2])] = norm[2::2]
    return {"cos": cos, "sin": sin}


def _draw_components(drawing: Drawing) -> go.Figure:
    theme, arrays = drawing.theme, drawing.arrays
    n = len(arrays["cos"])
    x, colours = frequency_axis(drawing, n), colours_of(drawing, n)
    drawn = [name for name in ("cos", "sin") if np.isfinite(arrays[name]).any()]
    top = max(drawing.limits[name][1] for name in drawn)
    y = Axis("norm of W_E", rising(top))
    fig = bars(arrays["cos"], theme, x, y, colours)
    second = bars(arrays["sin"], theme, x, y, colours).data[0]
    fig.add_trace(second)
    traces: Any = fig.data
    for trace, name in zip(traces, ("cos", "sin"), strict=True):
        trace.update(
            name=name,
            hovertemplate=f"k %{{x}}, {name}: norm %{{y:.4g}}<extra></extra>",
        )
    fig.update_layout(barmode="group", bargap=0.15, bargroupgap=0.12)
    return fig


def _describe_components(drawing: Drawing) -> str:
    cos, sin = drawing.arrays["cos"], drawing.arrays["sin"]
    total = np.hypot(cos, np.nan_to_num(sin))
    if not total.any():
        return "W_E varies with no frequency."
    k = int(total.argmax())
    head = "Left bars: cosine; right bars: sine. At the strongest frequency"
    if fourier.alternates(k + 1, modulus_of(drawing.run, drawing.selection)):
        return (
            f"{head}, {k + 1}, there is one wave only, of norm {number(cos[k])}: it "
            "alternates between two values and has no sine."
        )
    ratio = f"a ratio of {fixed(cos[k] / sin[k])}" if sin[k] > 0 else "a line"
    return (
        f"{head}, {k + 1}, their norms are {number(cos[k])} and {number(sin[k])}: "
        f"{ratio}, where a ratio of 1 is a circle."
    )


EMBEDDING_SPECTRUM = View(
    id="embedding-spectrum",
    title="Fourier spectrum of W_E",
    question="Which frequencies do the embeddings use?",
    reads=("step", "basis"),
    arrays=_spectrum("embed"),
    picture=Bars("norm", "norm of W_E at k"),
    describe=_describe_spectrum("embed"),
    frequency_shares=True,
    cost="stored",
    replaces=(4, 7, 23),
    guide=Guide(
        what="The embedding matrix of the number tokens, Fourier transformed over "
        "$a. One bar per frequency: k and $q − k are the same and counted once, the "
        "constant part is left out.",
        formula="norm(k) = √(‖F[cos k] W_E‖² + ‖F[sin k] W_E‖²), F orthonormal",
        before="All bars about equally high: random embeddings have no preferred "
        "frequency.",
        after="A handful of tall coloured bars, the key frequencies; the rest near "
        "zero once weight decay has cleaned up.",
        normal=f"Key frequencies: {span('keys')}. Gini coefficient after grokking: "
        f"{span('gini_embed')}.",
        wrong="Flat to the end: not grokked, or read in the wrong basis (an operation "
        "on products is flat in the additive basis).",
        reference="Nanda et al. 2023, figure 3a",
    ),
)

READOUT_SPECTRUM = View(
    id="readout-spectrum",
    title="Fourier spectrum of W_L",
    question="Which frequencies do the neurons write into the logits?",
    reads=("step", "basis"),
    arrays=_spectrum("wl"),
    picture=Bars("norm", "norm of W_L at k"),
    describe=_describe_spectrum("wl"),
    frequency_shares=True,
    missing=needs_measure("wl/power"),
    cost="stored",
    guide=Guide(
        what="The neuron–logit map W_L = W_out W_U of the last block, Fourier "
        "transformed over the classes. One bar per frequency, the constant left out.",
        formula="norm(k) = √(‖F[cos k] W_Lᵀ‖² + ‖F[sin k] W_Lᵀ‖²), F orthonormal",
        before="All bars about equally high.",
        after="Only the key frequencies are left. The picture is cleaner than that of "
        "W_E, which may keep frequencies that nothing reads.",
        normal=f"The keys hold {span('wl_keys')} of the energy; the effective rank of "
        f"W_L is {span('wl_rank')}, about two per key.",
        wrong="A tall grey bar: neurons write a frequency that the sum part of the "
        "logits does not show.",
        reference="Nanda et al. 2023, section 4.2 and figure 3",
    ),
)

EMBEDDING_COMPONENTS = View(
    id="embedding-components",
    title="Cosine and sine in W_E",
    question="Are cosine and sine of a frequency embedded equally strongly?",
    reads=("step", "basis"),
    arrays=_components,
    picture=Special(
        _draw_components,
        Traits(
            kind="bars",
            scrub={"0.y": "cos", "1.y": "sin"},
            picks={"x": "k"},
            styles=("norm",),
        ),
    ),
    describe=_describe_components,
    version=2,
    frequency_shares=True,
    missing=needs_measure("embed/power"),
    cost="stored",
    guide=Guide(
        what="The spectrum of W_E with the two waves of every frequency apart: cosine "
        "as the bar on the left, sine as the bar on the right.",
        formula="‖F[cos k] W_E‖ and ‖F[sin k] W_E‖, F orthonormal",
        before="Both alike, as is all of a random matrix.",
        after="At the keys both are tall; their ratio is the eccentricity of the "
        "embedding circle.",
        normal=f"Cosine over sine at key frequencies: {span('eccentricity')}.",
        wrong="One of the two near zero: the tokens lie on a line, not on a circle. "
        "The alternating frequency of an even modulus has no sine.",
        reference="Nanda et al. 2023, figure 3a",
    ),
)

VIEWS: tuple[View, ...] = (
    EMBEDDING_SPECTRUM,
    READOUT_SPECTRUM,
    EMBEDDING_COMPONENTS,
)
