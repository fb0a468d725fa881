"""After the last epoch: fix the key frequencies, measure by them, pack the run."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import torch

from grokdash.analysis import cross_split
from grokdash.analysis.measures import Measures, key_measures, key_set
from grokdash.store import Run, RunWriter, open_store
from grokdash.training.footprint import measured_at_once
from grokdash.training.progress import Reporter
from grokdash.training.recorder import Recorder


def fill_grids(recorder: Recorder, run: Run, steps: frozenset[int]) -> None:
    """Store the grids that a kill between a checkpoint and its grids has cost."""
    stored = set(run.grid_steps.tolist())
    for step in sorted(steps & set(run.steps.tolist()) - stored):
        recorder.put_grids(step, run.params(step))
    recorder.flush()


def finish(
    writer: RunWriter, recorder: Recorder, grids: frozenset[int], report: Reporter
) -> dict[str, Any]:
    """Complete a run that has reached its last epoch, and give its summary.

    The key set is counted at the final checkpoint, by what seen and unseen pairs
    share, and then applied to every earlier one, so that restricted and excluded loss
    mean the same along the whole curve.
    """
    store = open_store(writer.path.parent)
    try:
        run = store.run(writer.id)
        run.refresh()
        fill_grids(recorder, run, grids)
        run.refresh()
        last = int(run.steps[-1])
        keys = key_set(run.params(last), run.config, run.train_mask())
        answers = len(run.measure("logits/M", last))
        extra, split_known = key_series(run, keys, report), run.split_known
    finally:
        store.close()
    report.say(f"packing {len(next(iter(extra.values())))} checkpoints into run.h5")
    writer.pack(extra, keys)
    loss = float(extra["loss/cross_split"][-1])
    summary = recorder.summary() | {
        "key_frequencies": list(keys),
        "key_rule": cross_split.RULE if split_known else cross_split.PUBLISHED,
        "memorising": cross_split.is_memorising(keys, loss, answers),
    }
    writer.set_status("finished", step=last, message="", summary=summary)
    return summary


def key_series(
    run: Run, keys: tuple[int, ...], report: Reporter
) -> dict[str, np.ndarray]:
    """Measure every checkpoint by the keys, as many at once as there are threads."""
    steps, mask = run.steps.tolist(), run.train_mask()

    def measure(step: int) -> Measures:
        return key_measures(run.params(step), run.config, mask, keys)

    rows = []
    at_once = measured_at_once(run.config, torch.get_num_threads())
    with ThreadPoolExecutor(at_once) as pool:
        for row in pool.map(measure, steps):
            rows.append(row)
            report.finishing(len(rows), len(steps))
    return {
        name: np.stack([np.asarray(row[name], dtype=np.float64) for row in rows])
        for name in rows[0]
    }
