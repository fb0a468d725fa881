"""The loss and accuracy curves of a run so far, and what is said of them in passing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from grokdash.analysis import phases
from grokdash.config import RunConfig
from grokdash.store import Run, open_store

NAMES = ("loss/train", "loss/test", "accuracy/train", "accuracy/test")
SPARKLINE = 40


@dataclass(slots=True)
class Curves:
    """Four scalars per checkpoint: losses in nats, accuracies as fractions."""

    steps: list[int] = field(default_factory=list)
    values: dict[str, list[float]] = field(
        default_factory=lambda: {name: [] for name in NAMES}
    )

    def append(self, step: int, measures: Mapping[str, np.ndarray]) -> None:
        """Add one checkpoint; one that is known already is left as it is."""
        if self.steps and step <= self.steps[-1]:
            return
        self.steps.append(step)
        for name in NAMES:
            self.values[name].append(float(np.asarray(measures.get(name, np.nan))))

    def last(self, name: str) -> float:
        """Give the newest value, NaN if there is none."""
        return self.values[name][-1] if self.steps else float("nan")

    def grok(self, config: RunConfig) -> phases.GrokInterval | None:
        """Date the rise of the test accuracy, if anything is known yet."""
        if not self.steps:
            return None
        return phases.grok_interval(
            np.array(self.steps, dtype=np.int64),
            np.array(self.values["accuracy/test"]),
            config.epochs,
            train_accuracy=np.array(self.values["accuracy/train"]),
        )

    def phases(self, config: RunConfig) -> phases.Phases:
        """Date the phases of the training so far."""
        return phases.phases(
            np.array(self.steps, dtype=np.int64),
            np.array(self.values["loss/test"]),
            np.array(self.values["accuracy/train"]),
            config.p,
        )

    def summary(self, config: RunConfig) -> dict[str, Any]:
        """Give what the list of runs shows: last values, grok interval, sparkline.

        Nothing before there is a checkpoint, or where the split is not known.
        """
        if not np.isfinite(self.values["accuracy/test"]).any():
            return {}
        grok, stand = self.grok(config), self.phases(config)
        accuracy = self.values["accuracy/test"]
        chosen = np.linspace(0, len(accuracy) - 1, min(SPARKLINE, len(accuracy)))
        return {
            "train_loss": self.last("loss/train"),
            "test_loss": self.last("loss/test"),
            "train_accuracy": self.last("accuracy/train"),
            "test_accuracy": self.last("accuracy/test"),
            "grok_start": grok.after if grok else None,
            "grok_end": grok.until if grok else None,
            "grok_state": grok.state if grok else "",
            "phase": stand.now,
            "stand": stand.text,
            "sparkline": [round(accuracy[round(i)], 4) for i in chosen],
        }


def stored_curves(folder: Path, up_to: int) -> Curves:
    """Read back the curves of the run in a folder that is resumed from a step."""
    store = open_store(folder.parent)
    try:
        return _read_curves(store.run(folder.name), up_to)
    finally:
        store.close()


def _read_curves(run: Run, up_to: int) -> Curves:
    steps = [int(step) for step in run.steps if step <= up_to]
    curves = Curves()
    known = [name for name in NAMES if name in run.measure_names]
    columns = {name: run.series(name, np.array(steps)) for name in known}
    for row, step in enumerate(steps):
        curves.append(step, {n: np.asarray(columns[n][row]) for n in known})
    return curves
