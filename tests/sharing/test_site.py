"""The folder of a site: what is refused, and that nothing half written stays."""

import json

import pytest
from typer.testing import CliRunner

from grokdash.cli import app as commands
from grokdash.contract.rows import run_row
from grokdash.errors import ConfigError, NotStoredError, StoreError
from grokdash.sharing.site.folder import (
    MARKER,
    is_site,
    refuse_folder,
    write_marker,
    written_whole,
)
from grokdash.sharing.site.listing import Listed, ListedRun, list_page
from grokdash.store import open_store


def asked(*arguments):
    """Run the command; give the error that it ended with."""
    told = CliRunner().invoke(commands, ["site", *map(str, arguments)])
    assert told.exit_code != 0
    return told.exception


def test_only_a_folder_of_its_own_is_replaced(tmp_path):
    folder = tmp_path / "site"
    refuse_folder(folder, force=False)
    folder.mkdir()
    refuse_folder(folder, force=False)
    (folder / "thesis.tex").write_text("all of it")

    with pytest.raises(ConfigError, match="with --force it is replaced"):
        refuse_folder(folder, force=False)
    with pytest.raises(ConfigError, match="has not made this folder"):
        refuse_folder(folder, force=True)
    (folder / MARKER).write_text("[]")
    assert not is_site(folder)

    write_marker(folder, "Runs", [], [])
    refuse_folder(folder, force=True)
    with written_whole(folder) as new:
        (new / "index.html").write_text("new")
    assert [one.name for one in folder.iterdir()] == ["index.html"]
    assert [one.name for one in tmp_path.iterdir()] == ["site"]


def test_what_fails_leaves_what_was_there(tmp_path):
    folder = tmp_path / "site"
    folder.mkdir()
    write_marker(folder, "Runs", ["a"], ["runs/a.html"])

    def fail():
        with written_whole(folder) as new:
            (new / "index.html").write_text("half")
            raise StoreError("damaged")

    with pytest.raises(StoreError):
        fail()

    assert json.loads((folder / MARKER).read_text())["runs"] == ["a"]
    assert [one.name for one in tmp_path.iterdir()] == ["site"]
    file = tmp_path / "file"
    file.write_text("")
    with pytest.raises(ConfigError, match="got a file"):
        refuse_folder(file, force=True)


@pytest.mark.parametrize(
    ("arguments", "kind", "words"),
    [
        (("--runs", "add-p7"), NotStoredError, "no run 'add-p7'"),
        (("--compare", "{run}"), ConfigError, "two to 6 runs"),
        (("--compare", "{run},other"), NotStoredError, "--compare: .*other"),
        (("--views", "logit-surface"), ConfigError, "leave it out"),
        (("--sweeps", "decay"), NotStoredError, "no sweep 'decay'; there is none"),
    ],
)
def test_what_is_not_there_is_refused_before_anything_is_made(
    runs, run_view, tmp_path, arguments, kind, words
):
    given = [one.format(run=run_view.id) for one in arguments]
    error = asked(runs.path, "-o", tmp_path / "site", *given)

    assert isinstance(error, kind)
    with pytest.raises(kind, match=words):
        raise error
    assert not list(tmp_path.iterdir())


def test_an_empty_store_is_refused(tmp_path):
    (tmp_path / "store").mkdir()
    error = asked(tmp_path / "store", "-o", tmp_path / "site")
    assert isinstance(error, NotStoredError)
    assert "grokdash train" in str(error)


def test_the_list_says_all_that_is_known_of_a_run(runs, run_view):
    store = open_store(runs.path)
    summary = next(one for one in store.summaries() if one.id == run_view.id)
    row = {**run_row(summary), "tags": ["<good>"], "notes": "as expected"}
    listed = ListedRun(
        row=row, address="runs/a%20b.html", size_bytes=2_000_000, epochs=4, weights=3
    )
    lost = ListedRun(row={**row, "id": "lost"}, why="no checkpoint is stored")
    sweep = Listed(address="sweeps/s.html", title="Decay", about="12.", size_bytes=9)
    text = list_page("Mine", [listed, lost], [], [sweep]).decode()

    assert '<a href="runs/a%20b.html">' in text
    assert "2.0 MB, 4 checkpoints, 3 with weights" in text
    assert "&lt;good&gt;" in text
    assert "<good>" not in text
    assert "no page: no checkpoint is stored" in text
    assert '<option value="add">a + b</option>' in text
    assert 'href="sweeps/s.html"' in text
    assert "Comparisons" not in text
    assert str(runs.path) not in text
