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

BY_PAGE: dict[str, tuple[View, ...]] = {
    "training": training.VIEWS,
    "fourier": fourier.VIEWS,
    "embedding": embedding.VIEWS,
    "attention": attention.VIEWS,
    "neurons": neurons.VIEWS,
    "logits": logits.VIEWS,
    "weights": weights.VIEWS,
    "trajectories": trajectories.VIEWS,
}
"""The views of every page, in reading order: a folder is a page."""

VIEWS: tuple[View, ...] = tuple(view for views in BY_PAGE.values() for view in views)

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


__all__ = ["BY_PAGE", "EXPLORE", "VIEWS", "Drawing", "Guide", "View", "get_view"]
