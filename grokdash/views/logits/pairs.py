"""Views of the logits over all pairs: what the network answers, and how surely."""

import numpy as np
import plotly.graph_objects as go

from grokdash.analysis import losses
from grokdash.cache import Arrays
from grokdash.figures.grids import Scale
from grokdash.figures.surfaces import surface
from grokdash.figures.theme import Axis
from grokdash.snapshot import RunView, Snapshot
from grokdash.views.core.normal import span
from grokdash.views.core.render import locked_limits
from grokdash.views.core.selection import Selection
from grokdash.views.core.view import Drawing, Guide, Traits, View, array_limits
from grokdash.views.logits.blocks import grid_of_logits
from grokdash.views.pictures import PairMap, Special
from grokdash.views.reading.frames import needs_stored
from grokdash.written import number, percent

LOSS_FLOOR = 1e-8
"""Losses in nats below this are drawn alike: half precision ends near 6e-8."""


def _split_means(run: RunView, grid: np.ndarray) -> tuple[float, float]:
    """Average a grid over the training pairs and over all others."""
    train = run.train_mask
    test = (run.table >= 0) & ~train
    return float(np.nanmean(grid[train])), float(np.nanmean(grid[test]))


def _all_mean(grid: np.ndarray) -> str:
    """Write the mean over all pairs, where the training pairs are not known."""
    return number(float(np.nanmean(grid)))


def _correct_logit(snapshot: Snapshot, _selection: Selection) -> Arrays:
    grid = snapshot.measure("frame/correct_logit").astype(np.float32)
    return {"logit": np.where(snapshot.run.table < 0, np.float32(np.nan), grid)}


def _describe_correct_logit(drawing: Drawing) -> str:
    if not drawing.run.split_known:
        mean = _all_mean(drawing.arrays["logit"])
        return f"The right answer's logit stands {mean} above the mean of all classes."
    train, test = _split_means(drawing.run, drawing.arrays["logit"])
    return (
        f"The right answer's logit stands {number(train)} above the mean of all "
        f"classes on training pairs and {number(test)} on all others."
    )


def _draw_surface(drawing: Drawing) -> go.Figure:
    logit = drawing.arrays["logit"]
    if drawing.selection.norm == "epoch":
        low, high = array_limits(logit)
    else:
        ranges = locked_limits(drawing.run, CORRECT_LOGIT, drawing.selection)
        low, high = ranges["logit"]
    scale = Scale(
        colours=drawing.theme.sequential,
        low=low,
        high=high if high > low else low + 1.0,
        title="logit above the mean",
    )
    return surface(logit, scale, drawing.theme, Axis("b"), Axis("a"))


def _describe_surface(drawing: Drawing) -> str:
    logit = drawing.arrays["logit"]
    low, high = array_limits(logit)
    spread = float(np.nanstd(logit))
    return (
        f"The right answer's logit lies between {number(low)} and {number(high)}, "
        f"{number(spread)} around its mean of {number(np.nanmean(logit))}."
    )


def _margin(snapshot: Snapshot, _selection: Selection) -> Arrays:
    table = snapshot.run.table
    margin = grid_of_logits(
        snapshot, lambda logits, rows: losses.margin_grid(logits, table[rows])
    )
    return {"margin": margin.astype(np.float32)}


def _describe_margin(drawing: Drawing) -> str:
    margin, run = drawing.arrays["margin"], drawing.run
    right = np.where(np.isnan(margin), np.nan, margin > 0)
    at = np.unravel_index(int(np.nanargmin(margin)), margin.shape)
    if run.split_known:
        train, test = _split_means(run, right)
        pairs = (
            f"{percent(train)} of the training pairs and {percent(test)} of all others"
        )
    else:
        pairs = f"{percent(float(np.nanmean(right)))} of all pairs"
    return (
        f"The right answer leads for {pairs}; its narrowest lead is "
        f"{number(margin[at])}, at a = {at[0]}, b = {at[1]}."
    )


def _loss(snapshot: Snapshot, _selection: Selection) -> Arrays:
    loss = snapshot.measure("frame/loss").astype(np.float32)
    smallest = loss.min(where=loss > 0, initial=np.float32(LOSS_FLOOR))
    floored = np.log10(np.maximum(loss, smallest))
    return {"log_loss": np.where(snapshot.run.table < 0, np.float32(np.nan), floored)}


def _describe_loss(drawing: Drawing) -> str:
    if not drawing.run.split_known:
        mean = 10 ** float(np.nanmean(drawing.arrays["log_loss"]))
        return f"A typical pair costs {number(mean, 2)} nats (geometric mean)."
    train, test = _split_means(drawing.run, drawing.arrays["log_loss"])
    return (
        f"A typical training pair costs {number(10**train, 2)} nats and a typical "
        f"other pair {number(10**test, 2)} (geometric means)."
    )


CORRECT_LOGIT = View(
    id="correct-logit",
    title="Logit of the right answer",
    question="How strongly does the network assert the right answer to each pair?",
    reads=("step",),
    arrays=_correct_logit,
    picture=PairMap("logit", "logit above the mean", signed=True),
    describe=_describe_correct_logit,
    missing=needs_stored("frame/correct_logit"),
    cost="stored",
    replaces=(18,),
    guide=Guide(
        what="Logit of the class a ∘ b for every pair, by the run's own operation, "
        "above the mean of all classes: a softmax does not see that mean.",
        formula="L[a, b, a ∘ b] − mean over c of L[a, b, c], read at the = position",
        before="Random dots: high exactly at the training pairs, low between them. "
        "What you see is the lookup table.",
        after="Even, high everywhere, with a weak texture in $difference that the "
        "trigonometric circuit leaves.",
        normal="After grokking training and other pairs cannot be told apart.",
        wrong="The train pattern still visible at the end: not generalised.",
        reference="Nanda et al. 2023, section 4.1",
    ),
)

LOGIT_SURFACE = View(
    id="logit-surface",
    title="Logit of the right answer as a surface",
    question="What landscape does the right answer's logit form over the pairs?",
    reads=("step",),
    arrays=_correct_logit,
    picture=Special(_draw_surface, Traits(kind="surface", styles=("norm",))),
    describe=_describe_surface,
    missing=needs_stored("frame/correct_logit"),
    cost="stored",
    replaces=(19,),
    guide=Guide(
        what="The same numbers as the heat map of the right answer's logit, as heights "
        "over every pair, none skipped. Drag to turn it; it is redrawn when the "
        "scrubber rests.",
        formula="height(a, b) = L[a, b, a ∘ b] − mean over c of L[a, b, c]",
        before="A flat floor with a spike at every training pair.",
        after="A high plateau with low ridges along constant $difference.",
        normal=f"The ripples (one standard deviation) are {span('ripple')} of the "
        "height of the plateau: every key frequency is weak for the differences at "
        "which its two waves cancel.",
        wrong="Single deep holes in the plateau: pairs that a later spike of the "
        "training loss has unlearned.",
        reference="Nanda et al. 2023, section 4.1",
    ),
)

MARGIN_GRID = View(
    id="margin-grid",
    title="Margin of the right answer",
    question="By how much does the right answer beat the best wrong one?",
    reads=("step",),
    arrays=_margin,
    picture=PairMap("margin", "margin (logits)", signed=True),
    describe=_describe_margin,
    cost="heavy",
    guide=Guide(
        what="The right answer's logit minus the largest logit among the wrong "
        "answers, for every pair. Above zero the network is right.",
        formula="L[a, b, a ∘ b] − max over c ≠ a ∘ b of L[a, b, c]",
        before="Positive at the training pairs, negative elsewhere.",
        after="Positive everywhere and nearly even.",
        normal=f"Median margin after grokking: {span('margin')}. Smallest: "
        f"{span('margin_least')}, where the circuit's frequencies interfere worst.",
        wrong="A few negative pairs after grokking: the answers that keep accuracy "
        "below 100 %. Click one and look at its logits.",
        reference="Morwani et al. 2023 on margins",
    ),
)

LOSS_GRID = View(
    id="loss-grid",
    title="Loss of every pair",
    question="Which pairs are learned, and are they the training pairs?",
    reads=("step",),
    arrays=_loss,
    picture=PairMap("log_loss", "loss (nats)", log10=True, training=True),
    describe=_describe_loss,
    missing=needs_stored("frame/loss"),
    cost="stored",
    replaces=(20,),
    guide=Guide(
        what="Cross-entropy of every single pair on a logarithmic scale; the dots mark "
        "the pairs that were trained on. Losses below 10⁻⁸ nats are drawn as 10⁻⁸.",
        formula="log₁₀(−ln softmax(L[a, b])[a ∘ b])",
        before="Dark exactly under the dots: training pairs cost next to nothing, all "
        "others many nats.",
        after="One even dark field: the dots no longer matter.",
        normal=f"When memorisation is complete, other pairs cost {span('test_peak')} "
        "on average; at the end about as little as training pairs.",
        wrong="Bright lines at one a or one b: a token whose embedding was never "
        "learned.",
        reference="Power et al. 2022",
    ),
)

VIEWS: tuple[View, ...] = (
    CORRECT_LOGIT,
    MARGIN_GRID,
    LOSS_GRID,
    LOGIT_SURFACE,
)
