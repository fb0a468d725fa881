"""Names and lists in the sentences under the panels."""

from collections.abc import Sequence

POSITIONS = ("a", "b", "=")
"""What the network reads, position by position; the last one gives the answer."""


def listed(words: Sequence[str]) -> str:
    """Join words: ``a, b and c``."""
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))
