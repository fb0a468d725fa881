"""Messages about sweeps that are started and watched from a page."""

from typing import NotRequired

from typing_extensions import TypedDict


class ShippedSweep(TypedDict):
    """A sweep that comes with the package, and what it costs here."""

    name: str
    title: str
    question: str
    varies: str
    runs: int
    left: int
    """Those that are not trained yet."""
    duration: str
    size: str


class SweepForm(TypedDict):
    """What a page needs to offer sweeps."""

    shipped: list[ShippedSweep]
    """The shortest first."""
    basis: str
    """How it is known what they cost."""
    why_not: str
    """Why none can be started here; empty if one can."""


class SweepErrors(TypedDict):
    """What is wrong with a form, by its keys; "" is the form as a whole."""

    errors: dict[str, str]


class SweepVerdict(SweepErrors):
    """What starting a form without errors would do."""

    sweep: str
    title: str
    runs: int
    left: int
    duration: str
    """How long it will take here."""
    basis: str
    """How that is known."""
    size: str
    """What it will take of the disk."""
    room: str
    """Why it would not fit on the disk or into memory; empty if it would."""
    exists: bool
    """Whether the store has this sweep already."""
    driven: bool
    """Whether it is being trained."""
    command: str
    file: str
    """Name of the file that the command reads; empty for a shipped one."""
    text: str
    """What stands in it."""


class SweepStart(TypedDict):
    """The wish to train a sweep."""

    form: dict[str, str]
    """What a filled form says, by its keys."""
    sure: NotRequired[bool]
    """Even if every core is taken."""


class SweepStarted(TypedDict):
    """A sweep is being trained, or soon is."""

    sweep: str


class SweepDriver(TypedDict):
    """How the process does that trains a sweep."""

    state: str
    """What it does, in words."""
    driven: bool
    """Whether it is being trained, or is only being started."""
    can_stop: bool
    can_go_on: bool
    """Whether something is left to train and nothing trains it."""
    message: str
    """Why it ended, if it should not have."""
    text: str
    """What it printed last."""
