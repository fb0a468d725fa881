"""Many files at once: which views at which epochs, in which formats, called what."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from grokdash.errors import ConfigError
from grokdash.saving.files import (
    Format,
    endings,
    format_of,
    make_folder,
    refuse_existing,
    write_file,
)
from grokdash.saving.look import Look
from grokdash.saving.number_formats import NumberFormat
from grokdash.saving.numbers import view_numbers
from grokdash.saving.origins import stem
from grokdash.saving.picture_formats import Still
from grokdash.saving.pictures import Job, save, sheet_of
from grokdash.saving.sheets import Sheet
from grokdash.snapshot import RunView
from grokdash.views import VIEWS, get_view
from grokdash.views.core.misfits import between, outside
from grokdash.views.core.render import make_drawing
from grokdash.views.core.selection import Selection
from grokdash.views.core.view import View
from grokdash.views.reading.epochs import marks
from grokdash.written import whole

_Known = TypeVar("_Known", bound=Format)

SETS = ("paper", "seed")
"""Sets of figures: those of Nanda et al. (2023), and of the earlier project."""

_PAPER = re.compile(
    r"Nanda et al\. 2023\D*?(?:section [\d.]+(?:,| and) )?figure (\d+\w?)"
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A view, and what stands before the name of its files."""

    view: View
    prefix: str = ""


def wanted_views(names: Iterable[str], run: RunView) -> list[Wanted]:
    """Look views up by name; each must be one that the run can show.

    Raises
    ------
    NotStoredError
        If there is no such view.
    ConfigError
        If the run lacks what it needs.
    """
    found = [get_view(name) for name in dict.fromkeys(names)]
    for view in found:
        if (why := view.missing(run)) is not None:
            raise ConfigError(f"{view.id}: {why}")
    return [Wanted(view) for view in found]


def figure_set(name: str) -> list[Wanted]:
    """Give the views that stand for the figures of a set, in the order of the set.

    Raises
    ------
    ConfigError
        If there is no such set.
    """
    if name == "paper":
        numbered = [
            Wanted(view, f"figure-{_padded(number)}__")
            for view in VIEWS
            for number in _PAPER.findall(view.guide.reference)
        ]
        return sorted(numbered, key=lambda one: one.prefix)
    if name == "seed":
        rows = sorted(
            (row, place) for place, view in enumerate(VIEWS) for row in view.replaces
        )
        return [Wanted(VIEWS[place], f"row-{row:02d}__") for row, place in rows]
    raise ConfigError(f"expected figures of one of {', '.join(SETS)}; got {name!r}")


def _padded(number: str) -> str:
    """Write 3a as 03a, so that names sort as numbers do."""
    digits = number.rstrip("abcdefgh")
    return digits.zfill(2) + number.removeprefix(digits)


def showable(wanted: Iterable[Wanted], run: RunView) -> tuple[list[Wanted], list[str]]:
    """Part views into those that a run can show, and why it cannot show the others."""
    shown, reasons = [], []
    for one in wanted:
        why = one.view.missing(run)
        if why is None:
            shown.append(one)
        else:
            reasons.append(f"{one.view.id}: {why}")
    return shown, list(dict.fromkeys(reasons))


def wanted_epochs(names: str, run: RunView) -> tuple[list[int], list[str]]:
    """Read epochs: numbers, ``first``, ``last``, and names of moments such as ``grok``.

    Returns
    -------
    epochs, notices
        Epochs of checkpoints, and one sentence for each that is not the one asked for.

    Raises
    ------
    ConfigError
        If a name is unknown, or the run did not come so far.
    """
    if not len(run.steps):
        raise ConfigError(f"{run.id}: no checkpoint is stored yet")
    named = {"first": int(run.steps[0]), "last": run.last, **marks(run)}
    named["grok"] = named["grokked"]
    epochs, notices = [], []
    for name in (part.strip() for part in names.split(",")):
        if name in named:
            epoch = named[name]
            if epoch is None:
                raise ConfigError(f"{run.id} has not {_REACHED.get(name, name)} so far")
        elif name.isdecimal():
            epoch, notice = _nearest(int(name), run)
            notices += [notice] if notice else []
        else:
            known = ", ".join(named)
            raise ConfigError(f"expected epochs or one of {known}; got {name[:20]!r}")
        epochs.append(epoch)
    return list(dict.fromkeys(epochs)), notices


_REACHED = {
    "formed": "formed its circuit",
    "clean": "ended its cleanup",
    "grok": "grokked",
}


def _nearest(wanted: int, run: RunView) -> tuple[int, str]:
    bounds = (int(run.steps[0]), run.last)
    asked = f"Epoch {whole(wanted)}"
    if not bounds[0] <= wanted <= bounds[1]:
        taken = min(max(wanted, bounds[0]), bounds[1])
        return taken, outside(asked, taken, bounds)
    taken = run.stored.nearest_step(wanted)
    return taken, "" if taken == wanted else between(asked, taken)


def wanted_formats(names: str, known: Iterable[_Known]) -> list[_Known]:
    """Read endings joined by commas, as formats of one picture.

    Raises
    ------
    ConfigError
        If one is unknown.
    """
    known = list(known)
    parts = (part.strip().lstrip(".") for part in names.split(","))
    return [_format(part, known) for part in dict.fromkeys(parts)]


def _format(name: str, known: Sequence[_Known]) -> _Known:
    for one in known:
        if one.ending == name.lower():
            return one
    names = ", ".join(one.removeprefix(".") for one in endings(known))
    raise ConfigError(f"expected formats among {names}; got {name[:20]!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What is to be saved, of one run.

    Parameters
    ----------
    folder
        Where files go, each named by run, view and epoch.
    file
        The one file, instead of a folder.
    force
        Whether files that are there are replaced.
    """

    run: RunView
    wanted: Sequence[Wanted]
    epochs: Sequence[int]
    selection: Selection
    look: Look
    formats: Sequence[Format]
    folder: Path
    file: Path | None = None
    force: bool = False

    def __post_init__(self) -> None:
        if self.file is not None and len(self.paths) > 1:
            raise ConfigError(
                f"{self.file}: {len(self.paths)} files are to be made, so a folder is "
                "expected"
            )

    @property
    def paths(self) -> list[tuple[Path, Wanted, int, Format]]:
        """Give every file: its path, what it shows, when, in which format."""
        files = []
        for one in self.wanted:
            epochs = self.epochs if one.view.per_step else self.epochs[-1:]
            for epoch in epochs:
                name = f"{one.prefix}{stem(self.run.id, one.view.id, epoch)}"
                for known in self.formats:
                    path = self.folder / f"{name}.{known.ending}"
                    files.append((self.file or path, one, epoch, known))
        return files

    def save(self) -> Iterator[Path]:
        """Make the files, and name each once it is there; numbers come first.

        Raises
        ------
        ConfigError
            If a file is there already, or what a format needs is not installed.
        StoreError
            If a file cannot be written.
        """
        files = self.paths
        refuse_existing([path for path, *_ in files], force=self.force)
        make_folder(self.folder)
        for path, one, epoch, known in files:
            if isinstance(known, NumberFormat):
                drawing = make_drawing(
                    self.run.at(epoch), one.view, self.selection, "light"
                )
                write_file(path, known.of_view(view_numbers(drawing, one.view)))
                yield path
        yield from save(
            Job(path, self._sheet(one, epoch), known, self.look.scale)
            for path, one, epoch, known in files
            if isinstance(known, Still)
        )

    def _sheet(self, one: Wanted, epoch: int) -> Callable[[], Sheet]:
        return partial(sheet_of, self.run, one.view, epoch, self.selection, self.look)


def place(out: Path, formats: Iterable[Format]) -> tuple[Path, Path | None]:
    """Say whether a path names a folder or, by its ending, one file of a format."""
    known = list(formats)
    if not out.suffix or out.is_dir():
        return out, None
    format_of(out, known)
    return out.parent, out
