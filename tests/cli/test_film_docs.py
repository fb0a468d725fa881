"""Films in the documentation: each command is one that works, and all are there."""

import importlib.util
import re
import shlex
from pathlib import Path

import pytest
import typer
from typer.main import get_command

from grokdash.cli import app
from grokdash.saving.film.plan import MOST_PICTURES
from grokdash.store.sweeps import SweepRecord
from grokdash.sweeps.plan import find_sweep, read_sweep, shipped
from grokdash.views import get_view
from grokdash.views.sweep.axes import axis_value, varied_axes

ROOT = Path(__file__).parents[2]
FILMS = (ROOT / "docs" / "films.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMAND = re.compile(
    r"`grokdash (film [^`]*)`|^    \.venv/bin/grokdash (film [^#\n]*)", re.MULTILINE
)


def commands(text):
    return [shlex.split(one or other)[1:] for one, other in COMMAND.findall(text)]


def parsed(words):
    film = get_command(app).commands["film"]
    return film.make_context("film", list(words), parent=typer.Context(film)).params


def record(name):
    """A shipped sweep as a store has it."""
    sweep = read_sweep(find_sweep(name))
    configs, axes = tuple(sweep.configs), tuple(sweep.plan()["axes"])
    empty = {"title": "", "question": "", "name": "", "engine": {}}
    return SweepRecord(
        id=name,
        axes=axes,
        seeds=(),
        runs=(),
        points=(),
        failures={},
        driver=None,
        configs=configs,
        **empty,
    )


@pytest.mark.parametrize("words", commands(FILMS), ids=" ".join)
def test_a_command_names_what_there_is_and_fits_on_the_screen(words):
    given = parsed(words)
    views = [one for one in (given["views"] or "").split(",") if one]
    assert all(map(get_view, views))
    if given["sweep"] in (None, "NAME"):
        return
    found = record(given["sweep"])
    axes = varied_axes(found)
    held = dict(one.split("=") for one in given["hold"] or ())
    assert {given["by"] or next(iter(axes)), *held} <= {*axes}
    values = {axis_value(given["by"] or next(iter(axes)), one) for one in found.configs}
    assert 2 <= len(values) * len(views) <= MOST_PICTURES
    for name, value in held.items():
        assert value in {f"{axis_value(name, one)}" for one in found.configs}


def test_every_film_of_the_earlier_project_has_its_line():
    rows = FILMS.partition("## The earlier project's films")[2].split("\n")
    films = {row.split("|")[1].strip() for row in rows if "`grokdash film" in row}

    assert len(films) == 13
    swept = {parsed(words)["sweep"] for words in commands(FILMS)} - {None, "NAME"}
    assert swept <= {*shipped()}
    assert len(swept) == 8


def test_pictures_of_the_readme_are_made_by_the_commands_below_them():
    path = ROOT / "docs" / "pictures.py"
    spec = importlib.util.spec_from_file_location("pictures", path)
    pictures = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(pictures)

    made = [words for words in commands(README) if "-o" in words]
    told = {Path(words[2]).stem: words[3:] for words in made}

    assert told == {name: [*options] for name, options in pictures.FILMS.items()}
    for name in told:
        assert f"(docs/images/{name}.gif)" in README
        assert (pictures.IMAGES / f"{name}.gif").stat().st_size < 1.5e6
