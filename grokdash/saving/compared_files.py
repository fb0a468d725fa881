"""Pictures of several runs outside the browser, and the numbers behind them."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np
import plotly.graph_objects as go

from grokdash.contract.codes import CompareMode
from grokdash.errors import ConfigError, NotStoredError
from grokdash.saving.comparisons import (
    Comparison,
    Mixed,
    difference,
    draw_mixed,
    mixed_head,
    mixed_numbers,
    mixed_origin,
    overlay,
)
from grokdash.saving.figure_files import FigureFile, of_view
from grokdash.saving.fitting import Heading, fitted
from grokdash.saving.look import FONTS, Look
from grokdash.saving.sheets import Sheet, alone
from grokdash.snapshot import RunView
from grokdash.views.compare.alignment import Align, Column, make_timeline
from grokdash.views.compare.runs import read_runs
from grokdash.views.core.misfits import FIELD_NAMES
from grokdash.views.core.selection import parse_selection
from grokdash.views.core.view import View


def compared_columns(
    names: Sequence[str], run_view: Callable[[str], RunView]
) -> tuple[tuple[Column, ...], tuple[str, ...]]:
    """Open runs to be compared, each named as in addresses: ``run`` or ``run@epoch``.

    Returns
    -------
    columns, notices
        What keeps the runs from being two of a kind is told.

    Raises
    ------
    ConfigError
        If there are fewer than two, or one of them cannot be shown.
    """
    found = read_runs(",".join(names), run_view)
    if len(found.columns) < len(names):
        raise ConfigError(" ".join(found.problems))
    if len(names) < 2:
        raise ConfigError(f"expected two runs or more to compare, got {len(names)}")
    return found.columns, found.problems


def comparisons_at(
    columns: Sequence[Column],
    places: Sequence[float] | None,
    align: Align,
    asked: Mapping[str, str],
    theme: str,
) -> list[Comparison]:
    """Compare runs at places of their common axis; at its end if none is given.

    Raises
    ------
    ConfigError
        If a field of what is picked is unknown, or its value fits none of the runs.
    """
    _check(columns, asked)
    line = make_timeline(columns, align)
    found = []
    for place in places or [float(line.coordinates[-1])]:
        nearest = int(np.argmin(np.abs(line.coordinates - place)))
        steps = [
            int(one.run.steps[index[nearest]])
            for one, index in zip(columns, line.indices, strict=True)
        ]
        found.append(
            Comparison(
                columns=tuple(columns),
                line=line,
                steps=tuple(steps),
                asked=asked,
                theme=theme,
            )
        )
    return found


def _check(columns: Sequence[Column], asked: Mapping[str, str]) -> None:
    if strange := [name for name in asked if name not in FIELD_NAMES]:
        known = ", ".join(FIELD_NAMES)
        raise ConfigError(f"--select: expected one of {known}; got {strange[0]!r}")
    told = [parse_selection(asked, one.run)[1] for one in columns]
    if all(told):
        raise ConfigError("--select " + "; ".join(told[0]))


def compared_files(
    compared: Sequence[Comparison],
    views: Sequence[View],
    mode: CompareMode,
    look: Look,
) -> tuple[list[FigureFile], list[str]]:
    """Give the pictures of several runs as they go into files.

    Overlaid there is one of a view; of differences the first run minus each other.

    Returns
    -------
    files, reasons
        Why a picture is left out is told.

    Raises
    ------
    NotStoredError
        If none is left; the message says why.
    """
    made: dict[str, FigureFile] = {}
    reasons: dict[str, None] = {}
    for comparison in compared:
        for view in views:
            try:
                found = [_file(one, look) for one in _pictures(comparison, view, mode)]
            except NotStoredError as error:
                reasons[str(error)] = None
            else:
                made |= {one.stem: one for one in found}
    if not made:
        raise NotStoredError(" ".join(reasons))
    return list(made.values()), list(reasons)


def _pictures(comparison: Comparison, view: View, mode: CompareMode) -> list[Mixed]:
    if mode == "overlay":
        return [overlay(comparison, view)]
    others = range(1, len(comparison.columns))
    return [difference(comparison, view, 0, other) for other in others]


def _file(mixed: Mixed, look: Look) -> FigureFile:
    figure, _offsets = draw_mixed(mixed)  # refuses what cannot be drawn
    return FigureFile(
        stem=mixed.stem,
        sheet=partial(_sheet, figure, mixed, look),
        numbers=of_view(partial(mixed_numbers, mixed)),
    )


def _sheet(drawn: go.Figure, mixed: Mixed, look: Look) -> Sheet:
    figure = go.Figure(drawn)
    figure.update_layout(font_family=FONTS[look.font])
    head = mixed_head(mixed)
    under = "<br>".join(filter(None, (mixed.runs, head["warning"])))
    heading = Heading(mixed.title, under) if look.title else None
    fitted(figure, *look.inner, heading, letter=look.letter)
    return alone(
        figure,
        look,
        dict(mixed_origin(mixed)),
        title=f"{mixed.title}, {mixed.runs}",
        told=head["sentence"],
    )
