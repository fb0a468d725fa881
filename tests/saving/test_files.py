"""Names of files to be saved: their ending is the format."""

import re
from pathlib import Path

import pytest

from grokdash.errors import ConfigError, StoreError
from grokdash.saving.files import FORMATS, endings, format_of, write_file
from grokdash.saving.number_formats import NUMBER_FORMATS
from grokdash.saving.picture_formats import STILLS


def test_every_format_is_asked_for_by_a_name():
    for ending in endings(FORMATS):
        assert f".{format_of(Path('a') / f'b{ending}', FORMATS).ending}" == ending


def test_a_name_that_fits_a_picture_and_numbers_means_the_picture():
    assert format_of(Path("a.json"), FORMATS) in STILLS
    assert format_of(Path("a.json"), NUMBER_FORMATS) in NUMBER_FORMATS


def test_unknown_ending_names_each_known_one_once():
    with pytest.raises(ConfigError) as refused:
        format_of(Path("a.bmp"), FORMATS)

    named = re.findall(r"\.\w+", str(refused.value).partition("one of ")[2])
    assert sorted(named) == sorted({f".{known.ending}" for known in FORMATS})


def test_what_cannot_be_written_is_said(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(StoreError, match="cannot be written"):
        write_file(tmp_path / "file" / "a.csv", b"")
