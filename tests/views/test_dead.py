"""What is shown of dead neurons: nothing as theirs that they do for nobody."""

import numpy as np
import pytest

from grokdash.cache import Cache
from grokdash.snapshot import RunView
from grokdash.store import CheckpointData, RunWriter, open_store
from grokdash.views import get_view
from grokdash.views.core.render import make_drawing
from grokdash.views.core.selection import default_selection


@pytest.fixture
def with_dead(run_view, tmp_path):
    """Give ``with_dead(dead)``: the tiny run with these neurons stored as dead."""
    run = run_view.stored
    opened = []

    def make(dead):
        folder = tmp_path / str(len(opened))
        with RunWriter.create(folder, run.config, {}) as writer:
            for step in run.steps.tolist():
                measures = {name: run.measure(name, step) for name in run.measure_names}
                measures["neuron/inert"] = np.array(dead, dtype=np.uint8)
                params = run.params(step)
                writer.commit(
                    CheckpointData(step=step, params=params, measures=measures)
                )
        opened.append(open_store(folder))
        return RunView(opened[-1].run(run.config.run_id()), Cache(), patience_s=None)

    yield make
    for store in opened:
        store.close()


def test_a_dead_neuron_is_not_the_typical_one(with_dead, run_view):
    typical = default_selection(run_view).n
    dead = np.arange(run_view.config.d_mlp) == typical

    assert default_selection(with_dead(dead)).n != typical


def test_a_frequency_of_dead_neurons_alone_is_nobodys(with_dead, run_view):
    view = get_view("key-rules")
    frequency = run_view.stored.measure("neuron/freq", run_view.last)
    k = int(frequency[frequency > 0][0])
    run = with_dead(frequency == k)

    z = make_drawing(run.at(run.last), view, default_selection(run), "light").arrays[
        "z"
    ]
    others = np.isin([1, 2, 3], frequency[frequency != k])
    np.testing.assert_array_equal(z[2] > 0, others)
