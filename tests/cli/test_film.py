"""``grokdash film``: what it refuses, and a film of a tiny run looked at."""

import av
import numpy as np
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


@pytest.mark.browser
def test_a_film_shows_training_up_to_the_playhead(runs, run_view, tmp_path):
    """At first little of the waterfall is there, at last all; what stands, stands."""
    path = tmp_path / "new" / "a.mp4"
    shown = ["--views", "embedding-waterfall,embedding-circles", "--no-chart"]
    small = ["--size", "480x360", "--frames", 8, "--pace", "epochs"]

    result = run(run_view.id, "--store", runs.path, "-o", path, *shown, *small)

    assert result.exit_code == 0, result.exception
    assert result.output.startswith(f"{path}: 8 pictures")
    with av.open(str(path)) as film:
        about = film.metadata
        pictures = [one.to_ndarray(format="gray") for one in film.decode(video=0)]
    assert run_view.id in about["comment"]
    assert len(pictures) == 8
    assert {one.shape for one in pictures} == {(360, 480)}
    first, last = (one.astype(int) for one in (pictures[0], pictures[-1]))
    changed = np.abs(first - last) > 30
    waterfall, circles = changed[60:320, :240], changed[60:320, 240:]
    assert waterfall.mean() > 0.1
    assert circles.sum() > 10
    label, title = changed[:44, 300:], changed[:44, :200]
    assert label.any()
    assert not title.any()
