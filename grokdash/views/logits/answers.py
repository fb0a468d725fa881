"""The view of what is answered: right or wrong, seen in training or not."""

import numpy as np
import plotly.graph_objects as go

from grokdash.analysis import losses
from grokdash.cache import Arrays
from grokdash.figures.kinds import kind_map, pale
from grokdash.figures.theme import Axis
from grokdash.snapshot import Snapshot
from grokdash.views.core.selection import Selection
from grokdash.views.core.view import Drawing, Guide, Traits, View, needs_split
from grokdash.views.logits.blocks import grid_of_logits
from grokdash.views.pictures import Special
from grokdash.written import percent


def _answers(snapshot: Snapshot, _selection: Selection) -> Arrays:
    run = snapshot.run
    right = grid_of_logits(
        snapshot, lambda logits, rows: losses.correct_grid(logits, run.table[rows])
    )
    kind = 2 * run.train_mask + right
    return {"answer": np.where(run.table < 0, np.nan, kind).astype(np.float32)}


def _draw(drawing: Drawing) -> go.Figure:
    theme = drawing.theme
    kinds = {
        "other, wrong": pale(theme.test, theme.paper),
        "other, right": theme.test,
        "trained on, wrong": pale(theme.train, theme.paper),
        "trained on, right": theme.train,
    }
    return kind_map(drawing.arrays["answer"], kinds, theme, Axis("b"), Axis("a"))


def _describe(drawing: Drawing) -> str:
    answer, run = drawing.arrays["answer"], drawing.run
    train = run.train_mask
    test = (run.table >= 0) & ~train
    shares = [percent(np.mean(answer[split] % 2)) for split in (train, test)]
    return (
        f"{shares[0]} of the pairs trained on are answered rightly, and {shares[1]} "
        "of all others."
    )


ANSWERS = View(
    id="answers",
    title="Right and wrong answers",
    question="Which pairs are answered rightly, and were they trained on?",
    reads=("step",),
    arrays=_answers,
    picture=Special(
        _draw,
        Traits(kind="grid", scrub={"0.z": "answer"}, picks={"x": "b", "y": "a"}),
    ),
    describe=_describe,
    missing=needs_split(),
    fixed={"answer": (0.0, 3.0)},
    cost="heavy",
    guide=Guide(
        what="Every pair, in the colour of its split: blue if it was trained on, "
        "orange if not; full where the network's answer is right, pale where it is "
        "wrong.",
        formula="argmax over c of L[a, b, c] = a ∘ b, read at the = position",
        before="Full blue cells on pale orange: what was trained on is known, and "
        "nothing else.",
        after="Full colours everywhere; blue and orange differ in nothing but hue.",
        normal="Orange cells fill one by one, all over the square, long after the "
        "blue ones.",
        wrong="Orange cells that stay pale at the end: pairs that the network answers "
        "wrongly.",
        reference="Power et al. 2022, figure 1",
    ),
)

VIEWS: tuple[View, ...] = (ANSWERS,)
