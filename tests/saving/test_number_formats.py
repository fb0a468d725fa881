"""Formats of numbers: what is written is read back by a reader that is not ours."""

import csv
import io
import json

import numpy as np
import pytest

from grokdash.errors import ConfigError
from grokdash.saving.number_formats import (
    CSV,
    NPY,
    NUMBER_FORMATS,
    Along,
    Numbers,
    number_format,
)

ORIGIN = {"run": "r", "epoch": 4}
MAP = np.array([[0.1, np.nan, -2.0], [3.5, 1e-9, 7.0]])
TABLE = {
    "run": np.array(["a,b", "ü"]),
    "grok after": np.array([20.0, np.nan]),
    "keys ≥ 1": np.array([3, 4]),
}


def rows_of(content):
    rows = list(csv.DictReader(content.decode().splitlines()))
    assert json.loads(rows[0]["provenance"]) == ORIGIN
    assert not any(row.pop("provenance") for row in rows[1:])
    del rows[0]["provenance"]
    return rows


def csv_map(content):
    cells = [row["z"] for row in rows_of(content)]
    return np.reshape([float(cell) if cell else np.nan for cell in cells], MAP.shape)


def csv_table(content):
    rows = rows_of(content)
    return {title: [row[title] for row in rows] for title in rows[0]}


def npy(content):
    record = np.load(io.BytesIO(content), allow_pickle=False)
    fields = {name: record[name] for name in record.dtype.names}
    assert json.loads(str(fields.pop("provenance"))) == ORIGIN
    return fields


def npy_table(content):
    return {title: column.tolist() for title, column in npy(content).items()}


def json_arrays(content):
    found = json.loads(content)
    assert found["provenance"] == ORIGIN
    return found["arrays"]


READERS = {
    "csv": (csv_map, csv_table),
    "npy": (lambda content: npy(content)["z"], npy_table),
    "json": (
        lambda content: np.array(json_arrays(content)["z"], dtype=float),
        json_arrays,
    ),
}
"""By ending: what reads the array of a view, and the columns of a table."""

every_format = pytest.mark.parametrize(
    "known", NUMBER_FORMATS, ids=lambda known: known.ending
)


def as_text(cell):
    missing = cell is None or cell != cell  # noqa: PLR0124 - only NaN differs from itself
    return "" if missing else str(cell)


@every_format
def test_an_array_is_read_back_exactly(known):
    read, _ = READERS[known.ending]
    numbers = Numbers(arrays={"z": MAP}, origin=ORIGIN)

    assert np.array_equal(read(known.of_view(numbers)), MAP, equal_nan=True)


@every_format
def test_a_table_is_read_back_with_its_titles(known):
    _, read = READERS[known.ending]
    found = read(known.of_table(Numbers(arrays=TABLE, origin=ORIGIN)))

    assert list(found) == list(TABLE)
    for title, column in TABLE.items():
        expected = [as_text(cell) for cell in column.tolist()]
        assert [as_text(cell) for cell in found[title]] == expected


def test_no_two_formats_have_one_ending():
    endings = [known.ending for known in NUMBER_FORMATS]

    assert len(endings) == len(set(endings))


def test_unknown_ending_names_the_known_ones():
    endings = ", ".join(known.ending for known in NUMBER_FORMATS)

    with pytest.raises(ConfigError, match=f"expected one of {endings}; got 'exe'"):
        number_format("exe")


def test_arrays_over_different_axes_stand_beside_each_other_in_one_table():
    places = [Along(title="a", values=[5, 6])]
    arrays = {
        "x": np.arange(2.0),
        "y": np.ones(2),
        "n": np.arange(3.0),
        "one": np.array(7),
    }
    numbers = Numbers(arrays=arrays, origin=ORIGIN, axes={"y": places})

    rows = rows_of(CSV.of_view(numbers))

    assert [list(row.values()) for row in rows] == [
        ["5", "0.0", "1.0", "0", "0.0", "7.0"],
        ["6", "1.0", "1.0", "1", "1.0", ""],
        ["", "", "", "2", "2.0", ""],
    ]
    assert list(rows[0]) == ["a", "x", "y", "index0", "n", "one"]


def test_places_along_titled_axes_are_fields():
    axes = [Along(title="a", values=[0, 1]), Along(title="b", values=[5, 6, 7])]
    numbers = Numbers(arrays={"z": MAP}, origin=ORIGIN, axes={"z": axes})

    assert npy(NPY.of_view(numbers))["b"].tolist() == [5, 6, 7]


def test_pandas_and_numpy_read_what_is_saved_without_options():
    pandas = pytest.importorskip("pandas")
    numbers = Numbers(arrays={"z": MAP}, origin=ORIGIN)

    frame = pandas.read_csv(io.BytesIO(CSV.of_view(numbers)))
    table = pandas.read_csv(
        io.BytesIO(CSV.of_table(Numbers(arrays=TABLE, origin=ORIGIN)))
    )

    assert list(frame.columns) == ["index0", "index1", "z", "provenance"]
    assert np.array_equal(frame["z"].to_numpy(), MAP.reshape(-1), equal_nan=True)
    assert json.loads(frame["provenance"][0]) == ORIGIN
    assert table["grok after"].to_list()[0] == 20.0
