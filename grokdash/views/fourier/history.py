"""Views of the spectra over all of training."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from grokdash.analysis import fourier, logits
from grokdash.cache import Arrays
from grokdash.figures.grids import Scale
from grokdash.figures.strips import bar_strip
from grokdash.figures.theme import WAVE_COLOURS, Axis
from grokdash.figures.waterfalls import waterfall
from grokdash.snapshot import RunView, Snapshot
from grokdash.views.core.selection import Selection
from grokdash.views.core.view import Drawing, Guide, Traits, View, needs_measure
from grokdash.views.pictures import EpochCurves, FrequencyCurves, Line, Special
from grokdash.views.reading.epochs import (
    PHASE_NOTE,
    epoch_axis,
    spread,
    spread_epochs,
)
from grokdash.views.reading.frequencies import (
    colours_of,
    in_frame,
    list_frequencies,
    mark_key_rows,
    short_frequency_title,
)
from grokdash.views.reading.words import said

_MOST_COLUMNS = 640
_SHARE_DECADES = 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    """One quantity per frequency: what it is called and where it is stored."""

    name: str
    title: str
    measure: str
    unit: str
    of_weights: bool

    def values(self, run: RunView, selection: Selection) -> np.ndarray:
        """Give the quantity ``[C, nf]``: norms for weights, shares for logits."""
        if not self.of_weights:
            return run.series(self.measure).astype(float)
        own = in_frame(run, selection)
        name = f"{self.measure}_canonical" if own else self.measure
        return np.sqrt(fourier.fold(run.series(name).astype(float)))

    def own(self, drawing: Drawing) -> bool:
        """Say whether its frequencies are the ones that the keys are among."""
        return not self.of_weights or in_frame(drawing.run, drawing.selection)


_EMBED = _Source(
    name="embedding",
    title="W_E",
    measure="embed/power",
    unit="norm of W_E at k",
    of_weights=True,
)
_READOUT = _Source(
    name="readout",
    title="W_L",
    measure="wl/power",
    unit="norm of W_L at k",
    of_weights=True,
)
_SHARES = _Source(
    name="logit",
    title="logits",
    measure="logits/sum_share",
    unit="share of logit variance",
    of_weights=False,
)


def _arrays(source: _Source) -> Callable[[Snapshot, Selection], Arrays]:
    def arrays(snapshot: Snapshot, selection: Selection) -> Arrays:
        run = snapshot.run
        return {
            "values": source.values(run, selection),
            "epochs": run.steps.astype(float),
        }

    return arrays


def _draw_waterfall(source: _Source) -> Callable[[Drawing], go.Figure]:
    def draw(drawing: Drawing) -> go.Figure:
        values, run = drawing.arrays["values"], drawing.run
        columns = spread(len(values), _MOST_COLUMNS)
        z, scale = _coloured(values[columns].T, source, drawing)
        title = (
            short_frequency_title(run, drawing.selection)
            if source.of_weights
            else "frequency k"
        )
        n = values.shape[1]
        y = Axis(title, values=np.arange(1, n + 1))
        epochs = drawing.arrays["epochs"][columns]
        x = epoch_axis(drawing)
        fig = waterfall(z.astype(np.float32), epochs, scale, drawing.theme, x, y)
        if source.own(drawing):
            mark_key_rows(fig, run, n)
        return fig

    return draw


def _coloured(
    z: np.ndarray, source: _Source, drawing: Drawing
) -> tuple[np.ndarray, Scale]:
    colours = drawing.theme.sequential
    if source.of_weights:
        high = float(np.nanmax(z, initial=0.0)) or 1.0
        return z, Scale(colours=colours, low=0.0, high=high, title="norm")
    floor = 10.0**-_SHARE_DECADES
    clipped = np.log10(np.where(np.isnan(z), np.nan, np.maximum(z, floor)))
    title = "log₁₀ of the share"
    return clipped, Scale(colours=colours, low=-_SHARE_DECADES, high=0.0, title=title)


def _describe(source: _Source) -> Callable[[Drawing], str]:
    def describe(drawing: Drawing) -> str:
        values = drawing.arrays["values"]
        now = np.nan_to_num(values[drawing.snapshot.index])
        last = np.nan_to_num(values[-1])
        if not now.any():
            return f"At epoch {drawing.step:,} there is nothing to show."
        top = [int(k) + 1 for k in np.argsort(now)[::-1][:5]]
        best = int(last.argmax())
        rank = int((now > now[best]).sum()) + 1
        return (
            f"At epoch {drawing.step:,} the strongest frequencies of {source.title} "
            f"are {list_frequencies(top)}. The one that is strongest in the end, "
            f"{best + 1}, is number {rank} here."
        )

    return describe


def _strip_arrays(snapshot: Snapshot, selection: Selection) -> Arrays:
    run = snapshot.run
    own = in_frame(run, selection)
    places = spread_epochs(run)
    name = "embed/power_canonical" if own else "embed/power"
    power = np.asarray(run.run.series(name, run.steps[places]))
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
    ginis = [fourier.gini(row) for row in norm]
    words = ", ".join(
        f"{said(gini, '.2f')} at epoch {int(step):,}"
        for gini, step in zip(ginis, at, strict=True)
    )
    return f"Gini coefficient of the six spectra of W_E: {words}."


_SHARE_NAMES = {
    "sum": "a + b",
    "difference": "a − b",
    "linear": "a or b alone",
    "cross": "mixed",
    "constant": "constant",
}


def _share_arrays(snapshot: Snapshot, _selection: Selection) -> Arrays:
    run = snapshot.run
    return {
        "epochs": run.steps.astype(float),
        "sum": _total(run.series("logits/sum_share")),
        "difference": _total(run.series("logits/diff_share")),
        "linear": run.series("logits/lin_share"),
        "cross": run.series("logits/cross_share"),
        "constant": run.series("logits/dc_share"),
    }


def _total(shares: np.ndarray) -> np.ndarray:
    """Add shares over frequencies; NaN where none is known."""
    known = np.isfinite(shares).any(axis=1)
    return np.where(known, np.nansum(shares, axis=1), np.nan)


_SHARE_LINES = tuple(
    Line(
        title,
        name,
        WAVE_COLOURS[name],
        dash="dot" if name == "constant" else "solid",
        width=2.0 if name == "sum" else 1.4,
    )
    for name, title in _SHARE_NAMES.items()
)


def _describe_shares(drawing: Drawing) -> str:
    index, arrays = drawing.snapshot.index, drawing.arrays
    parts = ", ".join(
        f"{float(arrays[name][index]):.1%} {title}"
        for name, title in _SHARE_NAMES.items()
        if name != "constant" and np.isfinite(arrays[name][index])
    )
    note = (
        ""
        if drawing.run.canonical is not None
        else " This operation has no canonical basis: sums are read by answer."
    )
    if not parts:
        return f"The logits are the same for every pair: they have no waves.{note}"
    constant = said(arrays["constant"][index], ".1%")
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
    parts = ", ".join(f"{now[k]:.3g} at {k + 1}" for k in top)
    return f"Largest cosine amplitudes at epoch {drawing.step:,}: {parts}."


def _evolution(source: _Source, guide: Guide, replaces: Sequence[int] = ()) -> View:
    return View(
        id=f"{source.name}-evolution",
        title=f"Frequencies of {source.title} over training",
        question=f"When does each frequency of {source.title} grow or die?",
        reads=("basis",) if source.of_weights else (),
        arrays=_arrays(source),
        picture=FrequencyCurves(array="values", y=source.unit, own=source.own),
        describe=_describe(source),
        missing=needs_measure(source.measure),
        cost="stored",
        replaces=tuple(replaces),
        guide=guide,
    )


def _waterfall(source: _Source, guide: Guide) -> View:
    return View(
        id=f"{source.name}-waterfall",
        title=f"Spectrum of {source.title} over training",
        question=f"How does the whole spectrum of {source.title} thin out?",
        reads=("basis",) if source.of_weights else (),
        arrays=_arrays(source),
        picture=Special(_draw_waterfall(source), Traits(kind="curves", styles=("x",))),
        describe=_describe(source),
        missing=needs_measure(source.measure),
        cost="stored",
        guide=guide,
    )


_WEIGHTS_BEFORE = "One bundle: no frequency stands out."
_WEIGHTS_AFTER = (
    "A few coloured lines stay up or rise, while the others sink together as weight "
    "decay clears them."
)
_WATERFALL_BEFORE = "Even speckle on the left."
_WATERFALL_AFTER = "Bright horizontal lines at the key frequencies on a dark ground."

EMBEDDING_EVOLUTION = _evolution(
    _EMBED,
    Guide(
        what="Norm of W_E at every frequency at every checkpoint. Keys in their "
        f"colours, all others grey. {PHASE_NOTE}",
        formula="√(‖F[cos k] W_E‖² + ‖F[sin k] W_E‖²)",
        before=_WEIGHTS_BEFORE,
        after=_WEIGHTS_AFTER,
        normal="The keys part from the bundle within the first thousand epochs, long "
        "before the test loss falls. W_E may keep a frequency that the logits drop.",
        wrong="A grey line as high as the keys at the end: an unused frequency, or "
        "cleanup not finished. All lines sinking: weight decay is too strong.",
        reference="Nanda et al. 2023, section 5",
    ),
    (6,),
)

READOUT_EVOLUTION = _evolution(
    _READOUT,
    Guide(
        what="Norm of the neuron–logit map W_L = W_out W_U at every frequency at every "
        f"checkpoint. Keys in their colours, all others grey. {PHASE_NOTE}",
        formula="√(‖F[cos k] W_Lᵀ‖² + ‖F[sin k] W_Lᵀ‖²)",
        before=_WEIGHTS_BEFORE,
        after=_WEIGHTS_AFTER,
        normal="The grey lines end a hundred times below the keys.",
        wrong="Grey lines that stay near the keys: the run has not been cleaned up.",
        reference="Nanda et al. 2023, section 4.1",
    ),
)

LOGIT_EVOLUTION = _evolution(
    _SHARES,
    Guide(
        what="Share of the logits' variance that lies on the two waves in a + b of "
        "every frequency. A frequency counts as a key when it holds more than 1 % at "
        f"the last checkpoint. {PHASE_NOTE}",
        formula="‖projection of L on cos, sin w_k(a + b)‖² ÷ ‖L‖², L gauge-fixed",
        before="All shares near 1e-4: nothing in the logits depends on a + b alone.",
        after="The keys share most of the variance between them.",
        normal="The sum over the keys passes 90 %; the others stay below 0.1 %.",
        wrong="Many lines around 1 %: the key set depends on the threshold.",
        reference="Nanda et al. 2023, section 4.1",
    ),
    (2, 6),
)

EMBEDDING_WATERFALL = _waterfall(
    _EMBED,
    Guide(
        what="The spectrum of W_E at every checkpoint: one column per checkpoint, one "
        "row per frequency, brighter for a larger norm. The keys are marked.",
        formula="√(‖F[cos k] W_E‖² + ‖F[sin k] W_E‖²)",
        before=_WATERFALL_BEFORE,
        after=_WATERFALL_AFTER,
        normal="Three to six lines at the right edge.",
        wrong="Lines that change rows late in training: the network swaps frequencies.",
        reference="Nanda et al. 2023, section 5",
    ),
)

READOUT_WATERFALL = _waterfall(
    _READOUT,
    Guide(
        what="The spectrum of W_L = W_out W_U at every checkpoint: one column per "
        "checkpoint, one row per frequency. Marks at the left are the keys.",
        formula="√(‖F[cos k] W_Lᵀ‖² + ‖F[sin k] W_Lᵀ‖²)",
        before=_WATERFALL_BEFORE,
        after=_WATERFALL_AFTER,
        normal="Cleaner than the picture of W_E.",
        wrong="A bright line without a mark: written by neurons, unseen in the sum "
        "part of the logits.",
        reference="Nanda et al. 2023, section 4.1",
    ),
)

LOGIT_WATERFALL = _waterfall(
    _SHARES,
    Guide(
        what="Share of the logits' variance on waves in a + b, per frequency and "
        f"checkpoint, on a logarithmic colour scale of {_SHARE_DECADES:.0f} decades.",
        formula="‖projection of L on cos, sin w_k(a + b)‖² ÷ ‖L‖², L gauge-fixed",
        before=_WATERFALL_BEFORE,
        after=_WATERFALL_AFTER,
        normal="A lottery in the first epochs; then the same lines to the end.",
        wrong="No line at all: not grokked, or an operation without such waves.",
        reference="Nanda et al. 2023, section 5",
    ),
)

SPECTRA_STRIP = View(
    id="spectra-strip",
    title="Six spectra of W_E",
    question="What does the spectrum look like on the way?",
    reads=("basis",),
    arrays=_strip_arrays,
    picture=Special(_draw_strip, Traits(kind="bars", styles=("y",))),
    describe=_describe_strip,
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
    question="How much of the logits depends on the sum, the difference, one operand?",
    reads=(),
    arrays=_share_arrays,
    picture=EpochCurves(
        lines=_SHARE_LINES, y=Axis("share of logit variance", (-0.02, 1.08))
    ),
    describe=_describe_shares,
    missing=needs_measure("logits/sum_share"),
    cost="stored",
    guide=Guide(
        what="Variance of the logits by kind of wave in the two operands: waves in "
        "a + b, waves in a − b, terms in one operand alone, products of two different "
        "frequencies. These add up to 1. The constant, the mean over pairs, is a share "
        "of all energy and stands apart (dotted). Read in the run's own frame, where "
        f"the operation is a sum. {PHASE_NOTE}",
        formula="shares of ‖L‖² after subtracting the mean over classes and then over "
        "pairs, from the 2-D Fourier transform of L",
        before="At the start nearly all is in one operand alone or constant: the "
        "untrained network adds up its two inputs. Memorising fills the mixed part.",
        after="Almost all is waves in a + b.",
        normal="90 % and more in a + b at the end; a few per cent in a − b, the weak "
        "texture of the trigonometric circuit.",
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
        array="values", y=Axis("amplitude α of cos w_k(a + b − c)")
    ),
    describe=_describe_cosines,
    missing=needs_measure("logits/offset"),
    cost="stored",
    guide=Guide(
        what="Amplitudes of the least-squares fit of the logits by one cosine per "
        "frequency, at every checkpoint. The cosines peak at the right class, so a "
        "large positive amplitude is a strong vote for it. Keys in their colours. "
        f"{PHASE_NOTE}",
        formula="L ≈ Σ α_k cos(2πk(a + b − c)/q); α_k = (2/q) Σ_t f(t) cos(2πkt/q), "
        "f(t) the mean logit at a + b − c = t",
        before="All near 0.",
        after="The keys rise to tens of logit units, then fall a little under weight "
        "decay.",
        normal="All keys positive; for p = 113 they explain 95 % of the variance.",
        wrong="A negative key: that frequency votes against the right answer.",
        reference="Nanda et al. 2023, section 4.1 and table 1",
    ),
)

VIEWS: tuple[View, ...] = (
    EMBEDDING_EVOLUTION,
    READOUT_EVOLUTION,
    LOGIT_EVOLUTION,
    EMBEDDING_WATERFALL,
    READOUT_WATERFALL,
    LOGIT_WATERFALL,
    SPECTRA_STRIP,
    LOGIT_SHARES,
    COSINE_COEFFICIENTS,
)
