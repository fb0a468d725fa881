"""What the files of a report hold; see the safe reader of JSON."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, JsonValue, StringConstraints

from grokdash.store.file_models import Epoch, Mark, Message, RunName, Seconds, Title
from grokdash.store.json_input import FileModel

MOST_ITEMS = 200
"""Items of one report, and items removed from it that can be put back."""

ItemKind = Literal["view", "sweep", "comparison", "text"]
"""A picture of one run, of a sweep, of several runs; or words alone."""

DIGEST = re.compile(r"[0-9a-f]{64}")
"""SHA-256 as a name."""


def _digest(text: str) -> str:
    if text and not DIGEST.fullmatch(text):
        raise ValueError("expected a SHA-256 as 64 hexadecimal digits")
    return text


Digest = Annotated[str, AfterValidator(_digest)]
ItemId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]{1,32}$")]
Query = Annotated[dict[Mark, Message], Field(max_length=60)]


class RunThen(FileModel):
    """A run as it was when a picture of it was frozen.

    ``fingerprint`` and ``digest`` are those of run.json and of the parameters at
    ``epoch``, the newest checkpoint: a run trained anew has others.
    """

    run: RunName
    config: Mark
    fingerprint: Mark
    epoch: Epoch
    digest: Mark


Runs = Annotated[list[RunThen], Field(max_length=16)]


class ReportItem(FileModel):
    """One picture with what is said of it, or words alone.

    ``of``, ``view`` and ``query`` are what it is drawn from again: the id of the run or
    the sweep, the view or the picture, and the query that the app's address has;
    ``content`` sums up the runs of a sweep. ``figure`` names the frozen figure.
    """

    id: ItemId
    kind: ItemKind
    title: Title = ""
    caption: Message = ""
    of: Annotated[str, Field(max_length=255)] = ""
    view: Mark = ""
    query: Query = Field(default_factory=dict)
    about: Annotated[str, Field(max_length=2000)] = ""
    sentence: Message = ""
    runs: Runs = Field(default_factory=list)
    content: Digest = ""
    origin: dict[str, JsonValue] = Field(default_factory=dict)
    figure: Digest = ""
    height: Annotated[int, Field(ge=0, le=20_000)] = 0
    version: Mark = ""
    made: Seconds = 0.0


Items = Annotated[list[ReportItem], Field(max_length=MOST_ITEMS)]


class Report(FileModel):
    """A report as one of its revisions has it.

    ``removed`` are the items taken out last, newest first, which can be put back.
    """

    format: Literal[1] = 1
    title: Title
    notes: Message = ""
    revision: Annotated[int, Field(ge=1, lt=10**8)]
    created: Seconds
    changed: Seconds
    items: Items = Field(default_factory=list)
    removed: Items = Field(default_factory=list)
