"""Formats of numbers: each is one value, and whatever saves numbers walks the list.

An import of this module loads neither plotly nor the views, so that the help of the
command line can name the formats.
"""

import csv
import io
import itertools
import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from grokdash.errors import ConfigError

PROVENANCE = "provenance"
"""Column of a table, field of a record, that says where numbers come from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Along:
    """One axis of an array: its title and the value at every place."""

    title: str
    values: Sequence[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """What a file of numbers is made from.

    Parameters
    ----------
    arrays
        Arrays by name; of a table, columns of equal length by title.
    origin
        Where they come from, in what JSON knows.
    titles
        What arrays are called in a table, where that is not their name.
    axes
        What the axes of arrays are, by the names of the arrays; others are counted.
    """

    arrays: Mapping[str, np.ndarray]
    origin: Mapping[str, Any]
    titles: Mapping[str, str] = field(default_factory=dict)
    axes: Mapping[str, Sequence[Along]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberFormat:
    """A format of numbers.

    Parameters
    ----------
    ending
        Of a file's name and of an address, without the dot.
    media_type
        What a browser is told that the file is.
    of_view
        Write the arrays of a view, of any shapes.
    of_table
        Write columns of equal length: numbers, words, truth values.
    """

    ending: str
    media_type: str
    of_view: Callable[[Numbers], bytes]
    of_table: Callable[[Numbers], bytes]


def _csv_of_view(numbers: Numbers) -> bytes:
    """Write arrays as one table, in which arrays over the same axes share rows.

    A row is one cell; its first columns are the places along the axes. Arrays over
    other axes stand beside these with columns of their own. A missing value is empty,
    and so is what is below the end of a shorter column.
    """
    columns: dict[str, Sequence[Any]] = {}
    for names in _alike(numbers):
        axes = max((_axes(numbers, name) for name in names), key=_titled)
        shape = numbers.arrays[names[0]].shape
        places = np.indices(shape).reshape(len(shape), math.prod(shape))
        for along, index in zip(axes, places, strict=True):
            title = along.title
            if title in columns:
                title = f"{title} of {numbers.titles.get(names[0], names[0])}"
            columns[title] = [along.values[i] for i in index]
        for name in names:
            title = numbers.titles.get(name, name)
            cells = numbers.arrays[name].reshape(-1)
            columns[title] = [_cell(value) for value in cells]
    return _written(columns, numbers.origin)


def _alike(numbers: Numbers) -> list[list[str]]:
    """Give the names of arrays that share rows: of one shape, along the same axes.

    One whose axes are only counted goes with the first of its shape.
    """
    tables: list[list[str]] = []
    for name in numbers.arrays:
        table = next((one for one in tables if _fit(numbers, one, name)), None)
        if table is None:
            tables.append([name])
        else:
            table.append(name)
    return tables


def _fit(numbers: Numbers, table: list[str], name: str) -> bool:
    if numbers.arrays[table[0]].shape != numbers.arrays[name].shape:
        return False
    titled = [one for one in (*table, name) if one in numbers.axes]
    places = [
        [(along.title, list(along.values)) for along in _axes(numbers, one)]
        for one in titled
    ]
    return all(one == places[0] for one in places)


def _titled(axes: Sequence[Along]) -> bool:
    return any(not isinstance(along.values, range) for along in axes)


def _axes(numbers: Numbers, name: str) -> Sequence[Along]:
    shape = numbers.arrays[name].shape
    counted = [Along(title=f"index{i}", values=range(n)) for i, n in enumerate(shape)]
    return numbers.axes.get(name, counted)


def _csv_of_table(numbers: Numbers) -> bytes:
    """Write one table: titles, rows; a missing value is empty."""
    return _written(
        {title: _nested(column) for title, column in numbers.arrays.items()},
        numbers.origin,
    )


def _written(columns: Mapping[str, Sequence[Any]], origin: Mapping[str, Any]) -> bytes:
    """Write columns, and where they come from in the first cell of one more.

    A line of comment above would have to be skipped by whoever reads the table.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*columns, PROVENANCE])
    said = [json.dumps(origin, sort_keys=True)]
    writer.writerows(itertools.zip_longest(*columns.values(), said, fillvalue=""))
    return out.getvalue().encode()


def _cell(value: Any) -> str:
    number = float(value)
    return repr(number) if np.isfinite(number) else ""


def _npy_of_view(numbers: Numbers) -> bytes:
    """Write arrays as the fields of one record, with the places along titled axes.

    So ``np.load(file)["z"]`` is the array called z, in its shape.
    """
    fields = dict(numbers.arrays)
    for axes in numbers.axes.values():
        for along in axes:
            fields.setdefault(along.title, np.asarray(along.values))
    return _record(fields, numbers.origin)


def _npy_of_table(numbers: Numbers) -> bytes:
    """Write columns of equal length as the fields of one record."""
    return _record(numbers.arrays, numbers.origin)


def _record(fields: Mapping[str, np.ndarray], origin: Mapping[str, Any]) -> bytes:
    said = np.array(json.dumps(origin, sort_keys=True))
    whole = {**fields, PROVENANCE: said}
    kinds: Any = [(name, part.dtype, part.shape) for name, part in whole.items()]
    record: Any = np.zeros((), dtype=kinds)
    for name, part in whole.items():
        record[name] = part
    out = io.BytesIO()
    # Version 3: titles of columns are not all in Latin-1.
    np.lib.format.write_array(out, record, version=(3, 0), allow_pickle=False)
    return out.getvalue()


def _json(numbers: Numbers) -> bytes:
    """Write arrays as nested lists; a missing value is null."""
    plain = {name: _nested(array) for name, array in numbers.arrays.items()}
    written = json.dumps({"provenance": dict(numbers.origin), "arrays": plain})
    return written.encode()


def _nested(array: np.ndarray) -> Any:
    values = array.astype(object)
    if array.dtype.kind == "f":
        values[~np.isfinite(array)] = None
    return values.tolist()


CSV = NumberFormat(
    ending="csv",
    media_type="text/csv",
    of_view=_csv_of_view,
    of_table=_csv_of_table,
)
NPY = NumberFormat(
    ending="npy",
    media_type="application/octet-stream",
    of_view=_npy_of_view,
    of_table=_npy_of_table,
)
JSON = NumberFormat(
    ending="json",
    media_type="application/json",
    of_view=_json,
    of_table=_json,
)

NUMBER_FORMATS = (CSV, NPY, JSON)
"""Every format of numbers, in the order in which messages name them."""


def number_format(ending: str) -> NumberFormat:
    """Look a format up by an ending that came from outside.

    Raises
    ------
    ConfigError
        If there is none; the message lists those there are.
    """
    for known in NUMBER_FORMATS:
        if known.ending == ending:
            return known
    endings = ", ".join(known.ending for known in NUMBER_FORMATS)
    raise ConfigError(f"expected one of {endings}; got {ending[:20]!r}")
