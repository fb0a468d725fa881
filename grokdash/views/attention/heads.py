"""Views of what each head does at one epoch: scores, frequencies, what it moves."""

from functools import partial

import numpy as np
import plotly.graph_objects as go

from grokdash.analysis import attention, neurons, plane
from grokdash.cache import Arrays
from grokdash.figures.marks import name_rows
from grokdash.figures.spreads import Spread, whisker_line, whiskers
from grokdash.figures.theme import Axis
from grokdash.snapshot import Snapshot
from grokdash.views.core.normal import span
from grokdash.views.core.selection import Selection
from grokdash.views.core.view import Drawing, Guide, Traits, View
from grokdash.views.pictures import Line, Matrix, Profile, Special, over_tokens
from grokdash.views.reading.frames import (
    basis_note,
    frame_of,
    grid_of,
    needs_stored,
    tokens_of,
)
from grokdash.views.reading.frequencies import frequency_axis, mark_key_columns
from grokdash.views.reading.neurons import heads_of
from grokdash.views.reading.words import POSITIONS
from grokdash.written import percent, percent_within

_SYMBOLS = ("circle", "square", "diamond")
_FIRST_BLOCK = "Computed for the first block, where a token's score is its own."


def _share_map(unit: str, styles: tuple[str, ...] = ()) -> Matrix:
    """Give the picture of shares of heads × frequencies, keys marked."""
    return Matrix(
        "share",
        unit,
        x=_frequencies,
        y=Axis("head"),
        picks={"x": "k", "y": "h"},
        styles=styles,
        finish=partial(_name_heads, unit),
    )


def _frequencies(drawing: Drawing) -> Axis:
    return frequency_axis(drawing, drawing.arrays["share"].shape[1])


def _name_heads(unit: str, fig: go.Figure, drawing: Drawing) -> go.Figure:
    run, count = drawing.run, len(drawing.arrays["share"])
    fig.update_yaxes(dtick=max(1, count // 8), autorange="reversed")
    hover = (
        f"head %{{customdata}}, frequency %{{x}}<br>{unit} %{{z:.4g}}<extra></extra>"
    )
    name_rows(fig, np.arange(count), hover)
    own = frame_of(run, drawing.selection) is run.canonical
    return mark_key_columns(fig, drawing) if own else fig


def _list_heads(share: np.ndarray) -> str:
    parts = []
    for head, row in enumerate(share[:8]):
        if not np.isfinite(row).any():
            parts.append(f"head {head} none")
            continue
        best = int(np.nanargmax(row))
        parts.append(f"head {head} frequency {best + 1} ({percent(row[best])})")
    return "; ".join(parts) + ("; …" if len(share) > 8 else "")


def _means(snapshot: Snapshot, selection: Selection) -> Arrays:
    rows = heads_of(snapshot.run, selection.layer)
    mean = snapshot.measure("attention/mean")[rows].astype(float)
    std = snapshot.measure("attention/std")[rows].astype(float)
    found: dict[str, np.ndarray] = {}
    for index, name in enumerate("abe"):
        found[f"mean_{name}"] = mean[:, index]
        found[f"std_{name}"] = std[:, index]
        found[f"range_{name}"] = whisker_line(mean[:, index], std[:, index])
    return found


def _draw_means(drawing: Drawing) -> go.Figure:
    arrays, count = drawing.arrays, drawing.run.config.n_heads
    heads = np.arange(count, dtype=float)
    groups = [
        Spread(
            name=f"to {POSITIONS[index]}",
            x=heads + (index - 1) * 0.2,
            mean=arrays[f"mean_{name}"],
            deviation=arrays[f"std_{name}"],
            colour=drawing.theme.colour(POSITIONS[index]),
            symbol=_SYMBOLS[index],
        )
        for index, name in enumerate("abe")
    ]
    x, y = Axis("head", (-0.6, count - 0.4)), Axis("attention (share)", (-0.05, 1.05))
    fig = whiskers(groups, drawing.theme, x, y, "mean attention")
    return fig.update_xaxes(dtick=max(1, count // 16), showgrid=False)


def _describe_means(drawing: Drawing) -> str:
    arrays, h = drawing.arrays, drawing.selection.h
    parts = ", ".join(
        f"{percent_within(arrays[f'mean_{name}'][h], arrays[f'std_{name}'][h])} to "
        f"{source}"
        for source, name in zip(POSITIONS, "abe", strict=True)
    )
    return f"Head {h} of layer {drawing.selection.layer} gives {parts}."


def _frequency(snapshot: Snapshot, selection: Selection) -> Arrays:
    to_a = np.moveaxis(snapshot.pattern(selection.layer)[:, 0], 0, -1)
    grid = grid_of(snapshot.run, selection, to_a)
    return {"share": neurons.shares(grid).single.T.astype(np.float32)}


def _describe_frequency(drawing: Drawing) -> str:
    share, layer = drawing.arrays["share"], drawing.selection.layer
    return f"Layer {layer}: {_list_heads(share)}.{basis_note(drawing.run)}"


def _score(snapshot: Snapshot, selection: Selection) -> Arrays:
    table = attention.score_tables(snapshot.params(), snapshot.run.config).token
    score = table[selection.h][tokens_of(snapshot.run, selection)]
    share = attention.folded_shares(
        table[selection.h][None, :, None], frame_of(snapshot.run, selection)
    )[0]
    best = int(np.nanargmax(share)) + 1 if np.isfinite(share).any() else 1
    fit = plane.wave_part(score, best) if len(share) else score
    return {
        "score": score,
        "fit": fit,
        "best": np.array([best]),
        "share": share[best - 1 : best],
    }


def _describe_score(drawing: Drawing) -> str:
    share, best = drawing.arrays["share"], int(drawing.arrays["best"][0])
    h = drawing.selection.h
    if not share.size or not np.isfinite(share[0]):
        return f"Head {h} scores every token alike: C_h does not vary."
    return (
        f"Frequency {best} makes up {percent(float(share[0]))} of the variance of "
        f"C_{h}. {_FIRST_BLOCK}{basis_note(drawing.run)}"
    )


def _score_spectrum(snapshot: Snapshot, selection: Selection) -> Arrays:
    table = attention.score_tables(snapshot.params(), snapshot.run.config).token
    frame = frame_of(snapshot.run, selection)
    return {"share": attention.folded_shares(table[:, :, None], frame)}


def _describe_spectrum(drawing: Drawing) -> str:
    return f"Scores C_h: {_list_heads(drawing.arrays['share'])}. {_FIRST_BLOCK}"


def _ov(snapshot: Snapshot, selection: Selection) -> Arrays:
    config = snapshot.run.config
    tables = attention.ov_tables(snapshot.params(), config, selection.layer)
    return {"share": attention.folded_shares(tables, frame_of(snapshot.run, selection))}


def _describe_ov(drawing: Drawing) -> str:
    share, layer = drawing.arrays["share"], drawing.selection.layer
    path = "" if layer == 0 else " Only the direct path from the embedding is counted."
    return f"Moved by layer {layer}: {_list_heads(share)}.{path}"


ATTENTION_MEANS = View(
    id="attention-means",
    title="Mean attention and its spread",
    question="Where does each head look on average, and how much does it depend on "
    "the pair?",
    reads=("step", "layer", "h"),
    arrays=_means,
    picture=Special(
        _draw_means,
        Traits(
            kind="points",
            scrub={
                "0.y": "range_a",
                "1.y": "mean_a",
                "2.y": "range_b",
                "3.y": "mean_b",
                "4.y": "range_e",
                "5.y": "mean_e",
            },
            picks={"customdata": "h"},
        ),
    ),
    describe=_describe_means,
    fixed={
        f"{part}_{name}": (0.0, 1.0) for part in ("range", "mean") for name in "abe"
    },
    missing=needs_stored("attention/mean"),
    cost="stored",
    replaces=(9,),
    guide=Guide(
        what="For every head of the layer: the attention that = pays to a, to b and to "
        "itself, averaged over all pairs with an answer, with one standard deviation "
        "over the pairs above and below.",
        formula="mean and standard deviation over (a, b) of A_h[a, b, source]",
        before="All near one third, hardly any spread.",
        after="Near one half for a and b with a wide spread: the average looks "
        "indifferent, the single pair is not.",
        normal=f"Spread for an operand: {span('attention_spread')}. Mean attention to "
        f"=: {span('attention_equals')}; 0.1–0.4 % in the network of Nanda et al.",
        wrong="No spread after grokking: the head ignores its input. A mean far from "
        "one half: the head prefers one operand (see the asymmetry over training).",
        reference="Nanda et al. 2023, section 4.3",
    ),
)

ATTENTION_FREQUENCIES = View(
    id="attention-frequencies",
    title="Frequencies of each head's attention",
    question="Which frequency does each head look with, and how purely?",
    reads=("step", "layer", "basis"),
    arrays=_frequency,
    picture=_share_map("share of variance"),
    describe=_describe_frequency,
    frequency_shares=True,
    fixed={"share": (0.0, 1.0)},
    version=2,
    guide=Guide(
        what="The variance of each head's attention to a over all pairs, divided by "
        "frequency. A cell counts the 8 terms that one frequency can make of both "
        "operands. Coloured tabs above mark the key frequencies.",
        formula="Σ of C[f, g]² over f, g in {1, cos k, sin k} without the constant, "
        "divided by Σ C²; C = F A_h[·, ·, a] Fᵀ",
        before="Dim everywhere: the variance is spread over many frequencies.",
        after="One bright cell per head, under a coloured tab; several heads may share "
        "a frequency.",
        normal=f"In one frequency lie {span('head_share')} of the variance of a head. "
        "The published 98–99 % are shares of ΣA², which count the mean attention as "
        "explained.",
        wrong="Two bright cells in one row: a head of mixed frequency (usual with weak "
        "weight decay). A bright cell without a tab: the head follows a frequency the "
        "logits do not use.",
        reference="Nanda et al. 2023, table 2",
    ),
)

ATTENTION_SCORE = View(
    id="attention-score",
    title="Score of every token",
    question="Which tokens does the head prefer to look at?",
    reads=("step", "h", "basis"),
    arrays=_score,
    picture=Profile(
        lines=(
            Line("C_h", "score", "text"),
            Line("its strongest wave", "fit", "fit", dash="dash"),
        ),
        x=over_tokens("a"),
        y=lambda drawing: f"score of head {drawing.selection.h} (logit units)",
    ),
    describe=_describe_score,
    frequency_shares=True,
    guide=Guide(
        what="The score that one head of the first block gives a token wherever it "
        "stands, and the best wave of one frequency through it. Between two equal "
        "positions the head looks at the token with the higher score.",
        formula="C_h[t] = x₌ W_Q (W_E[t] W_K)ᵀ / √d_head with x₌ = W_E[=] + W_pos[2]; "
        "attention to a ≈ σ(C_h[a] − C_h[b])",
        before="Noise of small size.",
        after="A wave of one key frequency: the dashed line covers the solid one.",
        normal=f"Amplitude: {span('score_amplitude')}. In one frequency lie "
        f"{span('score_share')} of the variance.",
        wrong="Noise after grokking: the head is unused, or it mixes frequencies; "
        "compare its row in the spectrum.",
        reference="Nanda et al. 2023, section 4.3",
    ),
)

ATTENTION_SCORE_SPECTRUM = View(
    id="attention-score-spectrum",
    title="Spectrum of the scores",
    question="Which frequencies decide where the heads look?",
    reads=("step", "basis"),
    arrays=_score_spectrum,
    picture=_share_map("share of C_h"),
    describe=_describe_spectrum,
    frequency_shares=True,
    fixed={"share": (0.0, 1.0)},
    version=2,
    guide=Guide(
        what="The score vector of each head of the first block, Fourier transformed "
        "over the tokens; shares of the energy without the constant.",
        formula="(F C_h)[cos k]² + (F C_h)[sin k]², divided by their sum over k",
        before="Dim: every frequency has about 1 / (number of frequencies).",
        after="One bright cell per head, at the head's key frequency.",
        normal=f"The brightest cell of a row holds {span('score_share')}.",
        wrong="Bright here but dim in the attention itself: the softmax is saturated, "
        "so a pure score makes an impure pattern.",
        reference="Nanda et al. 2023, section 4.3",
    ),
)

ATTENTION_OV = View(
    id="attention-ov",
    title="What each head moves",
    question="Which frequencies of the embedding does a head copy to the last "
    "position?",
    reads=("step", "layer", "basis"),
    arrays=_ov,
    picture=_share_map("share of output", styles=("norm",)),
    describe=_describe_ov,
    frequency_shares=True,
    version=2,
    guide=Guide(
        what="What a head writes for each token it looks at, Fourier transformed over "
        "the tokens; shares of the energy without the constant. The colours end at the "
        "largest share of the run.",
        formula="‖(F W_E W_V W_O)[cos k]‖² + ‖…[sin k]‖², divided by their sum over k",
        before="Even: a head moves all frequencies alike.",
        after="Bright cells at several key frequencies: a head moves more of them than "
        "the one it looks with.",
        normal=f"The key frequencies share {span('moved')} of the energy of a row.",
        wrong="Bright without a coloured tab above: moved, but not used by the logits, "
        "or a harmonic of a key frequency.",
        reference="Nanda et al. 2023, section 4.3",
    ),
)

VIEWS: tuple[View, ...] = (
    ATTENTION_MEANS,
    ATTENTION_FREQUENCIES,
    ATTENTION_SCORE,
    ATTENTION_SCORE_SPECTRUM,
    ATTENTION_OV,
)
