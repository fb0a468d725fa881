"""The wheel holds what a user needs, nothing else, and serves without a checkout."""

import importlib.util
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

SERVE = """
import sys
from pathlib import Path

import grokdash
from grokdash.app import create_app
from grokdash.example import example_id
from grokdash.store import open_store

here = Path.cwd()
assert Path(grokdash.__file__).is_relative_to(here / "site"), grokdash.__file__
(here / "store").mkdir()
app = create_app(open_store(here / "store"))
assert "torch" not in sys.modules
client = app.server.test_client()
paths = ["/", "/guide", "/_dash-layout"]
paths += [
    "/assets/" + file.relative_to(here / "site/grokdash/assets").as_posix()
    for file in (here / "site/grokdash/assets").rglob("*")
    if file.is_file()
]
paths += [f"/api/run/{example_id()}/figure/embedding-circle?e=300"]
for path in paths:
    answer = client.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
print(len(paths))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "."]
    if importlib.util.find_spec("hatchling"):
        command.append("--no-build-isolation")
    subprocess.run(
        [*command, "--wheel-dir", str(folder)], cwd=ROOT, check=True, timeout=120
    )
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def names(wheel):
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("wheel")]


def test_wheel_holds_every_module_and_asset(names):
    modules = {
        path.relative_to(ROOT).as_posix() for path in (ROOT / "grokdash").rglob("*.py")
    }
    assets = {
        "grokdash/" + path.relative_to(ROOT).as_posix()
        for path in (ROOT / "assets").rglob("*")
        if path.is_file() and not path.name.endswith(".d.ts")
    }

    texts = {
        path.relative_to(ROOT).as_posix() for path in (ROOT / "grokdash").rglob("*.md")
    }

    assert "grokdash/course/texts/task.md" in texts
    assert "grokdash/store/schema.py" in modules
    assert "grokdash/assets/bootstrap.min.css" in assets
    assert modules | texts | assets | {"grokdash/py.typed"} <= names


def test_wheel_holds_nothing_else(names):
    meta = {name for name in names if ".dist-info/" in name}
    others = names - meta

    assert {name.split("/")[0] for name in others} == {"grokdash"}
    kinds = {Path(name).suffix for name in others if "/assets/" not in name}
    assert kinds <= {".py", ".toml", ".typed", ".json", ".md", ".h5"}
    ours = {name for name in others if name.startswith("grokdash/example/runs/")}
    assert ours >= {name for name in others if name.endswith(".h5")}
    tables = {name for name in others - ours if name.endswith(".json")}
    assert tables == {
        "grokdash/course/formulas.json",
        "grokdash/views/core/normal.json",
    }
    kinds = {Path(name).suffix for name in others if "/assets/" in name}
    assert kinds <= {".css", ".js", ".svg", ".png", ".ico", ".ttf", ".txt"}
    assert any(name.endswith("licenses/LICENSE") for name in meta)


def test_app_serves_from_the_wheel_alone(wheel, tmp_path):
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")

    done = subprocess.run(
        [sys.executable, "-c", SERVE],
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path / "site"), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 5
