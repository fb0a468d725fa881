"""What a picture of a sweep is: a value that says what it asks, draws, tells and saves.

The page, its routes and the tests work from these fields; adding a picture is adding
one ``SweepPicture(...)`` to ``PICTURES``.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from grokdash.figures.theme import Theme
from grokdash.views.sweep.choice import choice_query
from grokdash.views.sweep.chosen import Chosen
from grokdash.views.sweep.data import SweepRun

Table = dict[str, np.ndarray]
"""Columns of equal length by title; a number that is not known is NaN."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepPicture:
    """One picture of a sweep.

    Parameters
    ----------
    name, title, question
        Slug, heading, and the question it answers.
    draw, words, numbers
        Make the figure, a sentence or two about it, and the numbers behind it as a
        table, from what is chosen of a sweep.
    judged
        Whether it depends on the thresholds.
    width, height
        How many of twelve columns and how many pixels it takes.
    stacked
        How many plots lie above one another on a narrow page that lie side by side on
        a wide one.
    rows
        How many rows of 150 pixels it takes instead, where the choice decides.
    """

    name: str
    title: str
    question: str
    draw: Callable[[Chosen, Theme], go.Figure]
    words: Callable[[Chosen], str]
    numbers: Callable[[Chosen], Table]
    judged: bool = False
    width: int
    height: int
    stacked: int = 1
    rows: Callable[[Chosen], int] | None = None

    def height_of(self, chosen: Chosen) -> int:
        """Give the height in pixels that this choice takes."""
        if self.rows is not None:
            return 60 + 150 * self.rows(chosen)
        return self.height * (self.stacked if chosen.narrow else 1)


def render(picture: SweepPicture, chosen: Chosen, theme: Theme) -> go.Figure:
    """Draw the figure, marked with what it shows."""
    figure = picture.draw(chosen, theme)
    figure.layout.meta = {
        "sweep": chosen.data.record.id,
        "picture": picture.name,
        "choice": choice_query(chosen.data, chosen.choice),
    }
    return figure


def settings_table(chosen: Chosen, runs: Sequence[SweepRun]) -> Table:
    """Give the id of every run and the values that tell it from the others."""
    columns = {
        title: np.array([run.values[name] for run in runs])
        for name, title in chosen.settings.items()
    }
    return {"run": np.array([run.id for run in runs]), **columns}


def outcome_table(chosen: Chosen, runs: Sequence[SweepRun]) -> Table:
    """Give what became of every run, and between which epochs it grokked, if it did."""
    rises = [chosen.rise(run) for run in runs]
    after = [one.after if one.observed else None for one in rises]
    until = [one.time if one.observed else None for one in rises]
    return {
        "outcome": np.array([chosen.outcomes[run.id].kind for run in runs]),
        "grok after": np.array(after, dtype=float),
        "grok until": np.array(until, dtype=float),
    }
