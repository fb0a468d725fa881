"""What a file may be made of: checked on its structure, before any value is read.

HDF5 believes what a file says of itself. A chunk of more axes than its dataset, a chunk
that decodes to fewer bytes than it should, a missing chunk or a shape of terabytes
makes it crash, hand out other bytes of this process, read zeros or ask for all memory.
So whatever our writers never make is refused here, by numbers alone.
"""

import itertools
import json
import math
import struct
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import h5py
import numpy as np

from grokdash.errors import DamagedFileError
from grokdash.store.expected import MAX_ROW, Shape, Wanted
from grokdash.store.schema import MAX_CHUNK, MAX_META, is_name

MAX_LINKS = 64
MAX_ATTRIBUTES = 8
MAX_RATIO = 1100
"""Deflate cannot shrink anything more than 1032 times."""
MAX_STEP = 10**8
CHECKSUM_BYTES = 4
SUPERBLOCK_BYTES = 48
_SIGNATURE = b"\x89HDF\r\n\x1a\n"
_SUPERBLOCK = struct.Struct("<8sBBBBQQQQ")
_NOWHERE = 2**64 - 1
_DEFLATE, _SHUFFLE, _FLETCHER32 = 1, 2, 3
_ORDER = {_SHUFFLE: 0, _DEFLATE: 1, _FLETCHER32: 2}


def check_superblock(path: Path, head: bytes, size: int) -> None:
    """Refuse a file whose first 48 bytes are not those of a whole file of ours.

    There is no user block and no extension, which alone could bring shared messages, a
    stored cache or another driver; the file ends where it says.
    """
    if head[: len(_SIGNATURE)] != _SIGNATURE:
        raise DamagedFileError(f"{path}: is not an HDF5 file")
    if len(head) < SUPERBLOCK_BYTES:
        raise DamagedFileError(f"{path}: is cut off after {len(head)} bytes")
    _, version, offset, length, flags, base, extension, end, root = _SUPERBLOCK.unpack(
        head[: _SUPERBLOCK.size]
    )
    if (version, offset, length, flags, base) != (3, 8, 8, 0, 0):
        raise DamagedFileError(f"{path}: is not laid out as grokdash writes files")
    if extension != _NOWHERE or not SUPERBLOCK_BYTES <= root < size:
        raise DamagedFileError(f"{path}: is not laid out as grokdash writes files")
    if end != size:
        raise DamagedFileError(f"{path}: has {size} bytes and says {end}")


def read_meta(path: Path, root: Any) -> dict[str, Any]:
    """Read the meta attribute, whose size and types are checked first."""
    check_links(path, "/", root)
    attribute = h5py.h5a.open(root.id, b"meta")
    kind = attribute.get_type()
    if (
        not isinstance(kind, h5py.h5t.TypeStringID)
        or kind.is_variable_str()
        or kind.get_size() > MAX_META
        or attribute.shape != ()
    ):
        raise DamagedFileError(f"{path}: meta: expected one short fixed-length string")
    value = np.zeros((), dtype=f"S{kind.get_size()}")
    attribute.read(value)
    meta = json.loads(
        bytes(value[()]), parse_constant=_no_number, object_pairs_hook=_object
    )
    if not isinstance(meta, dict):
        raise DamagedFileError(f"{path}: meta: expected a JSON object")
    return meta


def _no_number(text: str) -> None:
    raise ValueError(f"meta: {text} is no number")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("meta: a name occurs twice")
    return found


def check_meta(path: Path, meta: dict[str, Any], size: int) -> None:
    """Refuse numbers and lists of the meta data that no writer makes."""
    for key, most in (("step", MAX_STEP), ("n_scalars", MAX_STEP), ("head", size + 1)):
        value = meta.get(key, 0)
        if type(value) is not int or not 0 <= value < most:
            raise DamagedFileError(f"{path}: meta: {key} is {str(value)[:40]}")
    for key in ("measures", "grids", "scalars", "float32"):
        names = meta.get(key, [])
        if not isinstance(names, list) or not all(
            isinstance(name, str) and is_name(name) for name in names
        ):
            raise DamagedFileError(f"{path}: {key}: expected a list of names")
        if len(set(names)) != len(names):
            raise DamagedFileError(f"{path}: {key}: a name occurs twice")


def check_links(path: Path, name: str, group: Any) -> None:
    """Refuse a group, or anything else, with more names or attributes than ours have.

    One more link to it would be a second name, perhaps a cycle.
    """
    if isinstance(group, h5py.Group) and len(group) > MAX_LINKS:
        raise DamagedFileError(f"{path}: more than {MAX_LINKS} names in {name}")
    attributes = h5py.h5a.get_num_attrs(group.id)
    links = h5py.h5g.get_objinfo(group.id).nlink
    if attributes > MAX_ATTRIBUTES or links != 1:
        raise DamagedFileError(
            f"{path}: {name}: has {attributes} attributes and {links} links"
        )


def check_dataset(path: Path, name: str, dataset: Any, wanted: Wanted) -> None:
    """Refuse a dataset that is not one of ours; nothing of its data is looked at."""
    check_links(path, name, dataset)
    kind = dataset.id.get_type()
    if kind.get_class() not in (h5py.h5t.INTEGER, h5py.h5t.FLOAT) or kind.committed():
        raise DamagedFileError(f"{path}: {name}: expected plain numbers")
    types = [text for text, known in _TYPES.items() if kind.equal(known)]
    if not types or (wanted.types and types[0] not in wanted.types):
        raise DamagedFileError(
            f"{path}: {name}: expected plain numbers"
            f"{' of type ' if wanted.types else ''}{' or '.join(wanted.types)}"
        )
    settings = dataset.id.get_create_plist()
    if settings.get_layout() != h5py.h5d.CHUNKED or settings.get_external_count() != 0:
        raise DamagedFileError(f"{path}: {name}: its data must be chunks of this file")
    _check_filters(path, name, settings, kind.get_size())
    _check_shape(path, name, dataset, wanted)
    _check_sizes(path, name, dataset)


def _check_filters(path: Path, name: str, settings: Any, itemsize: int) -> None:
    found = [settings.get_filter(i)[:3] for i in range(settings.get_nfilters())]
    order = [_ORDER.get(code, -1) for code, _, _ in found]
    values = {
        _SHUFFLE: [(itemsize,)],
        _DEFLATE: [(level,) for level in range(10)],
        _FLETCHER32: [()],
    }
    if (
        order != sorted(set(order))
        or order[:1] == [-1]
        or order[-1:] != [_ORDER[_FLETCHER32]]
        or found[-1][1] != 0
        or any(tuple(told) not in values[code] for code, _, told in found)
    ):
        told = ", ".join(f"{code} {list(told)}" for code, _, told in found)
        raise DamagedFileError(f"{path}: {name}: filters {told} are not allowed")


def _check_shape(path: Path, name: str, dataset: Any, wanted: Wanted) -> None:
    shape, chunks = dataset.shape, dataset.id.get_create_plist().get_chunk()
    if wanted.shape is not None and not fits(shape, wanted.shape):
        raise DamagedFileError(
            f"{path}: {name}: expected shape {wanted.shape}, got {shape}"
        )
    if (
        not shape
        or dataset.maxshape != shape
        or len(chunks) != len(shape)
        or any(not 1 <= c <= max(1, s) for c, s in zip(chunks, shape, strict=True))
        or math.prod(shape[1:]) > wanted.row
    ):
        raise DamagedFileError(
            f"{path}: {name}: shape {shape} of at most {dataset.maxshape} in chunks "
            f"{chunks} does not fit"
        )


def _check_sizes(path: Path, name: str, dataset: Any) -> None:
    chunk = chunk_bytes(dataset)
    itemsize = dataset.id.get_type().get_size()
    stored = dataset.id.get_storage_size()
    shape = dataset.shape
    if (
        chunk > MAX_CHUNK
        or math.prod(shape[1:]) * itemsize > MAX_ROW
        or math.prod(shape) * itemsize > MAX_RATIO * stored + 2**20
    ):
        raise DamagedFileError(
            f"{path}: {name}: shape {shape} in chunks {dataset.chunks} does not fit "
            f"{stored} stored bytes"
        )


def fits(shape: tuple[int, ...], wanted: Shape) -> bool:
    """Say whether a shape is the wanted one, of which None leaves an axis free."""
    return len(shape) == len(wanted) and all(
        want is None or size == want for size, want in zip(shape, wanted, strict=True)
    )


def chunk_bytes(dataset: Any) -> int:
    """Give the size of every decoded chunk."""
    settings = dataset.id.get_create_plist()
    return math.prod(settings.get_chunk()) * dataset.id.get_type().get_size()


def is_deflated(dataset: Any) -> bool:
    """Say whether the chunks of a dataset are compressed."""
    return dataset.id.get_create_plist().get_filter_by_id(_DEFLATE) is not None


class Place(NamedTuple):
    """Where one chunk lies in its file, and whether it is compressed."""

    offset: int
    size: int
    deflated: bool


def chunk_places(path: Path, name: str, dataset: Any, end: int) -> list[Place]:
    """List the chunks of a dataset, which must all be there and of a possible size.

    A chunk that is not there would read as zeros; one that is marked to have skipped
    the checksum, or is too short, as whatever was in memory.
    """
    deflated, n_bytes = is_deflated(dataset), chunk_bytes(dataset)
    skips_deflate = _mask(dataset)
    chunks = dataset.chunks
    wanted = math.prod(
        -(-size // chunk) for size, chunk in zip(dataset.shape, chunks, strict=True)
    )
    if dataset.id.get_num_chunks() != wanted:
        raise DamagedFileError(
            f"{path}: {name}: has {dataset.id.get_num_chunks()} of {wanted} chunks"
        )
    infos: list[Any] = []
    dataset.id.chunk_iter(infos.append)
    places = []
    for info in infos:
        packed = deflated and info.filter_mask != skips_deflate
        if (
            info.filter_mask not in (0, skips_deflate)
            or not _size_fits(info.size, n_bytes, deflated=packed)
            or not SUPERBLOCK_BYTES <= info.byte_offset <= end - info.size
        ):
            raise DamagedFileError(
                f"{path}: {name}: chunk {info.chunk_offset}: {info.size} bytes at "
                f"{info.byte_offset} (mask {info.filter_mask}) cannot be"
            )
        places.append(Place(info.byte_offset, info.size, packed))
    if len({info.chunk_offset for info in infos}) != wanted:
        raise DamagedFileError(f"{path}: {name}: a chunk occurs twice")
    return places


def check_overlaps(path: Path, places: Iterable[Place]) -> None:
    """Refuse a file of which two chunks share bytes."""
    found = sorted((place.offset, place.size) for place in places)
    for (offset, size), (following, _) in itertools.pairwise(found):
        if following < offset + size:
            raise DamagedFileError(f"{path}: two chunks share the bytes at {following}")


def _mask(dataset: Any) -> int:
    """Give the mask of a chunk that deflate could not shrink; 0 without deflate."""
    settings = dataset.id.get_create_plist()
    codes = [settings.get_filter(i)[0] for i in range(settings.get_nfilters())]
    return 1 << codes.index(_DEFLATE) if _DEFLATE in codes else 0


def _size_fits(size: int, n_bytes: int, *, deflated: bool) -> bool:
    if not deflated:
        return size == n_bytes + CHECKSUM_BYTES
    data = size - CHECKSUM_BYTES
    return 0 < data <= n_bytes + n_bytes // 500 + 32 and n_bytes <= MAX_RATIO * data


def check_chunk(path: Path, name: str, dataset: Any, data: bytes, mask: int) -> None:
    """Refuse the stored bytes of a chunk that would not fill exactly one chunk."""
    n_bytes, skips_deflate = chunk_bytes(dataset), _mask(dataset)
    deflated = bool(skips_deflate) and mask != skips_deflate
    if (
        mask not in (0, skips_deflate)
        or not _size_fits(len(data), n_bytes, deflated=deflated)
        or (deflated and not inflates_to(data[:-CHECKSUM_BYTES], n_bytes))
    ):
        raise DamagedFileError(f"{path}: {name}: a chunk does not decode to its size")


def inflates_to(data: bytes, n_bytes: int) -> bool:
    """Say whether a deflated stream gives exactly so many bytes; never makes more."""
    stream = zlib.decompressobj()
    try:
        return len(stream.decompress(data, n_bytes + 1)) == n_bytes and stream.eof
    except zlib.error:
        return False


_TYPES = {
    "<f2": h5py.h5t.IEEE_F16LE,
    "<f4": h5py.h5t.IEEE_F32LE,
    "<f8": h5py.h5t.IEEE_F64LE,
    "|i1": h5py.h5t.STD_I8LE,
    "<i2": h5py.h5t.STD_I16LE,
    "<i4": h5py.h5t.STD_I32LE,
    "<i8": h5py.h5t.STD_I64LE,
    "|u1": h5py.h5t.STD_U8LE,
    "<u2": h5py.h5t.STD_U16LE,
    "<u4": h5py.h5t.STD_U32LE,
    "<u8": h5py.h5t.STD_U64LE,
}
"""The types that a writer stores, byte for byte as NumPy has them."""
