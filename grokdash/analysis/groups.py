"""The canonical frame: re-indexed tokens in which an operation is addition mod q.

Subtraction, multiplication and division are addition in disguise. Reading the operands
and answers in the right order makes one set of Fourier formulas serve all of them. An
operation without such a group has no canonical frame (``None``): its logits are read by
label instead.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
from jaxtyping import Float, Int, Num, Shaped

from grokdash.errors import ConfigError
from grokdash.operations import Operation, get_operation, is_prime


@dataclass(frozen=True, slots=True, kw_only=True)
class Canonical:
    """Token orders in which answer index = (index of a + index of b) mod q.

    ``a_order``, ``b_order`` and ``c_order`` (each ``[q]``) give the token at canonical
    index i. In a multiplicative frame q = p − 1, the index is the discrete logarithm
    and token 0 is left out.
    """

    modulus: int
    a_order: Int[np.ndarray, " q"]
    b_order: Int[np.ndarray, " q"]
    c_order: Int[np.ndarray, " q"]
    basis: Literal["additive", "multiplicative"]
    title: str

    @property
    def q(self) -> int:
        """Modulus of the frame."""
        return self.modulus

    def grid(
        self, X: Shaped[np.ndarray, "p p *features"]
    ) -> Shaped[np.ndarray, "q q *features"]:
        """Read a grid over (a, b) in canonical order; further axes are untouched."""
        if self.is_identity(len(X)):
            return X
        return X[np.ix_(self.a_order, self.b_order)]

    def cube(self, L: Num[np.ndarray, "p p p"]) -> Num[np.ndarray, "q q q"]:
        """Read logits over (a, b, c) in canonical order."""
        if self.is_identity(len(L)):
            return L
        return L[np.ix_(self.a_order, self.b_order, self.c_order)]

    def spread(self, X: Float[np.ndarray, "q q"], p: int) -> Float[np.ndarray, "p p"]:
        """Put a canonical grid back into token order; NaN where it has no entry."""
        grid = np.full((p, p), np.nan, dtype=X.dtype)
        grid[np.ix_(self.a_order, self.b_order)] = X
        return grid

    def is_identity(self, p: int) -> bool:
        """Say whether canonical order is token order, as for addition."""
        tokens = np.arange(p)
        return (
            self.modulus == p
            and np.array_equal(self.b_order, tokens)
            and np.array_equal(self.a_order, tokens)
        )


@lru_cache(maxsize=64)
def primitive_root(p: int) -> int:
    """Find the least generator of the multiplicative group mod a prime p.

    Raises
    ------
    ConfigError
        If p is not a prime.
    """
    if not is_prime(p):
        raise ConfigError(
            f"p: a primitive root needs a prime modulus; got {p}; use a prime"
        )
    return next(g for g in range(1, p) if _order(g, p) == p - 1)


def _order(g: int, p: int) -> int:
    value, order = g % p, 1
    while value != 1:
        value, order = value * g % p, order + 1
    return order


@lru_cache(maxsize=64)
def canonical(operation: str | Operation, p: int) -> Canonical | None:
    """Give the canonical frame of an operation, or None if it has no group.

    Parameters
    ----------
    operation
        Name or value of the operation.
    p
        Modulus; prime for multiply and divide.
    """
    rule = get_operation(operation) if isinstance(operation, str) else operation
    sign = "+" if rule.structure in ("sum", "product") else "−"
    if rule.structure in ("sum", "difference"):
        tokens = np.arange(p)
        return Canonical(
            modulus=p,
            a_order=tokens,
            b_order=tokens if rule.structure == "sum" else -tokens % p,
            c_order=tokens,
            basis="additive",
            title=f"frequencies of a {sign} b mod {p}",
        )
    if rule.structure in ("product", "quotient"):
        root = primitive_root(p)
        powers = np.array([pow(root, i, p) for i in range(p - 1)])
        backward = powers[-np.arange(p - 1) % (p - 1)]
        return Canonical(
            modulus=p - 1,
            a_order=powers,
            b_order=powers if rule.structure == "product" else backward,
            c_order=powers,
            basis="multiplicative",
            title=f"frequencies of log a {sign} log b mod {p - 1} "
            f"(logarithm to base {root}, 0 left out)",
        )
    return None
