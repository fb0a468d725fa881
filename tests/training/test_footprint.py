"""The memory a run takes, what is available, and the refusal of what will not fit."""

import tracemalloc

import pytest

from grokdash.analysis.measures import checkpoint_measures
from grokdash.config import make_config
from grokdash.errors import NoMemoryError
from grokdash.model.parameters import initialise
from grokdash.store import train_mask
from grokdash.training import footprint
from grokdash.training.footprint import (
    available_bytes,
    check_memory,
    measured_at_once,
    measuring_bytes,
    update_bytes,
)
from grokdash.training.recorder import make_grids
from grokdash.training.train import Options, train, train_several

LARGE = make_config("nanda", p=1000)


def traced(act, *arguments):
    """Give the most that NumPy held while something was done a second time.

    The first time also makes what is kept from then on, such as sampled triples.
    """
    act(*arguments)
    tracemalloc.start()
    try:
        act(*arguments)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "fields",
    [
        {"d_mlp": 256, "grids": 0},
        {"d_mlp": 16},
        {"d_mlp": 16, "grids": 0, "operation": "multiply"},
        {"d_mlp": 16, "operation": "cubic"},
        {"d_mlp": 64, "d_model": 64, "n_layers": 2},
    ],
)
def test_measures_take_what_is_forecast_up_to_a_quarter(fields):
    config = make_config("nanda", p=61, **({"d_model": 32} | fields))
    params = {name: value.numpy() for name, value in initialise(config).items()}

    took = traced(checkpoint_measures, params, config, train_mask(config))
    if config.grids:
        took = max(took, traced(make_grids, params, config))

    assert took == pytest.approx(measuring_bytes(config), rel=0.25)


def test_p_of_a_thousand_is_mostly_copies_of_the_logits():
    copies = 4 * 1000**3 * 6

    assert copies < measuring_bytes(LARGE) < 1.5 * copies
    assert update_bytes(LARGE) < copies


def test_the_closing_analysis_measures_as_many_at_once_as_are_counted():
    config = make_config("nanda")
    each = measuring_bytes(config)

    one, two, four = (footprint.footprint([config], threads=n) for n in (1, 2, 4))

    assert [measured_at_once(config, n) for n in (1, 2, 4)] == [1, 2, 4]
    assert (two - one, four - one) == (each, 3 * each)
    batch = footprint.footprint([config] * 3, threads=2)
    assert batch - footprint.footprint([config] * 3, threads=1) == each


@pytest.mark.parametrize("threads", [1, 2, 8, 64])
def test_a_larger_p_never_needs_less(threads):
    """What is counted for measuring at once covers what is measured at once."""
    last = 0
    for p in range(23, 500, 4):
        config = make_config("nanda", p=p)
        each, at_once = measuring_bytes(config), measured_at_once(config, threads)
        needed = footprint.footprint([config], threads=threads)
        alone = footprint.footprint([config], threads=1)
        assert needed >= max(last, alone + (at_once - 1) * each)
        last = needed
    assert measured_at_once(LARGE, threads) == 1


def test_a_batch_takes_the_sum_and_a_gpu_the_updates():
    one, three = footprint.footprint([LARGE]), footprint.footprint([LARGE] * 3)

    start = footprint.footprint([LARGE], gpu=True) - measuring_bytes(LARGE)
    assert three - start == 3 * (one - start)
    assert one == start + measuring_bytes(LARGE) + update_bytes(LARGE)


def test_what_will_not_fit_is_refused_with_the_p_that_fits(monkeypatch, tmp_path):
    monkeypatch.setattr(footprint, "available_bytes", lambda: 2 * 10**9)
    store = tmp_path / "store"
    options = Options(store=store, threads=1, device="cpu", quiet=True)

    with pytest.raises(NoMemoryError, match=r"p = 1000 .* but 2.0 GB") as told:
        train(LARGE, options)

    largest = int(str(told.value).split(" is the largest")[0].split("p: ")[-1])
    check_memory([make_config("nanda", p=largest)])
    with pytest.raises(NoMemoryError):
        check_memory([make_config("nanda", p=largest + 1)])
    (outcome,) = train_several([LARGE], options)
    assert (outcome.state, "of memory" in outcome.message) == ("failed", True)
    assert not store.exists()


def test_a_batch_that_will_not_fit_is_refused_before_it_begins(
    monkeypatch, tmp_path, tiny
):
    monkeypatch.setattr(footprint, "available_bytes", lambda: 10**6)
    several = [tiny.model_copy(update={"seed": seed}) for seed in (0, 1)]
    options = Options(store=tmp_path / "s", threads=1, device="cpu", quiet=True)

    with pytest.raises(
        NoMemoryError, match=r"2 runs of p = 7 .* no smaller p.* fewer at a"
    ):
        train_several(several, options)

    assert not (tmp_path / "s").exists()


def test_going_on_is_refused_too_and_leaves_the_run_as_it_was(
    monkeypatch, tmp_path, tiny
):
    options = Options(store=tmp_path, threads=1, device="cpu", quiet=True)
    run_id = train(tiny.model_copy(update={"epochs": 5}), options).run_id
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    monkeypatch.setattr(footprint, "available_bytes", lambda: 10**6)

    with pytest.raises(NoMemoryError):
        train(
            tiny,
            Options(store=tmp_path, device="cpu", quiet=True, resume=run_id, epochs=80),
        )

    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


def test_multiplication_is_told_a_prime(monkeypatch):
    monkeypatch.setattr(footprint, "available_bytes", lambda: 2 * 10**9)
    config = make_config("nanda", p=997, operation="multiply")

    with pytest.raises(NoMemoryError, match=r"p: 317 is the largest"):
        check_memory([config])


def test_nothing_is_refused_where_nothing_tells(monkeypatch):
    monkeypatch.setattr(footprint, "available_bytes", lambda: None)

    check_memory([LARGE])


GROUPS = {
    "second": (
        "0::/job/step",
        "job",
        {"memory.max": "3000", "memory.current": "2500"},
        "inactive_file 400\nactive_file 50\nanon 2000",
        950,
    ),
    "no limit": ("0::/job", "job", {"memory.max": "max"}, "", 8192),
    "first": (
        "4:cpu,memory:/job",
        "memory/job",
        {"memory.limit_in_bytes": "5000", "memory.usage_in_bytes": "1000"},
        "inactive_file 1\ntotal_inactive_file 30",
        4030,
    ),
    "first, as the container sees it": (
        "4:memory:/outside",
        "memory",
        {"memory.limit_in_bytes": "500", "memory.usage_in_bytes": "700"},
        "",
        0,
    ),
}


@pytest.mark.parametrize(
    ("line", "folder", "files", "stat", "left"), GROUPS.values(), ids=GROUPS
)
def test_available_is_the_least_that_the_kernel_and_its_groups_leave(
    monkeypatch, tmp_path, line, folder, files, stat, left
):
    monkeypatch.setattr(footprint, "_PROC", tmp_path / "proc")
    monkeypatch.setattr(footprint, "_GROUPS", tmp_path / "groups")
    (tmp_path / "proc" / "self").mkdir(parents=True)
    (tmp_path / "proc" / "meminfo").write_text("MemFree: 1 kB\nMemAvailable: 8 kB\n")
    (tmp_path / "proc" / "self" / "cgroup").write_text(f"1:name=systemd:/\n{line}\n")
    group = tmp_path / "groups" / folder
    group.mkdir(parents=True)
    for name, text in {**files, "memory.stat": stat}.items():
        (group / name).write_text(text + "\n")

    assert available_bytes() == left


def test_without_meminfo_it_is_the_memory_built_in(monkeypatch, tmp_path):
    monkeypatch.setattr(footprint, "_PROC", tmp_path)

    available = available_bytes()
    assert available is None or available > 10**8
