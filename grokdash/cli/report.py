"""``grokdash report``: the reports of a store, as files, and derived again from it."""

import json
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from grokdash.cli.exits import FAILED
from grokdash.cli.options import StoreOption, default_store
from grokdash.errors import ConfigError, StoreError
from grokdash.terminal import say
from grokdash.written import power_of_ten, whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from grokdash.report.bundle import Bundle, Carried
    from grokdash.report.picture import Sources
    from grokdash.report.verify import Verified
    from grokdash.saving.browser import Drawer
    from grokdash.store import Store

app = typer.Typer(no_args_is_help=True, help="List, export and verify reports.")

FORMATS = ("html", "pdf", "md", "zip", "json")


@app.command("list")
def list_reports(store: StoreOption = None) -> None:
    """List the reports of the store."""
    from grokdash.store import open_store
    from grokdash.store.reports import Reports

    reports = Reports(open_store(default_store(store)))
    names = reports.names()
    if not names:
        say("no report yet: choose Add to report in the menu of a panel of the app")
    for name in names:
        try:
            report = reports.read(name)
        except StoreError as error:
            say(f"{name}: {error}")
            continue
        count = len(report.items)
        items = "1 item" if count == 1 else f"{whole(count)} items"
        say(f"{name}: {report.title}, {items}, revision {report.revision}")


@app.command()
def export(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Of the report.")],
    out: Annotated[
        Path,
        typer.Option(
            "--out",
            "-o",
            help="The file; its ending says the format: .html, .pdf, .md (pictures "
            "beside it), .zip (Markdown and pictures), .json.",
        ),
    ],
    format_: Annotated[
        str | None,
        typer.Option(
            "--format",
            help="html, pdf, md, zip or json, if the name does not say it.",
            show_default=False,
        ),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Replace a file that is there.")
    ] = False,
    store: StoreOption = None,
) -> None:
    """Write a report into a file that needs nothing else.

    Pictures are drawn by a Chromium of this computer; without one, HTML holds Plotly
    and draws them when it is opened.
    """
    from grokdash.report.bundle import bundle_of
    from grokdash.saving.files import refuse_existing, write_file
    from grokdash.store import open_store
    from grokdash.store.reports import Reports

    kind = format_ or out.suffix.lower().removeprefix(".")
    if kind not in FORMATS:
        endings = ", ".join(f".{one}" for one in FORMATS)
        raise ConfigError(f"{out}: expected a name ending in one of {endings}")
    bundle = bundle_of(Reports(open_store(default_store(store))), name)
    refuse_existing([out], force=force)
    with ExitStack() as opened:
        drawer = None if kind == "json" else _drawer(opened, needed=kind != "html")
        made = _written(bundle, out, kind, drawer)
    refuse_existing(list(made), force=force)
    for path, data in made.items():
        write_file(path, data)
    say(str(out))


@app.command()
def verify(
    what: Annotated[
        str,
        typer.Argument(
            metavar="FILE|NAME",
            help="A file that a report was exported to, or the name of a report.",
        ),
    ],
    tolerance: Annotated[
        float | None,
        typer.Option(
            help="How far numbers may lie apart, as a share of the range of their "
            f"array [default: {power_of_ten(-6)}].",
            show_default=False,
            min=0.0,
            max=1.0,
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON, one object per picture.")
    ] = False,
    store: StoreOption = None,
) -> None:
    """Draw every picture of a report anew from the store and say what differs.

    Whole numbers and texts must be the same. Status 1 if anything differs or cannot be
    told. What a run has gained since does not count: it is drawn as it was.
    """
    from grokdash.report.compare import TOLERANCE
    from grokdash.report.verify import verify as verified
    from grokdash.store import open_store

    opened = open_store(default_store(store))
    carried = _carried(what, opened)
    bundle, sources = carried.bundle, _sources(opened)
    allowed = TOLERANCE if tolerance is None else tolerance
    found = verified(bundle.report, bundle.figures, opened, sources, allowed)
    told = []
    for one in _joined(found, _pictures(carried)):
        told.append(one)
        if not as_json:
            _tell(one)
    if as_json:
        say(json.dumps([asdict(one) for one in told], indent=2, ensure_ascii=False))
    wrong = sum(one.verdict != "same" for one in told)
    if not as_json:
        say(f"{whole(len(told) - wrong)} of {whole(len(told))} pictures are the same")
    if wrong:
        raise typer.Exit(FAILED)


def _carried(what: str, store: "Store") -> "Carried":
    """Read a report from a file, or from the store by its name."""
    from grokdash.report.bundle import Carried, bundle_of
    from grokdash.report.reading import read_carried
    from grokdash.store.reports import NAME, Reports

    path = Path(what)
    if path.exists() or not NAME.fullmatch(what):
        return read_carried(path)
    return Carried(bundle_of(Reports(store), what), {})


def _sources(store: "Store") -> "Sources":
    from grokdash.cache import Cache
    from grokdash.report.sources import sources_of
    from grokdash.snapshot import RunView
    from grokdash.views.sweep.data import SweepReader

    cache = Cache()
    return sources_of(
        lambda name: RunView(store.run(name), cache, patience_s=None),
        SweepReader(store),
    )


def _joined(
    found: "Iterator[Verified]", wrong: "Callable[[], dict[str, Verified]]"
) -> "Iterator[Verified]":
    """Say of every item one thing: what is wrong with its numbers, then its picture."""
    from grokdash.report.verify import Verified

    pictures = wrong()
    for one in found:
        other = pictures.pop(one.item, None)
        if other is None:
            yield one
        else:
            lines = (*one.lines, *other.lines)
            yield Verified(one.item, one.title, "differs", lines)
    yield from pictures.values()


def _pictures(carried: "Carried") -> "Callable[[], dict[str, Verified]]":
    def check() -> "dict[str, Verified]":
        from grokdash.report.redraw import check_pictures

        with ExitStack() as opened:
            shown = carried.bundle.pictures
            drawer = _drawer(opened, needed=False) if shown else None
            return {one.item: one for one in check_pictures(carried, drawer)}

    return check


def _drawer(opened: ExitStack, *, needed: bool) -> "Drawer | None":
    """Open a browser; None if there is none and it can be done without."""
    from grokdash.saving.browser import browser

    try:
        return opened.enter_context(browser())
    except ConfigError as error:
        if needed:
            raise
        say(f"pictures are not drawn here: {error}", to_errors=True)
        return None


def _written(
    bundle: "Bundle", out: Path, kind: str, drawer: "Drawer | None"
) -> dict[Path, bytes]:
    """Write a report in a format: the file, and for Markdown those beside it."""
    from grokdash.report.drawing import as_pdf, with_pictures
    from grokdash.report.page import as_page
    from grokdash.report.prose import as_archive, as_files

    if drawer is not None:
        bundle = with_pictures(bundle, drawer)
    if kind == "md":
        files = as_files(bundle, out.name, f"{out.stem}-files/")
        return {out.parent / name: data for name, data in files.items()}
    if kind == "pdf" and drawer is not None:
        return {out: as_pdf(bundle, drawer)}
    write = {"html": as_page, "zip": as_archive}.get(kind)
    return {out: bundle.as_bytes() if write is None else write(bundle)}


def _tell(one: "Verified") -> None:
    say(f"{one.verdict}: {one.title or one.item}")
    for line in one.lines:
        say(f"  {line}")
