"""The texts as files of docs: plain Markdown that a code host shows."""

import posixpath
import re

from grokdash.course.marks import (
    ANCHOR,
    HEADING,
    Link,
    expand,
    outside_code,
    pieces,
    replace_links,
    slug,
)
from grokdash.course.texts import CHAPTERS, DOCUMENTS, INSIDE, Text, text
from grokdash.views import get_view

NOTE = "<!-- Made by `make docs` from grokdash/course/texts/{name}.md; edit that. -->"


def document(name: str) -> str:
    """Write one text as a file of docs."""
    one = text(name)
    parts = [NOTE.format(name=name), f"# {one.title}", f"*{one.question}*"]
    for piece in pieces(one):
        prose = _prose(one, piece.source).strip()
        if piece.question:
            asked = f"<details><summary>{piece.question}</summary>"
            prose = f"{asked}\n\n{prose}\n\n</details>"
        parts.append(prose)
    if name in CHAPTERS:
        parts.append(_neighbours(one))
    return "\n\n".join(parts) + "\n"


def inside(name: str) -> str:
    """Write a text that stands in another file of docs, without its heading."""
    (piece,) = pieces(text(name))
    return _prose(text(name), piece.source).strip()


def _prose(one: Text, source: str) -> str:
    if one.name == "words":
        source = HEADING.sub(_anchored, source)
    source = outside_code(
        lambda part: ANCHOR.sub(r'<a id="\1"></a>', part), expand(source)
    )
    return replace_links(source, lambda link: _written(one, link))


def _anchored(found: re.Match[str]) -> str:
    if found[1] != "###":
        return found[0]
    return f'<a id="term-{slug(found[2])}"></a>\n\n{found[0]}'


def _written(one: Text, link: Link) -> str:
    """Write a link as one between files of docs."""
    if link.kind == "view":
        name = link.target.partition("?")[0]
        target = _path(one, "views.md") + f"#{name}"
        if link.picture:
            title = get_view(name).title
            return f"> In the app, [{title}]({target}): {link.shown}."
    elif link.kind == "chapter":
        target = _path(one, DOCUMENTS[link.target])
    elif link.kind == "cite":
        target = _path(one, DOCUMENTS["literature"]) + f"#{link.target}"
    elif link.kind == "term":
        target = _path(one, DOCUMENTS["words"]) + f"#term-{link.target}"
    else:
        file, mark, place = link.target.partition("#")
        target = _path(one, file) + mark + place
    return f"[{link.shown}]({target})"


def _path(one: Text, file: str) -> str:
    """Give the way from the file of a text to another file of docs."""
    place = (DOCUMENTS | INSIDE)[one.name]
    return posixpath.relpath(file, posixpath.dirname(place) or ".")


def _neighbours(one: Text) -> str:
    before, after = one.neighbours
    parts = [
        f"{word} [{text(name).title}]({_path(one, DOCUMENTS[name])})"
        for word, name in (("Before:", before), ("Next:", after))
        if name
    ]
    return "---\n\n" + " · ".join(parts)
