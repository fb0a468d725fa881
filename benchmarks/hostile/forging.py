"""Forge HDF5 files: change a field in any block of metadata and its checksum with it.

Every block of format v110 that has a signature ends in, or holds, a lookup3 checksum by
Bob Jenkins. :func:`blocks` finds them all with their extent, whatever their kind, by
trying where the checksum fits; :func:`forge` changes fields and makes it fit again, so
that the library believes the block.
"""

import itertools
import random
import re
import struct
import zlib
from dataclasses import dataclass

import h5py
import numpy as np

SIGNATURES = (
    *(b"OHDR", b"OCHK", b"FAHD", b"FADB", b"EAHD", b"EAIB", b"EASB", b"EADB"),
    *(b"BTHD", b"BTIN", b"BTLF", b"FRHP", b"FHDB", b"FHIB", b"FSHD", b"FSSE"),
    *(b"SMTB", b"SMLI"),
)
UNCHECKED = (b"TREE", b"SNOD", b"HEAP", b"GCOL")
"""Blocks of older formats, which have no checksum."""
SUPERBLOCK = 44
_LONGEST = 70_000
_MASK = 0xFFFFFFFF
_DEFLATE = 1


@dataclass(frozen=True)
class Block:
    """One block of metadata: its kind, its first byte, its length, its checksum."""

    kind: str
    start: int
    length: int
    checksum: int | None
    inside: bool = False

    def sum(self, data: bytes | bytearray) -> bytes:
        """Compute what the checksum must be."""
        part = bytearray(data[self.start : self.start + self.length])
        if self.inside and self.checksum is not None:
            at = self.checksum - self.start
            part[at : at + 4] = bytes(4)
        return struct.pack("<I", lookup3(bytes(part)))


def lookup3(data: bytes) -> int:
    """Hash as HDF5 does: Jenkins' lookup3, little endian, initial value 0."""
    a, b, c, rest = _blocks_mixed(data, len(data))
    return _finished(a, b, c, rest)


def _blocks_mixed(data: bytes, length: int) -> tuple[int, int, int, bytes]:
    a = b = c = (0xDEADBEEF + length) & _MASK
    whole = max(0, (length - 1) // 12)
    for x, y, z in struct.iter_unpack("<III", data[: 12 * whole]):
        a, b, c = _mix((a + x) & _MASK, (b + y) & _MASK, (c + z) & _MASK)
    return a, b, c, data[12 * whole : length]


def _rotated(value: int, by: int) -> int:
    return ((value << by) | (value >> (32 - by))) & _MASK


def _mix(a: int, b: int, c: int) -> tuple[int, int, int]:
    a = (a - c) & _MASK ^ _rotated(c, 4)
    c = (c + b) & _MASK
    b = (b - a) & _MASK ^ _rotated(a, 6)
    a = (a + c) & _MASK
    c = (c - b) & _MASK ^ _rotated(b, 8)
    b = (b + a) & _MASK
    a = (a - c) & _MASK ^ _rotated(c, 16)
    c = (c + b) & _MASK
    b = (b - a) & _MASK ^ _rotated(a, 19)
    a = (a + c) & _MASK
    c = (c - b) & _MASK ^ _rotated(b, 4)
    b = (b + a) & _MASK
    return a, b, c


def _finished(a: int, b: int, c: int, rest: bytes) -> int:
    if not rest:
        return c
    x, y, z = struct.unpack("<III", rest.ljust(12, b"\0"))
    a, b, c = (a + x) & _MASK, (b + y) & _MASK, (c + z) & _MASK
    for first, second, by in (
        *(("c", "b", 14), ("a", "c", 11), ("b", "a", 25), ("c", "b", 16)),
        *(("a", "c", 4), ("b", "a", 14), ("c", "b", 24)),
    ):
        now = {"a": a, "b": b, "c": c}
        now[first] = ((now[first] ^ now[second]) - _rotated(now[second], by)) & _MASK
        a, b, c = now["a"], now["b"], now["c"]
    return c


def fletcher32(data: bytes) -> bytes:
    """Give the checksum that HDF5 stores behind a chunk."""
    words = np.frombuffer(data + b"\0" * (len(data) % 2), ">u2").astype(np.int64)
    weights = np.arange(len(words), 0, -1) % 65535
    first = int(words.sum() % 65535)
    second = int((words * weights % 65535).sum() % 65535)
    # HDF5 folds its sums, so a multiple of 65535 stays one unless all words are zero.
    first = first or (65535 if words.any() else 0)
    second = second or (65535 if words.any() else 0)
    return struct.pack("<I", (second << 16) | first)


def blocks(data: bytes) -> list[Block]:
    """Find every block of metadata of a file."""
    found = [Block("superblock", 0, SUPERBLOCK, SUPERBLOCK)]
    pattern = b"|".join((*SIGNATURES, *UNCHECKED))
    for match in re.finditer(pattern, data):
        kind, start = match[0].decode(), match.start()
        if match[0] in UNCHECKED:
            found.append(Block(kind, start, 64, None))
        elif (block := _measured(data, kind, start)) is not None:
            found.append(block)
    return found


def _measured(data: bytes, kind: str, start: int) -> Block | None:
    if kind == "FHDB":
        return _heap_block(data, start)
    lengths = _likely(data, kind, start)
    for length in lengths:
        end = start + length
        if end + 4 > len(data):
            return None
        if struct.pack("<I", lookup3(data[start:end])) == data[end : end + 4]:
            return Block(kind, start, length, end)
    return None


def _likely(data: bytes, kind: str, start: int) -> itertools.chain[int]:
    """Try what an object header says of its length, then every length."""
    told: list[int] = []
    if kind == "OHDR":
        flags = data[start + 5]
        at = start + 6 + (16 if flags & 0x20 else 0) + (4 if flags & 0x10 else 0)
        width = 1 << (flags & 3)
        size = int.from_bytes(data[at : at + width], "little")
        told = [at + width - start + size]
    longest = 4096 if kind != "OCHK" else _LONGEST
    return itertools.chain(told, range(8, min(longest, len(data) - start)))


def _heap_block(data: bytes, start: int) -> Block | None:
    for size in (512, 1024, 2048, 4096, 8192, 65536):
        for at in range(13, 22):
            block = Block("FHDB", start, size, start + at, inside=True)
            if block.sum(data) == data[start + at : start + at + 4]:
                return block
    return None


def forge(data: bytes, found: list[Block], rng: random.Random) -> tuple[bytes, str]:
    """Change fields of one or two blocks; all kinds of block are equally likely."""
    changed = bytearray(data)
    kinds = sorted({block.kind for block in found})
    picked = [
        rng.choice([block for block in found if block.kind == kind])
        for kind in rng.choices(kinds, k=rng.choice((1, 1, 1, 2)))
    ]
    for block in picked:
        for _ in range(rng.choice((1, 1, 2, 3))):
            _change_field(changed, block, found, rng)
        if block.checksum is not None:
            changed[block.checksum : block.checksum + 4] = block.sum(changed)
    return bytes(changed), "+".join(block.kind for block in picked)


def _change_field(
    data: bytearray, block: Block, found: list[Block], rng: random.Random
) -> None:
    width = rng.choice((1, 1, 1, 2, 4, 8))
    first = 4 if block.kind != "superblock" else 8
    at = block.start + rng.randrange(first, max(first + 1, block.length - width + 1))
    old = int.from_bytes(data[at : at + width], "little")
    most = 256**width - 1
    value = rng.choice(
        (
            *(0, 1, most, most >> 1, (most >> 1) + 1, old + 1, old - 1, old * 2),
            *(old ^ (1 << rng.randrange(8 * width)), rng.randrange(most + 1)),
            *(rng.choice(found).start, len(data), len(data) - 1, old + 256),
        )
    )
    data[at : at + width] = (value & most).to_bytes(width, "little")


def forge_values(path: str, data: bytes, rng: random.Random) -> tuple[bytes, str]:
    """Change values of one chunk and make its fletcher32 checksum fit."""
    with h5py.File(path, "r", locking=False) as file:
        names: list[str] = []
        file.visititems(
            # The scales of axes have no values.
            lambda name, one: (
                names.append(name) if getattr(one, "chunks", None) else None
            )
        )
        dataset = file[rng.choice(sorted(names))]
        info = dataset.id.get_chunk_info(rng.randrange(dataset.id.get_num_chunks()))
        deflated = dataset.compression is not None
    place, size = info.byte_offset, info.size - 4
    values = bytearray(data[place : place + size])
    if deflated:
        values = bytearray(zlib.decompress(values))
    at = rng.randrange(len(values))
    values[at] ^= 1 << rng.randrange(8)
    if rng.random() < 0.5:  # all zeros, which always compress to less
        values[:] = bytes(len(values))
    stored = zlib.compress(bytes(values), 9) if deflated else bytes(values)
    if len(stored) > size:
        stored = data[place : place + size]
    stored = stored.ljust(size, b"\0")
    changed = bytearray(data)
    changed[place : place + size + 4] = stored + fletcher32(stored)
    return bytes(changed), "values"
