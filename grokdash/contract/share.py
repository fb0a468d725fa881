"""What a file to share carries: pictures, and a network to compute with."""

from typing import Any, Literal

from typing_extensions import TypedDict

from grokdash.contract.pictures import GuideAnswer
from grokdash.contract.run import Manifest, Moment

Computed = Literal["attention", "neuron", "answers", "logits"]
"""What the page computes for a view: one head, one neuron, all pairs, one pair."""


class RoundedArray(TypedDict):
    """Integers n as 2n or −2n − 1: all low bytes, then all high bytes."""

    shape: list[int]
    units: list[float]
    """What 1 stands for: one for all, or one per first index."""
    offset: int
    """Bytes from the start of the payload."""


class RoundedHead(TypedDict):
    """The JSON at the head of a block of rounded arrays."""

    arrays: dict[str, RoundedArray]


class SharedView(TypedDict):
    """One view: its figures without their numbers, and where those are."""

    fields: list[str]
    """Fields of the selection by which its figures differ."""
    pictures: dict[str, Any]
    """Answers without sentence and epoch, by theme and values of the fields.

    ``{"$": n}`` stands for an array of the pool, null for one of the frame.
    """
    patches: dict[str, list[list[tuple[list[str | int], Any]]]]
    """By values of the fields, what is different at every epoch: path and value."""
    reads: list[str]
    """Fields of the selection on which its numbers depend, and of which there are
    several."""
    frames: dict[str, str]
    """Name of the part with its frames, by the values of what it reads."""
    epochs: list[int]
    """Epochs of which there are numbers."""
    sentences: dict[str, list[str]]
    """What is said of each of them, by the values of what it reads; where frames are
    computed."""
    computed: Computed | None
    precision: str
    """How exact its numbers are, in words."""


class SharedNetwork(TypedDict):
    """The weights that the file carries, folded; see ``grokdash/sharing/folded.py``."""

    epochs: list[int]
    """Of the checkpoints whose weights are there."""
    parts: list[str]
    told: list[tuple[list[int], list[int]]]
    """By checkpoint: pairs a·p + b whose answer is written down, and the answers."""
    scores: str
    """Name of the part with the scores of every epoch, and the rows of one neuron."""
    neuron: int
    """Whose rows are there for every epoch."""
    heads: int
    d_mlp: int
    bits: int


class RangeWords(TypedDict):
    """What is offered where a map looks flat on the range of the run."""

    text: str
    hints: list[str]
    """Where it is not in force, and where it is."""


class SharedWords(TypedDict):
    """Sentences whose names in braces are filled in."""

    absent: str
    neuron: str
    head: str
    pair: str
    answers: str
    damaged: str
    range: RangeWords


class ShareHead(TypedDict):
    """What the page must know before it can draw."""

    manifest: Manifest
    views: dict[str, SharedView]
    order: list[str]
    """The views in the order of their panels; the first is the chart."""
    moments: list[Moment]
    guides: dict[str, GuideAnswer]
    pool: list[Any]
    split: list[int]
    """The answers of all pairs, a·p + b; plus p where the network was trained on it, −1
    where there is none."""
    network: SharedNetwork | None
    words: SharedWords
