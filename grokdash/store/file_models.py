"""What the small JSON files of a store hold, one model a kind; see the safe reader.

Strict: a text is no number and 1.5 no count. Ranges are wider than anything a trainer
writes and narrower than what breaks a clock, SQLite, a browser or a row of a table.
"""

from typing import Annotated, Any

from pydantic import AfterValidator, Field, JsonValue, model_validator

from grokdash.config import MOST_EPOCHS, RunConfig
from grokdash.store.json_input import FileModel
from grokdash.store.schema import is_run_name

MOST_RUNS = 10_000
"""Runs of one sweep."""


def _one_line(text: str) -> str:
    if any(ord(one) < 32 or 127 <= ord(one) < 160 for one in text):
        raise ValueError("expected one line of text without control characters")
    return text


def _run_name(name: str) -> str:
    if not is_run_name(name):
        raise ValueError("expected the name of a run")
    return name


def _axis(name: str) -> str:
    if name not in RunConfig.model_fields:
        raise ValueError("expected a field of the configuration")
    return name


Number = Annotated[float, Field(ge=-1e300, le=1e300)]
Share = Annotated[float, Field(ge=0, le=1)]
Seconds = Annotated[float, Field(ge=0, le=1e11)]
"""Since 1970 or from now: up to the year 5138."""
Epoch = Annotated[int, Field(ge=0, le=MOST_EPOCHS)]
Pid = Annotated[int, Field(ge=0, lt=2**31)]
Format = Annotated[
    list[Annotated[int, Field(ge=0, lt=1000)]], Field(min_length=2, max_length=2)
]
_ONE_LINE = AfterValidator(_one_line)
Name = Annotated[str, Field(max_length=255), _ONE_LINE]
Title = Annotated[str, Field(max_length=200), _ONE_LINE]
Mark = Annotated[str, Field(max_length=80), _ONE_LINE]
Word = Annotated[str, Field(max_length=40), _ONE_LINE]
Message = Annotated[str, Field(max_length=20_000)]
RunName = Annotated[str, AfterValidator(_run_name)]
Axis = Annotated[str, AfterValidator(_axis)]
Scalar = bool | int | float | Name | None


class Provenance(FileModel, extra="allow"):
    """What of the provenance decides how a run goes on; the rest is only shown."""

    threads: Annotated[int, Field(ge=1, le=1024)] = 1
    batch: list[RunName] = Field(default_factory=list, max_length=MOST_RUNS)


class ImportedFile(FileModel):
    """What run.json says of a run that was trained elsewhere."""

    layout: Word
    source: Name
    digest: Mark
    split: Name
    unknown: list[Word] = Field(default_factory=list, max_length=100)
    train_mask: Annotated[str, Field(max_length=2**18)] = ""


class RunFile(FileModel):
    """The content of run.json; the configuration is checked by its own model."""

    id: Name = ""
    created: Seconds = 0.0
    config: dict[str, Any]
    config_hash: Mark = ""
    imported: ImportedFile | None = None
    provenance: Provenance = Provenance()


class ExtensionRow(FileModel):
    """One extension of extensions.json."""

    epochs: Epoch
    before: Epoch
    step: Epoch
    created: Seconds = 0.0
    provenance: Provenance = Provenance()


class ExtensionsFile(FileModel):
    """The content of extensions.json."""

    extensions: list[ExtensionRow] = Field(max_length=1000)


class SummaryValues(FileModel, extra="allow"):
    """What status.json tells the list of runs; more is kept, and shown by nobody."""

    train_loss: Number | None = None
    test_loss: Number | None = None
    train_accuracy: Share | None = None
    test_accuracy: Share | None = None
    grok_start: Number | None = None
    grok_end: Number | None = None
    grok_state: Word | None = None
    sparkline: list[Number | None] | None = Field(default=None, max_length=1000)
    key_frequencies: list[Annotated[int, Field(ge=0, lt=2**31)]] | None = Field(
        default=None, max_length=1000
    )
    key_rule: Word | None = None
    memorising: bool | None = None
    trained_s: Seconds | None = None


class StatusFile(FileModel):
    """The content of status.json."""

    state: Word = "interrupted"
    step: Epoch = 0
    epochs: Epoch = 0
    message: Message = ""
    pid: Pid = 0
    host: Name = ""
    mark: Mark = ""
    heartbeat: Seconds = 0.0
    eta_s: Seconds | None = None
    summary: SummaryValues = SummaryValues()


class NotesFile(FileModel):
    """The content of notes.json."""

    title: Title = ""
    tags: list[Word] = Field(default_factory=list, max_length=20)
    notes: Annotated[str, Field(max_length=20_000)] = ""


class HolderFile(FileModel):
    """What a lock or a lease says of its holder."""

    pid: Pid
    host: Name
    mark: Mark = ""


class PlanFile(FileModel):
    """The plan of a sweep; each configuration is checked by its own model."""

    title: Annotated[str, Field(max_length=500), _ONE_LINE] = ""
    question: Annotated[str, Field(max_length=5000)] = ""
    name: Name = ""
    axes: list[Axis] = Field(default_factory=list, max_length=100)
    seeds: list[Annotated[int, Field(ge=0)]] = Field(
        default_factory=list, max_length=MOST_RUNS
    )
    runs: list[RunName] = Field(default_factory=list, max_length=MOST_RUNS)
    points: list[dict[Axis, Scalar]] = Field(default_factory=list, max_length=MOST_RUNS)
    configs: list[dict[str, Any]] = Field(default_factory=list, max_length=MOST_RUNS)
    engine: dict[str, JsonValue] = Field(default_factory=dict, max_length=100)

    @model_validator(mode="after")
    def _check_lengths(self) -> "PlanFile":
        counts = {len(self.runs), len(self.points), len(self.configs)}
        if len(counts) > 1:
            raise ValueError(
                "expected one point and one configuration for every run; got "
                f"{len(self.points)} and {len(self.configs)} for {len(self.runs)}"
            )
        return self


class FailuresFile(FileModel):
    """Why runs of a sweep failed, by run."""

    failures: dict[RunName, Message] = Field(default_factory=dict, max_length=MOST_RUNS)


class IndexFile(FileModel):
    """What the mirror of a remote store has seen: name to size and version."""

    seen: dict[str, list[int | str]] = Field(default_factory=dict)
