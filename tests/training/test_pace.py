"""How long training is said to take, against what it took."""

import json

import pytest

from grokdash.config import make_config
from grokdash.store import RunStatus, open_store
from grokdash.store.schema import STATUS_FILE
from grokdash.training.pace import (
    Pace,
    in_words,
    modelled_s,
    pace,
    trained_s,
    update_gflop,
)
from grokdash.training.train import Options, train

TINY = {"p": 7, "train_fraction": 0.6, "d_model": 8, "d_mlp": 8, "n_heads": 2}
SMALL = {**TINY, "epochs": 40, "dense_until": 0, "checkpoint_every": 20, "grids": 0}


@pytest.mark.parametrize(
    ("preset", "least", "most"), [("quick", 45, 120), ("nanda", 1800, 3600)]
)
def test_the_model_agrees_with_the_published_times(preset, least, most):
    """README: one to two minutes on two cores, and 45 minutes."""
    assert least < modelled_s(make_config(preset)) < most


def test_an_update_of_the_nanda_network_has_the_operations_counted_by_hand():
    """3,830 pairs, 128 × 512 twice and 128 × 114, forward and twice back."""
    gflop = update_gflop(make_config("nanda"))

    assert gflop == pytest.approx(6e-9 * 3830.7 * (2 * 128 * 512 + 128 * 114))


def test_a_batch_costs_each_of_its_runs_less_and_a_larger_network_more():
    quick = make_config("quick")

    assert modelled_s(quick, together=5) < modelled_s(quick)
    assert modelled_s(make_config("quick", n_layers=2)) > modelled_s(quick)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pace")
    config = make_config(**SMALL)
    train(config, Options(store=folder, threads=1, quiet=True, device="cpu"))
    store = open_store(folder)
    yield store, config
    store.close()


def test_a_run_of_like_size_trained_here_sets_the_pace(trained):
    store, config = trained
    seconds = trained_s(store.run(config.run_id()).status)

    found = pace(store, config)

    assert seconds > 0
    assert found.run == config.run_id()
    assert found.factor * modelled_s(config) == pytest.approx(seconds)
    assert pace(store, make_config("nanda")) == Pace()


@pytest.mark.parametrize("change", [{"host": "another"}, {"summary": {}}])
def test_a_run_of_another_computer_or_of_untold_time_sets_none(trained, change):
    store, config = trained
    path = store.path / config.run_id() / STATUS_FILE
    before = path.read_text(encoding="utf-8")
    path.write_text(json.dumps(json.loads(before) | change), encoding="utf-8")

    try:
        assert pace(store, config) == Pace()
    finally:
        path.write_text(before, encoding="utf-8")


@pytest.mark.parametrize("told", [None, "3", True, -1, float("nan"), float("inf")])
def test_senseless_seconds_count_as_untold(told):
    assert trained_s(RunStatus(summary={"trained_s": told})) == 0.0


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.2, "10 s"),
        (61.0, "60 s"),
        (200.0, "3 min"),
        (4_000.0, "1 h 10 min"),
        (7_200.0, "2 h"),
        (40_500.0, "11 h"),
    ],
)
def test_a_forecast_is_written_as_exactly_as_it_deserves(seconds, words):
    assert in_words(seconds) == words
