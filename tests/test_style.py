"""Rules of CONTRIBUTING that no linter knows."""

import ast
from pathlib import Path

import numpy as np
import pytest
from jaxtyping import TypeCheckError

from grokdash.analysis import embedding

ROOT = Path(__file__).parents[1]
MOST_LINES = 400
LONGER = {
    "grokdash/store/reader.py": "a run is read from pieces and packed file together",
    "grokdash/store/writer.py": "one class owns the lock, queue and files of a run",
}


def test_modules_are_short_but_for_those_with_a_reason():
    lengths = {
        path.relative_to(ROOT).as_posix(): len(path.read_text("utf-8").splitlines())
        for path in (ROOT / "grokdash").rglob("*.py")
    }

    assert {name for name, n in lengths.items() if n > MOST_LINES} == LONGER.keys()


PRINTING = {"print", "typer.echo", "typer.secho", "click.echo", "Console"}
WRITING = {"sys.stdout.write", "sys.stderr.write", "sys.__stderr__.write"}
PRINTERS = {
    "grokdash/terminal.py": "the door",
    "grokdash/store/merge.py": "tells its parent process in JSON",
}


def test_nothing_reaches_a_terminal_but_through_the_door():
    """What files say is escaped in one place, which nobody may walk around."""
    found = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "grokdash").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).removeprefix("rich.") in PRINTING | WRITING
    }

    assert found <= PRINTERS.keys()


def test_every_module_with_shapes_is_checked_while_tests_run(pytestconfig):
    checked = pytestconfig.getoption("jaxtyping_packages").split(",")[:-1]
    checked = [name.strip() for name in checked]
    shaped = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for path in (ROOT / "grokdash").rglob("*.py")
        if "from jaxtyping import" in path.read_text("utf-8")
    }

    left_out = {
        name
        for name in shaped
        if not any(name == one or name.startswith(f"{one}.") for one in checked)
    }
    assert left_out == set()
    assert [
        one
        for one in checked
        if not any(name == one or name.startswith(f"{one}.") for name in shaped)
    ] == []
    with pytest.raises(TypeCheckError):
        embedding.circle(np.zeros(3), 1)
