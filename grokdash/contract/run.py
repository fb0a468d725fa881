"""Messages about one run: what the player must know of it, and of its views."""

from typing import Literal, NotRequired

from typing_extensions import TypedDict

from grokdash.analysis.phases import GrokState, PhaseName
from grokdash.contract.codes import (
    Cost,
    Norm,
    NumberField,
    SelectionField,
    ViewField,
    WordField,
)
from grokdash.store.values import State
from grokdash.views.core.view import Kind
from grokdash.views.reading.epochs import Mark


class SelectionValues(TypedDict):
    """What is picked: one value per thing that can be picked."""

    k: int
    layer: int
    h: int
    n: int
    a: int
    b: int
    c: int
    s: int
    ref: int
    """An epoch."""
    norm: Norm
    x: Literal["linear", "log"]
    y: Literal["log", "linear"]
    basis: Literal["canonical", "additive"]
    colour: Literal["ka", "token"]
    matrix: str
    order: Literal["frequency", "phase", "fraction", "index"]
    keys: str
    """Frequencies joined by hyphens; empty stands for the run's own."""


class Choice(TypedDict):
    """One word that a control offers, and how it is shown."""

    value: str
    label: str


class Control(TypedDict):
    """One control of the rail; they come in the order in which they stand."""

    name: SelectionField
    label: str
    title: str
    """What it is called in sentences."""
    look: bool
    """Whether it changes only how pictures look."""
    shared: bool
    """Whether the runs of a comparison can have it in common."""
    choices: list[Choice]
    """What a word may be; empty for numbers and for the key set."""


class Picks(TypedDict):
    """What a click on a point selects, by the part of the point that says it."""

    x: NotRequired[NumberField]
    y: NotRequired[NumberField]
    point: NotRequired[NumberField]
    """The index of the point in its trace."""
    customdata: NotRequired[NumberField]


class ViewAbout(TypedDict):
    """What the player must know of one view of one run."""

    id: str
    title: str
    question: str
    kind: Kind
    reads: list[ViewField]
    """What its arrays depend on; without "step" it shows all of training."""
    styles: list[SelectionField]
    """What changes only the figure."""
    scrub: dict[str, str]
    """Array by attribute of a trace: "0.z", or "*.z" for one trace per first index."""
    texts: bool
    """Whether notes or names of ticks in it say something of the epoch."""
    picks: Picks
    cursor: bool
    """Whether its x axis is the epoch."""
    cost: Cost
    missing: str | None
    """Why this run cannot show it."""


class Status(TypedDict):
    """How a run is doing, as its writer last said."""

    state: State
    label: str
    """The state as it is shown."""
    step: int
    """Updates applied."""
    epochs: int
    """Updates planned."""
    message: str
    trouble: str
    """What is wrong with the run as a whole, in words; empty if nothing is."""
    eta_s: float | None
    """Seconds left."""
    heartbeat: float
    """Unix seconds."""


class Phase(TypedDict):
    """One phase of training."""

    name: PhaseName
    start: int
    """First epoch."""
    end: int
    """Last epoch."""
    title: str
    """Its name as it is shown."""
    short: str
    """The same where there is little room."""
    about: str
    """When and what it is, and how it was dated."""


class Marker(TypedDict):
    """One epoch that has a name."""

    code: Mark
    label: str
    step: int
    """The epoch."""


class Grok(TypedDict):
    """When the test accuracy rose to stay, in (after, until]; both are epochs."""

    state: GrokState
    after: int | None
    until: int | None
    first_reached: int | None
    """First epoch at the threshold, whether or not it stayed."""
    within: int
    """Last evaluated epoch."""
    complete: bool
    text: str
    """All of that in words."""


class Dated(TypedDict):
    """What the curves of a run say of its training."""

    phases: list[Phase]
    stand: str
    """The phase of the last evaluated epoch, and those not reached, in words."""
    markers: list[Marker]
    grok: Grok | None
    """None while no checkpoint is stored, or if nobody knows the training pairs."""


class Moment(TypedDict):
    """What happened at an epoch, to be read on the loss curve."""

    epoch: int
    text: str


class Progress(Dated):
    """What changes while a run grows."""

    fingerprint: str
    """Of the history and of the views: a run trained anew has another."""
    status: Status
    limits: dict[NumberField, tuple[int, int]]
    """Smallest and largest value of every number of the selection."""
    keys: list[int]
    """Key frequencies."""
    keys_final: bool
    key_colours: dict[str, str]
    """CSS colour by key frequency."""


class Misfits(TypedDict):
    """What is said of a value that does not fit; names in braces are filled in."""

    outside: str
    only: str
    """Where one value alone fits."""
    between: str
    """Of an epoch that is not stored."""
    no_number: str


class Manifest(Progress):
    """What the player must know of a run before it can draw."""

    run: str
    title: str
    p: int
    config: dict[str, str | int | float | bool | None]
    """None where nothing is known of a field."""
    config_hash: str
    steps: list[int]
    """Epochs of the stored checkpoints, ascending."""
    selection: SelectionValues
    defaults: SelectionValues
    """What is picked where nobody has picked anything."""
    misfits: Misfits
    choices: dict[WordField, list[str]]
    """Words by field; the first is the default."""
    controls: list[Control]
    notices: list[str]
    """What of the address could not be had, in words."""
    views: dict[str, ViewAbout]
    version: str
    """Of grokdash."""


class Live(Progress):
    """What has changed since the browser last asked."""

    steps: list[int]
    """Epochs of the checkpoints that it does not have."""
