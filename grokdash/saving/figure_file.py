"""Figures of several panels, described in a TOML file.

run = "add-p113-wd1-s0-b3b6f3b4"
width = "17cm"

[[row]]
panels = [
  { view = "embedding-circle", epoch = 0 },
  { view = "embedding-circle", epoch = "grok" },
]
"""

import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from grokdash.errors import ConfigError, StoreError
from grokdash.mistakes import told
from grokdash.saving.batch import wanted_epochs, wanted_views
from grokdash.saving.fitting import Heading, fitted
from grokdash.saving.lengths import pixels
from grokdash.saving.look import FONTS, PAPER_FONT_PT, Look
from grokdash.saving.origins import VERSION, provenance
from grokdash.saving.sheets import Placed, Sheet
from grokdash.snapshot import RunView
from grokdash.views.core.render import make_drawing, render, sentence
from grokdash.views.core.selection import parse_selection
from grokdash.views.core.view import Drawing, View

_LETTERS = "abcdefghijklmnopqrstuvwxyz"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Panel(_Part):
    """One panel: a view of a run at an epoch, with what is picked."""

    view: str
    run: str | None = None
    epoch: int | str = "last"
    select: dict[str, str | int] = {}
    title: str | None = None


class Row(_Part):
    """Panels beside each other; ``widths`` are shares, ``height`` is that of each."""

    panels: Annotated[list[Panel], Field(min_length=1, max_length=26)]
    widths: list[Annotated[float, Field(gt=0)]] | None = None
    height: str | None = None


class FigureFile(_Part):
    """A whole figure.

    ``shared``: panels of one view take one range of colours and lengths, whichever
    runs and epochs they show.
    """

    row: Annotated[list[Row], Field(min_length=1)]
    run: str | None = None
    width: str = "17cm"
    font: Literal["sans", "serif"] = "sans"
    font_size: Annotated[float, Field(alias="font-size", ge=3, le=72)] = PAPER_FONT_PT
    theme: Literal["paper", "light", "dark"] = "paper"
    letters: bool = True
    titles: bool = True
    shared: bool = True
    gap: str = "3mm"


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A panel with what it shows."""

    panel: Panel
    view: View
    drawing: Drawing
    letter: str


def read_figure(path: Path) -> FigureFile:
    """Read a file.

    Raises
    ------
    ConfigError
        If it is not what is expected; the message names the place.
    StoreError
        If it cannot be read.
    """
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "no text in UTF-8"
        raise StoreError(f"{path}: cannot be read: {reason}") from error
    try:
        return FigureFile.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: no TOML: {error}") from error
    except ValidationError as error:
        found = "; ".join(map(told, error.errors()))
        raise ConfigError(f"{path}: {found}") from error


def compose(figure: FigureFile, open_run: Callable[[str], RunView]) -> Sheet:
    """Lay the panels of a figure out on one sheet.

    Parameters
    ----------
    open_run
        Opens a run by its id.

    Raises
    ------
    ConfigError
        If a panel names no run, or one that cannot show its view.
    NotStoredError
        If there is no such view, run or checkpoint.
    """
    rows = _drawn(figure, open_run)
    width, gap = pixels(figure.width), pixels(figure.gap)
    several = len({one.drawing.run.id for row in rows for one in row}) > 1
    panels: list[Placed] = []
    top = 0.0
    for row, drawn in zip(figure.row, rows, strict=True):
        placed = list(_placed(figure, row, drawn, width, gap, several=several))
        panels += [replace(one, y=top) for one in placed]
        top += max(one.figure.layout.height * one.look.zoom for one in placed) + gap
    every = [one for row in rows for one in row]
    origins = [provenance(one.drawing, one.view) for one in every]
    return Sheet(
        width=width,
        height=top - gap,
        panels=panels,
        origin={
            "title": origins[0]["title"],
            "panels": origins,
            "permalink": origins[0]["permalink"],
            "version": VERSION,
        },
        told=caption(every),
        title=", ".join(dict.fromkeys(one.view.title for one in every)),
    )


def caption(drawn: "list[_Drawn]") -> str:
    """Say of every panel what it shows, in the words of its view."""
    parts = []
    for one in drawn:
        letter = f"({one.letter}) " if one.letter else ""
        when = f", epoch {one.drawing.step:,}" if one.view.per_step else ""
        of_run = f"{one.drawing.run.title} (run {one.drawing.run.id})"
        said = sentence(one.drawing, one.view)
        parts.append(f"{letter}{one.view.title}{when}; {of_run}. {said}")
    return "\n".join(parts)


def _drawn(
    figure: FigureFile, open_run: Callable[[str], RunView]
) -> list[list[_Drawn]]:
    runs: dict[str, RunView] = {}
    letters = iter(_LETTERS if figure.letters else "")
    rows = []
    for row in figure.row:
        drawn = []
        for panel in row.panels:
            name = panel.run or figure.run
            if name is None:
                raise ConfigError(
                    f"{panel.view}: expected a run, here or above: run = …"
                )
            if name not in runs:
                runs[name] = open_run(name)
            view, drawing = _draw(panel, runs[name], figure.theme)
            drawn.append(_Drawn(panel, view, drawing, next(letters, "")))
        rows.append(drawn)
    return _shared(rows) if figure.shared else rows


def _draw(panel: Panel, run: RunView, theme: str) -> tuple[View, Drawing]:
    view = wanted_views([panel.view], run)[0].view
    [epoch], _ = wanted_epochs(str(panel.epoch), run)
    selection, notices = parse_selection(panel.select, run)
    if notices:
        raise ConfigError(f"{panel.view}: select: " + "; ".join(notices))
    return view, make_drawing(run.at(epoch), view, selection, theme)


def _shared(rows: list[list[_Drawn]]) -> list[list[_Drawn]]:
    """Give panels of one view one range for each of their arrays."""
    bounds: dict[tuple[str, str], list[tuple[float, float]]] = {}
    for one in (one for row in rows for one in row):
        for name, limits in one.drawing.limits.items():
            bounds.setdefault((one.view.id, name), []).append(limits)

    def widened(one: _Drawn) -> _Drawn:
        limits = {
            name: (
                min(low for low, _ in bounds[one.view.id, name]),
                max(high for _, high in bounds[one.view.id, name]),
            )
            for name in one.drawing.limits
        }
        return replace(one, drawing=replace(one.drawing, limits=limits))

    return [[widened(one) for one in row] for row in rows]


def _placed(
    figure: FigureFile,
    row: Row,
    drawn: list[_Drawn],
    width: float,
    gap: float,
    *,
    several: bool,
) -> Iterator[Placed]:
    """Place the panels of a row, all as high as the one that needs most."""
    shares = row.widths or [1.0] * len(drawn)
    if len(shares) != len(drawn):
        raise ConfigError(
            f"widths: expected one for each of {len(drawn)} panels; got {len(shares)}"
        )
    room = width - gap * (len(drawn) - 1)
    widths = [room * share / sum(shares) for share in shares]
    looks = [
        Look(
            width=wide,
            theme=figure.theme,
            font=figure.font,
            font_pt=figure.font_size,
            letter=one.letter,
        )
        for one, wide in zip(drawn, widths, strict=True)
    ]
    headings = [_heading(one, figure, several=several) for one in drawn]
    height: float | None = None
    if row.height is not None:
        height = pixels(row.height) / looks[0].zoom
    else:
        sizes = [
            _figure(one, look, heading, None).layout.height
            for one, look, heading in zip(drawn, looks, headings, strict=True)
        ]
        height = max(sizes)
    x = 0.0
    for one, look, heading in zip(drawn, looks, headings, strict=True):
        yield Placed(figure=_figure(one, look, heading, height), look=look, x=x)
        x += look.width + gap


def _heading(one: _Drawn, figure: FigureFile, *, several: bool) -> Heading | None:
    if one.panel.title is not None:
        return Heading(one.panel.title, "") if one.panel.title else None
    if not figure.titles:
        return None
    when = f", epoch {one.drawing.step:,}" if one.view.per_step else ""
    return Heading(f"{one.view.title}{when}", one.drawing.run.title if several else "")


def _figure(
    one: _Drawn, look: Look, heading: Heading | None, height: float | None
) -> Any:
    fig = render(one.drawing, one.view)
    fig.update_layout(font_family=FONTS[look.font])
    wide, _ = look.inner
    return fitted(fig, wide, height, heading, letter=look.letter)
