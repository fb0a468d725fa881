"""The marks of the texts, beside plain Markdown.

- ``{{quick.pairs}}``, ``{{normal:fve}}``, ``{{table:measures}}``: a fact.
- ``[[pair]]``, ``[[pairs|pair]]``: a word of the glossary, the latter shown otherwise.
- ``[text](kind:rest)`` leads to a view, a chapter, a reference (``cite``) or a file of
  docs, and to a word (``term``), which is what ``[[…]]`` becomes.
- ``$…$`` and ``$$…$$``: a formula in TeX.
- ``![caption](view:id?at=end)`` as a paragraph: a picture of a view, at the ``start``,
  the ``peak`` of the test loss, the ``grok`` epoch or the ``end`` of a stored run.
- ``??? question`` and, indented by four, its answer.
- ``{#name}`` before a paragraph: its anchor.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from grokdash.course.facts import fact
from grokdash.course.texts import Text

LinkKind = Literal["view", "chapter", "cite", "docs", "term"]
KINDS: tuple[LinkKind, ...] = ("view", "chapter", "cite", "docs", "term")
Moment = Literal["start", "peak", "grok", "end"]
MOMENTS: tuple[Moment, ...] = ("start", "peak", "grok", "end")

_FACT = re.compile(r"\{\{([^}]+)\}\}")
_WORD = re.compile(r"\[\[([^]|]+)(?:\|([^]]+))?\]\]")
_CODE = re.compile(r"(^```.*?^```$|`[^`\n]*`)", re.MULTILINE | re.DOTALL)
_QUESTION = re.compile(r"^\?\?\? (.+)\n((?:(?: {4}.*)?(?:\n|\Z))+)", re.MULTILINE)
_LINK = re.compile(r"(!?)\[((?:[^][]|\[[^]]*\])*)\]\(([a-z]+):([^)]+)\)")
FORMULA = re.compile(r"(\$\$?)(.+?)\1", re.DOTALL)
ANCHOR = re.compile(r"^\{#([a-z0-9-]+)\} ", re.MULTILINE)
HEADING = re.compile(r"^(#+) (.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A stretch of a text: prose, or a question with its answer as prose."""

    question: str = ""
    source: str


def slug(word: str) -> str:
    """Give the anchor of a word of the glossary, after ``term-``."""
    plain = word.lower().replace("–", "-").replace("'", "")
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def outside_code(change: Callable[[str], str], source: str) -> str:
    """Change what is not code."""
    parts = _CODE.split(source)
    return "".join(
        part if place % 2 else change(part) for place, part in enumerate(parts)
    )


def expand(source: str) -> str:
    """Put facts in their places and make links of the words of the glossary."""

    def words(part: str) -> str:
        part = _FACT.sub(lambda found: fact(found[1]), part)
        return _WORD.sub(
            lambda found: f"[{found[1]}](term:{slug(found[2] or found[1])})", part
        )

    return outside_code(words, source)


def pieces(text: Text) -> list[Piece]:
    """Cut a text into prose and questions."""
    found: list[Piece] = []
    source, place = text.source + "\n", 0
    for match in _QUESTION.finditer(source):
        found.append(Piece(source=source[place : match.start()]))
        answer = re.sub(r"^ {4}", "", match[2], flags=re.MULTILINE)
        found.append(Piece(question=match[1], source=answer))
        place = match.end()
    found.append(Piece(source=source[place:]))
    return [piece for piece in found if piece.source.strip()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One link of ours: where it leads and whether it is a picture."""

    kind: str
    target: str
    shown: str
    picture: bool


def links(text: Text) -> list[Link]:
    """List the links of a text, those to words included."""
    return [
        Link(kind=found[3], target=found[4], shown=found[2], picture=found[1] == "!")
        for found in _LINK.finditer(_CODE.sub("", expand(text.source)))
        if found[3] not in ("http", "https")
    ]


def replace_links(source: str, write: Callable[[Link], str]) -> str:
    """Write every link of ours otherwise."""

    def one(found: re.Match[str]) -> str:
        if found[3] in ("http", "https"):
            return found[0]
        link = Link(
            kind=found[3], target=found[4], shown=found[2], picture=found[1] == "!"
        )
        return write(link)

    return outside_code(lambda part: _LINK.sub(one, part), source)


def formulas(text: Text) -> list[tuple[str, bool]]:
    """List the formulas of a text: TeX, and whether it stands on its own line."""
    return [
        (found[2], found[1] == "$$")
        for found in FORMULA.finditer(_CODE.sub("", expand(text.source)))
    ]
