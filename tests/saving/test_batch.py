"""Many files at once: names, epochs, sets of figures, and what is refused."""

import json

import pytest

import grokdash
from grokdash.errors import ConfigError, NotStoredError, UnusableFolderError
from grokdash.saving import batch
from grokdash.saving.files import FORMATS
from grokdash.views import VIEWS


def test_files_are_named_by_run_view_and_epoch(run_view, tmp_path):
    paths = grokdash.export(
        run_view.stored,
        ["loss-curves", "embedding-circle"],
        tmp_path / "new",
        epochs="0,last",
        formats="csv,json",
        k=2,
    )

    stem = f"{run_view.id}__embedding-circle__e000000"
    assert {path.name for path in paths} == {
        *(f"{stem}.{ending}" for ending in ("csv", "json")),
        *(f"{stem[:-1]}6.{ending}" for ending in ("csv", "json")),
        *(f"{run_view.id}__loss-curves__e000006.{end}" for end in ("csv", "json")),
    }
    told = json.loads((tmp_path / "new" / f"{stem}.json").read_text())["provenance"]
    assert told["selection"]["k"] == "2"
    assert told["permalink"].startswith(f"/run/{run_view.id}?e=0")


def test_a_file_that_is_there_is_kept_unless_told(run_view, tmp_path):
    [path] = grokdash.export(run_view.stored, "loss-curves", tmp_path, formats="csv")
    path.write_text("mine")

    with pytest.raises(ConfigError, match="there already"):
        grokdash.export(run_view.stored, "loss-curves", tmp_path, formats="csv")
    assert path.read_text() == "mine"
    grokdash.export(run_view.stored, "loss-curves", tmp_path, formats="csv", force=True)
    assert path.read_text() != "mine"


def test_a_folder_that_cannot_be_written_is_named_before_anything_is_drawn(
    run_view, tmp_path
):
    (tmp_path / "file").touch()

    with pytest.raises(UnusableFolderError, match="file"):
        grokdash.export(run_view.stored, "loss-curves", tmp_path / "file" / "a")


def test_epochs_have_names_and_what_was_taken_is_said(run_view):
    assert batch.wanted_epochs("first, 2,last", run_view) == ([0, 2, 6], [])
    taken, said = batch.wanted_epochs("3,900", run_view)
    assert taken == [2, 6]
    assert "900 was asked for" in said[1]
    with pytest.raises(ConfigError, match="has not grokked"):
        batch.wanted_epochs("grok", run_view)
    with pytest.raises(ConfigError, match="first, last, memorised"):
        batch.wanted_epochs("soon", run_view)


@pytest.mark.parametrize(
    ("asked", "error", "words"),
    [
        ({"views": "loss-curvs"}, NotStoredError, "loss-curves"),
        ({"formats": "bmp"}, ConfigError, "png, svg, pdf, html, csv, npy, json"),
        ({"look": {"theme": "pink"}}, ConfigError, "light, dark, paper"),
        ({"look": {"colour": "red"}}, ConfigError, "theme, width"),
        ({"look": {"width": "1mm"}}, ConfigError, "at least"),
        ({"look": {"font": "comic"}}, ConfigError, "sans or serif"),
        ({"k": 99}, ConfigError, "99 was asked for"),
    ],
)
def test_what_does_not_fit_is_named_with_what_does(
    run_view, tmp_path, asked, error, words
):
    with pytest.raises(error, match=words):
        grokdash.export(
            run_view.stored, **{"views": "loss-curves", "out": tmp_path, **asked}
        )
    assert not list(tmp_path.iterdir())


def test_every_format_is_known_with_and_without_its_dot_and_in_capitals():
    for known in FORMATS:
        for name in (known.ending, f".{known.ending}", known.ending.upper()):
            [found] = batch.wanted_formats(name, FORMATS)
            assert found.ending == known.ending


def test_the_set_of_the_earlier_project_has_all_its_rows():
    prefixes = [one.prefix for one in batch.figure_set("seed")]

    assert sorted(set(prefixes)) == [f"row-{row:02d}__" for row in range(1, 24)]


def test_the_set_of_the_paper_is_what_guides_refer_to():
    numbered = {(one.prefix, one.view.id) for one in batch.figure_set("paper")}

    assert {
        ("figure-02__", "loss-curves"),
        ("figure-03a__", "embedding-spectrum"),
        ("figure-04c__", "logit-plane"),
        ("figure-07__", "progress-measures"),
        ("figure-15__", "excluded-by-frequency"),
    } <= numbered
    assert all("Nanda" in view.guide.reference for view in VIEWS if view.id in numbered)
    with pytest.raises(ConfigError, match="paper, seed"):
        batch.figure_set("book")
