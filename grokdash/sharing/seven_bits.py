"""Bytes as text in a page: seven bits per character, in any file of UTF-8.

Base64 would make them a third longer; this makes them a sixth longer. The characters
are those of ASCII, but for three that HTML would change or read: for each of them
stands another, of two bytes.
"""

import numpy as np

FORBIDDEN = (0, 13, 60)
"""NUL and CR, which parsers of HTML replace, and "<"."""
INSTEAD = (0xA1, 0xA2, 0xA3)
TEXT = 8 / 7 * (1 + len(FORBIDDEN) / 128)
"""Bytes of text for one of packed content, about."""


def as_text(content: bytes) -> str:
    """Write bytes as text; zeros fill the last character up."""
    bits = np.unpackbits(np.frombuffer(content, np.uint8))
    padded = np.concatenate([bits, np.zeros(-len(bits) % 7, np.uint8)]).reshape(-1, 7)
    codes = np.packbits(padded, axis=1)[:, 0] >> 1
    table = np.arange(128, dtype="<u4")
    table[list(FORBIDDEN)] = INSTEAD
    return table[codes].tobytes().decode("utf-32-le")


def as_bytes(text: str) -> bytes:
    """Read what :func:`as_text` has written."""
    codes = np.frombuffer(text.encode("utf-32-le"), "<u4").astype(np.uint32)
    for stands, code in zip(INSTEAD, FORBIDDEN, strict=True):
        codes[codes == stands] = code
    bits = np.unpackbits(codes.astype(np.uint8)[:, None], axis=1)[:, 1:].ravel()
    return np.packbits(bits[: len(bits) // 8 * 8]).tobytes()
