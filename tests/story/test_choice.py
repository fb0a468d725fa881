"""Which run the story is told on."""

import pytest

from grokdash.config import make_config
from grokdash.example import example_id
from grokdash.store import RunSummary
from grokdash.story.choice import story_run, why_no_story

QUICK = make_config("quick")


def summary(run_id, **changes):
    """Give the row of a finished quick run that has grokked."""
    fields = ("operation", "p", "train_fraction", "weight_decay", "lr", "n_layers")
    fields += ("n_heads", "d_model", "d_mlp", "epochs")
    values = {name: getattr(QUICK, name) for name in fields}
    values |= {"state": "finished", "grok_end": 1500.0, "key_frequencies": (13, 19)}
    return RunSummary(id=run_id, **values | changes)


def chosen(*runs):
    found = story_run(runs)
    return found and found.id


def test_the_smallest_and_soonest_to_grok_is_chosen():
    large = summary("large", p=113, grok_end=1000.0)
    late, soon = summary("late", grok_end=2000.0), summary("soon", grok_end=1200.0)

    assert chosen(large, late, soon) == "soon"
    assert chosen(large, summary("tiny", p=7)) == "large"
    assert chosen(summary("tiny", p=7)) == "tiny"


def test_a_growing_quick_run_is_fit_but_comes_after_one_that_has_grokked():
    growing = summary("growing", state="running", grok_end=None, key_frequencies=())

    assert chosen(growing) == "growing"
    assert chosen(growing, summary("done", p=113)) == "done"


def test_a_run_of_ones_own_comes_before_the_one_that_comes_with_grokdash():
    growing = summary("growing", state="running", grok_end=None, key_frequencies=())
    example = summary(example_id(), p=37)

    assert chosen(example, growing) == "growing"
    assert chosen(example) == example_id()


@pytest.mark.parametrize(
    "changes",
    [
        {"operation": "multiply"},
        {"n_layers": 2},
        {"grok_end": None},
        {"key_frequencies": ()},
        {"memorising": True},
        {"problem": "damaged"},
        {"state": "interrupted"},
        {"state": "running", "p": 113, "grok_end": None},
    ],
)
def test_what_shows_no_story_is_not_chosen(changes):
    assert chosen(summary("other", **changes)) is None


def test_a_run_asked_for_by_name_may_lack_grokking_but_not_addition():
    assert why_no_story(make_config("quick", weight_decay=0.0)) == ""
    assert "a × b" in why_no_story(make_config("quick", operation="multiply"))
    assert "one layer" in why_no_story(make_config("quick", n_layers=2))
