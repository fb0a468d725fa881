"""Views of the waves in weights and logits over all of training."""

import numpy as np
import plotly.graph_objects as go

from grokdash.analysis import fourier, logits
from grokdash.analysis.terms import terms
from grokdash.cache import Arrays
from grokdash.figures.strips import bar_strip
from grokdash.figures.theme import Axis
from grokdash.snapshot import RunView, Snapshot
from grokdash.views.core.normal import span
from grokdash.views.core.selection import Selection
from grokdash.views.core.view import Drawing, Guide, Traits, View, needs_measure
from grokdash.views.pictures import EpochCurves, FrequencyCurves, Line, Special
from grokdash.views.reading.epochs import (
    PHASE_NOTE,
    spread_epochs,
)
from grokdash.views.reading.frequencies import (
    colours_of,
    in_frame,
    short_frequency_title,
)
from grokdash.written import fixed, number, percent


def _strip_arrays(snapshot: Snapshot, selection: Selection) -> Arrays:
    run = snapshot.run
    own = in_frame(run, selection)
    places = spread_epochs(run)
    name = "embed/power_canonical" if own else "embed/power"
    power = np.asarray(run.stored.series(name, run.steps[places]))
    return {
        "norm": np.sqrt(fourier.fold(power.astype(float))),
        "at": run.steps[places].astype(float),
    }


def _draw_strip(drawing: Drawing) -> go.Figure:
    norm = drawing.arrays["norm"]
    n = norm.shape[1]
    top = float(norm.max(initial=0.0)) or 1.0
    positive = norm[norm > 0]
    floor = max(float(positive.min(initial=top)), top * 1e-4) * 0.8
    log = drawing.selection.y == "log"
    title = short_frequency_title(drawing.run, drawing.selection)
    x = Axis(title, (0.4, n + 0.6), values=np.arange(1, n + 1))
    y = Axis(
        "norm",
        (floor if log else 0.0, 1.3 * top if log else 1.05 * top),
        "log" if log else "linear",
    )
    titles = [f"epoch {int(step):,}" for step in drawing.arrays["at"]]
    return bar_strip(norm, titles, colours_of(drawing, n), drawing.theme, x, y)


def _describe_strip(drawing: Drawing) -> str:
    norm, at = drawing.arrays["norm"], drawing.arrays["at"]
    ginis = [fourier.norm_gini(row) for row in norm]
    words = ", ".join(
        f"{fixed(gini)} at epoch {int(step):,}"
        for gini, step in zip(ginis, at, strict=True)
    )
    return f"Gini coefficient of the six spectra of W_E: {words}."


def _share_names(run: RunView) -> dict[str, str]:
    """Name the kinds of waves that the operation has, in the user's operands."""
    words = terms(run.config.rule)
    names = {"sum": words.whole, "difference": words.opposite}
    if run.canonical is None:
        del names["difference"]
    return names | {"linear": "a or b alone", "cross": "mixed", "constant": "constant"}


def _share_arrays(snapshot: Snapshot, _selection: Selection) -> Arrays:
    run = snapshot.run
    return {
        "epochs": run.steps.astype(float),
        "sum": _total(run.series("logits/sum_share")),
        "difference": _total(run.series("logits/diff_share")),
        "linear": run.series("logits/lin_share"),
        "cross": run.series("logits/cross_share"),
        "constant": run.series("logits/dc_share"),
        "alternating": _alternating(run),
    }


def _alternating(run: RunView) -> np.ndarray:
    """Give the part of the sum that is as much of the difference; NaN for an odd q."""
    shares = run.series("logits/sum_share")
    if run.canonical is None or run.modulus % 2:
        return np.full(len(shares), np.nan)
    return shares[:, -1]


def _total(shares: np.ndarray) -> np.ndarray:
    """Add shares over frequencies; NaN where none is known."""
    known = np.isfinite(shares).any(axis=1)
    return np.where(known, np.nansum(shares, axis=1), np.nan)


def _share_lines(drawing: Drawing) -> list[Line]:
    return [
        Line(
            title,
            name,
            name,
            dash="dot" if name == "constant" else "solid",
            width=2.0 if name == "sum" else 1.4,
        )
        for name, title in _share_names(drawing.run).items()
    ]


def _describe_shares(drawing: Drawing) -> str:
    index, arrays = drawing.snapshot.index, drawing.arrays
    parts = ", ".join(
        f"{percent(float(arrays[name][index]))} {title}"
        for name, title in _share_names(drawing.run).items()
        if name != "constant" and np.isfinite(arrays[name][index])
    )
    note = (
        ""
        if drawing.run.canonical is not None
        else " This operation has no canonical basis: sums are read by answer."
    )
    if not parts:
        return f"The logits are the same for every pair: they have no waves.{note}"
    constant = percent(arrays["constant"][index])
    both = float(arrays["alternating"][index])
    if np.isfinite(both):
        note = (
            f" The first includes {percent(both)} that alternates "
            f"(k = {drawing.run.n_frequencies}), a wave of the second as much."
        )
    return (
        f"Variance of the logits by kind of wave: {parts}. Apart from these the mean "
        f"over pairs holds {constant} of their energy.{note}"
    )


def _cosine_arrays(snapshot: Snapshot, _selection: Selection) -> Arrays:
    run = snapshot.run
    offsets = run.series("logits/offset").astype(float)
    return {
        "values": np.array([logits.cosine_coefficients(f) for f in offsets]),
        "epochs": run.steps.astype(float),
    }


def _describe_cosines(drawing: Drawing) -> str:
    now = drawing.arrays["values"][drawing.snapshot.index]
    top = np.argsort(np.abs(np.nan_to_num(now)))[::-1][:5]
    parts = ", ".join(f"{number(now[k])} at {k + 1}" for k in top)
    return f"Largest cosine amplitudes at epoch {drawing.step:,}: {parts}."


SPECTRA_STRIP = View(
    id="spectra-strip",
    title="Six spectra of W_E",
    question="What does the spectrum look like on the way?",
    reads=("basis",),
    arrays=_strip_arrays,
    picture=Special(_draw_strip, Traits(kind="bars", styles=("y",))),
    describe=_describe_strip,
    frequency_shares=True,
    missing=needs_measure("embed/power"),
    cost="stored",
    replaces=(8,),
    guide=Guide(
        what="The Fourier spectrum of W_E at six epochs spread evenly over the run, "
        "all on one logarithmic scale, so that early ones can be read too.",
        formula="√(‖F[cos k] W_E‖² + ‖F[sin k] W_E‖²)",
        before="Even bars in the first panel.",
        after="A few tall coloured bars above a low grey floor in the last.",
        normal="The floor sinks panel by panel while the keys keep their height.",
        wrong="Six panels alike: nothing was learnt, or the basis does not fit.",
        reference="Nanda et al. 2023, figure 3a",
    ),
)

LOGIT_SHARES = View(
    id="logit-shares",
    title="Kinds of waves in the logits",
    question="How much of the logits depends on the answer alone, how much on one "
    "operand?",
    reads=(),
    arrays=_share_arrays,
    picture=EpochCurves(
        lines=_share_lines, y=Axis("share of logit variance", (-0.02, 1.08))
    ),
    describe=_describe_shares,
    titles=_share_names,
    version=2,
    missing=needs_measure("logits/sum_share"),
    cost="stored",
    guide=Guide(
        what="Variance of the logits by kind of wave in the two operands: waves in "
        "$whole, waves in $opposite, terms in one operand alone, products of two "
        "different frequencies. These add up to 1. The constant, the mean over pairs, "
        "is a share of all energy and stands apart (dotted). The waves are those in "
        "$sum and in $difference. For an even modulus q the alternating wave k = q/2 "
        "is the same for both; it counts with the sum, and the sentence "
        f"says how much it is. {PHASE_NOTE}",
        formula="shares of ‖L‖² after subtracting the mean over classes and then over "
        "pairs, from the 2-D Fourier transform of L",
        before="At the start nearly all is in one operand alone or constant: the "
        "untrained network adds up its two inputs. Memorising fills the mixed part.",
        after="Almost all is waves in $whole.",
        normal=f"In $whole at the end {span('sum_waves')}; in $difference, the weak "
        f"texture of the trigonometric circuit, {span('diff_waves')}.",
        wrong="A large share in one operand alone: the network guesses from one of the "
        "two. A large constant: class biases, as in a collapsed run.",
        reference="Nanda et al. 2023, section 4.1",
    ),
)

COSINE_COEFFICIENTS = View(
    id="cosine-coefficients",
    title="Cosine amplitudes of the logits",
    question="With what strength does each frequency vote for the right answer?",
    reads=(),
    arrays=_cosine_arrays,
    picture=FrequencyCurves(
        array="values",
        y=lambda drawing: Axis(
            f"amplitude α of cos wₖ({terms(drawing.run.config.rule).offset})"
        ),
    ),
    describe=_describe_cosines,
    missing=needs_measure("logits/offset"),
    cost="stored",
    guide=Guide(
        what="Amplitudes of the least-squares fit of the logits by one cosine per "
        "frequency, at every checkpoint. The cosines peak at the right class, so a "
        "large positive amplitude is a strong vote for it. Keys in their colours. "
        f"{PHASE_NOTE}",
        formula="L ≈ Σ α_k cos(2πk($offset)/q); α_k = (2/q) Σ_t f(t) cos(2πkt/q), "
        "f(t) the mean logit at $offset = t; half of that for the alternating wave "
        "k = q/2 of an even q",
        before="All near 0.",
        after="The keys rise, then fall a little under weight decay.",
        normal=f"All keys positive, {span('amplitude')}; together they explain "
        f"{span('fve')} of the variance (95 % in the network of Nanda et al.).",
        wrong="A negative key: that frequency votes against the right answer.",
        reference="Nanda et al. 2023, section 4.2",
    ),
)

VIEWS: tuple[View, ...] = (SPECTRA_STRIP, LOGIT_SHARES, COSINE_COEFFICIENTS)
