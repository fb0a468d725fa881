"""Neurons: one, many, clusters of a frequency, their history."""

from grokdash.views.core.view import View
from grokdash.views.neurons import clusters, grid, history, maps, one, walls

VIEWS: tuple[View, ...] = (
    *grid.VIEWS,
    *one.VIEWS,
    *walls.VIEWS,
    *clusters.VIEWS,
    *maps.VIEWS,
    *history.VIEWS,
)
