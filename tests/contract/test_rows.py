"""Rows of the list of runs: what came of a run, and the words of its interval."""

import json
from dataclasses import fields

import pytest

from grokdash.analysis.cross_split import MEMORISING
from grokdash.config import make_config
from grokdash.contract.listing import RunRow
from grokdash.contract.rows import run_row
from grokdash.store import RunSummary

DONE = {"id": "x", "state": "finished", "step": 20_000, "epochs": 20_000}


def row(**values):
    return run_row(RunSummary(**DONE | values))


@pytest.mark.parametrize(
    ("values", "outcome"),
    [
        ({"problem": "gone", "state": "diverged"}, "broken"),
        ({"state": "diverged", "grok_end": 9.0}, "diverged"),
        ({"grok_state": "collapsed"}, "collapses"),
        ({"grok_end": 0.0, "state": "running"}, "generalises"),
        ({"state": "running", "train_accuracy": 1.0}, "not yet"),
        ({"state": "interrupted"}, "not yet"),
        ({"train_accuracy": 0.99}, "memorises only"),
        ({"train_accuracy": 0.98}, "neither"),
        ({"train_accuracy": None}, "neither"),
    ],
)
def test_the_outcome_is_what_the_list_can_know(values, outcome):
    assert row(**values)["outcome"] == outcome


@pytest.mark.parametrize(
    ("values", "text", "hint"),
    [
        ({}, "", ""),
        (
            {"grok_state": "grokked", "grok_start": 9400.0, "grok_end": 9500.0},
            "9,400–9,500",
            "between the evaluated epochs 9,400 and 9,500",
        ),
        (
            {"grok_start": 0.0, "grok_end": 1500.0},
            "0–1,500",
            "between the evaluated epochs 0 and 1,500",
        ),
        ({"grok_end": 9500.0}, "9,500", "at the evaluated epoch 9,500"),
        (
            {"grok_start": 9500.0, "grok_end": 9500.0},
            "9,500",
            "at the evaluated epoch 9,500",
        ),
        (
            {"grok_state": "collapsed"},
            "collapsed",
            "test accuracy reached 99 % and fell again",
        ),
        ({"grok_state": "not within"}, "", "not within 20,000"),
        (
            {"grok_state": "not within", "step": 1200},
            "",
            "not yet at epoch 1,200",
        ),
    ],
)
def test_the_interval_is_written_short_and_told_in_words(values, text, hint):
    found = row(**values)

    assert (found["grok_text"], found["grok_hint"]) == (text, hint)


def test_what_is_no_number_and_what_is_not_known_is_none():
    found = row(
        problem="damaged", test_loss=float("nan"), grok_end=float("inf"), seed=3
    )

    json.dumps(found, allow_nan=False)
    for name in ("test_loss", "grok_end", "seed", "weight_decay", "p", "lr"):
        assert found[name] is None
    assert found["state"] == "broken"
    assert found["title"] == "x"


def test_a_run_is_called_what_it_is_until_somebody_names_it():
    settings = {"operation": "add", "p": 59, "weight_decay": 2.0, "seed": 3}
    bare, named = row(**settings), row(**settings, title="Mine")
    config = make_config("quick", seed=3)

    assert (bare["title"], bare["name"]) == (config.title, "")
    assert bare["title"] == "a + b mod 59, weight decay 2, seed 3"
    assert (named["title"], named["name"]) == ("Mine", "Mine")


def test_a_row_has_every_field_of_the_summary_but_what_its_words_say():
    names = {one.name for one in fields(RunSummary)}

    assert names - set(RunRow.__annotations__) == {
        "grok_state",
        "key_rule",
        "memorising",
    }


@pytest.mark.parametrize(
    ("values", "text", "hint"),
    [
        ({}, "", ""),
        ({"key_frequencies": (3, 5), "key_rule": "cross-split"}, "2", "3 5"),
        (
            {"key_rule": "cross-split", "memorising": True},
            "none",
            f"none: {MEMORISING}",
        ),
        (
            {
                "key_frequencies": (3, 5),
                "key_rule": "cross-split",
                "memorising": True,
            },
            "none",
            f"3 5: {MEMORISING}",
        ),
        (
            {"key_frequencies": (3, 5), "key_rule": "published"},
            "2*",
            "3 5 (published rule)",
        ),
    ],
)
def test_keys_say_by_which_rule_and_whether_they_say_anything(values, text, hint):
    found = row(**values)

    assert (found["keys_text"], found["keys_hint"]) == (text, hint)
