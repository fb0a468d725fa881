"""docs/measured.md: what it says of rounding twins is in the tables of the twins."""

import re
from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs" / "measured.md"


def tables():
    """Give the tables that docs/twins.py wrote: outcomes, shares, distances."""
    text = PAGE.read_text(encoding="utf-8").split("<!-- Made by docs/twins.py. -->")[1]
    found = []
    for block in re.findall(
        r"(?:^\|.*\n)+", text.split("<!-- End. -->")[0], re.MULTILINE
    ):
        rows = [
            [cell.strip() for cell in line.strip("|").split("|")]
            for line in block.splitlines()
        ]
        found.append([dict(zip(rows[0], row, strict=True)) for row in rows[2:]])
    return found


def number(text):
    return float(text.split(" ")[0].replace(",", ""))


def test_three_frequencies_lead_in_every_twin_from_epoch_2000():
    _, shares, _ = tables()
    for row in shares:
        if number(row["epoch"]) >= 2000:
            leading = [number(row[f"k = {k}, %"]) for k in (14, 42, 52)]
            assert min(leading) > number(row["strongest other, %"])
        if 1000 <= number(row["epoch"]) <= 9000:
            assert number(row["k = 35, %"]) < 1


def test_every_twin_ends_with_the_frequencies_of_the_initialisation():
    outcomes, _, _ = tables()

    assert len(outcomes) >= 2
    for row in outcomes:
        keys = set(map(int, row["key frequencies"].split(",")))
        assert {14, 35, 42, 52} <= keys <= {14, 35, 41, 42, 52, 55}


def test_weights_of_twins_are_a_third_of_their_norm_apart_by_epoch_1000():
    outcomes, _, distances = tables()
    start, early = (
        next(row for row in distances if row["epoch"] == epoch)
        for epoch in ("0", "1,000")
    )
    others = [row["run"] for row in outcomes[1:]]

    assert all(number(start[run]) < 1e-8 for run in others)
    assert all(0.25 < number(early[run]) < 0.42 for run in others)
