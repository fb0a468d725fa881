"""Seeds as commands and forms take them: ``0-9``, ``0,3,7`` or ``0-3,8``."""

import re

from grokdash.errors import ConfigError

MOST_SEEDS = 10_000


def parse_seeds(text: str, name: str = "--seeds") -> list[int]:
    """Read seeds such as ``0-9``, ``0,3,7`` or ``0-3,8``.

    Parameters
    ----------
    text
        The seeds.
    name
        What the reader knows them as, for the message.

    Raises
    ------
    ConfigError
        If the text is something else, or names a seed twice.
    """
    seeds: list[int] = []
    for part in text.split(","):
        found = re.fullmatch(r"\s*(\d+)(?:-(\d+))?\s*", part)
        first, last = (int(found[1]), int(found[2] or found[1])) if found else (1, 0)
        if not 0 <= last - first < MOST_SEEDS:
            raise ConfigError(
                f"{name}: expected numbers and rising ranges of up to {MOST_SEEDS:,}, "
                f"such as 0-9 or 0,3,7; got {text!r}"
            )
        seeds += range(first, last + 1)
    if len(set(seeds)) < len(seeds):
        twice = next(seed for seed in seeds if seeds.count(seed) > 1)
        raise ConfigError(f"{name}: {text!r} names seed {twice} twice; name it once")
    return seeds
