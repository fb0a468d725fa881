"""Sweep files: what they expand to, and which mistakes are caught beforehand."""

import pytest

from grokdash.errors import ConfigError
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
        ("[grid]\nlr = [1e-3, 1e-3]", r"runs 1 and 2 have the same configuration"),
        ('preset = "x"\n[grid]\nlr = [1e-3]', r"try.toml:1: preset: expected one of"),
        ("seeds = [1.5]", r"try.toml:1: seeds: expected a list of whole numbers"),
        ('title = "t"', r"nothing varies"),
        ("[grid\n", r"not a TOML file"),
        ('[grid]\noperation = ["divide"]\np = [12]', r"try.toml:3: p: .*try 13"),
    ],
)
def test_mistake_is_told_with_line_key_and_remedy(write, text, message):
    with pytest.raises(ConfigError, match=message):
        read_sweep(write(text))


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
