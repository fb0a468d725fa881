"""Logits: answers, over pairs, by part, by offset from the answer, by circuit."""

from grokdash.views.core.view import View
from grokdash.views.logits import answers, circuits, offsets, pairs, parts

VIEWS: tuple[View, ...] = (
    *answers.VIEWS,
    *pairs.VIEWS,
    *parts.VIEWS,
    *offsets.VIEWS,
    *circuits.VIEWS,
)
