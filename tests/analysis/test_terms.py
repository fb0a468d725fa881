"""The words for the frame of an operation."""

import pytest

from grokdash.analysis.terms import NO_OPPOSITE, TOKENS, terms


@pytest.mark.parametrize(
    ("operation", "whole", "opposite"),
    [("add", "a + b", "a − b"), ("subtract", "a − b", "a + b")],
)
def test_an_operation_with_a_group_has_an_opposite(operation, whole, opposite):
    words = terms(operation)

    assert (words.whole, words.opposite) == (whole, opposite)


def test_one_without_a_group_is_read_by_its_answers():
    words = terms("quadratic")

    assert words.opposite == words.difference == NO_OPPOSITE
    assert words != TOKENS
