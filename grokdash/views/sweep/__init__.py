"""Many runs at once: what a sweep holds, what is chosen of it, its pictures."""

from grokdash.errors import NotStoredError
from grokdash.views.sweep import ends, grokking, training
from grokdash.views.sweep.picture import SweepPicture

PICTURES: tuple[SweepPicture, ...] = (
    grokking.GROK,
    grokking.PHASES,
    training.ACCURACY,
    training.GROWING,
    grokking.SHARES,
    ends.ENDS,
    training.LOSSES,
    training.WEIGHTS,
    ends.SPECTRA,
    ends.PARALLEL,
    training.MULTIPLES,
)
"""The pictures of a sweep, in the order of the page."""


def get_picture(name: str) -> SweepPicture:
    """Look a picture up by its name.

    Raises
    ------
    NotStoredError
        If there is none; the message lists those there are.
    """
    for one in PICTURES:
        if one.name == name:
            return one
    known = ", ".join(one.name for one in PICTURES)
    raise NotStoredError(f"no picture {name[:40]!r} of a sweep; there are {known}")
