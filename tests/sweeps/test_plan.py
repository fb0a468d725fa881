"""Sweep files: what they expand to, and which mistakes are caught beforehand."""

import subprocess
import sys
import tomllib

import pytest

from grokdash.errors import ConfigError
from grokdash.sweeps.lines import key_lines
from grokdash.sweeps.plan import find_sweep, read_sweep, shipped


@pytest.fixture
def write(tmp_path):
    def write(text):
        path = tmp_path / "try.toml"
        path.write_text(text)
        return path

    return write


def test_grid_times_zip_times_points_times_seeds(write):
    sweep = read_sweep(
        write(
            """
            preset = "quick"
            seeds = [1, 2]
            [grid]
            weight_decay = [0.5, 1.0, 2.0]
            [zip]
            n_heads = [1, 2]
            d_model = [32, 64]
            [[points]]
            lr = 1e-3
            [[points]]
            lr = 2e-3
            """
        )
    )

    assert len(sweep.configs) == 3 * 2 * 2 * 2
    assert sweep.axes == ("weight_decay", "n_heads", "d_model", "lr")
    assert {(c.n_heads, c.d_model) for c in sweep.configs} == {(1, 32), (2, 64)}
    assert {(c.seed, c.split_seed) for c in sweep.configs} == {(1, 1), (2, 2)}
    assert len({c.run_id() for c in sweep.configs}) == len(sweep.configs)


def test_sweep_runs_store_only_the_last_grids_unless_told_otherwise(write):
    light = read_sweep(write('preset = "quick"\n[grid]\nlr = [1e-3]'))
    full = read_sweep(
        write('preset = "quick"\n[fields]\ngrids = 20\n[grid]\nlr = [1e-3]')
    )

    assert light.configs[0].grids == 1
    assert full.configs[0].grids == 20


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("wd = 1\n[grid]\nlr = [1e-3]", r"try.toml:1: wd: unknown key"),
        ("[grid]\nwd = [1.0]", r"try.toml:2: wd: unknown field"),
        ("[grid]\nlr = []", r"try.toml:2: lr: expected a list of values"),
        ("[grid]\nlr = 1e-3", r"try.toml:2: lr: expected a list of values"),
        ("\n[grid]\np = [113, 1]", r"try.toml:3: p: .*got 1 \(at p = 1\)"),
        ("[zip]\nlr = [1e-3]\np = [5, 7]", r"try.toml:2: lr: .*lr has 1, p has 2"),
        ("[grid]\nlr = [1e-3, 1e-3]", r"try.toml:2: lr: runs 1 and 2 have the same"),
        ('preset = "x"\n[grid]\nlr = [1e-3]', r"try.toml:1: preset: expected one of"),
        ("seeds = [1.5]", r"try.toml:1: seeds: expected a list of whole numbers"),
        ('title = "t"', r"nothing varies"),
        ("[grid\n", r"not a TOML file"),
        ('[grid]\noperation = ["divide"]\np = [12]', r"try.toml:3: p: .*try 13"),
        ("[fields]\nlr = 1e-3\n[grid]\nlr = []", r"try.toml:4: lr: expected a list"),
        ("[grid]\nlr = [1e-3]\n[fields]\nlr = 1e-3\nwd = 1", r"try.toml:5: wd: unkn"),
        ("[grid]\nseed = [1]\n[fields]\nlr = 9", r"try.toml:4: lr: .*got 9"),
        (
            "[fields]\nlr = 1\n[grid]\nlr = [\n1e-3,\n9.0,\n]",
            r"try.toml:6: lr: .*got 9",
        ),
        ("grid = { p = [7], 'wd' = [1] }", r"try.toml:1: wd: unknown field"),
        ('title = """\n[grid]\nlr = 2"""\n["grid"]\n"lr" = []', r"try.toml:5: lr: exp"),
        ("grid.p = [7]\ngrid.lr = [-1.0]", r"try.toml:2: lr: .*got -1"),
        (
            "[fields]\nd_model = 10\n[grid]\nn_heads = [2,\n4]",
            r"toml:5: n_heads: must div",
        ),
        (
            "[fields]\nn_heads = 3\n[grid]\nd_model = [3, 4]",
            r"toml:2: n_heads: must divide",
        ),
        ("[[points]]\nlr = 1e-3\n[[points]]\nlr = 5", r"try.toml:4: lr: .*got 5"),
        ("[[points]]\nlr = 1e-3\n[[points]]\nlr = 1e-3", r"toml:4: lr: runs 1 and 2 "),
        ("[[points]]\nlr = 1e-3\n[[points]]", r"try.toml:3: points: expected a table"),
        ("points = [1]", r"try.toml:1: points: expected a table of fields"),
        ("seeds = [3,\n4,\n3]", r"try.toml:3: seeds: 3 is there twice: remove one"),
        ("grid = 1", r"try.toml:1: grid: expected a table \[grid\]"),
        ("preset = [1]\nseeds = [1]", r"try.toml:1: preset: expected one of"),
        (
            "seeds = [1]\n[engine]\nwrokers = 2",
            r"try.toml:3: wrokers: unknown key; .*kind",
        ),
        (
            f"[grid]\nlr = {list(range(200))}\np = {list(range(200))}",
            r"makes 40,000 runs",
        ),
    ],
)
def test_mistake_is_told_with_line_key_and_remedy(write, text, message):
    with pytest.raises(ConfigError, match=message):
        read_sweep(write(text))


def test_mistake_in_a_sweep_file_ends_with_code_2_and_leaves_no_trace(write, tmp_path):
    """As a program, for it is the program's exit code that scripts look at."""
    path = write("[grid]\nlr = [1e-3]\np = []")
    store = tmp_path / "store"

    done = subprocess.run(
        [sys.executable, "-m", "grokdash", "sweep", "run", path, "--store", store],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert f"{path}:3: p: expected a list of values" in done.stderr
    assert "Traceback" not in done.stderr
    assert not store.exists()


def test_every_key_has_its_line():
    text = """title = "a = b # [grid]"
q = '''
[grid]
lr = 1
'''
"seeds" = [
  1, # one
  2,
]
fields.p = 7
'fields'.lr = 1.5e-3
grid = { lr = [1e-3, 2.0], "weight_decay" = [
  1.0] }
[[points]]
lr = 1979-05-27 07:32:00
[[points]]
  "lr" = 2
[engine] # x
[engine.options]
x = {a.b = [{c = "]"}, {c = 2}]}
"""
    tomllib.loads(text)

    lines = key_lines(text)

    assert lines["title",] == 1
    assert (lines["seeds",], lines["seeds", 0], lines["seeds", 1]) == (6, 7, 8)
    assert (lines["fields",], lines["fields", "lr"]) == (10, 11)
    assert (lines["grid", "lr", 1], lines["grid", "weight_decay", 0]) == (12, 13)
    assert (lines["points",], lines["points", 0], lines["points", 0, "lr"]) == (
        14,
        14,
        15,
    )
    assert (lines["points", 1], lines["points", 1, "lr"]) == (16, 17)
    assert (lines["engine", "options"], lines["engine", "options", "x"]) == (19, 20)
    assert lines["engine", "options", "x", "a", "b", 1, "c"] == 20
    assert len(lines) == 28


@pytest.mark.parametrize("name", list(shipped()))
def test_shipped_sweep_is_valid(name):
    sweep = read_sweep(find_sweep(name))

    assert sweep.axes
    assert sweep.question.endswith("?")


def test_every_shipped_sweep_has_a_small_variant():
    names = set(shipped())

    full = {name for name in names if not name.endswith("-small")}
    assert {f"{name}-small" for name in full} == names - full


def test_shipped_sweeps_have_the_sizes_of_the_earlier_project():
    """Counts of runs as listed for the earlier project's sweeps."""
    sizes = {
        "weight-decay": 7,
        "train-fraction": 7,
        "learning-rate": 5,
        "operation": 5,
        "depth": 15,
        "prime": 12,
        "heads": 5,
        "heads-primes": 32,
        "multi-seed": 48,
        "head-width": 24,
        "bias": 2,
    }

    assert {n: len(read_sweep(find_sweep(n)).configs) for n in sizes} == sizes


def test_unknown_sweep_names_the_shipped_ones():
    with pytest.raises(ConfigError, match="weight-decay"):
        find_sweep("weight")


def test_id_depends_on_every_run(write):
    one = read_sweep(write("[grid]\nlr = [1e-3]"))
    other = read_sweep(write("[grid]\nlr = [2e-3]"))

    assert one.id != other.id


@pytest.mark.parametrize("name", shipped())
def test_shipped_sweep_is_shrunk_without_its_file(name):
    whole = read_sweep(find_sweep(name))
    small = read_sweep(find_sweep(name), epochs=7, seeds=[4, 5])

    assert {config.epochs for config in small.configs} == {7}
    assert {config.seed for config in small.configs} == {4, 5}
    assert small.seeds == (4, 5)
    assert small.title == f"{whole.title} (7 epochs; seeds 4, 5)"
    assert small.name == whole.name
    assert small.id != whole.id
    points = {str(point) for point in whole.plan()["points"]}
    assert {str(point) for point in small.plan()["points"]} == points


@pytest.mark.parametrize(
    ("text", "option", "change"),
    [
        ("[grid]\nepochs = [1, 2]\n", "--epochs", {"epochs": 7}),
        ("[[points]]\nepochs = 3\n", "--epochs", {"epochs": 7}),
        ("[grid]\nseed = [1, 2]\n", "--seeds", {"seeds": [1]}),
    ],
)
def test_what_a_sweep_varies_is_not_changed_from_outside(write, text, option, change):
    with pytest.raises(ConfigError, match=f"{option}: .* varies"):
        read_sweep(write(text), **change)
