"""docs/findings: a page per shipped sweep, and every number in it is in its runs."""

import csv
import re
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

from grokdash.analysis.survival import association, power_law, rank_test
from grokdash.sweeps.plan import find_sweep, read_sweep, shipped

FINDINGS = Path(__file__).parents[1] / "docs" / "findings"
NAMES = sorted(
    name for name in shipped() if not name.endswith("-small") and name != "twins"
)
"""All but the twins, whose page is docs/measured.md."""


def page(name):
    return (FINDINGS / f"{name}.md").read_text(encoding="utf-8")


def tables(name):
    """Give the tables that docs/findings.py wrote, as lists of dictionaries."""
    made = page(name).split("<!-- Made by docs/findings.py. -->")[1]
    made = made.split("<!-- End. -->")[0]
    found = []
    for block in re.findall(r"(?:^\|.*\n)+", made, flags=re.MULTILINE):
        rows = [
            [cell.strip() for cell in line.strip("|").split("|")]
            for line in block.splitlines()
        ]
        found.append([dict(zip(rows[0], row, strict=True)) for row in rows[2:]])
    return found


def runs(name):
    with (FINDINGS / f"{name}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def as_label(value):
    """Write a value of the CSV as the tables write it."""
    try:
        number = float(value)
    except ValueError:
        return {"True": "yes", "False": "no"}.get(value, value.replace("_", " "))
    return f"{number:g}"


def grok_epochs(rows):
    """Give grok epochs in ascending order; infinite where a run has none."""
    return sorted(float(row["grok until"] or "inf") for row in rows)


def number(text):
    return float("inf") if text == "not reached" else float(text.replace(",", ""))


@pytest.mark.parametrize("name", NAMES)
def test_page_shows_the_runs_of_its_sweep(name):
    sweep = read_sweep(find_sweep(f"{name}-small"))

    planned = sorted(config.run_id() for config in sweep.configs)
    assert sorted(row["run"] for row in runs(name)) == planned
    assert {row["state"] for row in runs(name)} == {"finished"}
    assert f"]({name}.svg)" in page(name)
    assert f"]({name}.csv)" in page(name)


@pytest.mark.parametrize("name", NAMES)
def test_counts_and_medians_follow_from_the_runs(name):
    """All runs that do not grok end at one epoch: the median is the middle run."""
    values = tables(name)[0]
    keys = list(values[0])[: list(values[0]).index("grok")]
    groups = defaultdict(list)
    for row in runs(name):
        groups[tuple(as_label(row[key]) for key in keys)].append(row)

    assert len({row["within"] for row in runs(name)}) == 1
    assert {tuple(as_label(row[key]) for key in keys) for row in values} == set(groups)
    for row in values:
        members = groups[tuple(as_label(row[key]) for key in keys)]
        times = grok_epochs(members)
        grokked = sum(np.isfinite(times))
        assert row["grok"] == f"{grokked} of {len(members)}"
        assert number(row["median grok epoch"]) == np.median(times)
        counts = [int(one["key frequencies"]) for one in members]
        low, _, high = row["key frequencies"].partition(" to ")
        assert (int(low), int(high or low)) == (min(counts), max(counts))


PLAIN = [n for n in NAMES if len(tables(n)) == 2 and list(tables(n)[0][0])[1] == "grok"]
"""Pages of one quantity, whose tests need no strata."""


@pytest.mark.parametrize("name", PLAIN)
def test_p_values_follow_from_the_runs(name):
    values, tests = tables(name)
    key = next(iter(values[0]))
    for row in tests:
        both = [
            [one for one in runs(name) if as_label(one[key]) == as_label(row[side])]
            for side in (key, "and")
        ]
        merged = [*both[0], *both[1]]
        observed = np.array([bool(one["grok until"]) for one in merged])
        times = np.array([float(one["grok until"] or one["within"]) for one in merged])
        first = np.arange(len(merged)) < len(both[0])
        found = rank_test(times, observed, first)
        assert float(row["p"]) == pytest.approx(found.p_value, rel=0.01)


NUMBER = re.compile(r"(?<![\w.])[−-]?\d+(?:,\d{3})*(?:\.\d+)?(?:e[−-]?\d+)?")
ELSEWHERE = {
    "bias": {"2.5": "quoted"},
    "depth": {"1e-4": "bound", "3e-7": "bound"},
    "effective-regularisation": {"0.014": "claim"},
    "learning-rate": {
        "99": "definition",
        "1e-6": "bound",
        "18,400": "quoted",
    },
    "multi-seed": {"512": "quoted", "113": "quoted"},
    "operation": {
        "58": "order of the group",
        "59": "order of the group",
        "95": "quoted",
        "350": "first touch, not in the CSV",
        "400": "first touch, not in the CSV",
        "1.7": "chance",
    },
    "precision": {"75,000": "claim", "4,000": "claim"},
    "prime": {"37": "bound", "45": "train fraction"},
    "train-fraction": {
        "99": "definition",
        "150": "of training pairs, not in the CSV",
        "200": "of training pairs, not in the CSV",
    },
    "weight-decay": {
        "14,000": "claim",
        "46,000": "claim",
        "23,900": "quoted",
        "40,000": "quoted",
        "15": "number of pairs of values",
    },
}
"""Numbers of the prose that no table and no CSV file has, and what they are.

"quoted" are the earlier project's, "bound" and "claim" are tested in ``CLAIMS``.
"""


def said(name):
    """Give the prose below the tables as one line."""
    return " ".join(page(name).split("<!-- End. -->")[1].split())


def as_number(text):
    return float(text.replace(",", "").replace("−", "-"))


def numbers_of(name):
    """Give all numbers of the tables and of the CSV file, shares as per cent too."""
    made = page(name).split("<!-- Made")[1].split("<!-- End")[0]
    found = {as_number(text) for text in NUMBER.findall(made)}
    for row in runs(name):
        for column, text in row.items():
            if NUMBER.fullmatch(text):
                found.add(as_number(text))
                if column.endswith("accuracy"):
                    found.add(100 * as_number(text))
    return np.abs(list(found))


@pytest.mark.parametrize("name", NAMES)
def test_numbers_of_the_prose_are_in_the_tables_or_listed(name):
    known = numbers_of(name)
    missing = set()
    for text in NUMBER.findall(said(name)):
        value = abs(as_number(text))
        places = len(text.partition(".")[2]) if "e" not in text else 0
        room = 0.1 * value if "e" in text else 0.5000001 * 10.0**-places
        if not (np.abs(known - value) <= room).any():
            missing.add(text)

    assert missing == set(ELSEWHERE.get(name, {}))


def column(rows, name):
    return np.array([float(row[name]) for row in rows])


def pick(name, **values):
    """Give the runs of a page with these values; underscores stand for spaces."""
    wanted = {
        key if key.startswith("d_") else key.replace("_", " "): value
        for key, value in values.items()
    }
    return [
        row
        for row in runs(name)
        if all(as_label(row[key]) == value for key, value in wanted.items())
    ]


def law(name, quantity):
    rows = runs(name)
    observed = np.array([bool(row["grok until"]) for row in rows])
    times = np.array([float(row["grok until"] or row["within"]) for row in rows])
    return power_law(column(rows, quantity), times, observed)


def grokked(rows):
    return sum(bool(row["grok until"]) for row in rows)


def count(number):
    return ("none", "one", "two", "three", "four", "five", "six")[number]


def decay(value):
    found = law("weight-decay", "weight decay")
    return f"{round(found.scale * value**found.slope, -3):,.0f}"


def higher_rate_at_equal_product():
    """Give the p value of a trend over the learning rates within the two products."""
    rows = runs("effective-regularisation")
    product = [round(float(row["weight decay × learning rate"]), 3) for row in rows]
    rate = column(rows, "learning rate")
    place = [
        sorted({r for r, q in zip(rate, product, strict=True) if q == one}).index(own)
        for own, one in zip(rate, product, strict=True)
    ]
    observed = np.array([bool(row["grok until"]) for row in rows])
    times = np.array([float(row["grok until"] or row["within"]) for row in rows])
    found = association(times, observed, np.array(place), product, ordered=True)
    return f"{found.p_value:.2g}"


def slope(name, quantity):
    found = law(name, quantity)
    return f"−{abs(found.slope):.2f} ± {found.error:.2f}"


def highest(rows):
    return column(rows, "highest train loss from epoch 2,000")


def median_loss(rows):
    return column(rows, "median train loss from epoch 2,000")


def broken(rows, bound):
    return count(int((highest(rows) > bound).sum()))


def ungrokked_accuracy(rows):
    return 100 * column([row for row in rows if not row["grok until"]], "test accuracy")


def times_longer(name, quantity, factor):
    return count(round(factor ** law(name, quantity).slope))


def two_layers():
    return np.sort(highest(pick("depth", layers="2")))


def claims():
    """Give sentences of the prose with what the runs say filled in."""
    rates = {r: pick("learning-rate", learning_rate=r) for r in ("0.003", "0.01")}
    squares = ungrokked_accuracy(pick("operation", operation="sum of squares"))
    single, double = (
        pick("precision", loss_dtype=one, beta2="0.98")
        for one in ("float32", "float64")
    )
    factor = round(highest(single).min() / highest(double).max(), -3)
    slow = median_loss(pick("precision", loss_dtype="float64", beta2="0.999"))
    narrow = pick("head-width", d_model="16")
    by_heads = {
        n: pick("head-width", heads=n, d_model=d) for n, d in (("2", "32"), ("4", "64"))
    }
    return {
        "train-fraction": [
            f"an exponent of {slope('train-fraction', 'train fraction')}",
            (
                "by the same law need "
                f"{times_longer('train-fraction', 'train fraction', 0.3 / 0.4)} times"
            ),
            (
                f"{count(grokked(pick('train-fraction', train_fraction='0.4')))} of "
                "five runs by 5,000"
            ),
        ],
        "weight-decay": [
            f"slope is {slope('weight-decay', 'weight decay')}",
            f"some {decay(0.3)} and one at 0.1 some {decay(0.1)}",
            "eleven of thirty" if 30 - grokked(runs("weight-decay")) == 11 else "?",
        ],
        "effective-regularisation": [
            (
                "a power law of "
                f"{slope('effective-regularisation', 'weight decay × learning rate')}"
            ),
            f"p = {higher_rate_at_equal_product()}; it was made after",
        ],
        "prime": [
            (
                f"p^−{-law('prime', 'modulus p').slope:.1f} ± "
                f"{law('prime', 'modulus p').error:.1f}"
            ),
            f"{count(grokked(pick('prime', modulus_p='43')))} of five runs grok",
        ],
        "depth": [
            (
                f"of {count(int((two_layers() > 1).sum()))} of six two-layer runs "
                f"still jumps to {two_layers()[-1]:.1f} nats"
            ),
        ],
        "learning-rate": [
            f"of {broken(rates['0.01'], 2)} of the five runs at 0.01 jumps above 2",
            (
                f"of {broken(rates['0.003'], 1)} of the five at 0.003 to "
                f"{highest(rates['0.003']).max():.1f}"
            ),
            f"exponent about −{-law('learning-rate', 'learning rate').slope:.1f}",
        ],
        "operation": [
            f"the others end between {squares.min():.1f} and {squares.max():.1f} %",
        ],
        "precision": [
            f"a factor of {factor:,.0f} and more",
            f"{slow.min():.0e} to {slow.max():.0e} with".replace("e-04", "e-4"),
            f"some {round(np.median(slow) / np.median(median_loss(double)), -3):,.0f}",
        ],
        "head-width": [
            (
                f"{100 * column(narrow, 'test accuracy').min():.0f} to "
                f"{100 * column(narrow, 'test accuracy').max():.0f} %"
            ),
            (
                f"{count(grokked(by_heads['2']))} of three with two heads is and "
                f"{count(grokked(by_heads['4']))} of three with four"
            ),
        ],
        "heads-primes": [
            (
                "At 43 "
                f"{count(grokked(pick('heads-primes', modulus_p='43')))} of six runs do"
            ),
        ],
        "multi-seed": [
            (
                f"{count(3 - grokked(pick('multi-seed', modulus_p='43', heads='1')))} "
                "of three one-head runs do not grok"
            ),
        ],
        "heads": [
            f"{count(grokked(pick('heads', heads='1'))).capitalize()} of five one-head",
        ],
    }


def test_claims_are_what_the_runs_say():
    for name, sentences in claims().items():
        for sentence in sentences:
            assert sentence in said(name), name


def test_bounds_hold():
    one_layer, rates = highest(pick("depth", layers="1")), runs("learning-rate")
    low = [row for row in rates if float(row["learning rate"]) < 0.002]

    assert one_layer.max() < 3e-7
    assert two_layers()[-2] < 1e-4
    assert highest(low).max() < 1e-6
    assert column(pick("prime", modulus_p="23"), "test accuracy").max() < 0.37


def test_index_gives_the_slopes_of_the_pages():
    assert slope("weight-decay", "weight decay") in page("index")


def test_index_names_every_page():
    assert sorted(re.findall(r"\]\(([a-z-]+)\.md\)", page("index"))) == NAMES
