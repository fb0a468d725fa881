"""``grokdash film``: what it refuses, before anything is drawn."""

import pytest
from typer.testing import CliRunner

from grokdash import cli
from grokdash.errors import ConfigError, NotStoredError


def run(*arguments):
    return CliRunner().invoke(cli.app, ["film", *map(str, arguments)])


@pytest.mark.parametrize(
    ("arguments", "error", "told"),
    [
        ([], ConfigError, "expected a run, or --sweep"),
        (["RUN", "--sweep", "decay"], ConfigError, "expected a run, or --sweep"),
        (["--sweep", "decay", "--compare", "RUN"], ConfigError, "has its own runs"),
        (["RUN", "--by", "lr"], ConfigError, "give one with --sweep"),
        (["RUN", "--select", "k"], ConfigError, "--select: expected NAME=VALUE"),
        (["RUN", "-o", "a.avi"], ConfigError, "a.avi: expected a name ending in"),
        (["RUN", "--size", "640x481"], ConfigError, "even pixels .* got '640x481'"),
        (["RUN", "--size", "big"], ConfigError, "such as 1920x1080; got 'big'"),
        (["RUN", "--views", "circle"], NotStoredError, "no view 'circle'"),
        (["nobody"], NotStoredError, "nobody"),
        (["--sweep", "nobody"], NotStoredError, "no sweep 'nobody'"),
    ],
)
def test_bad_input_is_told_and_leaves_nothing(
    arguments, error, told, runs, run_view, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    named = [run_view.id if one == "RUN" else one for one in arguments]

    result = run(*named, "--store", runs.path)

    assert isinstance(result.exception, error)
    with pytest.raises(error, match=told):
        raise result.exception
    assert not list(tmp_path.iterdir())
