"""Markdown of a user as HTML that does nothing: no scripts, no pictures from elsewhere.

HTML in it is shown as it is written. Links go to http, https and mailto addresses and
to places of the page; a picture becomes a link, because a report asks no other computer
for anything.
"""

import re
from collections.abc import Sequence
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

_LINK = re.compile(r"(https?://|mailto:|#)", re.IGNORECASE)


def rendered(text: str) -> str:
    """Write Markdown as HTML."""
    return _READER.render(text)


def _is_safe(url: str) -> bool:
    plain = re.sub(r"[\x00-\x20]", "", url)
    return _LINK.match(plain) is not None


def _link_of_picture(
    self: RendererHTML, tokens: Sequence[Token], index: int, _options: Any, _env: Any
) -> str:
    """Write a picture as a link to it."""
    token = tokens[index]
    words = self.renderInlineAsText(token.children or [], _options, _env) or "picture"
    attributes = {"href": str(token.attrs.get("src", "")), **_OUTSIDE}
    link = Token("link_open", "a", 1, attrs={**attributes})
    text = Token("text", "", 0, content=words)
    return f"<a{self.renderAttrs(link)}>{self.text([text], 0, _options, _env)}</a>"


def _link(
    self: RendererHTML, tokens: Sequence[Token], index: int, options: Any, env: Any
) -> str:
    """Open a link; what is elsewhere learns nothing of this page."""
    token = tokens[index]
    if not str(token.attrs.get("href", "")).startswith("#"):
        token.attrs |= _OUTSIDE
    return self.renderToken(tokens, index, options, env)


_OUTSIDE = {"rel": "noopener noreferrer", "target": "_blank"}


def _reader() -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    reader.enable("strikethrough")
    reader.validateLink = _is_safe
    reader.add_render_rule("image", _link_of_picture)
    reader.add_render_rule("link_open", _link)
    return reader


_READER = _reader()
