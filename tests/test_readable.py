"""What the walks over pages and pictures would find, were it there."""

import pytest

from tests.readable import check_readable, unreadable


@pytest.mark.parametrize(
    "text",
    [
        "epoch 3: -4.00",
        "a loss of nan nats",
        "1.2e-08",
        "0.30000000000000004",
        "W_K of blocks/0/W_K",
        "loss/train",
        "grok_epoch",
        "add --no-browser",
        "/home/somebody/store is damaged",
    ],
)
def test_what_programs_write_is_found(text):
    assert unreadable(text)


@pytest.mark.parametrize(
    "text",
    [
        "−4.00 and 1.2 × 10⁻⁸",
        "%{x:.4g}<br>W_E %{z:.4g}",
        "add-p59-wd2-s0-7afd0152, 3-4, 2-D",
        "information, infinite; nanda",
        "fraction of pairs and/or classes",
    ],
)
def test_what_people_write_is_not(text):
    assert unreadable(text) is None


def test_an_axis_that_would_write_its_own_numbers_is_found():
    figure = {"data": [], "layout": {"xaxis": {"title": {"text": "epoch"}}}}

    with pytest.raises(AssertionError, match="40k"):
        check_readable(figure, "picture")
