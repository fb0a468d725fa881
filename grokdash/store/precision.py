"""Which precision every stored array has, and what that may cost."""

from dataclasses import dataclass
from fnmatch import fnmatchcase

from grokdash.written import number

HALF_LEVEL = 0.5
FLOAT32 = 2.0**-24


@dataclass(frozen=True, slots=True, kw_only=True)
class Precision:
    """How a group of arrays is stored.

    Parameters
    ----------
    names
        Patterns of names, as in a file.
    stored
        The type, in words.
    relative
        Largest relative error of a stored number; 0 for what comes back bit for bit.
    levels
        Largest error in levels of the picture, for pictures in float16.
    smallest
        What the smallest values are and why they survive, or what is lost.
    """

    names: tuple[str, ...]
    stored: str
    relative: float = 0.0
    levels: float = 0.0
    smallest: str

    @property
    def error(self) -> str:
        """Say the largest error in words."""
        if self.levels:
            return f"{number(self.levels)} level"
        return f"rounding, {number(self.relative, 1)}" if self.relative else "none"


PRECISIONS: tuple[Precision, ...] = (
    Precision(
        names=("params/*",),
        stored="float32, as trained",
        smallest="any float32; a resumed run comes to the same bits",
    ),
    Precision(
        names=("optimizer/*", "rng/*"),
        stored="as the trainer holds them",
        smallest="second moments below 1e-30 included",
    ),
    Precision(
        names=("steps/*",),
        stored="float64",
        smallest="losses of any size; norms and shares are computed in float32",
    ),
    Precision(
        names=("measures/frame/loss", "grids/loss"),
        stored="float32",
        relative=FLOAT32,
        smallest="a loss of 1e-38 nats keeps its digits, below 1e-45 it is 0. Files "
        "written before have `measures/frame/loss` rounded through float16: below 3e-8 "
        "0, below 6e-5 in steps of 6e-8",
    ),
    Precision(
        names=("measures/frame/correct_logit", "grids/*"),
        stored="float16; float32 where that would overflow or move a value by more "
        "than half a level",
        levels=HALF_LEVEL,
        smallest="differences of a level, whatever the mean; attention and neurons "
        "below 3e-8 may be 0 in a picture that reaches far above",
    ),
    Precision(
        names=(
            "measures/logits/M*",
            "measures/logits/G",
            "measures/*/power*",
            "measures/neuron/*",
            "measures/attention/*",
        ),
        stored="float32; int32 and uint8 for counts",
        relative=FLOAT32,
        smallest="shares and powers to 1e-38",
    ),
    Precision(
        names=("measures/*",),
        stored="float64",
        smallest="losses and shares of any size",
    ),
)
"""In order: the first group that has a pattern for a name is its own."""


def precision_of(name: str) -> Precision:
    """Give how the array of a name is stored."""
    return next(
        one
        for one in PRECISIONS
        if any(fnmatchcase(name, pattern) for pattern in one.names)
    )
