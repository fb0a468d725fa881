"""``grokdash embed``: a panel as a frame for a page of one's own."""

from html import escape
from typing import Annotated
from urllib.parse import urlencode

import typer

from grokdash.cli.options import StoreOption, default_store
from grokdash.terminal import say

app = typer.Typer()


@app.command()
def embed(
    run: Annotated[str, typer.Argument(help="Run id.")],
    view: Annotated[str, typer.Argument(help="Id of a view: see grokdash views.")],
    store: StoreOption = None,
    epoch: Annotated[
        int | None, typer.Option(help="Epoch that it opens at; else as a page does.")
    ] = None,
    select: Annotated[
        list[str] | None,
        typer.Option(help="What is picked, as in the address: k=14, h=1, n=42."),
    ] = None,
    theme: Annotated[
        str, typer.Option(help="light or dark; else as the reader has it.")
    ] = "",
    address: Annotated[
        str,
        typer.Option("--address", help="Where the app is served, as readers reach it."),
    ] = "http://127.0.0.1:8050",
    width: Annotated[int, typer.Option(min=200, max=8000)] = 640,
    height: Annotated[int, typer.Option(min=200, max=8000)] = 480,
) -> None:
    """Print the HTML that shows one panel, with its slider, in a page of yours.

    The app must be served with --embed-in and the address of that page.
    """
    from grokdash.cache import Cache
    from grokdash.contract.addresses import embed_path
    from grokdash.errors import ConfigError, NotStoredError
    from grokdash.snapshot import RunView
    from grokdash.store import open_store
    from grokdash.views import get_view
    from grokdash.views.core.selection import parse_selection

    if not address.startswith(("http://", "https://")):
        raise ConfigError(
            f"--address: expected one such as https://lab.example.org, got {address!r}"
        )
    if theme not in ("", "light", "dark"):
        raise ConfigError(f"--theme: expected light or dark, got {theme!r}")
    stored = open_store(default_store(store)).run(run)
    seen, shown = RunView(stored, Cache()), get_view(view)
    if (why := shown.missing(seen)) is not None:
        raise NotStoredError(why)
    parts = [one.partition("=") for one in select or ()]
    picked = {name: value for name, _, value in parts}
    _, notices = parse_selection(picked, seen)
    if unknown := picked.keys() - {*shown.reads, *shown.styles}:
        notices.append(f"{view} takes no {', '.join(sorted(unknown))}")
    if notices:
        raise ConfigError("--select " + "; ".join(notices))
    query = picked | ({} if epoch is None else {"e": str(stored.at(epoch).epoch)})
    query |= {"t": theme} if theme else {}
    place = address.rstrip("/") + embed_path(run, view)
    place += f"?{urlencode(query)}" if query else ""
    say(
        f'<iframe src="{escape(place)}" title="{escape(shown.title)}" '
        f'width="{width}" height="{height}" style="border:0" loading="lazy"></iframe>'
    )
