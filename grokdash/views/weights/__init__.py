"""Weight matrices and their singular values."""

from grokdash.views.core.view import View
from grokdash.views.weights import matrix, spectra

VIEWS: tuple[View, ...] = (
    *matrix.VIEWS,
    *spectra.VIEWS,
)
