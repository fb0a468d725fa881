"""Pictures in the guide."""

from typing import Any

from dash import dcc, get_relative_path, html

from grokdash.views import get_view


def picture(target: str, caption: list[Any]) -> html.P:
    """Name the view that shows what is said."""
    name = target.removeprefix("view:").partition("?")[0]
    link = dcc.Link(
        get_view(name).title, href=get_relative_path(f"/guide/reference#{name}")
    )
    return html.P(["In the app, ", link, ": ", *caption, "."], className="in-app")
