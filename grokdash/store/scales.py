"""HDF5 dimension scales: what tells other programs the names of the axes.

Every axis gets the name of :mod:`~grokdash.store.axes`, as netCDF has dimensions: a
dataset beside the groups that is marked as a scale, and from each array an attribute
that refers to its scales. ``step`` and ``hashes`` are scales themselves; the others
have a length and no values. Nothing of grokdash reads them, so no damage to them
reaches a picture.
"""

from collections.abc import Mapping
from typing import Any

import h5py

from grokdash.store.axes import GRID_STEP, STEP, UPDATE, axes
from grokdash.store.schema import HASHES, TABLE

_BARE = "This is a netCDF dimension but not a netCDF variable. %10d"
"""What netCDF calls a scale that has a length and no values."""
_MOST = 48
"""Scales of one file: a reader refuses more than 64 names side by side."""

Dimension = tuple[str, int]
"""The name and the length of an axis."""


def add_scales(file: h5py.File, kind: str, arrays: Mapping[str, h5py.Dataset]) -> None:
    """Name the axes of the arrays of a file that is being written.

    Parameters
    ----------
    file
        The file; the list of hashes has its place already.
    kind
        What its meta data call it.
    arrays
        Its other datasets by name.
    """
    scales: dict[str, Any] = {}
    own: dict[str, Any] = {STEP: arrays.get(STEP), HASHES: file.get(HASHES)}
    for name, dataset in own.items():
        if dataset is not None:
            length = dataset.id.shape[0]
            # The hashes are no coordinate that anybody wants to see.
            told = STEP if name == STEP else _BARE % length
            h5py.h5ds.set_scale(dataset.id, told.encode())
            scales[name] = dataset.id
    for name in sorted(arrays.keys() - scales.keys()):
        array = arrays[name].id
        for axis, wanted in enumerate(_dimensions(kind, name, array.shape)):
            scale = _scale(file, scales, wanted)
            if scale is not None:
                h5py.h5ds.attach_scale(array, scale, axis)


def _scale(file: h5py.File, scales: dict[str, Any], wanted: Dimension) -> Any:
    """Give the scale of an axis, made when it is first wanted; None if there are many.

    An axis that has another length here than elsewhere in the file is called after it.
    """
    name, length = wanted
    if name in scales and scales[name].shape != (length,):
        name = f"of_{length}"
    if name not in scales and len(scales) < _MOST:
        # Not as h5py.Group does it, which takes as long as all the rest.
        space = h5py.h5s.create_simple((length,))
        settings = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        settings.set_obj_track_times(False)
        made = h5py.h5d.create(
            file.id, name.encode(), h5py.h5t.STD_I8LE, space, settings
        )
        h5py.h5ds.set_scale(made, (_BARE % length).encode())
        scales[name] = made
    return scales.get(name)


def _dimensions(kind: str, name: str, shape: tuple[int, ...]) -> list[Dimension]:
    group, _, rest = name.partition("/")
    if rest == TABLE:
        names = ("series", UPDATE) if group == "steps" else (STEP, "entry")
    elif group == "steps":
        names = (UPDATE,)
    else:
        packed_grids = kind == "run" and group == "grids"
        names = (GRID_STEP if packed_grids else STEP, *axes(name, shape[1:]))
    return list(zip(names, shape, strict=True))
