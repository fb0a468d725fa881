"""Views of attention patterns, per layer and head."""

import numpy as np
import plotly.graph_objects as go

from grokdash.cache import Arrays
from grokdash.figures.marks import write_values
from grokdash.figures.theme import Axis
from grokdash.snapshot import Snapshot
from grokdash.views.core.normal import span
from grokdash.views.core.selection import Selection
from grokdash.views.core.view import Drawing, Guide, View
from grokdash.views.pictures import Matrix, PairMap, PairMaps
from grokdash.views.reading.words import POSITIONS
from grokdash.written import percent


def _head(snapshot: Snapshot, selection: Selection) -> Arrays:
    pattern = snapshot.pattern(selection.layer)
    return {"pattern": pattern[selection.h, selection.s]}


def _to_source(drawing: Drawing) -> str:
    return f"attention to {POSITIONS[drawing.selection.s]}"


def _describe_head(drawing: Drawing) -> str:
    pattern, selection = drawing.arrays["pattern"], drawing.selection
    source = POSITIONS[selection.s]
    return (
        f"{percent(np.nanmean(pattern))} of the attention of head {selection.h} of "
        f"layer {selection.layer} goes to {source} on average, between "
        f"{percent(np.nanmin(pattern))} and {percent(np.nanmax(pattern))} depending on "
        "the pair."
    )


def _heads(snapshot: Snapshot, selection: Selection) -> Arrays:
    return {"pattern": snapshot.pattern(selection.layer)[:, selection.s]}


def _head_names(drawing: Drawing) -> list[str]:
    return [f"head {head}" for head in range(len(drawing.arrays["pattern"]))]


def _describe_heads(drawing: Drawing) -> str:
    pattern, selection = drawing.arrays["pattern"], drawing.selection
    spread = pattern.reshape(len(pattern), -1).std(axis=1)
    widest = int(np.argmax(spread))
    return (
        f"In layer {selection.layer}, head {widest} depends most on the pair: its "
        f"attention to {POSITIONS[selection.s]} varies by ± {percent(spread[widest])}; "
        f"the least, head {int(np.argmin(spread))}, by ± {percent(spread.min())}."
    )


def _sources(snapshot: Snapshot, selection: Selection) -> Arrays:
    return {"pattern": snapshot.pattern(selection.layer)[selection.h]}


def _describe_sources(drawing: Drawing) -> str:
    mean = drawing.arrays["pattern"].mean(axis=(1, 2))
    parts = ", ".join(
        f"{percent(value)} to {source}"
        for source, value in zip(POSITIONS, mean, strict=True)
    )
    selection = drawing.selection
    return f"Head {selection.h} of layer {selection.layer} gives on average {parts}."


def _pair(snapshot: Snapshot, selection: Selection) -> Arrays:
    pattern = snapshot.pattern(selection.layer)
    return {"pattern": pattern[:, :, selection.a, selection.b]}


def _name_cells(fig: go.Figure, drawing: Drawing) -> go.Figure:
    selection, count = drawing.selection, len(drawing.arrays["pattern"])
    texts = [f"a = {selection.a}", f"b = {selection.b}", "="]
    fig.update_xaxes(tickvals=[0, 1, 2], ticktext=texts)
    fig.update_yaxes(dtick=max(1, count // 16), autorange="reversed")
    fig.update_traces(
        hovertemplate="head %{y}, position %{x}<br>attention %{z:.4f}<extra></extra>"
    )
    return write_values(fig) if count <= 16 else fig


def _describe_pair(drawing: Drawing) -> str:
    pattern, selection = drawing.arrays["pattern"], drawing.selection
    parts = []
    for head, row in enumerate(pattern[:8]):
        best = int(np.argmax(row))
        parts.append(f"head {head} most at {POSITIONS[best]} ({percent(row[best])})")
    return (
        f"For a = {selection.a}, b = {selection.b} the last position looks: "
        f"{', '.join(parts)}."
    )


ATTENTION_HEAD = View(
    id="attention-head",
    title="Attention of one head",
    question="How does the head's attention depend on both operands?",
    reads=("step", "layer", "h", "s"),
    arrays=_head,
    picture=PairMap("pattern", _to_source),
    describe=_describe_head,
    fixed={"pattern": (0.0, 1.0)},
    replaces=(9, 10),
    guide=Guide(
        what="Attention that the = position pays to one source position (a, b or "
        "itself) in one head, for every pair of operands. Heads are never averaged.",
        formula="softmax over the three positions of x₌ W_Q (x W_K)ᵀ / √d_head",
        before="Nearly the same everywhere, about 1/3 for each position.",
        after="Stripes at one key frequency: attention to a is close to "
        "σ(C[a] − C[b]) with a score C that is a wave of the head's frequency.",
        normal=f"Mean of {span('attention_operand')} for an operand. For = it is "
        f"{span('attention_equals')}; 0.1–0.4 % in the network of Nanda et al.",
        wrong="Identical for every pair after grokking: the head is unused. Averages "
        "over inputs hide all of this; use the mean ± spread view for them.",
        reference="Nanda et al. 2023, figure 4a, sections 4.1 and 4.3, table 2",
    ),
)

ATTENTION_HEADS = View(
    id="attention-heads",
    title="Attention of all heads",
    question="How do the heads of a layer divide their work?",
    reads=("step", "layer", "s"),
    arrays=_heads,
    picture=PairMaps("pattern", _to_source, _head_names),
    describe=_describe_heads,
    fixed={"pattern": (0.0, 1.0)},
    replaces=(9, 10),
    guide=Guide(
        what="Attention of every head of the layer to one source position, for every "
        "pair of operands, on one scale from 0 to 1.",
        formula="A_h[a, b, source], source = a, b or =",
        before="Flat: every head gives every position about a third.",
        after="Each head shows the stripes of its own key frequency; heads of one "
        "frequency differ in phase.",
        normal="All heads used in the published network, two of them at one frequency.",
        wrong="A flat head: it is unused, or it averages the operands. The usual "
        "picture averaged over heads would hide all of this.",
        reference="Nanda et al. 2023, sections 4.1 and 4.3",
    ),
)

ATTENTION_SOURCES = View(
    id="attention-sources",
    title="One head, three positions",
    question="How does one head divide its attention between a, b and =?",
    reads=("step", "layer", "h"),
    arrays=_sources,
    picture=PairMaps(
        "pattern",
        lambda drawing: f"attention of head {drawing.selection.h}",
        [f"to {source}" for source in POSITIONS],
    ),
    describe=_describe_sources,
    fixed={"pattern": (0.0, 1.0)},
    replaces=(10,),
    guide=Guide(
        what="Attention of one head to a, to b and to = itself, for every pair. The "
        "three add up to 1 at every cell.",
        formula="A_h[a, b, ·], softmax over the three positions",
        before="Three even pictures near one third.",
        after="The picture of b is that of a with its sides exchanged; = is dark.",
        normal=f"Mean attention to =: {span('attention_equals')}.",
        wrong="A bright third picture: part of the head's attention is lost on =, "
        "which carries no information about the pair.",
        reference="Nanda et al. 2023, section 4.3",
    ),
)

ATTENTION_PAIR = View(
    id="attention-pair",
    title="Attention for one pair",
    question="Where does each head look for the chosen pair?",
    reads=("step", "layer", "a", "b"),
    arrays=_pair,
    picture=Matrix(
        "pattern",
        "attention",
        x=Axis("position looked at"),
        y=Axis("head"),
        picks={"y": "h"},
        styles=(),
        kind="table",
        finish=_name_cells,
    ),
    describe=_describe_pair,
    fixed={"pattern": (0.0, 1.0)},
    replaces=(9, 10),
    guide=Guide(
        what="Attention of the last position for one input (a, b, =), a row of three "
        "numbers per head. Only the last position is read out, so only its attention "
        "matters.",
        formula="A_h[a, b, ·] for the chosen a and b",
        before="Near 0.333 in every cell.",
        after="Heads take sides: close to 1 for one operand, by the difference of the "
        "two scores.",
        normal="Rows add up to 1. The mean of = over all pairs is "
        f"{span('attention_equals')}.",
        wrong="Three equal numbers after grokking: the head is unused.",
        reference="Nanda et al. 2023, section 4.3",
    ),
)

VIEWS: tuple[View, ...] = (
    ATTENTION_HEADS,
    ATTENTION_HEAD,
    ATTENTION_SOURCES,
    ATTENTION_PAIR,
)
