"""Names joined by commas."""

import pytest

from grokdash.listed import listed


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (None, []),
        ("", []),
        (" , ", []),
        ("loss-curves", ["loss-curves"]),
        ("b, a,,b ,c,", ["b", "a", "c"]),
    ],
)
def test_names_are_read_each_once_in_order(text, names):
    assert listed(text) == names
