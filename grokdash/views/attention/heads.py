"""Views of what each head does at one epoch: scores, frequencies, what it moves."""

import numpy as np
import plotly.graph_objects as go

from grokdash.analysis import attention, neurons, plane
from grokdash.cache import Arrays
from grokdash.figures.curves import Curve, curves
from grokdash.figures.grids import Scale, heat_map
from grokdash.figures.marks import mark_columns, name_rows
from grokdash.figures.spreads import Spread, whisker_line, whiskers
from grokdash.figures.theme import Axis, Theme, key_colour
from grokdash.snapshot import Snapshot
from grokdash.views.core.selection import Selection
from grokdash.views.core.view import Drawing, Guide, View
from grokdash.views.fourier.spectra import frequency_title
from grokdash.views.reading.frames import (
    basis_note,
    frame_of,
    grid_of,
    needs_stored,
    token_title,
    tokens_of,
)

SOURCES = ("a", "b", "=")
SYMBOLS = ("circle", "square", "diamond")
_FIRST_BLOCK = "Computed for the first block, where a token's score is its own."


def source_colours(theme: Theme) -> tuple[str, str, str]:
    """Give the colours of attention to a, b and =; neither splits' nor keys'."""
    if theme.name == "light":
        return "#6b4fa0", "#8a6d1d", theme.muted
    return "#b8a2e8", "#d8b94e", theme.muted


def heads_of(snapshot: Snapshot, layer: int) -> slice:
    """Give the rows of a layer's heads in the measures over all heads."""
    count = snapshot.run.config.n_heads
    return slice(layer * count, (layer + 1) * count)


def share_map(drawing: Drawing, name: str, title: str) -> go.Figure:
    """Draw shares of heads × frequencies on a scale from 0 to 1, keys marked."""
    run, theme, share = drawing.run, drawing.theme, drawing.arrays[name]
    count = share.shape[1]
    low, high = drawing.limits[name]
    scale = Scale(colours=theme.sequential, low=low, high=high, title=title)
    x = Axis(frequency_title(run, drawing.selection), values=np.arange(1, count + 1))
    fig = heat_map(share, scale, theme, x, Axis("head"))
    fig.update_yaxes(dtick=max(1, len(share) // 8), autorange="reversed")
    hover = (
        f"head %{{customdata}}, frequency %{{x}}<br>{title} %{{z:.2%}}<extra></extra>"
    )
    name_rows(fig, np.arange(len(share)), hover)
    if frame_of(run, drawing.selection) is not run.canonical:
        return fig
    keys = sorted(run.keys)
    return mark_columns(fig, keys, [key_colour(rank) for rank in range(len(keys))])


def _list_heads(share: np.ndarray) -> str:
    parts = []
    for head, row in enumerate(share[:8]):
        if not np.isfinite(row).any():
            parts.append(f"head {head} none")
            continue
        best = int(np.nanargmax(row))
        parts.append(f"head {head} frequency {best + 1} ({row[best]:.1%})")
    return "; ".join(parts) + ("; …" if len(share) > 8 else "")


def _means(snapshot: Snapshot, selection: Selection) -> Arrays:
    rows = heads_of(snapshot, selection.layer)
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
            name=f"to {SOURCES[index]}",
            x=heads + (index - 1) * 0.2,
            mean=arrays[f"mean_{name}"],
            deviation=arrays[f"std_{name}"],
            colour=source_colours(drawing.theme)[index],
            symbol=SYMBOLS[index],
        )
        for index, name in enumerate("abe")
    ]
    x, y = Axis("head", (-0.6, count - 0.4)), Axis("attention (share)", (-0.05, 1.05))
    fig = whiskers(groups, drawing.theme, x, y, "mean attention")
    return fig.update_xaxes(dtick=max(1, count // 16), showgrid=False)


def _describe_means(drawing: Drawing) -> str:
    arrays, h = drawing.arrays, drawing.selection.h
    parts = ", ".join(
        f"{arrays[f'mean_{name}'][h]:.1%} ± {arrays[f'std_{name}'][h]:.1%} to {source}"
        for source, name in zip(SOURCES, "abe", strict=True)
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


def _draw_score(drawing: Drawing) -> go.Figure:
    arrays, theme, selection = drawing.arrays, drawing.theme, drawing.selection
    place = np.arange(len(arrays["score"]))
    low = min(drawing.limits[name][0] for name in ("score", "fit"))
    high = max(drawing.limits[name][1] for name in ("score", "fit"))
    pad = 0.05 * (high - low) or 1.0
    lines = [
        Curve(name="C_h", x=place, y=arrays["score"], colour=theme.text),
        Curve(
            name="its strongest wave",
            x=place,
            y=arrays["fit"],
            colour=theme.accent,
            dash="dash",
        ),
    ]
    x = Axis(token_title(drawing.run, selection, "a"), (-1.0, float(len(place))))
    y = Axis(f"score of head {selection.h} (logit units)", (low - pad, high + pad))
    return curves(lines, theme, x, y)


def _describe_score(drawing: Drawing) -> str:
    share, best = drawing.arrays["share"], int(drawing.arrays["best"][0])
    h = drawing.selection.h
    if not share.size or not np.isfinite(share[0]):
        return f"Head {h} scores every token alike: C_h does not vary."
    return (
        f"Frequency {best} makes up {float(share[0]):.1%} of the variance of C_{h}. "
        f"{_FIRST_BLOCK}{basis_note(drawing.run)}"
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
    page="attention",
    question="Where does each head look on average, and how much does it depend on "
    "the pair?",
    kind="points",
    reads=("step", "layer"),
    styles=("h",),
    arrays=_means,
    draw=_draw_means,
    describe=_describe_means,
    scrub={
        "0.y": "range_a",
        "1.y": "mean_a",
        "2.y": "range_b",
        "3.y": "mean_b",
        "4.y": "range_e",
        "5.y": "mean_e",
    },
    picks={"customdata": "h"},
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
        normal="Spread of 0.2 to 0.45 for a and b; attention to = of 0.1–0.4 % in the "
        "published network, 12–20 % in some other seeds.",
        wrong="No spread after grokking: the head ignores its input. A mean far from "
        "one half: the head prefers one operand (see the asymmetry over training).",
        reference="Nanda et al. 2023, section 4.3",
    ),
)

ATTENTION_FREQUENCIES = View(
    id="attention-frequencies",
    title="Frequencies of each head's attention",
    page="attention",
    question="Which frequency does each head look with, and how purely?",
    kind="grid",
    reads=("step", "layer", "basis"),
    arrays=_frequency,
    draw=lambda drawing: share_map(drawing, "share", "share of variance"),
    describe=_describe_frequency,
    scrub={"0.z": "share"},
    picks={"x": "k", "y": "h"},
    fixed={"share": (0.0, 1.0)},
    guide=Guide(
        what="The variance of each head's attention to a over all pairs, divided by "
        "frequency. A cell counts the 8 terms that one frequency can make of both "
        "operands. Coloured tabs above mark the key frequencies.",
        formula="Σ of C[f, g]² over f, g in {1, cos k, sin k} without the constant, "
        "divided by Σ C²; C = F A_h[·, ·, a] Fᵀ",
        before="Dim everywhere: the variance is spread over many frequencies.",
        after="One bright cell per head, under a coloured tab; several heads may share "
        "a frequency.",
        normal="98–99 % in one frequency for every head of the published network; "
        "56–97 % in other seeds.",
        wrong="Two bright cells in one row: a head of mixed frequency (usual with weak "
        "weight decay). A bright cell without a tab: the head follows a frequency the "
        "logits do not use.",
        reference="Nanda et al. 2023, table 2",
    ),
)

ATTENTION_SCORE = View(
    id="attention-score",
    title="Score of every token",
    page="attention",
    question="Which tokens does the head prefer to look at?",
    kind="lines",
    reads=("step", "h", "basis"),
    styles=("norm",),
    arrays=_score,
    draw=_draw_score,
    describe=_describe_score,
    scrub={"0.y": "score", "1.y": "fit"},
    guide=Guide(
        what="The score that one head of the first block gives a token wherever it "
        "stands, and the best wave of one frequency through it. Between two equal "
        "positions the head looks at the token with the higher score.",
        formula="C_h[t] = x₌ W_Q (W_E[t] W_K)ᵀ / √d_head with x₌ = W_E[=] + W_pos[2]; "
        "attention to a ≈ σ(C_h[a] − C_h[b])",
        before="Noise of small size.",
        after="A wave of one key frequency: the dashed line covers the solid one.",
        normal="An amplitude of 1 to 4 and over 90 % of the variance in one frequency.",
        wrong="Noise after grokking: the head is unused, or it mixes frequencies; "
        "compare its row in the spectrum.",
        reference="Nanda et al. 2023, section 4.3",
    ),
)

ATTENTION_SCORE_SPECTRUM = View(
    id="attention-score-spectrum",
    title="Spectrum of the scores",
    page="attention",
    question="Which frequencies decide where the heads look?",
    kind="grid",
    reads=("step", "basis"),
    arrays=_score_spectrum,
    draw=lambda drawing: share_map(drawing, "share", "share of C_h"),
    describe=_describe_spectrum,
    scrub={"0.z": "share"},
    picks={"x": "k", "y": "h"},
    fixed={"share": (0.0, 1.0)},
    guide=Guide(
        what="The score vector of each head of the first block, Fourier transformed "
        "over the tokens; shares of the energy without the constant.",
        formula="(F C_h)[cos k]² + (F C_h)[sin k]², divided by their sum over k",
        before="Dim: every frequency has about 1 / (number of frequencies).",
        after="One bright cell per head, at the head's key frequency.",
        normal="Above 90 % in one cell per row in a clean network.",
        wrong="Bright here but dim in the attention itself: the softmax is saturated, "
        "so a pure score makes an impure pattern.",
        reference="Nanda et al. 2023, section 4.3",
    ),
)

ATTENTION_OV = View(
    id="attention-ov",
    title="What each head moves",
    page="attention",
    question="Which frequencies of the embedding does a head copy to the last "
    "position?",
    kind="grid",
    reads=("step", "layer", "basis"),
    styles=("norm",),
    arrays=_ov,
    draw=lambda drawing: share_map(drawing, "share", "share of output"),
    describe=_describe_ov,
    scrub={"0.z": "share"},
    picks={"x": "k", "y": "h"},
    guide=Guide(
        what="What a head writes for each token it looks at, Fourier transformed over "
        "the tokens; shares of the energy without the constant. The colours end at the "
        "largest share of the run.",
        formula="‖(F W_E W_V W_O)[cos k]‖² + ‖…[sin k]‖², divided by their sum over k",
        before="Even: a head moves all frequencies alike.",
        after="Bright cells at several key frequencies: a head moves more of them than "
        "the one it looks with.",
        normal="Three to five key frequencies share most of the energy of each row.",
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
