"""Which pairs a network was trained on: from a list, from a seed, or not known."""

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import torch

from grokdash.config import RunConfig
from grokdash.errors import ConfigError
from grokdash.store.imported import UNKNOWN
from grokdash.toml_input import read_text
from grokdash.written import percent

Generator = Literal["python", "numpy", "torch"]
_MOST_SEED = 2**32
GENERATORS: dict[str, str] = {
    "python": "random.shuffle",
    "numpy": "RandomState.permutation",
    "torch": "torch.randperm",
}
"""What each calls, on the pairs with an answer in lexicographic order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """The training pairs and how they are known; ``mask`` is None if they are not."""

    mask: np.ndarray | None = None
    told: str = UNKNOWN


def from_pairs(pairs: Sequence[Sequence[int]], config: RunConfig, source: str) -> Split:
    """Take the pairs of a list.

    Raises
    ------
    ConfigError
        Naming the first that is no pair with an answer, or if all or none are there.
    """
    table = config.rule.table(config.p)
    mask = np.zeros(table.shape, dtype=bool)
    for pair in pairs:
        a, b = (pair[0], pair[1]) if len(pair) > 1 else (-1, -1)
        whole = isinstance(a, int) and isinstance(b, int)
        if not whole or not (
            0 <= a < config.p and 0 <= b < config.p and table[a, b] >= 0
        ):
            raise ConfigError(
                f"{source}: {list(pair)[:5]} is no pair with an answer; expected "
                f"[a, b] with both from 0 to {config.p - 1}"
            )
        mask[a, b] = True
    return Split(mask=_checked(mask, config, source), told=f"pairs of {source}")


def from_indices(indices: Sequence[int], config: RunConfig, source: str) -> Split:
    """Take places in the lexicographic list of all p² pairs."""
    pairs = [divmod(index, config.p) for index in indices]
    return from_pairs(pairs, config, source)


def from_file(path: Path, config: RunConfig) -> Split:
    """Read pairs: a mask or pairs in .npy, pairs in .json, one ``a,b`` a line else.

    Raises
    ------
    ConfigError
        If the file holds something else.
    """
    if path.suffix == ".npy":
        try:
            array = np.load(path, allow_pickle=False)
        except (OSError, ValueError) as error:
            raise ConfigError(f"{path}: cannot be read: {error}") from None
        if array.shape == (config.p, config.p):
            array = np.argwhere(array)
        return from_pairs(np.asarray(array).tolist(), config, path.name)
    text = read_text(path)
    try:
        rows = (
            json.loads(text)
            if path.suffix == ".json"
            else [
                [int(part) for part in line.replace(",", " ").split()]
                for line in text.splitlines()
                if line.strip()
            ]
        )
        return from_pairs(rows, config, path.name)
    except (TypeError, ValueError) as error:
        raise ConfigError(
            f"{path}: expected one pair a line, such as 3,5, or [[3, 5], …] in .json: "
            f"{error}"
        ) from None


def from_seed(
    config: RunConfig, generator: Generator, seed: int, fraction: float, why: str
) -> Split:
    """Shuffle as others do and take the first part.

    Parameters
    ----------
    config
        The run's configuration.
    generator
        Whose shuffling: ``random.seed(s); random.shuffle(pairs)`` as Nanda et al.,
        ``RandomState(s).permutation(n)``, or ``torch.manual_seed(s);
        torch.randperm(n)`` as the demo of TransformerLens and Chughtai et al.
    seed, fraction
        Of the shuffling, and the share of pairs that are trained on.
    why
        Where both are from.

    Raises
    ------
    ConfigError
        If no such shuffling can be.
    """
    if not 0 <= seed < _MOST_SEED or not 0 < fraction < 1:
        raise ConfigError(
            f"split ({why}): expected a seed from 0 to {_MOST_SEED - 1} and a fraction "
            f"between 0 and 1; got {seed} and {fraction}"
        )
    pairs = config.rule.pairs(config.p)
    count = int(fraction * len(pairs))
    if generator == "torch":
        drawn = torch.Generator().manual_seed(seed)
        order = torch.randperm(len(pairs), generator=drawn).numpy()
    elif generator == "numpy":
        order = np.random.RandomState(seed).permutation(len(pairs))
    else:
        order = list(range(len(pairs)))
        random.Random(seed).shuffle(order)  # noqa: S311 - no secret
    mask = np.zeros((config.p, config.p), dtype=bool)
    mask[tuple(pairs[np.asarray(order)[:count]].T)] = True
    told = f"{GENERATORS[generator]}, seed {seed}, {percent(fraction)} ({why})"
    return Split(mask=_checked(mask, config, why), told=told)


def _checked(mask: np.ndarray, config: RunConfig, source: str) -> np.ndarray:
    pairs, count = len(config.rule.pairs(config.p)), int(mask.sum())
    if not 0 < count < pairs:
        raise ConfigError(
            f"{source}: {count} of {pairs} pairs are trained on; expected at least one "
            "to train and one to test on"
        )
    return mask


def fraction_of(mask: np.ndarray, pairs: int) -> float:
    """Give a short fraction of which the whole part is the number of marked pairs."""
    count = int(mask.sum())
    for digits in range(1, 12):
        for step in (0, 1):
            found = round(count / pairs + step * 10.0**-digits, digits)
            if 0 < found < 1 and int(found * pairs) == count:
                return float(found)
    return (count + 0.5) / pairs
