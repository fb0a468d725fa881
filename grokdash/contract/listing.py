"""Messages about all runs: rows of the list, what changed, notes, deleting."""

from typing import Literal, NotRequired

from typing_extensions import TypedDict

from grokdash.contract.codes import RowState, RunOutcome


class RunRow(TypedDict):
    """One row of the list of runs; what is not known is None."""

    id: str
    title: str
    """What the run is called on every page; the id of what cannot be read."""
    name: str
    """The name given by hand; empty if there is none."""
    problem: str
    """Why the run cannot be used; empty if it can."""
    notice: str
    """Where its name, id and configuration disagree; empty if they agree."""
    tags: list[str]
    notes: str
    state: RowState
    message: str
    operation: str
    p: int | None
    seed: int | None
    train_fraction: float | None
    """Share of all pairs."""
    weight_decay: float | None
    lr: float | None
    n_layers: int
    n_heads: int
    d_model: int
    d_mlp: int
    step: int
    """Updates applied."""
    epochs: int
    """Updates planned."""
    progress: float
    """Their quotient."""
    eta_s: float | None
    """Seconds left."""
    train_loss: float | None
    """Nats, at the last checkpoint; so are the other three."""
    test_loss: float | None
    train_accuracy: float | None
    """Fraction of the pairs."""
    test_accuracy: float | None
    grok_start: float | None
    """Last evaluated epoch before the lasting rise of test accuracy."""
    grok_end: float | None
    """First evaluated epoch after it."""
    grok_text: str
    """The interval as a cell shows it; empty if there is nothing to show."""
    grok_hint: str
    """The interval in words."""
    key_frequencies: list[int]
    """Counted when training ended; empty before."""
    keys_text: str
    """How many there are, with a star by the published rule; empty if not counted."""
    keys_hint: str
    """Which, by which rule, and if they show no more than memorising alone gives."""
    outcome: RunOutcome
    sparkline: list[float]
    """Test accuracy over training, at most 40 fractions."""
    packed: bool
    size_bytes: int
    created: float
    """Unix seconds."""
    updated: float
    """Unix seconds."""


class Changes(TypedDict):
    """What changed in the list since the answer that gave the token."""

    token: str
    all: bool
    """Whether ``rows`` are all there are."""
    rows: list[RunRow]
    gone: list[str]
    """Ids of runs that are no more."""


class NotesBody(TypedDict):
    """What the user writes about a run; what is left out becomes empty."""

    title: NotRequired[str]
    tags: NotRequired[list[str]]
    notes: NotRequired[str]


class DeleteBody(TypedDict):
    """The wish to delete a run for good."""

    confirm: str
    """The id of the run once more."""


class NoBody(TypedDict):
    """A request that says everything in its address."""


class Done(TypedDict):
    """It was done."""

    ok: Literal[True]


class Deleted(TypedDict):
    """A run was deleted."""

    ok: Literal[True]
    left: str
    """Which files its folder is kept for, as none of the store; empty if it is gone."""


class Placed(TypedDict):
    """The run that comes with grokdash is in the store."""

    run: str


class Failure(TypedDict):
    """Why it was not done; the status of the answer tells the kinds apart."""

    error: str
