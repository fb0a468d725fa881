"""The pictures of a sweep outside the browser, and the numbers behind them."""

from collections.abc import Sequence
from functools import partial

from grokdash.analysis.outcomes import Thresholds
from grokdash.errors import NotStoredError
from grokdash.figures.swept import label
from grokdash.figures.theme import PRINTS
from grokdash.saving.figure_files import FigureFile, of_table
from grokdash.saving.fitting import Heading, fitted
from grokdash.saving.look import FONTS, Look
from grokdash.saving.number_formats import Numbers
from grokdash.saving.origins import sweep_origin, sweep_stem
from grokdash.saving.sheets import Sheet, alone
from grokdash.views.sweep import PICTURES, get_picture
from grokdash.views.sweep.choice import THRESHOLDS
from grokdash.views.sweep.chosen import NO_RUN, Chosen
from grokdash.views.sweep.picture import SweepPicture, render


def sweep_files(chosen: Chosen, names: Sequence[str], look: Look) -> list[FigureFile]:
    """Give pictures of a sweep as they go into files; all if none is named.

    Without a height they have those of the page.

    Raises
    ------
    NotStoredError
        If there is no such picture, or no run that a picture could show.
    """
    if not chosen.runs:
        raise NotStoredError(f"{chosen.data.record.id}: {NO_RUN}")
    pictures = tuple(map(get_picture, names)) or PICTURES
    return [
        FigureFile(
            stem=sweep_stem(chosen.data.record.id, picture.name),
            sheet=partial(sweep_sheet, picture, chosen, look),
            numbers=of_table(partial(sweep_numbers, picture, chosen)),
        )
        for picture in pictures
    ]


def sweep_sheet(picture: SweepPicture, chosen: Chosen, look: Look) -> Sheet:
    """Draw a picture of a sweep under lines that say what it shows of which sweep."""
    figure = render(picture, chosen, PRINTS[look.theme])
    figure.update_layout(font_family=FONTS[look.font])
    words = sweep_words(chosen)
    heading = Heading(picture.title, words) if look.title else None
    below = float(picture.height_of(chosen))
    fitted(figure, *look.inner, heading, letter=look.letter, below=below)
    return alone(
        figure,
        look,
        dict(sweep_origin(chosen, picture.name)),
        title=f"{picture.title}, {words}",
        told=picture.words(chosen),
    )


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
