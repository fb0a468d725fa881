"""Formats of numbers: what is written is read back by a reader that is not ours."""

import csv
import io
import json

import numpy as np
import pytest

from grokdash.errors import ConfigError
from grokdash.export.number_formats import NUMBER_FORMATS, Numbers, number_format

ORIGIN = {"run": "r", "epoch": 4}
MAP = np.array([[0.1, np.nan, -2.0], [3.5, 1e-9, 7.0]])
TABLE = {
    "run": np.array(["a,b", "ü"]),
    "grok after": np.array([20.0, np.nan]),
    "keys ≥ 1": np.array([3, 4]),
}


def rows_of(content):
    first, *lines = content.decode().splitlines()
    assert json.loads(first.removeprefix("# grokdash ")) == ORIGIN
    return list(csv.DictReader(lines))


def csv_map(content):
    cells = [row["z"] for row in rows_of(content)]
    return np.reshape([float(cell) if cell else np.nan for cell in cells], MAP.shape)


def csv_table(content):
    rows = rows_of(content)
    return {title: [row[title] for row in rows] for title in rows[0]}


def npy(content):
    return np.load(io.BytesIO(content), allow_pickle=False)


def npy_table(content):
    records = npy(content)
    return {title: records[title].tolist() for title in records.dtype.names}


def json_arrays(content):
    found = json.loads(content)
    assert found["provenance"] == ORIGIN
    return found["arrays"]


READERS = {
    "csv": (csv_map, csv_table),
    "npy": (npy, npy_table),
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
    numbers = Numbers(arrays={"z": MAP}, origin=ORIGIN, drawn=("z",))

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
