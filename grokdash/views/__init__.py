"""All views, in the order of the pages; everything that shows views walks this."""

from grokdash.errors import NotStoredError
from grokdash.views import (
    attention,
    embedding,
    fourier,
    logits,
    neurons,
    training,
    trajectories,
    weights,
)
from grokdash.views.core.view import Drawing, Guide, View

VIEWS: tuple[View, ...] = (
    *training.VIEWS,
    *fourier.VIEWS,
    *embedding.VIEWS,
    *attention.VIEWS,
    *neurons.VIEWS,
    *logits.VIEWS,
    *weights.VIEWS,
    *trajectories.VIEWS,
)

EXPLORE: tuple[str, ...] = (
    "embedding-spectrum",
    "embedding-circle",
    "attention-head",
    "neuron-grid",
    "correct-logit",
    "progress-measures",
)
"""The six panels of the Explore page, in reading order."""

_BY_ID = {view.id: view for view in VIEWS}


def get_view(view_id: str) -> View:
    """Look a view up by its id.

    Raises
    ------
    NotStoredError
        If there is none; the message lists those there are.
    """
    try:
        return _BY_ID[view_id]
    except KeyError:
        raise NotStoredError(
            f"no view {view_id!r}; the views are {', '.join(_BY_ID)}"
        ) from None


__all__ = ["EXPLORE", "VIEWS", "Drawing", "Guide", "View", "get_view"]
