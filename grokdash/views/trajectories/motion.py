"""Views of how fast training moves through parameter space, and which way."""

from collections.abc import Sequence

import numpy as np

from grokdash.analysis import phases, trajectory
from grokdash.cache import Arrays
from grokdash.figures.colours import MATRICES
from grokdash.figures.theme import Axis
from grokdash.snapshot import Snapshot
from grokdash.store.schema import param_shapes
from grokdash.views.core.selection import Selection
from grokdash.views.core.view import Drawing, Guide, View, needs_split
from grokdash.views.pictures import EpochCurves, EpochRows, Line, matrix_line
from grokdash.views.reading.epochs import PHASE_NOTE, sampled
from grokdash.views.trajectories.paths import (
    MOST_CHECKPOINTS,
    matrix_gram,
    total_gram,
)
from grokdash.written import fixed, number, percent


def _motion(snapshot: Snapshot, _selection: Selection) -> Arrays:
    run = snapshot.run
    epochs = run.steps[sampled(run, MOST_CHECKPOINTS)].astype(float)
    G = total_gram(run)
    gaps = np.diff(epochs)
    found = {
        "epochs": run.steps.astype(float),
        "at": epochs[1:],
        "speed": trajectory.step_lengths(G) / gaps,
        "turning": np.concatenate([trajectory.turning_cosines(G), [np.nan]])[
            : len(gaps)
        ],
        "homing": trajectory.homing_cosines(G),
    }
    for name in param_shapes(run.config):
        if name.rsplit("/", 1)[-1] in MATRICES:
            lengths = trajectory.step_lengths(matrix_gram(run, name))
            found[f"speed {name}"] = lengths / gaps
    return found


def _motion_rows(drawing: Drawing) -> Sequence[tuple[Sequence[Line], Axis]]:
    each = [
        matrix_line(name.removeprefix("speed "), drawing, values, epochs="at")
        for name, values in drawing.arrays.items()
        if name.startswith("speed ")
    ]
    directions = [
        Line("with the next", "turning", "turning", epochs="at"),
        Line("towards the end", "homing", "homing", dash="dash", epochs="at"),
    ]
    total = Line("", "speed", "text", width=2.2, epochs="at")
    return (
        ([total, *each], Axis("change per epoch", kind="log")),
        (directions, Axis("cosine", (-1.05, 1.05))),
    )


def _describe_motion(drawing: Drawing) -> str:
    arrays = drawing.arrays
    if not len(arrays["at"]):
        return "There is one checkpoint so far, and so no change."
    index = min(int(np.searchsorted(arrays["at"], drawing.step)), len(arrays["at"]) - 1)
    homing = float(arrays["homing"][index])
    fastest = int(np.nanargmax(arrays["speed"]))
    text = (
        f"Up to epoch {int(arrays['at'][index]):,} the weights change by "
        f"{number(arrays['speed'][index], 2)} per epoch; fastest of all, "
        f"{number(arrays['speed'][fastest], 2)}, by epoch "
        f"{int(arrays['at'][fastest]):,}"
    )
    if np.isfinite(homing):
        text += f"; the change has a cosine of {fixed(homing)} with the way to the end"
    return f"{text}."


def _time(snapshot: Snapshot, _selection: Selection) -> Arrays:
    run = snapshot.run
    found = {"epochs": run.steps.astype(float)}
    for split in ("train", "test"):
        loss = run.series(f"loss/{split}")
        found[split] = phases.loss_weighted_time(run.steps, loss)
    return found


def _describe_time(drawing: Drawing) -> str:
    index, arrays = drawing.snapshot.index, drawing.arrays
    half = int(np.searchsorted(arrays["test"], 0.5))
    return (
        f"By epoch {drawing.step:,} {percent(arrays['train'][index], 0)} of all change "
        f"of the train loss and {percent(arrays['test'][index], 0)} of that of the "
        "test loss has happened; half of the latter by epoch "
        f"{int(arrays['epochs'][half]):,}."
    )


MOTION = View(
    id="weight-motion",
    title="Size and direction of the changes",
    question="How fast do the weights change, and do they head straight to the end?",
    reads=(),
    arrays=_motion,
    picture=EpochRows(rows=_motion_rows),
    describe=_describe_motion,
    guide=Guide(
        what="Above: distance between neighbouring checkpoints divided by the epochs "
        "between them, for all weights (thick) and every matrix. Below: the cosine "
        "between each change and the next, and between each change and the way from "
        f"there to the last checkpoint. At most 96 checkpoints. {PHASE_NOTE}",
        formula="‖θ_j − θ_i‖/(j − i); cos(θ_j − θ_i, θ_k − θ_j) for i < j < k; "
        "cos(θ_j − θ_i, θ_end − θ_i)",
        before="Fast changes while memorising; little of them points to the end.",
        after="Changes shrink by orders of magnitude; near the end they point there by "
        "definition.",
        normal="A second bump of speed at the transition; successive changes point "
        "roughly the same way.",
        wrong="Negative cosines between neighbours: training oscillates. Spikes of "
        "speed after grokking: instability of Adam.",
        reference="",
    ),
)

LOSS_TIME = View(
    id="loss-time",
    title="Loss-weighted time",
    question="When does something happen, and when does training merely go on?",
    reads=(),
    arrays=_time,
    picture=EpochCurves(
        lines=(
            Line("train", "train", "train"),
            Line("test", "test", "test", dash="dash"),
        ),
        y=Axis("share of all change of log loss", (-0.02, 1.08)),
    ),
    describe=_describe_time,
    missing=needs_split(),
    cost="stored",
    guide=Guide(
        what="A clock that only runs while the loss changes: the share of all change "
        "of log loss, up or down, that has happened by each epoch, for the training "
        f"pairs and for all others. {PHASE_NOTE}",
        formula="Σ |Δ log₁₀ loss| up to the epoch ÷ Σ |Δ log₁₀ loss| over the run",
        before="The train clock runs, the test clock too: its loss rises.",
        after="The test clock makes most of its way in the transition.",
        normal="Steep where curves fall by decades, flat on plateaus.",
        wrong="A clock that runs evenly to the end: the loss is noise, or still falls.",
        reference="",
    ),
)

VIEWS: tuple[View, ...] = (MOTION, LOSS_TIME)
