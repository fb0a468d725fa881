"""The texts themselves: which there are, in what order, and what is in their files."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

Part = Literal["course", "beside"]

CHAPTERS = (
    "task",
    "network",
    "grokking",
    "fourier",
    "algorithm",
    "matrices",
    "measures",
    "phases",
    "operations",
    "depth",
    "sweeps",
    "traps",
)
"""The course, each chapter needing only the ones before it."""

BESIDE = ("overview", "start", "pipeline", "experiments", "words", "literature")
"""What stands beside the course; the overview opens the Guide."""

READ = ("overview", "start", *CHAPTERS)
"""What is read one after another."""

INSIDE = {"signs": "views.md"}
"""What stands in a file of docs that is made otherwise, and in the reference."""

DOCUMENTS = {
    "overview": "overview.md",
    "start": "getting-started.md",
    "pipeline": "pipeline.md",
    "experiments": "experiments.md",
    "words": "glossary.md",
    "literature": "bibliography.md",
} | {
    name: f"course/{place:02}-{name}.md" for place, name in enumerate(CHAPTERS, start=1)
}
"""The file of every text below docs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """One text: its name in addresses, its title, the question it answers."""

    name: str
    title: str
    question: str
    source: str

    @property
    def part(self) -> Part:
        """Whether it is a chapter of the course."""
        return "course" if self.name in CHAPTERS else "beside"

    @property
    def neighbours(self) -> tuple[str | None, str | None]:
        """What is read before and after it."""
        if self.name not in READ:
            return None, None
        place = READ.index(self.name)
        return (
            READ[place - 1] if place else None,
            READ[place + 1] if place + 1 < len(READ) else None,
        )


@cache
def text(name: str) -> Text:
    """Read one text.

    Raises
    ------
    KeyError
        If there is none of that name.
    """
    if name not in (*DOCUMENTS, *INSIDE):
        raise KeyError(name)
    folder = files("grokdash.course") / "texts"
    raw = (folder / f"{name}.md").read_text(encoding="utf-8")
    head, _, body = raw.partition("\n\n")
    fields = dict(line.split(": ", 1) for line in head.splitlines())
    return Text(
        name=name, title=fields["title"], question=fields["question"], source=body
    )


def all_texts() -> tuple[Text, ...]:
    """Give every text, the course first."""
    return tuple(text(name) for name in (*CHAPTERS, *BESIDE, *INSIDE))
