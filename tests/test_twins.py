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
        if number(row["epoch"]) <= 7000:
            late = [number(row[f"k = {k}, %"]) for k in (35, 41)]
            assert max(late) < 1


def test_every_twin_ends_with_the_frequencies_of_the_initialisation():
    outcomes, _, _ = tables()

    assert len(outcomes) >= 2
    for row in outcomes:
        keys = set(map(int, row["key frequencies"].split(",")))
        assert {14, 35, 42, 52} <= keys <= {14, 35, 41, 42, 52, 55}


def test_twins_grok_a_thousand_epochs_apart_and_end_with_a_factor_of_ten():
    outcomes, _, _ = tables()
    epochs = [number(row["grokked"].rpartition(" ")[2]) for row in outcomes]
    losses = [number(row["test loss at the end"]) for row in outcomes]

    assert max(epochs) - min(epochs) > 1000
    assert max(losses) / min(losses) > 10


def test_twins_differ_in_which_head_follows_which_frequency():
    outcomes, _, _ = tables()
    heads = [row["frequency of each head"] for row in outcomes]

    assert len(set(heads)) > 1


def test_neurons_of_a_frequency_differ_between_twins():
    outcomes, _, _ = tables()
    counts = [
        dict(map(int, one.split(": ")) for one in row["neurons per key"].split(", "))
        for row in outcomes
    ]
    shared = set.intersection(*map(set, counts))
    spreads = [
        max(one[k] for one in counts) - min(one[k] for one in counts) for k in shared
    ]

    assert f"differs by up to {max(spreads)}." in PAGE.read_text("utf-8")


def test_weights_of_twins_are_a_quarter_to_a_third_apart_by_epoch_1000():
    outcomes, _, distances = tables()
    start, early = (
        next(row for row in distances if row["epoch"] == epoch)
        for epoch in ("0", "1,000")
    )
    others = [row["run"] for row in outcomes[1:]]

    assert all(number(start[run]) < 1e-8 for run in others)
    assert all(0.225 < number(early[run]) < 0.375 for run in others)
