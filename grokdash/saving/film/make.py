"""Make a film: pictures from the page, each written while the next are drawn."""

import asyncio
import contextlib
import os
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from grokdash.contract.film import FilmPlan
from grokdash.errors import ConfigError, StoreError
from grokdash.saving.files import make_folder
from grokdash.saving.film.browser import studio
from grokdash.saving.film.formats import Reel, Writer, encoder, film_format

BATCH = 2
"""Pictures that are asked for at a time: long answers of a browser are slow to read."""


def check_file(path: Path, *, fps: int, anew: bool) -> None:
    """Refuse a file that cannot become a film, before anything is drawn.

    Raises
    ------
    ConfigError
        If its name has no known ending, it is there already, its format knows no such
        pace, or there is no encoder.
    UnusableFolderError
        If nothing can be written where it is to lie.
    """
    kind = film_format(path)
    make_folder(path.parent)
    if fps > kind.most_fps:
        raise ConfigError(
            f"--fps: a .{kind.ending} shows at most {kind.most_fps} pictures a second, "
            f"got {fps}"
        )
    if path.is_dir() or (path.exists() and not anew):
        raise ConfigError(f"{path}: is there already; --force writes it anew")
    encoder()


def make_film(
    plan: FilmPlan,
    address: str,
    path: Path,
    *,
    fps: int,
    metadata: dict[str, str],
    tell: Callable[[int], None],
) -> None:
    """Draw a film and write it; nothing is left behind where that fails.

    Parameters
    ----------
    plan
        What it shows.
    address
        Of a page of the app that serves its runs.
    path
        The file; its ending says the format.
    fps
        Pictures per second.
    metadata
        Title and origin, for containers that keep them.
    tell
        Called with the number of pictures that are written.

    Raises
    ------
    ConfigError
        If there is no Chromium or no encoder.
    StoreError
        If the page cannot draw, or the file cannot be written.
    """
    try:
        handle, name = tempfile.mkstemp(
            prefix=f".{path.stem[:40]}-", suffix=path.suffix.lower(), dir=path.parent
        )
        os.close(handle)
        part = Path(name)
    except OSError as error:
        raise StoreError(f"{path}: cannot be written: {error.strerror}") from error
    reel = Reel(width=plan["width"], height=plan["height"], fps=fps, metadata=metadata)
    try:
        asyncio.run(_film(plan, address, part, reel, tell))
        part.chmod(0o666 & ~_umask())
        part.replace(path)
    except StoreError:
        raise
    except OSError as error:
        raise StoreError(f"{path}: cannot be written: {error.strerror}") from error
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


async def _film(
    plan: FilmPlan,
    address: str,
    part: Path,
    reel: Reel,
    tell: Callable[[int], None],
) -> None:
    kind = film_format(part)
    quality = kind.quality(reel)
    async with studio(address, plan) as page:
        samples = await page.sample(kind.samples, quality)
        writer = kind.open(part, replace(reel, samples=samples))
        shoot = partial(page.shoot, quality=quality)
        try:
            await _write(shoot, writer, len(plan["shots"]), tell)
        finally:
            await asyncio.to_thread(writer.close)


async def _write(
    shoot: Callable[[int, int], Awaitable[list[bytes]]],
    writer: Writer,
    count: int,
    tell: Callable[[int], None],
) -> None:
    """Write pictures while the next ones are drawn."""
    writing: asyncio.Task[None] | None = None
    try:
        for first in range(0, count, BATCH):
            end = min(first + BATCH, count)
            pictures = await shoot(first, end)
            if writing:
                await writing
            writing = asyncio.create_task(asyncio.to_thread(writer.add, pictures))
            tell(end)
    finally:
        if writing:
            await writing
