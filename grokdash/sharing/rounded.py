"""Arrays rounded to multiples of a unit, as a block of bytes that packs well.

A block is a little-endian uint32 H, H bytes of JSON (a
:class:`~grokdash.contract.share.RoundedHead`), then the payload. Every number is an
integer times the unit of its array, or of its first index where there are several
units; integers are written as 2n or −2n − 1, which is never negative: first the low
byte of every number of the array, then the high byte of every number.
"""

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from grokdash.contract.share import RoundedArray, RoundedHead

MOST_BITS = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Rounded:
    """Integers and their units: one, or one per first index."""

    numbers: np.ndarray
    units: np.ndarray

    @property
    def values(self) -> np.ndarray:
        """The numbers that stand for what was rounded."""
        shape = (-1,) + (1,) * (self.numbers.ndim - 1)
        return self.numbers * self.units.reshape(shape)


def round_to(values: np.ndarray, bits: int, *, each: bool = False) -> Rounded:
    """Round an array so that its largest number has this many bits, the sign included.

    Parameters
    ----------
    values
        Finite numbers.
    bits
        From 2 to 15.
    each
        Whether every first index has a unit of its own.
    """
    axes = tuple(range(1, values.ndim)) if each else None
    largest = np.atleast_1d(np.abs(values).max(axis=axes))
    units = np.where(largest > 0, largest / (2 ** (bits - 1) - 1), 1.0)
    shape = (-1,) + (1,) * (values.ndim - 1)
    return Rounded(
        numbers=np.rint(values / units.reshape(shape)).astype(np.int32), units=units
    )


def write_rounded(arrays: Mapping[str, Rounded]) -> bytes:
    """Write arrays as one block."""
    head: dict[str, RoundedArray] = {}
    payload = bytearray()
    for name, one in arrays.items():
        head[name] = RoundedArray(
            shape=list(one.numbers.shape),
            units=[float(unit) for unit in one.units],
            offset=len(payload),
        )
        n = one.numbers.ravel()
        folded = np.where(n >= 0, 2 * n, -2 * n - 1).astype("<u2")
        planes = folded.view(np.uint8).reshape(-1, 2)
        payload += planes[:, 0].tobytes() + planes[:, 1].tobytes()
    text = json.dumps(RoundedHead(arrays=head), separators=(",", ":")).encode()
    return struct.pack("<I", len(text)) + text + bytes(payload)
