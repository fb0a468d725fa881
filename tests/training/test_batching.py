"""Which runs are trained together."""

import json

import pytest

from grokdash.config import make_config
from grokdash.store import RunWriter
from grokdash.training.batching import batch_key, largest_batch, plan_batches

TINY = {"p": 7, "d_model": 8, "d_mlp": 12, "n_heads": 2}


def tiny(seed, **fields):
    return make_config("quick", TINY, fields, seed=seed, split_seed=seed)


def sizes(batches):
    return sorted(len(batch) for batch in batches)


@pytest.mark.parametrize(
    "fields",
    [
        {"d_mlp": 16},
        {"n_layers": 2},
        {"train_fraction": 0.6},
        {"mlp_bias": False},
        {"loss_dtype": "float32"},
        {"checkpoint_every": 7},
    ],
    ids=str,
)
def test_runs_of_other_shape_or_schedule_are_never_together(fields):
    assert batch_key(tiny(0)) != batch_key(tiny(0, **fields))


def test_all_else_may_differ():
    other = tiny(3, lr=0.1, weight_decay=0, operation="subtract", epochs=7, grids=0)

    assert batch_key(tiny(0)) == batch_key(other)


def test_equal_runs_are_spread_over_the_workers(tmp_path):
    configs = [tiny(seed) for seed in range(10)]

    assert sizes(plan_batches(configs, tmp_path, workers=1)) == [10]
    assert sizes(plan_batches(configs, tmp_path, workers=2)) == [5, 5]
    assert sizes(plan_batches(configs, tmp_path, workers=3)) == [3, 3, 4]
    assert sizes(plan_batches(configs, tmp_path, 4)) == [3, 3, 4]
    assert sizes(plan_batches(configs, tmp_path, 1)) == [1] * 10
    assert sizes(plan_batches(configs[:1], tmp_path, workers=4)) == [1]
    assert plan_batches([], tmp_path) == []


def test_every_run_is_in_one_batch_with_its_equals(tmp_path):
    configs = [tiny(seed, n_layers=layers) for seed in range(3) for layers in (1, 2)]

    batches = plan_batches(configs, tmp_path, workers=2)

    assert sorted(c.run_id() for b in batches for c in b) == sorted(
        config.run_id() for config in configs
    )
    assert all(len({batch_key(c) for c in batch}) == 1 for batch in batches)


def test_large_networks_are_trained_alone_unless_a_gpu_computes():
    nanda = make_config("nanda")

    assert largest_batch(nanda, None, gpu=False) == 1
    assert largest_batch(nanda, None, gpu=True) > 1
    assert largest_batch(nanda, 3, gpu=False) == 3
    assert largest_batch(make_config("quick", p=23), None, gpu=False) > 1
    assert largest_batch(make_config("quick", p=43), None, gpu=False) == 1
    assert largest_batch(make_config("quick", p=43, n_layers=2), None, gpu=False) > 1
    normed = make_config("quick", p=43, layer_norm=True)
    assert largest_batch(normed, None, gpu=False) > 1


def test_runs_go_on_with_those_they_were_begun_with(tmp_path):
    configs = [tiny(seed) for seed in range(6)]
    ids = [config.run_id() for config in configs]
    for config in configs[:2]:
        RunWriter.create(tmp_path, config, {"batch": ids[:3]}).close()
    RunWriter.create(tmp_path, configs[3], {}).close()

    batches = plan_batches(configs, tmp_path)

    found = sorted(sorted(ids.index(c.run_id()) for c in batch) for batch in batches)
    assert found == [[0, 1, 2], [3], [4, 5]]


def test_damaged_run_is_tried_alone(tmp_path):
    configs = [tiny(seed) for seed in range(3)]
    folder = tmp_path / configs[0].run_id()
    folder.mkdir()
    (folder / "run.json").write_text(json.dumps({"format": "?"}))

    assert sizes(plan_batches(configs, tmp_path)) == [1, 2]
