"""The binary operations mod p that a network can be trained on.

An operation is a value: its symbol, its table of answers, the group structure that
decides in which basis its network is read, and what happens where it is undefined.
Adding one is one ``Operation(...)`` in :data:`OPERATIONS`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Int

from grokdash.errors import ConfigError

Structure = Literal["sum", "difference", "product", "quotient", "none"]

UNDEFINED = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One rule a ∘ b mod p.

    ``answer`` maps the index grids a, b (each ``[p, p]``, int64) and p to the answers;
    it marks an undefined pair with :data:`UNDEFINED`, and such a pair is neither
    trained nor tested on. ``structure`` names the group on which the rule is a
    (possibly disguised) addition. ``smallest_p`` is the least modulus at which there is
    anything to read: below it that group is trivial, and a trivial group has no
    frequency.
    """

    name: str
    symbol: str
    title: str
    answer: Callable[[np.ndarray, np.ndarray, int], np.ndarray]
    structure: Structure
    needs_prime: bool
    zero_rule: str
    smallest_p: int = 2

    def table(self, p: int) -> Int[np.ndarray, "p p"]:
        """Give the answer c of every pair (a, b); −1 where it is undefined."""
        a, b = np.meshgrid(np.arange(p), np.arange(p), indexing="ij")
        return np.asarray(self.answer(a, b, p), dtype=np.int64)

    def pairs(self, p: int) -> Int[np.ndarray, "n 2"]:
        """List the defined pairs in lexicographic order of (a, b)."""
        return np.argwhere(self.table(p) != UNDEFINED)


def is_prime(n: int) -> bool:
    """Say whether n is prime (trial division: n is at most a few thousand)."""
    return n > 1 and all(n % d for d in range(2, int(n**0.5) + 1))


def _quotient(a: np.ndarray, b: np.ndarray, p: int) -> np.ndarray:
    inverses = np.array([0] + [pow(int(x), -1, p) for x in range(1, p)])
    return np.where(b == 0, UNDEFINED, a * inverses[b] % p)


_NO_ZERO_CASE = "defined for every pair"

OPERATIONS: dict[str, Operation] = {
    operation.name: operation
    for operation in (
        Operation(
            name="add",
            symbol="+",
            title="a + b",
            answer=lambda a, b, p: (a + b) % p,
            structure="sum",
            needs_prime=False,
            zero_rule=_NO_ZERO_CASE,
        ),
        Operation(
            name="subtract",
            symbol="−",
            title="a − b",
            answer=lambda a, b, p: (a - b) % p,
            structure="difference",
            needs_prime=False,
            zero_rule=_NO_ZERO_CASE,
        ),
        Operation(
            name="multiply",
            symbol="×",
            title="a × b",
            answer=lambda a, b, p: a * b % p,
            structure="product",
            needs_prime=True,
            zero_rule="a pair with a zero has the answer 0; it is trained and tested "
            "on, and left out of the discrete-log analysis",
            smallest_p=3,
        ),
        Operation(
            name="divide",
            symbol="÷",
            title="a ÷ b",
            answer=_quotient,
            structure="quotient",
            needs_prime=True,
            zero_rule="pairs with b = 0 do not exist; a = 0 has the answer 0 and is "
            "left out of the discrete-log analysis",
            smallest_p=3,
        ),
        Operation(
            name="sum_of_squares",
            symbol="a²+b²",
            title="a² + b²",
            answer=lambda a, b, p: (a * a + b * b) % p,
            structure="none",
            needs_prime=False,
            zero_rule=_NO_ZERO_CASE,
        ),
        Operation(
            name="quadratic",
            symbol="a²+ab+b²",
            title="a² + ab + b²",
            answer=lambda a, b, p: (a * a + a * b + b * b) % p,
            structure="none",
            needs_prime=False,
            zero_rule=_NO_ZERO_CASE,
        ),
        Operation(
            name="cubic",
            symbol="a³+ab",
            title="a³ + ab",
            answer=lambda a, b, p: (a * a * a + a * b) % p,
            structure="none",
            needs_prime=False,
            zero_rule=_NO_ZERO_CASE,
        ),
    )
}


def get_operation(name: str) -> Operation:
    """Look an operation up by name.

    Raises
    ------
    ConfigError
        If there is none of that name; the message lists those there are.
    """
    try:
        return OPERATIONS[name]
    except KeyError:
        known = ", ".join(OPERATIONS)
        raise ConfigError(f"operation: expected one of {known}; got {name!r}") from None
