"""Paths through the space of parameters, and how the embedding unfolds."""

from grokdash.views.core.view import View
from grokdash.views.trajectories import motion, paths, strip

VIEWS: tuple[View, ...] = (
    *paths.VIEWS,
    *strip.VIEWS,
    *motion.VIEWS,
)
