"""Paths through the space of parameters."""

from grokdash.views.core.view import View
from grokdash.views.trajectories import paths

VIEWS: tuple[View, ...] = (*paths.VIEWS,)
