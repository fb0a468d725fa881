"""Names of files to be saved: their ending is the format."""

import re
from pathlib import Path

import pytest

from grokdash.errors import ConfigError, StoreError
from grokdash.saving.files import FORMATS, endings, format_of, write_file


def test_every_format_is_asked_for_by_a_name():
    for ending in endings(FORMATS):
        assert f".{format_of(Path('a') / f'b{ending}', FORMATS).ending}" == ending


def test_no_two_formats_have_one_ending():
    assert len(endings(FORMATS)) == len(FORMATS)


def test_unknown_ending_names_each_known_one_once():
    with pytest.raises(ConfigError) as refused:
        format_of(Path("a.bmp"), FORMATS)

    named = re.findall(r"\.\w+", str(refused.value).partition("one of ")[2])
    assert sorted(named) == sorted({f".{known.ending}" for known in FORMATS})


def test_what_cannot_be_written_is_said(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(StoreError, match="cannot be written"):
        write_file(tmp_path / "file" / "a.csv", b"")
