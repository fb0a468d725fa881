"""The binary block that carries frames to the browser.

A block is a little-endian uint32 H, H bytes of JSON, then the payload::

    {
        "frames": [
            {
                "step": 100,
                "arrays": {
                    "0.z": {
                        "dtype": "u1",
                        "shape": [113, 113],
                        "lo": -1.5,
                        "hi": 3.2,
                        "offset": 0,
                    }
                },
            }
        ]
    }

``u1`` holds pictures: value = lo + q (hi − lo) / 254, and q = 255 is a missing value.
``f4`` holds exact float32 numbers, aligned to four bytes from the payload's start.
"""

import json
import struct
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

MISSING = 255


def quantise(values: np.ndarray) -> tuple[np.ndarray, float, float]:
    """Map finite values to 0 … 254 over their own range, the others to 255.

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
    scaled = np.rint(np.where(finite, unit, 0) * 254).astype(np.uint8)
    return np.where(finite, scaled, np.uint8(MISSING)), low, high


def pack_block(
    frames: Iterable[tuple[int, Mapping[str, np.ndarray]]], *, exact: bool = False
) -> bytes:
    """Write frames ``(step, arrays by trace attribute)`` as one block.

    Arrays of two or more axes are quantised unless ``exact``; the rest is float32.
    """
    head: list[dict[str, Any]] = []
    parts: list[bytes] = []
    offset = 0
    for step, arrays in frames:
        described: dict[str, Any] = {}
        for name, values in arrays.items():
            entry: dict[str, Any] = {"shape": list(values.shape), "offset": offset}
            if values.ndim >= 2 and not exact:
                q, low, high = quantise(values)
                entry |= {"dtype": "u1", "lo": low, "hi": high}
                data = q.tobytes()
            else:
                entry["dtype"] = "f4"
                data = np.ascontiguousarray(values, dtype="<f4").tobytes()
            data += b"\0" * (-len(data) % 4)
            described[name] = entry
            parts.append(data)
            offset += len(data)
        head.append({"step": step, "arrays": described})
    text = json.dumps({"frames": head}, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 4)
    return struct.pack("<I", len(text)) + text + b"".join(parts)
