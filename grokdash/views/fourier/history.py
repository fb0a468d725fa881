"""Views of whole spectra over all of training, as lines and as waterfalls."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from grokdash.analysis import cross_split, fourier
from grokdash.cache import Arrays
from grokdash.figures.grids import Scale
from grokdash.figures.theme import Axis
from grokdash.figures.waterfalls import waterfall
from grokdash.snapshot import RunView, Snapshot
from grokdash.views.core.normal import span
from grokdash.views.core.selection import Selection
from grokdash.views.core.view import Drawing, Guide, Traits, View, needs_measure
from grokdash.views.pictures import FrequencyCurves, Level, Special
from grokdash.views.reading.epochs import (
    PHASE_NOTE,
    epoch_axis,
    spread,
)
from grokdash.views.reading.frequencies import (
    in_frame,
    list_frequencies,
    mark_key_rows,
    short_frequency_title,
)
from grokdash.written import whole

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
            mark_key_rows(fig, drawing, n)
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
    return clipped, Scale(
        colours=colours, low=-_SHARE_DECADES, high=0.0, title="share", log10=True
    )


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


def _memorised(drawing: Drawing) -> Level | None:
    if not drawing.run.split_known:
        return None
    null = cross_split.memorised_shares(drawing.run.fibres.counts)
    return Level(float(null.max(initial=0.0)), "memorising alone")


def _evolution(source: _Source, guide: Guide, replaces: Sequence[int] = ()) -> View:
    return View(
        id=f"{source.name}-evolution",
        title=f"Frequencies of {source.title} over training",
        question=f"When does each frequency of {source.title} grow or die?",
        reads=("basis",) if source.of_weights else (),
        arrays=_arrays(source),
        picture=FrequencyCurves(
            array="values",
            y=source.unit,
            own=source.own,
            level=None if source.of_weights else _memorised,
        ),
        describe=_describe(source),
        frequency_shares=source.of_weights,
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
        frequency_shares=source.of_weights,
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
        normal="The keys part from the bundle while pairs are memorised: at the "
        f"highest test loss {span('embed_early')} of them are among as many largest "
        "frequencies of W_E. W_E may keep a frequency that the logits drop.",
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
        normal="The weakest key ends above the strongest grey line by a factor of "
        f"{span('wl_gap')}.",
        wrong="Grey lines that stay near the keys: the run has not been cleaned up.",
        reference="Nanda et al. 2023, section 4.2",
    ),
)

LOGIT_EVOLUTION = _evolution(
    _SHARES,
    Guide(
        what="Share of the logits' variance that lies on the two waves in $sum of "
        "every frequency. The dotted level is what memorising alone gives each; "
        "a frequency is a key by what seen and unseen pairs share of it at the last "
        f"checkpoint (see Key frequencies by every rule). {PHASE_NOTE}",
        formula="‖projection of L on cos, sin w_k($sum)‖² ÷ ‖L‖², L gauge-fixed",
        before="All shares are small at first: nothing in the logits depends on $whole "
        "alone. They rise with the memorised answers; what stays below the dotted "
        f"level is {cross_split.MEMORISING}.",
        after="The keys share most of the variance between them.",
        normal=f"The keys hold {span('sum_keys')} together; the strongest other "
        f"frequency holds {span('sum_other')}.",
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
        normal=f"As many lines at the right edge as there are keys, {span('keys')}, "
        "and a few that the logits do not use.",
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
        reference="Nanda et al. 2023, section 4.2",
    ),
)

LOGIT_WATERFALL = _waterfall(
    _SHARES,
    Guide(
        what="Share of the logits' variance on waves in $sum, per frequency and "
        f"checkpoint, on a logarithmic colour scale of {whole(_SHARE_DECADES)} "
        f"decades.",
        formula="‖projection of L on cos, sin w_k($sum)‖² ÷ ‖L‖², L gauge-fixed",
        before=_WATERFALL_BEFORE,
        after=_WATERFALL_AFTER,
        normal="A lottery in the first epochs; then the same lines to the end.",
        wrong="No line at all: not grokked, or an operation without such waves.",
        reference="Nanda et al. 2023, sections 4.1 and 5",
    ),
)

VIEWS: tuple[View, ...] = (
    EMBEDDING_EVOLUTION,
    READOUT_EVOLUTION,
    LOGIT_EVOLUTION,
    EMBEDDING_WATERFALL,
    READOUT_WATERFALL,
    LOGIT_WATERFALL,
)
