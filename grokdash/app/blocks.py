"""The binary block that carries frames to the browser.

A block is a little-endian uint32 H, H bytes of JSON (a
:class:`~grokdash.contract.run.BlockHead`), then the payload.

``u1`` holds pictures: value = lo + q (hi − lo) / 254, and q = 255 is a missing value.
``f4`` holds exact float32 numbers, aligned to four bytes from the payload's start.
"""

import json
import struct
from collections.abc import Iterable, Mapping
from typing import NamedTuple, cast

import numpy as np

from grokdash.contract.pictures import BlockHead, ExactArray, Frame, QuantisedArray

MISSING = 255


class Told(NamedTuple):
    """One epoch of a view: its sentence and its arrays by attribute of a trace."""

    step: int
    sentence: str
    arrays: Mapping[str, np.ndarray]


def quantise(values: np.ndarray, every: int = 1) -> tuple[np.ndarray, float, float]:
    """Map finite values to 0 … 254 over their own range, the others to 255.

    ``every`` takes only every so manieth level: pictures that pack smaller.

    Returns
    -------
    q, low, high
        uint8 array of the same shape, and the values that 0 and 254 stand for.
    """
    values = np.asarray(values, dtype=np.float32)
    finite = np.isfinite(values)
    if not finite.any():
        return np.full(values.shape, MISSING, np.uint8), 0.0, 0.0
    low, high = float(values[finite].min()), float(values[finite].max())
    span = high - low  # in float64: the difference of two float32 may overflow
    unit = (values.astype(np.float64) - low) / span if span > 0 else 0 * values
    scaled = np.rint(np.where(finite, unit, 0) * (254 / every)) * every
    scaled = np.minimum(scaled, 254).astype(np.uint8)
    return np.where(finite, scaled, np.uint8(MISSING)), low, high


class PackedFrame(NamedTuple):
    """One epoch as it stands in a block, offsets from where its own bytes begin."""

    about: Frame
    data: bytes


def pack_frame(told: Told, *, exact: bool = False, every: int = 1) -> PackedFrame:
    """Write one frame.

    Arrays of two or more axes are quantised unless ``exact``; the rest is float32.
    ``every`` is that of :func:`quantise`.
    """
    described: dict[str, QuantisedArray | ExactArray] = {}
    written = bytearray()
    for name, values in told.arrays.items():
        shape, offset = list(values.shape), len(written)
        if values.ndim >= 2 and not exact:
            q, low, high = quantise(values, every)
            described[name] = QuantisedArray(
                dtype="u1", shape=shape, lo=low, hi=high, offset=offset
            )
            written += q.tobytes()
        else:
            described[name] = ExactArray(dtype="f4", shape=shape, offset=offset)
            written += np.ascontiguousarray(values, dtype="<f4").tobytes()
        written += b"\0" * (-len(written) % 4)
    about = Frame(step=told.step, sentence=told.sentence, arrays=described)
    return PackedFrame(about, bytes(written))


def pack_block(frames: Iterable[Told], *, exact: bool = False) -> bytes:
    """Write frames as one block; see :func:`pack_frame`."""
    return join_block(pack_frame(one, exact=exact) for one in frames)


def join_block(frames: Iterable[PackedFrame]) -> bytes:
    """Write packed frames as one block."""
    head: list[Frame] = []
    parts: list[bytes] = []
    start = 0
    for about, data in frames:
        head.append(_moved(about, start))
        parts.append(data)
        start += len(data)
    text = json.dumps(BlockHead(frames=head), separators=(",", ":")).encode()
    text += b" " * (-len(text) % 4)
    return struct.pack("<I", len(text)) + text + b"".join(parts)


def _moved(about: Frame, start: int) -> Frame:
    """Count the offsets of a frame from the start of a block."""
    if not start:
        return about
    arrays = {
        name: cast(
            QuantisedArray | ExactArray, {**one, "offset": one["offset"] + start}
        )
        for name, one in about["arrays"].items()
    }
    return {**about, "arrays": arrays}
