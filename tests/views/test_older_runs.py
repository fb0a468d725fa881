"""Runs that were stored before splits were compared and dead neurons were defined."""

import numpy as np
import pytest

from grokdash.analysis import cross_split
from grokdash.analysis.measures import key_measures
from grokdash.cache import Cache
from grokdash.snapshot import RunView
from grokdash.store import CheckpointData, RunWriter, open_store
from grokdash.views import get_view
from grokdash.views.core.render import make_drawing, render, sentence
from grokdash.views.core.selection import default_selection, parse_selection
from grokdash.views.reading.keys import keys_cell
from grokdash.views.reading.neurons import dead_series, frequencies_at

ADDED = {
    "logits/M_unseen",
    "logits/cross_split_share",
    "loss/cross_split",
    "neuron/inert",
}
OLD_KEYS = (1, 2, 3)


@pytest.fixture(scope="module")
def older(run_view, tmp_path_factory):
    """The tiny run without what was added, packed with keys by the published rule."""
    folder = tmp_path_factory.mktemp("older")
    run = run_view.stored
    late = [
        key_measures(run.params(step), run.config, run.train_mask(), OLD_KEYS)
        for step in run.steps.tolist()
    ]
    names = set(run.measure_names) - ADDED - late[0].keys()
    with RunWriter.create(folder, run.config, {}) as writer:
        for step in run.steps.tolist():
            measures = {name: run.measure(name, step) for name in names}
            params = run.params(step)
            writer.commit(CheckpointData(step=step, params=params, measures=measures))
        kept = late[0].keys() - ADDED
        writer.pack(
            {name: np.stack([o[name] for o in late]) for name in kept}, OLD_KEYS
        )
        writer.set_status(
            "finished", step=run_view.last, summary={"key_frequencies": list(OLD_KEYS)}
        )
    store = open_store(folder)
    yield RunView(store.run(run.config.run_id()), Cache(), patience_s=None)
    store.close()


def test_keys_are_counted_anew_from_the_weights(older, run_view):
    assert older.stored.key_frequencies == OLD_KEYS
    assert not ADDED & set(older.stored.measure_names)
    share = older.at(older.last).cross_split_share
    stored = run_view.stored.measure("logits/cross_split_share", run_view.last)
    np.testing.assert_allclose(share, stored, rtol=1e-4, atol=1e-8)
    assert older.keys == run_view.keys == ()
    assert keys_cell(older) == f"none: {cross_split.MEMORISING}"


@pytest.mark.parametrize("keys", [(), (1, 3), OLD_KEYS])
def test_losses_are_those_of_the_run_that_stores_them(older, run_view, keys):
    found, expected = older.progress(keys), run_view.progress(keys)

    assert found.pending == 0
    for name in ("restricted", "cross_split", "excluded"):
        np.testing.assert_allclose(
            found.arrays[name], expected.arrays[name], rtol=1e-4, err_msg=name
        )


@pytest.mark.parametrize(
    "view_id",
    ["progress-measures", "restricted-splits", "loss-ratio", "key-rules"],
)
def test_views_show_them_as_any_other(older, view_id):
    view = get_view(view_id)
    assert view.missing(older) is None
    selection, _ = parse_selection({}, older)
    drawing = make_drawing(older.at(older.last), view, selection, "light")

    render(drawing, view)
    assert cross_split.MEMORISING in sentence(drawing, view)


def test_dead_neurons_are_found_in_the_weights(older, run_view):
    """What ``neuron/dead`` of such runs says is another thing and is not read."""
    found = dead_series(older, 0)

    assert found.pending == 0
    assert np.array_equal(found.arrays["dead"], run_view.series("neuron/inert"))
    for step in older.steps.tolist():
        _, _, dead = frequencies_at(older.at(step), 0)
        assert np.array_equal(dead, run_view.stored.measure("neuron/inert", step))
    view = get_view("neuron-activity")
    drawing = make_drawing(
        older.at(older.last), view, default_selection(older), "light"
    )
    count = int(run_view.series("neuron/inert")[-1].sum())
    assert f"{count} of 12 are dead" in sentence(drawing, view)


def test_the_list_says_by_which_rule_they_were_counted(older):
    (row,) = open_store(older.stored.path.parent).summaries()

    assert (row.key_frequencies, row.key_rule) == (OLD_KEYS, cross_split.PUBLISHED)


def test_a_checkpoint_stored_without_them_is_no_hole(run_view, tmp_path):
    """A run begun before and continued since: the first checkpoints lack them."""
    run = run_view.stored
    with RunWriter.create(tmp_path, run.config, {}) as writer:
        for step in run.steps.tolist():
            lacking = ADDED if step < run_view.last else {"loss/cross_split"}
            names = set(run.measure_names) - lacking
            measures = {name: run.measure(name, step) for name in names}
            params = run.params(step)
            writer.commit(CheckpointData(step=step, params=params, measures=measures))
    store = open_store(tmp_path)
    mixed = RunView(store.run(run.config.run_id()), Cache(), patience_s=None)

    found = mixed.restricted((1, 3)).arrays["cross_split"]

    expected = run_view.restricted((1, 3)).arrays["cross_split"]
    np.testing.assert_allclose(found, expected, rtol=1e-4)
    store.close()
