"""Formats of numbers: each is one value, and whatever saves numbers walks the list.

An import of this module loads neither plotly nor the views, so that the help of the
command line can name the formats.
"""

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from grokdash.errors import ConfigError


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
    drawn
        Names of the arrays that a picture draws, in its order; if there are none, all
        count.
    titles
        What arrays are called in a table, where that is not their name.
    axes
        What the axes of arrays are, by the names of the arrays; others are counted.
    """

    arrays: Mapping[str, np.ndarray]
    origin: Mapping[str, Any]
    drawn: Sequence[str] = ()
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
    """Write arrays as one table: a comment line, then tables by common axes.

    Arrays over the same axes share a table whose first columns are the places along
    them, so one row is one cell; scalars come first as a table of one row. A missing
    value is empty.
    """
    out, writer = _commented(numbers.origin)
    tables: dict[tuple[Any, ...], list[str]] = {}
    for name, array in numbers.arrays.items():
        heads = tuple(along.title for along in _axes(numbers, name))
        tables.setdefault((array.shape, heads), []).append(name)
    for number, ((shape, heads), names) in enumerate(tables.items()):
        if number:
            out.write("\n")
        writer.writerow([*heads, *(numbers.titles.get(name, name) for name in names)])
        axes = _axes(numbers, names[0])
        for index in np.ndindex(*shape):
            places = (along.values[i] for along, i in zip(axes, index, strict=True))
            cells = (_cell(numbers.arrays[name][index]) for name in names)
            writer.writerow([*places, *cells])
    return out.getvalue().encode()


def _axes(numbers: Numbers, name: str) -> Sequence[Along]:
    shape = numbers.arrays[name].shape
    counted = [Along(title=f"index{i}", values=range(n)) for i, n in enumerate(shape)]
    return numbers.axes.get(name, counted)


def _csv_of_table(numbers: Numbers) -> bytes:
    """Write one table: a comment line, titles, rows; a missing value is empty."""
    out, writer = _commented(numbers.origin)
    writer.writerow(numbers.arrays)
    writer.writerows(zip(*map(_nested, numbers.arrays.values()), strict=True))
    return out.getvalue().encode()


def _commented(origin: Mapping[str, Any]) -> tuple[io.StringIO, Any]:
    out = io.StringIO()
    out.write(f"# grokdash {json.dumps(origin, sort_keys=True)}\n")
    return out, csv.writer(out, lineterminator="\n")


def _cell(value: Any) -> str:
    number = float(value)
    return repr(number) if np.isfinite(number) else ""


def _npy_of_view(numbers: Numbers) -> bytes:
    """Write what the view draws in NumPy's format.

    Several arrays of one shape, such as the x and y of points, are stacked in this
    order along a new first axis; of several shapes only the first is written.
    """
    drawn = [numbers.arrays[name] for name in numbers.drawn or numbers.arrays]
    alike = [array for array in drawn if array.shape == drawn[0].shape]
    out = io.BytesIO()
    np.save(out, np.stack(alike) if len(alike) > 1 else drawn[0], allow_pickle=False)
    return out.getvalue()


def _npy_of_table(numbers: Numbers) -> bytes:
    """Write columns of equal length in NumPy's format, as an array of records."""
    table = numbers.arrays
    fields = [(title, column.dtype) for title, column in table.items()]
    count = len(next(iter(table.values())))
    records = np.empty(count, dtype=fields)
    for title, column in table.items():
        records[title] = column
    out = io.BytesIO()
    # Version 3: titles of columns are not all in Latin-1.
    np.lib.format.write_array(out, records, version=(3, 0), allow_pickle=False)
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
