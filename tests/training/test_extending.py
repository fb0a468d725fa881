"""Runs that are trained past the end they were begun with."""

import json
import shutil

import numpy as np
import pytest
import torch

from grokdash.errors import ConfigError, DamagedFileError, DivergedError, StoreError
from grokdash.store import RunWriter, open_store
from grokdash.store.extensions import add_extension, make_extension
from grokdash.store.schema import EXTENSIONS_FILE
from grokdash.training import session
from grokdash.training.batching import recorded_batch
from grokdash.training.forecast import forecast
from grokdash.training.outcome import describe
from grokdash.training.pace import TRAINED_S
from grokdash.training.steppers import SCALARS
from grokdash.training.train import Options, train

pytestmark = pytest.mark.usefixtures("process_settings")

SHORT = 22
"""Off the schedule of every five epochs: one checkpoint more than in one go."""


def options(store, **changes):
    return Options(store=store, threads=1, device="cpu", quiet=True, **changes)


def short(config):
    return config.model_copy(update={"epochs": SHORT})


def extend(store, config, epochs):
    return train(config, options(store, resume=config.run_id(), epochs=epochs))


def stored(store, config):
    return open_store(store).run(config.run_id())


@pytest.fixture(scope="module")
def finished(tmp_path_factory, tiny):
    """Give a store with one finished run of 22 epochs; copy it to change it."""
    folder = tmp_path_factory.mktemp("finished") / "store"
    threads = torch.get_num_threads()
    train(short(tiny), options(folder))
    torch.set_num_threads(threads)
    return folder


@pytest.fixture
def store(finished, tmp_path):
    return shutil.copytree(finished, tmp_path / "store")


@pytest.mark.slow
def test_extended_run_is_the_one_trained_in_one_go(store, tmp_path, tiny):
    config = short(tiny)
    opened = open_store(store)
    before = opened.run(config.run_id())
    begun = (before.path / "run.json").read_bytes()

    extend(store, config, 30)
    outcome = extend(store, config, 40)
    straight = train(tiny, options(tmp_path / "straight"))

    run, one = opened.run(config.run_id()), stored(tmp_path / "straight", tiny)
    assert run.id == config.run_id() != one.id
    assert run.steps.tolist() == sorted({*one.steps.tolist(), SHORT})
    for step in one.steps.tolist():
        for name, values in one.params(step).items():
            assert np.array_equal(run.param(name, step), values), (name, step)
    for name in one.measure_names:
        ours = run.series(name, one.steps)
        assert np.array_equal(ours, one.series(name), equal_nan=True), name
    for name in SCALARS:
        for ours, theirs in zip(run.scalars(name), one.scalars(name), strict=True):
            assert np.array_equal(ours, theirs), name
    assert run.key_frequencies == one.key_frequencies
    assert run.config == one.config
    assert run.status.state == "finished"
    for name in straight.summary.keys() - {"sparkline", TRAINED_S}:
        assert outcome.summary[name] == straight.summary[name], name

    first, second = run.extensions
    assert (first.before, first.epochs, first.step) == (SHORT, 30, SHORT)
    assert (second.before, second.epochs, second.step) == (30, 40, 30)
    assert json.loads(json.dumps(run.provenance))["extensions"][1]["epochs"] == 40
    assert second.provenance["threads"] == 1
    assert (run.path / "run.json").read_bytes() == begun
    assert run.fingerprint == before.fingerprint
    assert opened.verify(run.id).damage == []
    (row,) = opened.summaries()
    assert (row.epochs, row.step, row.state, row.packed) == (40, 40, "finished", True)
    # Three when it was begun, and at most as many in what each extension adds.
    assert run.grid_steps.tolist() == [0, 10, SHORT, 25, 30, 35, 40]
    assert not run.unpacked_grids


def test_forecast_of_an_extension_counts_what_it_adds(tiny):
    added = forecast(tiny, 1.0, after=SHORT)

    assert (added.checkpoints, added.grids) == (4, 3)


@pytest.mark.slow
def test_extension_that_was_killed_as_it_began_goes_on(store, tiny):
    config = short(tiny)
    assert stored(store, config).key_frequencies is not None

    made = make_extension(40, SHORT, SHORT, {})
    add_extension(store / config.run_id(), (), made)
    assert stored(store, config).key_frequencies is None  # were those of epoch 22

    assert train(config, options(store)).step == 40  # the same command goes on
    assert stored(store, config).key_frequencies is not None
    assert train(config, options(store)).state == "already finished"


def test_interrupted_run_is_extended_alone_from_where_it_stands(tmp_path, tiny):
    config = short(tiny)
    with RunWriter.create(tmp_path, config, {"batch": ["a", "b"]}):
        pass
    assert recorded_batch(config, tmp_path) == ("a", "b")

    RunWriter.extend(tmp_path, config.run_id(), 40).close()

    run = stored(tmp_path, config)
    assert (run.extensions[0].before, run.extensions[0].step) == (SHORT, 0)
    assert (run.config.epochs, run.status.state) == (40, "interrupted")
    assert recorded_batch(config, tmp_path) == ()


def test_diverged_run_is_not_extended(tmp_path, tiny):
    config = short(tiny)
    with RunWriter.create(tmp_path, config) as writer:
        writer.finish("diverged", "the training loss became NaN")

    with pytest.raises(DivergedError, match="cannot go on"):
        extend(tmp_path, config, 40)
    assert not (tmp_path / config.run_id() / EXTENSIONS_FILE).exists()


def test_run_without_optimiser_state_is_refused_with_the_way_round(store, tiny):
    config = short(tiny)
    for path in (store / config.run_id() / "state").iterdir():
        path.unlink()

    with pytest.raises(StoreError, match=r"copy without state/.* --epochs 40"):
        extend(store, config, 40)
    assert stored(store, config).status.state == "finished"


def test_writer_never_shortens_a_run(finished, tiny):
    with pytest.raises(ConfigError, match="has 22 epochs, and a run is extended"):
        RunWriter.extend(finished, short(tiny).run_id(), SHORT)


@pytest.mark.parametrize(
    "rows", [None, [], [{}], [{"epochs": 10, "before": 20, "step": 20}], "x"]
)
def test_damaged_extensions_are_told(tmp_path, tiny, rows):
    config = short(tiny)
    with RunWriter.create(tmp_path, config) as writer:
        path = writer.path / EXTENSIONS_FILE
    path.write_text(json.dumps({"format": [1, 0], "extensions": rows}))

    if rows == []:
        assert stored(tmp_path, config).config == config
        return
    with pytest.raises(DamagedFileError, match=r"extensions[.:].*; put back the file"):
        stored(tmp_path, config)


def test_finished_run_says_how_it_goes_on(finished, tiny):
    config = short(tiny)

    said = describe(train(config, options(finished)))

    assert f"--resume {config.run_id()} --epochs 44" in said


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"lr": (0.5, "--lr 0.5")}, r"--lr 0\.5 contradicts .* has lr = 0\.001"),
        (
            {"p": (11, "--p 11"), "d_mlp": (9, "--d-mlp 9")},
            r"--p 11 contradicts .* has p = 7; --d-mlp 9 contradicts .* d_mlp = 12",
        ),
        (
            {"p": (5, "--preset x"), "d_mlp": (9, "--preset x")},
            r"--preset x contradicts .*, which has p = 7, d_mlp = 12\.",
        ),
        ({"epochs": (30, "--epochs 30")}, "--epochs 30 is less than the 40 epochs"),
        ({"epochs": (0, "--epochs 0")}, "epochs: expected at least 1"),
    ],
)
def test_what_contradicts_the_run_is_named(tmp_path, tiny, given, message):
    with RunWriter.create(tmp_path, tiny):
        pass
    run = session.run_to_resume(tmp_path, tiny.run_id())

    with pytest.raises(ConfigError, match=message):
        session.wanted_epochs(run, given)


def test_what_agrees_with_the_run_is_no_contradiction(tmp_path, tiny):
    with RunWriter.create(tmp_path, tiny):
        pass
    run = session.run_to_resume(tmp_path, tiny.run_id())

    assert session.wanted_epochs(run, {}) == 40
    assert session.wanted_epochs(run, {"p": (7, ""), "epochs": (41, "")}) == 41
