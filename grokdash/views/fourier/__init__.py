"""Frequencies: spectra, the plane of the logits, their history."""

from grokdash.views.core.view import View
from grokdash.views.fourier import history, plane, spectra, waves

VIEWS: tuple[View, ...] = (
    *spectra.VIEWS,
    *plane.VIEWS,
    *history.VIEWS,
    *waves.VIEWS,
)
