"""The pages of the guide: one address for every text, one for the reference."""

from collections.abc import Iterable
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, get_relative_path, html

from grokdash.contract.pages import PlainPage
from grokdash.course.marks import links
from grokdash.course.texts import CHAPTERS, DOCUMENTS, Text, text
from grokdash.operations import OPERATIONS
from grokdash.pages.guide.pictures import drawer, shown_run, told_of
from grokdash.pages.guide.reference import reference
from grokdash.pages.guide.render import laid_out
from grokdash.pages.keys import keys_table
from grokdash.pages.page import Page, PageContext, opened

_FIRST = ("overview", "start")
_OWN = {"reference": "Reference by view", "keys": "Keys"}
"""Pages of the guide that are no text."""
_AFTER = ("words", "experiments", "pipeline", "literature")


def _layout(context: PageContext, chapter: str = "overview", **query: Any) -> html.Div:
    return html.Div(
        [
            opened(PlainPage(kind="guide")),
            html.Details(
                [html.Summary("Contents"), _contents(chapter)],
                className="guide-contents narrow",
            ),
            html.Div(_contents(chapter), className="guide-contents wide"),
            html.Div(
                [_way_back(), *_content(context, chapter, query)],
                className="guide-text",
            ),
        ],
        className="guide",
    )


def _content(context: PageContext, chapter: str, query: dict[str, Any]) -> list[Any]:
    if chapter == "reference":
        chosen = query.get("operation", "add")
        operation = chosen if chosen in OPERATIONS else "add"
        return [html.H1(_OWN[chapter]), *reference(operation)]
    if chapter == "keys":
        return [html.H1(_OWN[chapter]), keys_table()]
    if chapter not in DOCUMENTS:
        return _unknown(chapter)
    one = text(chapter)
    if not any(link.picture for link in links(one)):
        return [*_head(one), *laid_out(one), _further(one)]
    shown = shown_run(context)
    told = laid_out(one, drawer(shown))
    return [*_head(one), told_of(shown), *told, _further(one)]


def _way_back() -> html.A:
    """Lead back to the run that the guide was opened from; a script knows which."""
    words = "← back to the run"
    return html.A(words, id="back-to-run", className="back-to-run", hidden=True)


def _head(one: Text) -> Iterable[Any]:
    if one.part == "course":
        place = CHAPTERS.index(one.name) + 1
        yield html.P(f"Chapter {place} of {len(CHAPTERS)}", className="quiet")
    yield html.H1(one.title)
    yield html.P(one.question, className="question")


def _unknown(chapter: str) -> list[Any]:
    return [
        html.H1("No such page"),
        html.P(
            f"The guide has no page {chapter[:80]!r}. What there is stands in its "
            "contents."
        ),
    ]


def _further(one: Text) -> html.Nav:
    """Lead to what is read before and after."""
    before, after = one.neighbours
    parts = [
        dcc.Link([html.Span(word), text(name).title], href=_address(name))
        for word, name in (("Before", before), ("Next", after))
        if name
    ]
    return html.Nav(
        parts,
        className="further",
        **{"aria-label": "Chapters"},  # pyright: ignore[reportArgumentType]
    )


def _contents(chapter: str) -> html.Nav:
    course = [
        dbc.NavLink(
            [html.Span(f"{place}", className="place"), text(name).title],
            href=_address(name),
            active=name == chapter,
        )
        for place, name in enumerate(CHAPTERS, start=1)
    ]
    return html.Nav(
        [
            dbc.Nav([_entry(name, chapter) for name in _FIRST], vertical=True),
            html.H2("Course"),
            dbc.Nav(course, vertical=True),
            html.H2("Reference"),
            dbc.Nav(
                [_entry(name, chapter) for name in ("reference", *_AFTER, "keys")],
                vertical=True,
            ),
        ],
        **{"aria-label": "Guide"},  # pyright: ignore[reportArgumentType]
    )


def _entry(name: str, chapter: str) -> dbc.NavLink:
    title = _OWN[name] if name in _OWN else text(name).title
    return dbc.NavLink(title, href=_address(name), active=name == chapter)


def _address(name: str) -> str:
    return get_relative_path("/guide" if name == "overview" else f"/guide/{name}")


PAGES = (
    Page(
        path_template="/guide/<chapter>",
        name="guide-chapter",
        title="Guide · grokdash",
        order=49,
        layout=_layout,
        at_once=True,
    ),
    Page(
        path_template="/guide",
        name="guide",
        title="Guide · grokdash",
        order=50,
        layout=_layout,
        at_once=True,
    ),
)
