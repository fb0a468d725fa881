"""Figures of sweeps and of several runs, as files that say where they come from."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from grokdash.saving.files import Format, make_folder, refuse_existing, write_file
from grokdash.saving.number_formats import NumberFormat, Numbers
from grokdash.saving.picture_formats import Still
from grokdash.saving.pictures import Job, save
from grokdash.saving.sheets import Sheet


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureFile:
    """Something that goes into files: a figure and the numbers behind it.

    Parameters
    ----------
    stem
        The name of the files, without the ending.
    sheet
        Draw the figure, titled and in its size.
    numbers
        Write the numbers behind it in a format.
    """

    stem: str
    sheet: Callable[[], Sheet]
    numbers: Callable[[NumberFormat], bytes]


def of_view(make: Callable[[], Numbers]) -> Callable[[NumberFormat], bytes]:
    """Write arrays of any shapes."""
    return lambda known: known.of_view(make())


def of_table(make: Callable[[], Numbers]) -> Callable[[NumberFormat], bytes]:
    """Write columns of equal length."""
    return lambda known: known.of_table(make())


def save_files(
    made: Sequence[FigureFile],
    formats: Sequence[Format],
    folder: Path,
    scale: float,
    *,
    force: bool,
) -> Iterator[Path]:
    """Write every figure in every format, and name each file once it is there.

    Parameters
    ----------
    scale
        Pixels of a PNG per pixel of the figure.
    force
        Whether files that are there are replaced.

    Raises
    ------
    ConfigError
        If a file is there already, or what a format needs is not installed.
    StoreError
        If a file cannot be written.
    """
    files = [
        (folder / f"{one.stem}.{known.ending}", one, known)
        for one in made
        for known in formats
    ]
    refuse_existing([path for path, *_ in files], force=force)
    make_folder(folder)
    for path, one, known in files:
        if isinstance(known, NumberFormat):
            write_file(path, one.numbers(known))
            yield path
    yield from save(
        Job(path, one.sheet, known, scale)
        for path, one, known in files
        if isinstance(known, Still)
    )
