"""The embedding: circles of one frequency, of all, and the space they lie in."""

from grokdash.views.core.view import View
from grokdash.views.embedding import circle, circles, space

VIEWS: tuple[View, ...] = (
    *circle.VIEWS,
    *circles.VIEWS,
    *space.VIEWS,
)
