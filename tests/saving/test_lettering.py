"""Text is measured and broken into lines without a browser."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grokdash.errors import ConfigError
from grokdash.saving.lengths import pixels
from grokdash.saving.lettering import text_width, wrapped


@given(st.text("abc xyz-WMi.", max_size=60), st.floats(20, 300))
def test_broken_text_keeps_its_letters_and_its_lines_fit(text, room):
    lines = wrapped(text, 11, room).split("<br>")

    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(len(line) <= 1 or text_width(line, 11) <= room for line in lines)


def test_tags_and_entities_take_the_room_of_what_they_show():
    assert text_width("<b>a&lt;b</b>", 10) == text_width("a<b", 10)


@pytest.mark.parametrize(
    ("text", "inches"),
    [("2.54cm", 1), ("25.4 mm", 1), ("1in", 1), ("72pt", 1), ("96PX", 1), ("48", 0.5)],
)
def test_lengths_are_what_they_say(text, inches):
    assert pixels(text) == pytest.approx(96 * inches)


@pytest.mark.parametrize("text", ["", "wide", "8.5 parsecs", "-3cm", "0cm", "1e3px"])
def test_no_length_is_refused_with_the_units_there_are(text):
    with pytest.raises(ConfigError, match="px, pt, in, cm, mm; got"):
        pixels(text)
