"""The glossary: words, what they mean, and where."""

import re
from dataclasses import dataclass
from functools import cache

from grokdash.course.marks import slug
from grokdash.course.texts import text

_ENTRY = re.compile(r"^### (.+)\n(.+(?:\n(?!#).+)*)", re.MULTILINE)

_SIGNS = {
    "\\alpha": "α",
    "\\circ": "∘",
    "\\cos": "cos",
    "\\ln": "ln",
    "\\pi": "π",
    "\\sum": "Σ",
    "\\times": "×",
    "\\varphi": "φ",
}
"""Signs of formulas that stand in a hint."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One word in its one meaning; ``meaning`` is Markdown with the texts' marks."""

    name: str
    meaning: str

    @property
    def anchor(self) -> str:
        """Where it stands on the page of words."""
        return f"term-{slug(self.name)}"

    @property
    def plain(self) -> str:
        """The meaning without marks, for a hint."""
        words = re.sub(r"\[\[([^]|]+)(?:\|[^]]+)?\]\]", r"\1", self.meaning)
        for tex, sign in _SIGNS.items():
            words = words.replace(tex, sign)
        return re.sub(r"[$`{}]", "", words)


@cache
def terms() -> dict[str, Term]:
    """Give every word by its slug, in the order in which they are explained."""
    found = [
        Term(name=name, meaning=meaning.strip())
        for name, meaning in _ENTRY.findall(text("words").source)
    ]
    return {slug(term.name): term for term in found}
