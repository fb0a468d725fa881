"""Messages that carry pictures: figures, frames, guides, where a file comes from."""

from typing import Any, Literal

from typing_extensions import TypedDict

from grokdash.contract.listing import Failure
from grokdash.contract.run import SelectionValues


class Figure(TypedDict):
    """A figure of Plotly."""

    data: list[dict[str, Any]]
    layout: dict[str, Any]


class RangeChoice(TypedDict):
    """What the panel offers of its range: a button that is pressed or not."""

    pressed: bool
    """Whether the range is that of this epoch."""
    text: str
    hint: str


class FigureHead(TypedDict):
    """What is said of a picture, with or without the picture."""

    step: int
    """The epoch that is shown."""
    sentence: str
    limits: dict[str, tuple[float, float]]
    """Range by array: over the run, or of this epoch."""
    range: RangeChoice | None
    """What is offered where another range shows more, or is in force."""
    pending: int
    """Checkpoints whose part of the picture is still being computed."""


class FigureAnswer(FigureHead):
    """A picture of one epoch and what is said of it."""

    figure: Figure


class FigureLine(TypedDict):
    """One of several pictures, as a line of the answer that carries them."""

    view: str
    status: int
    """Of the answer, had the picture been asked for alone."""
    answer: FigureAnswer | Failure


class QuantisedArray(TypedDict):
    """A picture: value = lo + q (hi − lo) / 254; q = 255 is a missing value."""

    dtype: Literal["u1"]
    shape: list[int]
    lo: float
    hi: float
    offset: int
    """Bytes from the start of the payload."""


class ExactArray(TypedDict):
    """Float32 numbers."""

    dtype: Literal["f4"]
    shape: list[int]
    offset: int
    """Bytes from the start of the payload; a multiple of four."""


class Frame(TypedDict):
    """The arrays of one epoch by attribute of a trace, such as "0.z"."""

    step: int
    sentence: str
    """What the view says of that epoch."""
    arrays: dict[str, QuantisedArray | ExactArray]


class BlockHead(TypedDict):
    """The JSON at the head of a block of frames."""

    frames: list[Frame]


class GuidePart(TypedDict):
    """One paragraph of a guide."""

    label: str
    text: str


class GuideAnswer(TypedDict):
    """How to read a view; the parts come in the order in which they are read."""

    title: str
    question: str
    operation: str
    """In whose words it is written."""
    formula: str
    parts: list[GuidePart]


class Provenance(TypedDict):
    """Where the numbers of a saved file come from."""

    run: str
    title: str
    config: str
    """Hash of the configuration."""
    view: str
    epoch: int
    selection: dict[str, str]
    permalink: str
    version: str
    """Of grokdash."""


class PictureOrigin(TypedDict):
    """Where a saved picture comes from; "all" is the view of a whole page."""

    run: str
    title: str
    config: str
    view: str
    epoch: int
    selection: SelectionValues
    permalink: str
    version: str
