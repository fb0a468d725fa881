"""The views as plain values, for the command line and for other programs."""

from typing import Any

from grokdash.views import BY_PAGE


def catalogue() -> list[dict[str, Any]]:
    """List every view: id, title, page, kind, what it reads, replaces and answers."""
    return [
        {
            "id": view.id,
            "title": view.title,
            "page": page,
            "kind": view.kind,
            "reads": list(view.reads),
            "replaces": list(view.replaces),
            "question": view.question,
        }
        for page, views in BY_PAGE.items()
        for view in views
    ]
