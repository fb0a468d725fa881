"""Views of the logits: what the network answers."""

import numpy as np
import plotly.graph_objects as go

from grokdash.cache import Arrays
from grokdash.figures.grids import Scale, heat_map
from grokdash.figures.theme import Axis, symmetric
from grokdash.snapshot import Snapshot
from grokdash.views.attention import OPERANDS
from grokdash.views.selection import Selection
from grokdash.views.view import Drawing, Guide, View, needs_measure


def _correct_logit(snapshot: Snapshot, _selection: Selection) -> Arrays:
    grid = snapshot.measure("frame/correct_logit").astype(np.float32)
    return {"logit": np.where(snapshot.run.table < 0, np.float32(np.nan), grid)}


def _draw_correct_logit(drawing: Drawing) -> go.Figure:
    low, high = symmetric(*drawing.limits["logit"])
    scale = Scale(
        colours=drawing.theme.diverging, low=low, high=high, title="logit of a ∘ b"
    )
    return heat_map(drawing.arrays["logit"], scale, drawing.theme, Axis("b"), Axis("a"))


def _describe_correct_logit(drawing: Drawing) -> str:
    logit, train = drawing.arrays["logit"], drawing.run.train_mask
    defined = drawing.run.table >= 0
    on_train = float(np.nanmean(logit[train]))
    on_test = float(np.nanmean(logit[defined & ~train]))
    return (
        f"The right answer's logit averages {on_train:.3g} on training pairs and "
        f"{on_test:.3g} on all others."
    )


CORRECT_LOGIT = View(
    id="correct-logit",
    title="Logit of the right answer",
    page="logits",
    question="How strongly does the network assert the right answer to each pair?",
    kind="grid",
    reads=("step",),
    styles=("norm",),
    arrays=_correct_logit,
    draw=_draw_correct_logit,
    describe=_describe_correct_logit,
    scrub={"0.z": "logit"},
    picks=OPERANDS,
    missing=needs_measure("frame/correct_logit"),
    cost="stored",
    replaces=(18,),
    guide=Guide(
        what="Logit of the class a ∘ b for every pair, by the run's own operation.",
        formula="L[a, b, a ∘ b], read at the = position",
        before="Random dots: high exactly at the training pairs, low between them. "
        "What you see is the lookup table.",
        after="Even, high everywhere, with a weak texture along a − b that the "
        "trigonometric circuit leaves.",
        normal="After grokking training and other pairs cannot be told apart.",
        wrong="The train pattern still visible at the end: not generalised.",
        reference="Nanda et al. 2023, section 4.1",
    ),
)

VIEWS: tuple[View, ...] = (CORRECT_LOGIT,)
