"""Commands in the texts: each is one that grokdash takes."""

import re
import shlex
from pathlib import Path

import pytest
import typer
from typer.main import get_command

from grokdash.cli import app
from grokdash.cli.fields import build_config
from grokdash.config import RunConfig
from grokdash.course.texts import DOCUMENTS, text
from grokdash.sweeps.plan import find_sweep, read_sweep
from grokdash.views import get_view

BLOCK = re.compile(r"^```(sh|toml)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(kind):
    return [
        (name, body)
        for name in DOCUMENTS
        for found, body in BLOCK.findall(text(name).source)
        if found == kind
    ]


def commands():
    """Give every grokdash command of the texts, as words."""
    for name, body in blocks("sh"):
        for line in body.splitlines():
            for part in line.split("&&"):
                words = shlex.split(part)
                if words[0].endswith("grokdash") and words[0] != "git":
                    yield name, words[1:]


ALL = list(commands())


def parsed(words):
    """Give the command and its options as the command line reads them."""
    command, rest = get_command(app), list(words)
    context = typer.Context(command)
    while hasattr(command, "commands"):
        command = command.commands[rest.pop(0)]
    context = command.make_context(command.name, rest, parent=context)
    return command.name, context.params


def test_there_are_experiments_to_try():
    assert sum(name == "experiments" for name, _ in ALL) >= 15
    assert any(name == "start" for name, _ in ALL)


@pytest.mark.parametrize(("name", "words"), ALL, ids=lambda one: str(one)[:60])
def test_a_command_is_understood(name, words, tmp_path):
    command, given = parsed(words)
    if command == "train":
        fields = {n: given[n] for n in RunConfig.model_fields if given[n] is not None}
        assert build_config(given["preset"], None, fields)
    elif command == "export":
        assert all(map(get_view, given["names"]))
    elif command == "film":
        assert all(map(get_view, given["views"].split(",")))
    elif command == "run" and given["file"].endswith(".toml"):
        (file,) = (body for _, body in blocks("toml"))
        path = tmp_path / given["file"]
        path.write_text(file)
        assert read_sweep(path).configs
    elif command == "run":
        assert read_sweep(find_sweep(given["file"])).configs


def test_make_targets_exist():
    makefile = (Path(__file__).parents[2] / "Makefile").read_text(encoding="utf-8")
    for _, body in blocks("sh"):
        for target in re.findall(r"^make (\w+)", body, flags=re.MULTILINE):
            assert f"\n{target}:" in makefile
