"""No encoding, full disk or closed pipe turns what is printed into a traceback."""

import contextlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.main import get_command

from grokdash import cli
from grokdash.cli import exits
from grokdash.config import RunConfig
from grokdash.streams import Output, plain
from grokdash.views import VIEWS


def paths(command=None, path=()):
    """Give the words of every command and group."""
    command = command or get_command(cli.app)
    yield path
    for name, child in getattr(command, "commands", {}).items():
        yield from paths(child, (*path, name))


COMMANDS = [" ".join(path) for path in paths()]


@contextlib.contextmanager
def standard_output(monkeypatch, file):
    """Let a file be the standard output and error of this process."""
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", file)
        patch.setattr(sys, "stderr", file)
        patch.setattr(cli, "_prefer_few_threads", lambda: None)
        yield


def status(monkeypatch, file, *words):
    """Give the exit status of a command that prints to a file."""
    monkeypatch.setattr(sys, "argv", ["grokdash", *words])
    with standard_output(monkeypatch, file), pytest.raises(SystemExit) as ended:
        cli.main()
    return ended.value.code


@pytest.mark.parametrize("path", COMMANDS)
@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_help_prints_in_every_encoding(monkeypatch, tmp_path, path, encoding):
    printed = tmp_path / "printed"
    with printed.open("w", encoding=encoding) as file:
        code = status(monkeypatch, file, *path.split(), "--help")

    assert code == 0
    text = printed.read_text(encoding=encoding)
    assert "Usage: grokdash" in text
    assert not set("│╭─━") & set(text)


@pytest.mark.parametrize("words", [["views"], ["config", "show"], ["sweep", "list"]])
def test_tables_print_in_ascii(monkeypatch, tmp_path, words):
    monkeypatch.setenv("GROKDASH_STORE", str(tmp_path))
    with (tmp_path / "printed").open("w", encoding="ascii") as file:
        assert status(monkeypatch, file, *words) == 0


def test_what_is_printed_has_a_stand_in():
    said = [field.description or "" for field in RunConfig.model_fields.values()]
    said += [text for view in VIEWS for text in (view.title, view.question)]
    characters = set("".join(said)) | set("·…✓✗–—×÷∘≤≥±→°é²")

    assert {one for one in characters if plain(one) == "?"} <= {"?"}
    assert (plain("²"), plain("é"), plain("漢")) == ("2", "e", "?")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="has no /dev/full")
@pytest.mark.parametrize("path", COMMANDS)
def test_output_to_a_full_disk_ends_with_one(monkeypatch, path):
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        code = status(monkeypatch, full, *path.split(), "--help")

    assert code == exits.FAILED


@pytest.mark.parametrize("path", COMMANDS)
def test_closed_pipe_ends_quietly(monkeypatch, path):
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as pipe:
        code = status(monkeypatch, pipe, *path.split(), "--help")

    assert code == exits.NOT_READ


def test_error_of_the_command_counts_more_than_its_output(monkeypatch, tmp_path):
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as pipe:
        code = status(monkeypatch, pipe, "pack", "none", "--store", str(tmp_path))

    assert code == exits.BAD_INPUT


def test_work_goes_on_when_nobody_reads(monkeypatch):
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as pipe, standard_output(monkeypatch, pipe):
        output = Output()
        for _ in range(3):
            print("progress", flush=True)  # noqa: T201 - what is tested
            print("progress", flush=True, file=sys.stderr)  # noqa: T201

        assert isinstance(output.failure(), BrokenPipeError)


@pytest.mark.slow
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="has no /dev/full")
def test_a_real_process_says_in_one_line_that_it_could_not_print():
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        done = subprocess.run(
            [sys.executable, "-m", "grokdash", "views"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )

    assert done.returncode == exits.FAILED
    assert done.stderr == "grokdash: standard output: No space left on device\n"
