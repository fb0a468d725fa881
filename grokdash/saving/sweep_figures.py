"""The pictures of a sweep outside the browser, and the numbers behind them."""

import plotly.graph_objects as go

from grokdash.analysis.outcomes import Thresholds
from grokdash.errors import NotStoredError
from grokdash.figures.swept import label
from grokdash.figures.theme import THEMES
from grokdash.saving.headed import headed
from grokdash.saving.number_formats import Numbers
from grokdash.saving.origins import sweep_origin
from grokdash.views.sweep import PICTURES, get_picture
from grokdash.views.sweep.choice import THRESHOLDS
from grokdash.views.sweep.chosen import NO_RUN, Chosen
from grokdash.views.sweep.picture import SweepPicture, render


def sweep_figures(chosen: Chosen, names: tuple[str, ...]) -> tuple[SweepPicture, ...]:
    """Choose pictures of a sweep by name; all if none is named.

    Raises
    ------
    NotStoredError
        If there is no such picture, or no run that a picture could show.
    """
    if not chosen.runs:
        raise NotStoredError(f"{chosen.data.record.id}: {NO_RUN}")
    return tuple(map(get_picture, names)) or PICTURES


def sweep_figure(
    picture: SweepPicture, chosen: Chosen, theme: str, width: int
) -> go.Figure:
    """Draw a picture of a sweep under lines that say what it shows of which sweep."""
    figure = render(picture, chosen, THEMES[theme])
    height = picture.height_of(chosen)
    return headed(figure, picture.title, [sweep_words(chosen)], width, height)


def sweep_words(chosen: Chosen) -> str:
    """Say of which sweep a picture is, and what of it is chosen."""
    data, choice, usual = chosen.data, chosen.choice, Thresholds()
    held = (f"{data.axes[name]} {label(one)}" for name, one in choice.held.items())
    limits = (
        f"{known.title} {label(getattr(choice.thresholds, name))}"
        for name, known in THRESHOLDS.items()
        if getattr(choice.thresholds, name) != getattr(usual, name)
    )
    runs = f"{len(chosen.runs)} of {data.progress.total} runs"
    parts = (data.record.title, f"sweep {data.record.id}", runs, *held, *limits)
    return "; ".join(parts)


def sweep_numbers(picture: SweepPicture, chosen: Chosen) -> Numbers:
    """Give the numbers behind a picture as a table, with where they come from."""
    origin = sweep_origin(chosen, picture.name)
    return Numbers(arrays=picture.numbers(chosen), origin=dict(origin))
