"""How training went: losses, progress measures, sparsity, updates."""

from grokdash.views.core.view import View
from grokdash.views.training import losses, progress, sparsity, updates

VIEWS: tuple[View, ...] = (
    *losses.VIEWS,
    *progress.VIEWS,
    *sparsity.VIEWS,
    *updates.VIEWS,
)
