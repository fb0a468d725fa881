"""The notebook of the documentation runs, and brings no results of somebody's own."""

import ast
import json
import types
from pathlib import Path

import numpy as np
import pytest

from grokdash.app import notebook

NOTEBOOK = Path(__file__).parents[1] / "docs" / "notebook.ipynb"


@pytest.fixture
def shown(monkeypatch, tmp_path, run_view):
    """Give what ``show`` displays, in a folder with a store as a user has it."""
    found = []
    python = types.SimpleNamespace(
        get_ipython=lambda: types.SimpleNamespace(kernel=True),
        display=types.SimpleNamespace(display=found.append, HTML=str),
    )
    monkeypatch.setitem(notebook.sys.modules, "IPython", python)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "store").mkdir()
    place = run_view.stored.path
    (tmp_path / "store" / place.name).symlink_to(place)
    return found


def run_cell(source, names):
    """Run a cell as Jupyter does; give the value of its last line."""
    tree = ast.parse(source)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "cell", "exec"), names)
    if last is None:
        return None
    return eval(compile(ast.Expression(last.value), "cell", "eval"), names)


def test_every_cell_of_the_notebook_runs(shown):
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    code = [one for one in cells if one["cell_type"] == "code"]
    names, values = {}, {}

    for one in code:
        assert (one["outputs"], one["execution_count"]) == ([], None)
        values[one["id"]] = run_cell("".join(one["source"]), names)

    run = names["run"]
    assert run.id in values["run"]._repr_html_()
    assert values["circle"].layout.meta["epoch"] == run.steps[-1]
    np.testing.assert_array_equal(
        values["table"]["loss/test"], run.series("loss/test")[-5:]
    )
    assert values["dataset"].dims == ("epoch", "token", "d_model")
    assert f"/run/{run.id}/fourier?e={run.steps[-1]}" in shown[0]
