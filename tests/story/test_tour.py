"""The tour on runs that show little: every sentence still has to be true of them."""

import pytest

from grokdash.course.glossary import terms
from grokdash.story.telling import Go, Term, says
from grokdash.story.tour import TITLES, nearest_step, tell
from grokdash.views import get_view
from grokdash.views.core.selection import limits


def pieces(step):
    """Give all parts of a step's sentences; formulas hold none."""
    sentences = [one for one in step.paragraphs if isinstance(one, list)]
    return [piece for sentence in sentences for piece in sentence]


def words(step):
    return "".join(getattr(one, "text", one) for one in pieces(step))


def check_step(run, step):
    """Check that a step leads only to what the run has."""
    stored, bounds = set(run.steps.tolist()), limits(run)
    for view in step.views:
        assert get_view(view).missing(run) is None
    buttons = [one for one in pieces(step) if isinstance(one, Go)]
    places = [dict(one.picks) | {"e": one.epoch} for one in buttons]
    for place in [dict(step.start), *places]:
        epoch = place.pop("e")
        assert epoch is None or epoch in stored
        for name, value in place.items():
            low, high = bounds[name]
            assert low <= value <= high
    assert {one.until for one in buttons} <= {None, *stored}
    assert {one.name for one in pieces(step) if isinstance(one, Term)} <= set(terms())
    assert not {"nan", "None", "undefined", "[]"} & set(words(step).split())


@pytest.mark.parametrize("number", range(1, len(TITLES) + 1))
def test_every_step_leads_to_what_a_run_that_learned_nothing_has(run_view, number):
    check_step(run_view, tell(run_view, number).step)


def test_what_did_not_come_is_said(written):
    assert "did not come in this run" in words(tell(written(2), 2).step)
    assert "did not come in this run" in words(tell(written(4), 3).step)
    assert "did not come in this run" in words(tell(written(4), 10).step)


def test_what_a_growing_run_has_yet_to_reach_is_awaited(written):
    early = tell(written(2, running=True), 2).step

    assert early.waiting
    assert "is still to come" in words(early)
    assert not tell(written(4, running=True), 2).step.waiting


def test_numbers_are_those_of_the_epoch_that_the_sentence_names(written):
    run = written()

    assert "epoch 20 it answers 99.0 % of the training pairs" in words(
        tell(run, 2).step
    )
    assert "rises to 9 at epoch 30" in words(tell(run, 2).step)
    assert "at epoch 40, 20 epochs later" in words(tell(run, 3).step)
    assert "30 at epoch 20, is 12 at epoch 60, and 11 at epoch 70" in words(
        tell(run, 10).step
    )
    assert "goes from 0.1 at epoch 60 to 0.01" in words(tell(run, 10).step)
    told = [piece for one in (1, 2, 3, 10) for piece in pieces(tell(run, one).step)]
    assert {one.name for one in told if isinstance(one, Term)} <= set(terms())


def test_the_question_marks_its_own_answer(run_view):
    start = tell(run_view, TITLES.index("All of it on one question") + 1).step.start

    assert start["c"] == (start["a"] + start["b"]) % run_view.p


def test_a_step_of_another_number_is_the_nearest():
    assert [nearest_step(one) for one in ("3", "0", "99", "x", "-1", "²")] == [
        3,
        1,
        len(TITLES),
        1,
        1,
        1,
    ]


def test_a_sentence_has_a_place_for_each_of_its_pieces():
    assert says("a [] b []", "x", ["y", "z"]) == ["a ", "x", " b ", "y", "z"]
    with pytest.raises(ValueError, match="zip"):
        says("a [] b []", "x")
    with pytest.raises(ValueError, match="zip"):
        says("a [] b", "x", "y")
