"""Views of attention, per layer and head."""

import numpy as np
import plotly.graph_objects as go

from grokdash.cache import Arrays
from grokdash.figures.grids import Scale, heat_map
from grokdash.figures.theme import Axis
from grokdash.snapshot import Snapshot
from grokdash.views.selection import Selection
from grokdash.views.view import Drawing, Guide, View

SOURCES = ("a", "b", "=")
OPERANDS = {"x": "b", "y": "a"}


def _head(snapshot: Snapshot, selection: Selection) -> Arrays:
    pattern = snapshot.pattern(selection.layer)
    return {"pattern": pattern[selection.h, selection.s]}


def _draw_head(drawing: Drawing) -> go.Figure:
    source = SOURCES[drawing.selection.s]
    low, high = drawing.limits["pattern"]
    scale = Scale(
        colours=drawing.theme.sequential,
        low=low,
        high=high,
        title=f"attention to {source}",
    )
    return heat_map(
        drawing.arrays["pattern"], scale, drawing.theme, Axis("b"), Axis("a")
    )


def _describe_head(drawing: Drawing) -> str:
    pattern, selection = drawing.arrays["pattern"], drawing.selection
    source = SOURCES[selection.s]
    return (
        f"Head {selection.h} of layer {selection.layer} gives {source} "
        f"{np.nanmean(pattern):.1%} of its attention on average, between "
        f"{np.nanmin(pattern):.1%} and {np.nanmax(pattern):.1%} depending on the pair."
    )


ATTENTION_HEAD = View(
    id="attention-head",
    title="Attention of one head",
    page="attention",
    question="How does the head's attention depend on both operands?",
    kind="grid",
    reads=("step", "layer", "h", "s"),
    styles=("norm",),
    arrays=_head,
    draw=_draw_head,
    describe=_describe_head,
    scrub={"0.z": "pattern"},
    picks=OPERANDS,
    fixed={"pattern": (0.0, 1.0)},
    replaces=(9, 10),
    guide=Guide(
        what="Attention that the = position pays to one source position (a, b or "
        "itself) in one head, for every pair of operands. Heads are never averaged.",
        formula="softmax over the three positions of x₌ W_Q (x W_K)ᵀ / √d_head",
        before="Nearly the same everywhere, about 1/3 for each position.",
        after="Stripes at one key frequency: attention to a is close to "
        "σ(C[a] − C[b]) with a score C that is a wave of the head's frequency.",
        normal="Mean near one half for each operand, 0.1–0.4 % for = in the published "
        "network; some seeds keep heads that look at =.",
        wrong="Identical for every pair after grokking: the head is unused. Averages "
        "over inputs hide all of this; use the mean ± spread view for them.",
        reference="Nanda et al. 2023, section 4.3 and table 2",
    ),
)

VIEWS: tuple[View, ...] = (ATTENTION_HEAD,)
