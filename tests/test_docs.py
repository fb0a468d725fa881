"""The documentation says what the code does: tables, pages, examples and links."""

import importlib.util
import re
import subprocess
import sys
import tomllib
from itertools import chain
from pathlib import Path

import numpy as np
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from grokdash.analysis.measures import checkpoint_measures, key_measures
from grokdash.config import PRESETS, make_config
from grokdash.course.tables import KEY_MEASURES, MEASURES
from grokdash.course.texts import DOCUMENTS
from grokdash.operations import OPERATIONS
from grokdash.pages import PAGES
from grokdash.saving.files import FORMATS, endings
from grokdash.store import train_mask
from grokdash.store.schema import param_shapes

ROOT = Path(__file__).parents[1]
PROSE = (
    "README.md",
    ".github/CONTRIBUTING.md",
    ".github/SECURITY.md",
    "docs/export.md",
    "docs/films.md",
    "docs/importing.md",
    "docs/index.md",
    "docs/other-tools.md",
    "docs/run-files.md",
    *(f"docs/{file}" for file in DOCUMENTS.values()),
)
README = (ROOT / "README.md").read_text(encoding="utf-8")
TINY = {"p": 7, "train_fraction": 0.5, "d_model": 8, "d_mlp": 4, "n_heads": 2}


def table(heading, text=README):
    """Give the cells of the first table below a heading, without its header."""
    section = text.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    rows = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows[2:]]


def code_blocks(path):
    """Give the Python examples of a page."""
    text = (ROOT / path).read_text(encoding="utf-8")
    return re.findall(r"^```python\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE)


def test_operations_table_is_the_registry():
    expected = [
        [
            f"`{operation.name}`",
            operation.title,
            f"prime, from {operation.smallest_p}" if operation.needs_prime else "any",
            operation.zero_rule,
        ]
        for operation in OPERATIONS.values()
    ]

    assert table("Operations") == expected


def test_presets_table_is_the_configuration():
    expected = []
    for name in PRESETS:
        config = make_config(name)
        expected.append(
            [
                f"`{name}`",
                str(config.p),
                f"{config.train_fraction:.0%}".replace("%", " %"),
                str(config.d_model),
                str(config.d_mlp),
                f"{config.weight_decay:g}",
                f"{config.epochs:,}",
            ]
        )

    assert [row[:-1] for row in table("Presets")] == expected


def test_measures_table_names_what_is_stored():
    config = make_config(**TINY)
    rng = np.random.default_rng(0)
    params = {
        name: rng.standard_normal(shape).astype("f4")
        for name, shape in param_shapes(config).items()
    }
    mask = train_mask(config)
    stored = {
        *checkpoint_measures(params, config, mask),
        *key_measures(params, config, mask, (1, 2)),
    }

    listed = [name for row in (*MEASURES, *KEY_MEASURES) for name in row.names.split()]

    assert sorted(listed) == sorted(stored)
    written = (ROOT / "docs/pipeline.md").read_text(encoding="utf-8")
    assert all(f"`{name}`" in written for name in stored)


def test_pages_table_is_the_registry():
    listed = [row[0] for row in table("Pages")]

    assert sorted(listed) == sorted(f"`{page.path_template}`" for page in PAGES)


def test_sentence_about_export_names_every_format():
    sentence = README.partition("`grokdash export RUN VIEW -o FILE`")[2].partition(".")[
        0
    ]

    named = {f".{word.lower()}" for word in re.findall(r"\b[A-Z]{2,}\b", sentence)}
    assert named == set(endings(FORMATS))


def load_generator():
    spec = importlib.util.spec_from_file_location(
        "generate", ROOT / "docs" / "generate.py"
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", load_generator().PAGES)
def test_reference_page_is_up_to_date(name):
    stored = (ROOT / name).read_text(encoding="utf-8")

    assert stored == load_generator().PAGES[name](), "run `make docs`"


@pytest.mark.parametrize("path", ["README.md", ".github/CONTRIBUTING.md"])
def test_pages_list_the_layers(path):
    assert load_generator().LAYERS.search((ROOT / path).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A folder as a user has it: a store with one small finished run in it."""
    from grokdash.training.train import Options, train

    folder = tmp_path_factory.mktemp("docs")
    config = make_config(**TINY, epochs=30, grids=2)
    train(config, Options(store=folder / "store", threads=1, device="cpu", quiet=True))
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("path", ["README.md", "docs/run-files.md", "docs/export.md"])
def test_python_examples_run(path, trained):
    blocks = code_blocks(path)
    assert blocks
    for block in blocks:
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", block],
            cwd=trained,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

        assert done.returncode == 0, done.stderr
        assert done.stdout.strip()


@pytest.mark.parametrize("path", PROSE)
def test_links_lead_somewhere(path):
    text = (ROOT / path).read_text(encoding="utf-8")
    targets = re.findall(r"\]\(([^)#\s]+)", text)
    local = [target for target in targets if not target.startswith("http")]

    lost = [t for t in local if not ((ROOT / path).parent / t).exists()]

    assert lost == []


def test_make_targets_that_are_named_exist():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    existing = set(re.findall(r"^([a-z]+):", makefile, flags=re.MULTILINE))
    text = "\n".join((ROOT / path).read_text(encoding="utf-8") for path in PROSE)
    named = set(re.findall(r"(?:^    |^|`)make ([a-z]+)", text, flags=re.MULTILINE))

    assert {"demo", "test"} <= named <= existing


def test_help_of_make_lists_every_target():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = set(re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)[1].split())
    listed = set(re.findall(r'@echo "make ([a-z]+)', makefile))

    assert phony - listed == {"help", "browser"}


def test_continuous_integration_runs_make_test_and_nothing_else():
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    lines = [line for line in script.splitlines() if line and line[0] != "#"]

    assert lines[-1] == "exec make test"
    assert len(lines) == 3


def test_every_direct_dependency_is_pinned():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = [
        *project["project"]["dependencies"],
        *chain(*project["project"]["optional-dependencies"].values()),
    ]
    tests = [
        *project["dependency-groups"]["test"],
        *project["dependency-groups"]["lint"],
    ]

    for name, texts in (
        ("constraints.txt", wanted),
        ("constraints-dev.txt", wanted + tests),
    ):
        pinned = pins(name)
        for text in texts:
            requirement = Requirement(text)
            version = pinned.get(canonicalize_name(requirement.name))
            assert version, f"{requirement.name} is not in {name}"
            assert requirement.specifier.contains(version), text


def test_users_get_what_is_tested_but_for_what_the_tests_alone_ask_for():
    users, tests = pins("constraints.txt"), pins("constraints-dev.txt")

    assert users.keys() <= tests.keys()
    assert {n for n in users if users[n] != tests[n]} == {"urllib3"}
    assert Version(users["urllib3"]) >= Version("2.6.3")


def pins(name):
    found = {}
    for line in (ROOT / name).read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            pin = Requirement(line)
            found[canonicalize_name(pin.name)] = str(pin.specifier).removeprefix("==")
    return found
