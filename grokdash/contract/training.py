"""Messages about training: the form, what starting would do, starts and logs."""

from typing import NotRequired

from typing_extensions import TypedDict

from grokdash.contract.codes import FieldKind, RowState
from grokdash.store.values import State


class FormField(TypedDict):
    """One field of the form."""

    name: str
    label: str
    kind: FieldKind
    choices: list[str] | None
    unit: str
    range: str
    """What it may be, in words."""
    help: str
    common: bool
    """Whether it stands above the fold."""


class Form(TypedDict):
    """The form that starts a run."""

    presets: dict[str, dict[str, str]]
    """The text of every field, by preset; the form opens with the first."""
    about: dict[str, str]
    """What to call each preset: its size and how long it takes here."""
    fields: list[FormField]
    why_not: str
    """Why no run can be started here; empty if one can."""


class Existing(TypedDict):
    """A run that has the configuration of the form already."""

    state: State
    label: str
    """The state as it is shown."""
    step: int
    epochs: int
    free_seed: int
    """The next seed of which there is no such run."""


class FormErrors(TypedDict):
    """What is wrong with a form, by field."""

    errors: dict[str, str]


class FormVerdict(FormErrors):
    """What starting a form without errors would do."""

    run: str
    values: dict[str, str]
    """The text of every field."""
    duration: str
    """How long it will take here."""
    basis: str
    """How that is known."""
    size: str
    """What it will take of disk and memory."""
    room: str
    """Why it would not fit on the disk or into memory; empty if it would."""
    exists: Existing | None
    command: str


class StartBody(TypedDict):
    """The wish to train a run."""

    preset: NotRequired[str]
    fields: NotRequired[dict[str, str | int | float | bool]]
    """What differs from the preset."""
    sure: NotRequired[bool]
    """Even if every core is taken."""


class ResumeBody(TypedDict):
    """The wish to go on with an interrupted run."""

    sure: NotRequired[bool]
    """Even if every core is taken."""


class Started(TypedDict):
    """A trainer was started."""

    run: str


class Log(TypedDict):
    """What a trainer printed last, and how it ended."""

    text: str
    state: RowState
    label: str
    """The state as it is shown."""
    message: str
    exit: int | None
    """Exit code, once it ended."""
