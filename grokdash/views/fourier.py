"""Views of the spectra of embeddings and logits."""

import numpy as np
import plotly.graph_objects as go

from grokdash.analysis import fourier
from grokdash.cache import Arrays
from grokdash.figures.bars import bars
from grokdash.figures.theme import Axis, frequency_colours
from grokdash.snapshot import RunView, Snapshot
from grokdash.views.selection import Selection
from grokdash.views.view import Drawing, Guide, View


def in_frame(run: RunView, selection: Selection) -> bool:
    """Say whether spectra are read in the run's own frame, not the additive one."""
    return selection.basis == "canonical" and run.canonical is not None


def frequency_title(run: RunView, selection: Selection) -> str:
    """Name the frequency axis, with the modulus it belongs to."""
    if not in_frame(run, selection):
        return f"frequency k (cycles per {run.p} tokens)"
    if run.canonical and run.canonical.basis == "multiplicative":
        return f"frequency k (cycles per {run.modulus} discrete logarithms)"
    return f"frequency k (cycles per {run.modulus} tokens)"


def _spectrum(snapshot: Snapshot, selection: Selection) -> Arrays:
    own = in_frame(snapshot.run, selection)
    power = snapshot.measure("embed/power_canonical" if own else "embed/power")
    norm = np.sqrt(fourier.fold(power.astype(float)))
    return {"norm": norm, "dc": np.sqrt(power[:1].astype(float))}


def _draw_spectrum(drawing: Drawing) -> go.Figure:
    run, theme = drawing.run, drawing.theme
    norm = drawing.arrays["norm"]
    own = in_frame(run, drawing.selection)
    frequencies = np.arange(1, len(norm) + 1)
    x = Axis(
        frequency_title(run, drawing.selection),
        (0.0, len(norm) + 1.0),
        values=frequencies,
    )
    top = drawing.limits["norm"][1]
    y = Axis("norm of W_E at k", (0.0, 1.05 * top if top > 0 else 1.0))
    colours = frequency_colours(len(norm), run.keys if own else (), theme)
    return bars(norm, theme, x, y, colours)


def _describe_spectrum(drawing: Drawing) -> str:
    norm = drawing.arrays["norm"]
    if not norm.any():
        return "The embeddings vary with no frequency: they are constant or zero."
    energy = norm**2 / np.sum(norm**2)
    top = np.argsort(energy)[::-1][:5]
    gini = fourier.gini(norm)
    names = ", ".join(f"{k + 1} ({energy[k]:.0%})" for k in top)
    return f"Strongest frequencies of W_E: {names}. Gini coefficient {gini:.2f}."


EMBEDDING_SPECTRUM = View(
    id="embedding-spectrum",
    title="Fourier spectrum of W_E",
    page="fourier",
    question="Which frequencies do the embeddings use?",
    kind="bars",
    reads=("step", "basis"),
    arrays=_spectrum,
    draw=_draw_spectrum,
    describe=_describe_spectrum,
    scrub={"0.y": "norm"},
    picks={"x": "k"},
    styles=("norm",),
    cost="stored",
    replaces=(4, 7),
    guide=Guide(
        what="The embedding matrix of the number tokens, Fourier transformed over the "
        "tokens. One bar per frequency: k and p − k are the same and counted once, the "
        "constant part is left out.",
        formula="norm(k) = √(‖F[cos k] W_E‖² + ‖F[sin k] W_E‖²), F orthonormal",
        before="All bars about equally high: random embeddings have no preferred "
        "frequency.",
        after="A handful of tall coloured bars, the key frequencies; the rest near "
        "zero once weight decay has cleaned up.",
        normal="3 to 6 key frequencies; Gini coefficient from 0.03 at the start to "
        "0.6–0.9 at the end.",
        wrong="Flat to the end: not grokked, or read in the wrong basis (an operation "
        "on products is flat in the additive basis).",
        reference="Nanda et al. 2023, figure 3a",
    ),
)

VIEWS: tuple[View, ...] = (EMBEDDING_SPECTRUM,)
