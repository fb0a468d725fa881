"""Ranges in the guides: measured, and stated nowhere but in their table."""

import re
from pathlib import Path

import pytest

from grokdash.views import VIEWS
from grokdash.views.core import normal
from grokdash.views.core.normal import GROUPS, NORMAL, span, written

PAGE = Path(__file__).parents[2] / "docs" / "normal.md"
FIELDS = ("before", "after", "normal", "wrong")
NUMBER = re.compile(r"(?<![\w^.])\d+(?:,\d{3})*(?:\.\d+)?")
STATED = {
    "loss-curves": "0.1 30 26.6 1,420 0.1 7,930",  # a bound; a curve of Nanda et al.
    "accuracy-curves": "99 1 1 99",  # definitions
    "progress-measures": "4.73 113 4.08 59",  # ln p
    "loss-ratio": "1 1",
    "weight-norm": "1,781 955 942",  # expected of the initialisation; Nanda et al.
    "gini-curves": "0 1",
    "update-strip": "1",
    "logit-plane": "2 2 2 2",  # theory: four equal cells
    "key-rules": "2 1 2",  # theory: shares of a lookup table
    "logit-evolution": "1",
    "cosine-coefficients": "0 95",  # Nanda et al.
    "embedding-circle": "2 1",  # of random embeddings: analysis/test_embedding.py
    "circle-quality": "2 1 3 3 1 0 1",  # the same; a circle
    "token-similarity": "1 1 2",
    "attention-head": "1 3 0.1 0.4",  # three positions; Nanda et al.
    "attention-pair": "0.333 1 1",
    "attention-means": "0.1 0.4",  # Nanda et al.
    "attention-frequencies": "98 99",  # Nanda et al.
    "attention-score-spectrum": "1",
    "neuron-grid": "85 96",  # the threshold; theory: ReLU(cos a + cos b) has 0.9621
    "neuron-spectrum": "0 0 96 2",
    "neuron-scatter": "0 84.6 1 0.96 1",  # Nanda et al.; theory
    "neuron-clusters": "44 145 512 79",  # Nanda et al.
    "neuron-spectra": "85",
    "neuron-logit-map": "2",
    "margin-grid": "100",
    "offset-profile": "0 0 0",
    "confusion-offset": "0 0",
    "clock-pizza": "1 0.4 0.99 0.17 0.998 0.33 0.85 0.999",  # Zhong et al.
    "sum-difference": "2",
    "weight-fourier": "0.55",  # Nanda et al.
    "weight-singular": "10 5",  # Nanda et al.
    "embedding-pca-strip": "1",
}
"""Numbers that guides state by themselves: definitions, theory, and quoted ones."""


def measured_numbers():
    """Give every number that a guide may take from the table."""
    texts = [span(name) for name in NORMAL["quantities"]]
    return [text for text in texts if text]


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.id)
def test_a_guide_states_no_range_of_its_own(view):
    """What is left when measured ranges are taken out is listed with its source."""
    told = " ".join(getattr(view.guide, field) for field in FIELDS)
    for text in sorted(measured_numbers(), key=len, reverse=True):
        told = told.replace(text, "")

    assert NUMBER.findall(told) == STATED.get(view.id, "").split()


def test_ranges_are_written_as_they_are_read():
    quantity = {"form": "percent", "one": [0.391, 0.97, 7], "two": [0.5, 0.501, 2]}
    signed = {"form": "number", "one": [-0.0491, 0.93, 7], "two": [3.3e-5, 213.4, 2]}

    assert written(quantity, "one") == "39 to 97 %"
    assert written(quantity, "two") == "50 %"
    assert written(signed, "one") == "−0.049 to 0.93"
    assert written(signed, "two") == "3.3 × 10⁻⁵ to 213"
    assert (
        written({"form": "epoch", "one": [1110.0, 1700.0, 4]}, "one")
        == "1,110 to 1,700"
    )


def test_a_span_names_the_networks_it_was_measured_on(monkeypatch):
    table = {"x": {"form": "count", "unit": "keys", "released": [2.0, 5.0, 7]}}
    monkeypatch.setattr(normal, "NORMAL", {"quantities": table})

    assert span("x") == f"2 to 5 keys ({GROUPS['released']})"


def test_page_shows_the_table():
    page = PAGE.read_text(encoding="utf-8")

    for quantity in NORMAL["quantities"].values():
        line = next(
            line
            for line in page.splitlines()
            if line.replace("\\|", "|").startswith(f"| {quantity['title']}")
        )
        for group in GROUPS:
            if group in quantity:
                assert f" {written(quantity, group)} |" in line
    for group, names in NORMAL["sources"].items():
        assert all(name in page for name in names), group


def test_ranges_are_of_enough_networks():
    """Both presets, and all that was trained: a run that did not grok is named."""
    counts = {group: len(names) for group, names in NORMAL["sources"].items()}
    seen = [text for text in NORMAL["left_out"] if "not grokked" in text]

    assert counts["released"] >= 5
    assert min(counts["nanda"], counts["quick"]) > 0
    assert counts["nanda"] + counts["quick"] + len(seen) >= 20
