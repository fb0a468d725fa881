"""Prose of the texts as components of a page."""

from collections.abc import Callable, Mapping
from itertools import groupby
from typing import Any

from dash import dcc, get_relative_path, html
from markdown_it.tree import SyntaxTreeNode

from grokdash.course.glossary import terms
from grokdash.course.marks import ANCHOR, pieces, slug
from grokdash.course.parse import tree
from grokdash.course.texts import Text
from grokdash.pages.guide.formula import formula

Draw = Callable[[str, list[Any]], Any]
"""Lays out a picture from its target and its caption."""
_SIGNS = ",.;:!?)”’"
"""What never begins a line."""


def laid_out(text: Text, draw: Draw | None = None) -> list[Any]:
    """Lay out a whole text; ``draw`` is for one with pictures."""
    parts: list[Any] = []
    for piece in pieces(text):
        inside = _prose(piece.source, draw, words=text.name == "words")
        if piece.question:
            parts.append(
                html.Details(
                    [html.Summary(piece.question), html.Div(inside)],
                    className="question-answer",
                )
            )
        else:
            parts += inside
    return _side_by_side(parts)


def _side_by_side(parts: list[Any]) -> list[Any]:
    """Put pictures that follow one another into one row, where there is room."""
    found: list[Any] = []
    for pictures, members in groupby(parts, lambda one: isinstance(one, html.Figure)):
        row = list(members)
        alone = not pictures or len(row) == 1
        found += row if alone else [html.Div(row, className="pictures")]
    return found


def _prose(source: str, draw: Draw | None, *, words: bool) -> list[Any]:
    context = {"draw": draw, "words": words}
    return [_block(node, context) for node in tree(source).children]


def _block(node: SyntaxTreeNode, context: Mapping[str, Any]) -> Any:
    return _BLOCKS[node.type](node, context)


def _children(node: SyntaxTreeNode, context: Mapping[str, Any]) -> list[Any]:
    """Lay out what a node holds; a comma after a formula stays on its line."""
    parts: list[Any] = []
    for child in node.children:
        part = _block(child, context)
        before = child.previous_sibling
        if child.type == "text" and before is not None and before.type == "formula":
            part = child.content.lstrip(_SIGNS)
            signs = child.content.removesuffix(part)
            parts[-1] = html.Span([parts[-1], signs], className="unbroken")
        parts.append(part)
    return parts


def _inside(node: SyntaxTreeNode, context: Mapping[str, Any]) -> list[Any]:
    """Lay out what a block holds: one line of prose, or other blocks."""
    if len(node.children) == 1 and node.children[0].type == "inline":
        return _children(node.children[0], context)
    return _children(node, context)


def _paragraph(node: SyntaxTreeNode, context: Mapping[str, Any]) -> Any:
    (line,) = node.children
    if len(line.children) == 1 and line.children[0].type == "image":
        image = line.children[0]
        caption = _children(image, context)
        return context["draw"](str(image.attrs["src"]), caption)
    if len(line.children) == 1 and line.children[0].markup == "$$":
        return _formula(line.children[0], context)
    found = ANCHOR.match(line.content)
    parts = _children(line, context)
    if found:
        parts[0] = parts[0].removeprefix(found[0])
        return html.P(parts, id=found[1], className="anchored")
    return html.P(parts)


def _heading(node: SyntaxTreeNode, context: Mapping[str, Any]) -> Any:
    parts = _inside(node, context)
    content = node.children[0].content
    if context["words"] and node.tag == "h3":
        return html.H3(parts, id=f"term-{slug(content)}", className="anchored")
    element = {"h2": html.H2, "h3": html.H3}[node.tag]
    return element(parts, id=slug(content), className="anchored")


def _link(node: SyntaxTreeNode, context: Mapping[str, Any]) -> Any:
    parts = _children(node, context)
    kind, _, rest = str(node.attrs["href"]).partition(":")
    if kind == "docs":
        return html.Span([*parts, _where(parts, rest)], className="in-docs")
    if kind == "term":
        return term_link(rest, parts)
    if kind in _PLACES:
        href = get_relative_path(_PLACES[kind].format(rest))
        return dcc.Link(parts, href=href)
    if not rest:
        return html.A(parts, href=kind)
    return html.A(parts, href=f"{kind}:{rest}", target="_blank", rel="noopener")


def _where(parts: list[Any], file: str) -> str:
    """Name a file of docs, unless the words do; the app does not serve it."""
    path = f"docs/{file.partition('#')[0]}"
    return "" if parts == [path] else f" ({path})"


def term_link(name: str, shown: Any) -> Any:
    """Lay out a link to a word of the glossary, its meaning as a hint."""
    term = terms()[name]
    href = get_relative_path(f"/guide/words#{term.anchor}")
    return dcc.Link(shown, href=href, title=term.plain, className="term")


_PLACES = {
    "view": "/guide/reference#{}",
    "chapter": "/guide/{}",
    "cite": "/guide/literature#{}",
}


def _formula(node: SyntaxTreeNode, _context: Mapping[str, Any]) -> Any:
    return formula(node.content, display=node.markup == "$$")


def _code(node: SyntaxTreeNode, _context: Mapping[str, Any]) -> Any:
    return html.Pre(html.Code(node.content.rstrip("\n")), tabIndex=0)


def _table(node: SyntaxTreeNode, context: Mapping[str, Any]) -> Any:
    """Lay out a table in a part of the page that can be scrolled by keys."""
    return html.Section(
        html.Table(_children(node, context), className="told"),
        className="wide-table",
        tabIndex=0,
    )


def _as(element: Callable[..., Any]) -> Callable[..., Any]:
    return lambda node, context: element(_inside(node, context))


_BLOCKS: dict[str, Callable[[SyntaxTreeNode, Mapping[str, Any]], Any]] = {
    "paragraph": _paragraph,
    "heading": _heading,
    "fence": _code,
    "bullet_list": _as(html.Ul),
    "ordered_list": _as(html.Ol),
    "list_item": _as(html.Li),
    "table": _table,
    "thead": _as(html.Thead),
    "tbody": _as(html.Tbody),
    "tr": _as(html.Tr),
    "th": _as(html.Th),
    "td": _as(html.Td),
    "strong": _as(html.Strong),
    "em": _as(html.Em),
    "link": _link,
    "formula": _formula,
    "code_inline": lambda node, _: html.Code(node.content),
    "text": lambda node, _: node.content,
    "softbreak": lambda _node, _context: " ",
    "inline": lambda node, context: html.Span(_children(node, context)),
}
"""How every kind of node is laid out; another kind is an error, seen by a test."""
