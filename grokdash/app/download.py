"""The numbers behind a panel as files: CSV, NPY and JSON, each with its provenance."""

import csv
import io
import json
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from flask import Response

from grokdash.contract.pictures import Provenance
from grokdash.errors import ConfigError
from grokdash.views import Drawing, View
from grokdash.views.core.render import read_fields

_TYPES = {
    "csv": "text/csv",
    "npy": "application/octet-stream",
    "json": "application/json",
}


def provenance(drawing: Drawing, view: View) -> Provenance:
    """Say where numbers come from: run, configuration, epoch, selection, link."""
    run, selection = drawing.run, drawing.selection
    picked = selection.query(read_fields(view, styles=False))
    parameters = "&".join(f"{name}={value}" for name, value in picked.items())
    link = f"/run/{run.id}?e={drawing.step}" + (f"&{parameters}" if parameters else "")
    return Provenance(
        run=run.id,
        config=run.config.hash(),
        view=view.id,
        epoch=drawing.step,
        selection=picked,
        permalink=link,
    )


def file_name(drawing: Drawing, view: View, kind: str) -> str:
    """Name a file after the run, the view and the epoch."""
    return f"{drawing.run.id}__{view.id}__e{drawing.step:06d}.{kind}"


def download(drawing: Drawing, view: View, kind: str) -> Response:
    """Make the file.

    Raises
    ------
    ConfigError
        If the kind is none of csv, npy and json.
    """
    origin = provenance(drawing, view)
    arrays = {name: np.asarray(array) for name, array in drawing.arrays.items()}
    if checked_kind(kind) == "csv":
        body: str | bytes = as_csv(arrays, origin)
    elif kind == "npy":
        body = as_npy(arrays, view)
    else:
        body = as_json(arrays, origin)
    return attachment(body, file_name(drawing, view, kind))


def download_table(
    table: Mapping[str, np.ndarray], origin: Mapping[str, Any], stem: str, kind: str
) -> Response:
    """Make a file of columns of equal length.

    Raises
    ------
    ConfigError
        If the kind is none of csv, npy and json.
    """
    if checked_kind(kind) == "csv":
        rows = zip(*map(_nested, table.values()), strict=True)
        body: str | bytes = as_rows(list(table), rows, origin)
    elif kind == "npy":
        body = as_records(table)
    else:
        body = as_json(table, origin)
    return attachment(body, f"{stem}.{kind}")


def checked_kind(kind: str) -> str:
    """Give the kind of file as it came from outside.

    Raises
    ------
    ConfigError
        If it is none of csv, npy and json.
    """
    if kind not in _TYPES:
        raise ConfigError(f"expected one of {', '.join(_TYPES)}; got {kind[:20]!r}")
    return kind


def attachment(body: str | bytes, name: str) -> Response:
    """Answer with a file to be saved; the ending of its name says what it is."""
    response = Response(body, mimetype=_TYPES[name.rpartition(".")[2]])
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-cache"
    return response


def as_csv(arrays: Mapping[str, np.ndarray], origin: Mapping[str, Any]) -> str:
    """Write arrays as one table: a comment line, then tables by common shape.

    Arrays of the same shape share a table whose first columns are the indices, so one
    row is one cell; scalars come first as a table of one row. A missing value is empty.
    """
    out, writer = _commented(origin)
    shapes: dict[tuple[int, ...], list[str]] = {}
    for name, array in arrays.items():
        shapes.setdefault(array.shape, []).append(name)
    for number, (shape, names) in enumerate(shapes.items()):
        if number:
            out.write("\n")
        axes = [f"index{axis}" for axis in range(len(shape))]
        writer.writerow([*axes, *names])
        for index in np.ndindex(*shape):
            writer.writerow([*index, *(_cell(arrays[name][index]) for name in names)])
    return out.getvalue()


def as_rows(
    names: Iterable[str], rows: Iterable[Iterable[Any]], origin: Mapping[str, Any]
) -> str:
    """Write one table: a comment line, the names, the rows; None is empty."""
    out, writer = _commented(origin)
    writer.writerow(names)
    writer.writerows(rows)
    return out.getvalue()


def _commented(origin: Mapping[str, Any]) -> tuple[io.StringIO, Any]:
    out = io.StringIO()
    out.write(f"# grokdash {json.dumps(origin, sort_keys=True)}\n")
    return out, csv.writer(out, lineterminator="\n")


def _cell(value: Any) -> str:
    number = float(value)
    return repr(number) if np.isfinite(number) else ""


def as_npy(arrays: Mapping[str, np.ndarray], view: View) -> bytes:
    """Write what the view draws in NumPy's format.

    Several arrays of one shape, such as the x and y of points, are stacked in this
    order along a new first axis; of several shapes only the first is written.
    """
    names = list(dict.fromkeys(view.scrub.values())) or list(arrays)
    first = arrays[names[0]]
    alike = [arrays[name] for name in names if arrays[name].shape == first.shape]
    out = io.BytesIO()
    np.save(out, np.stack(alike) if len(alike) > 1 else first, allow_pickle=False)
    return out.getvalue()


def as_records(table: Mapping[str, np.ndarray]) -> bytes:
    """Write columns of equal length in NumPy's format, as an array of records."""
    fields = [(title, column.dtype) for title, column in table.items()]
    count = len(next(iter(table.values())))
    records = np.empty(count, dtype=fields)
    for title, column in table.items():
        records[title] = column
    out = io.BytesIO()
    # Version 3: titles of columns are not all in Latin-1.
    np.lib.format.write_array(out, records, version=(3, 0), allow_pickle=False)
    return out.getvalue()


def as_json(arrays: Mapping[str, np.ndarray], origin: Mapping[str, Any]) -> str:
    """Write arrays as nested lists; a missing value is null."""
    plain = {name: _nested(array) for name, array in arrays.items()}
    return json.dumps({"provenance": dict(origin), "arrays": plain})


def _nested(array: np.ndarray) -> Any:
    values = array.astype(object)
    if array.dtype.kind == "f":
        values[~np.isfinite(array)] = None
    return values.tolist()
