"""What a film shows: runs, views, and which epochs in which order."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version

import numpy as np

from grokdash.contract.film import FilmColumn, FilmPlan, FilmShot
from grokdash.contract.words import PLACES
from grokdash.errors import ConfigError
from grokdash.saving.film.pace import Pace, curves_of, spend
from grokdash.snapshot import RunView
from grokdash.views import EXPLORE, get_view
from grokdash.views.compare.alignment import Align, Column, Timeline, make_timeline
from grokdash.views.core.selection import parse_selection
from grokdash.written import fixed, whole

CHART = "loss-curves"
"""The view above all others of a film, with the playhead."""

BESIDE = ("embedding-spectrum", "embedding-circle", "neuron-grid", "correct-logit")
"""What is shown of each of two runs."""

SWEPT = ("accuracy-curves", "embedding-spectrum")
"""What is shown of each value of a sweep."""

MOST_PICTURES = 36
"""So many are still to be made out on one screen."""

_ROOMY = 3
_LAYOUT_HEIGHT = (540, 720)
"""Pixels of the layout of a film of a few pictures, and of one of many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """One run of a film and what it is called there."""

    run: RunView
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """Everything about a film but its runs.

    Parameters
    ----------
    views, chart
        Ids of the views, and whether the loss lies above them.
    title
        What stands above it.
    selection
        What is picked, as in the address of a page.
    align, pace
        How several runs belong together, and how the time is spent.
    frames, width, height
        Number of pictures, and their pixels.
    """

    views: Sequence[str] = EXPLORE
    chart: bool = True
    title: str
    selection: Mapping[str, str] = field(default_factory=dict)
    align: Align = "epoch"
    pace: Pace = "loss"
    frames: int = 600
    width: int = 1920
    height: int = 1080

    @property
    def above(self) -> str | None:
        """The view above the others."""
        return CHART if self.chart and CHART not in self.views else None

    @property
    def shown(self) -> tuple[str, ...]:
        """Ids of all views of one run."""
        return (*filter(None, [self.above]), *self.views)


def make_plan(cast: Sequence[Cast], script: Script) -> FilmPlan:
    """Say what the page has to draw.

    Raises
    ------
    ConfigError
        If a run cannot show a view, what is picked does not fit, or too much is asked.
    NotStoredError
        If there is no such view, or a run without a checkpoint.
    """
    _check(cast, script)
    columns = [Column(run=one.run) for one in cast]
    line = make_timeline(columns, script.align)
    curves = [
        curves_of(column.run)[:, index]
        for column, index in zip(columns, line.indices, strict=True)
    ]
    places = spend(np.concatenate(curves), line.coordinates, script.frames, script.pace)
    return FilmPlan(
        columns=[
            FilmColumn(run=one.run.id, selection=dict(script.selection)) for one in cast
        ],
        chart=script.above,
        views=list(script.views),
        title=script.title,
        origin=" · ".join(one.run.id for one in cast) if len(cast) < _ROOMY else "",
        width=script.width,
        height=script.height,
        ratio=_ratio(cast, script),
        shots=[_shot(cast, line, int(place)) for place in places],
    )


def _check(cast: Sequence[Cast], script: Script) -> None:
    wanted = script.shown
    if not wanted:
        raise ConfigError("--views: expected at least one view")
    if (count := len(wanted) * len(cast)) > MOST_PICTURES:
        raise ConfigError(
            f"--views: {len(wanted)} views of {len(cast)} runs are {count} pictures, "
            f"and at most {MOST_PICTURES} fit: choose fewer views"
        )
    if script.selection.get("norm", "run") != "run":
        raise ConfigError(
            "--select: a film keeps the ranges of the whole run in every picture: "
            "leave norm out"
        )
    for one in cast:
        for view in map(get_view, wanted):
            if (why := view.missing(one.run)) is not None:
                raise ConfigError(f"{one.run.id}: {view.id}: {why}")
        _, notices = parse_selection(dict(script.selection), one.run)
        if notices:
            raise ConfigError(f"--select: {one.run.id}: " + "; ".join(notices))


def _ratio(cast: Sequence[Cast], script: Script) -> float:
    """Give few pictures large letters; none get smaller ones than a page has."""
    many = len(cast) * len(script.views) > _ROOMY
    return max(1.0, script.height / _LAYOUT_HEIGHT[many])


def _shot(cast: Sequence[Cast], line: Timeline, place: int) -> FilmShot:
    steps = [
        int(one.run.steps[index[place]])
        for one, index in zip(cast, line.indices, strict=True)
    ]
    at = line.coordinates[place]
    return FilmShot(
        steps=steps,
        names=[
            one.name if step == at else f"{one.name} · epoch {whole(step)}"
            for one, step in zip(cast, steps, strict=True)
            if one.name
        ],
        label=_label(line, float(at)),
    )


def _label(line: Timeline, at: float) -> str:
    unit, decimals = PLACES[line.align]
    if line.align == "epoch":
        return f"epoch {whole(int(at))}"
    return f"{fixed(at, decimals)} {unit}"


def metadata_of(cast: Sequence[Cast], script: Script, plan: FilmPlan) -> dict[str, str]:
    """Say where a film comes from, in the words that containers have for it."""
    shots = plan["shots"]
    about = {
        "runs": [one.run.id for one in cast],
        "configs": [one.run.config.hash() for one in cast],
        "views": list(script.shown),
        "epochs": [shots[0]["steps"], shots[-1]["steps"]],
        "pictures": len(shots),
        "pace": script.pace,
        "align": script.align,
        "selection": dict(script.selection),
        "version": version("grokdash"),
    }
    return {
        "title": script.title,
        "comment": json.dumps(about, ensure_ascii=False),
        "encoder": f"grokdash {about['version']}",
    }
