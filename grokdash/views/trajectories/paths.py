"""Views of the path of training through parameter space."""

from collections.abc import Callable

import numpy as np
import plotly.graph_objects as go

from grokdash.analysis import phases, trajectory
from grokdash.analysis.forward import neuron_logit_map
from grokdash.cache import Arrays
from grokdash.figures.curves import Curve, curves
from grokdash.figures.grids import Scale
from grokdash.figures.paths import marked_path
from grokdash.figures.points import Points
from grokdash.figures.stacks import Row, stack
from grokdash.figures.theme import Axis
from grokdash.snapshot import RunView, Snapshot
from grokdash.store.schema import param_shapes
from grokdash.views.core.selection import Selection
from grokdash.views.core.view import Drawing, Guide, View
from grokdash.views.embedding.space import PCA_STRIP
from grokdash.views.reading.epochs import (
    PHASE_NOTE,
    add_phases,
    epoch_axis,
    on_axis,
    sampled,
    shown_epochs,
)
from grokdash.views.training.sparsity import KIND_COLOURS, matrix_curve

MOST_CHECKPOINTS = 96


def matrix_gram(run: RunView, name: str) -> np.ndarray:
    """Give the inner products of one matrix between sampled checkpoints, ``[S, S]``.

    Every checkpoint is read once; no more than this one matrix is in memory.
    """
    steps = run.steps[sampled(run, MOST_CHECKPOINTS)]

    def read(step: int) -> np.ndarray:
        if name == "W_L":
            return neuron_logit_map(run.at(step).params(), run.config)
        return run.run.param(name, step)

    def compute() -> Arrays:
        rows = [read(int(step)).astype(np.float32).ravel() for step in steps]
        return {"gram": trajectory.gram(np.stack(rows))}

    return run.remember("gram", (name, len(steps), int(steps[-1])), compute)["gram"]


def total_gram(run: RunView) -> np.ndarray:
    """Give the inner products of all parameters together."""
    return np.sum([matrix_gram(run, name) for name in param_shapes(run.config)], axis=0)


def _scores(run: RunView, name: str | None) -> dict[str, np.ndarray]:
    """Give the path of one matrix, or of all parameters, on its principal axes."""
    places = sampled(run, MOST_CHECKPOINTS)

    def compute() -> Arrays:
        G = total_gram(run) if name is None else matrix_gram(run, name)
        found = trajectory.path(G)
        return {"scores": found.scores, "share": found.share}

    arguments = (name, len(places), int(run.steps[places[-1]]))
    return run.remember("path", arguments, compute)


def _path(
    chosen: Callable[[Selection], str | None],
) -> Callable[[Snapshot, Selection], Arrays]:
    def arrays(snapshot: Snapshot, selection: Selection) -> Arrays:
        run = snapshot.run
        places = sampled(run, MOST_CHECKPOINTS)
        steps = run.steps[places].astype(float)
        found = _scores(run, chosen(selection))
        x, y = found["scores"].T
        return {
            "x": np.array([np.interp(snapshot.step, steps, x)]),
            "y": np.array([np.interp(snapshot.step, steps, y)]),
            "path_x": x,
            "path_y": y,
            "epochs": steps,
            "accuracy": run.series("accuracy/test")[places],
            "share": found["share"],
        }

    return arrays


def _draw_path(drawing: Drawing) -> go.Figure:
    arrays = drawing.arrays
    scale = Scale(
        colours=drawing.theme.sequential, low=0.0, high=1.0, title="test accuracy"
    )
    points = Points(
        x=arrays["path_x"],
        y=arrays["path_y"],
        labels=[
            f"epoch {int(step):,}<br>test accuracy {accuracy:.1%}"
            for step, accuracy in zip(arrays["epochs"], arrays["accuracy"], strict=True)
        ],
        colours=arrays["accuracy"],
        scale=scale,
        size=5.0,
        joined=True,
    )
    mark = (float(arrays["x"][0]), float(arrays["y"][0]))
    share = arrays["share"]
    return marked_path(
        points,
        mark,
        f"epoch {drawing.step:,}",
        drawing.theme,
        Axis(f"axis 1 ({share[0]:.0%} of the path's variance)"),
        Axis(f"axis 2 ({share[1]:.0%})"),
    )


def _describe_path(drawing: Drawing) -> str:
    arrays = drawing.arrays
    place = np.array([arrays["x"][0], arrays["y"][0]])
    ends = np.stack([arrays["path_x"], arrays["path_y"]], axis=1)
    from_start = float(np.linalg.norm(place - ends[0]))
    to_end = float(np.linalg.norm(place - ends[-1]))
    share = float(np.sum(arrays["share"]))
    return (
        f"In the plane that holds {share:.0%} of the path's variance, epoch "
        f"{drawing.step:,} lies {from_start:.3g} from the start and {to_end:.3g} from "
        f"the newest checkpoint; {len(ends)} checkpoints are drawn."
    )


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
        if name.rsplit("/", 1)[-1] in KIND_COLOURS:
            lengths = trajectory.step_lengths(matrix_gram(run, name))
            found[f"speed {name}"] = lengths / gaps
    return found


def _draw_motion(drawing: Drawing) -> go.Figure:
    arrays, theme = drawing.arrays, drawing.theme
    at = on_axis(arrays["at"], drawing)
    total = Curve(name="", x=at, y=arrays["speed"], colour=theme.text, width=2.2)
    each = []
    for name, values in arrays.items():
        if name.startswith("speed "):
            line = matrix_curve(name.removeprefix("speed "), at, drawing, values)
            each.append(line)
    directions = [
        Curve(name="with the next", x=at, y=arrays["turning"], colour=theme.accent),
        Curve(
            name="towards the end",
            x=at,
            y=arrays["homing"],
            colour=theme.test,
            dash="dash",
        ),
    ]
    rows = [
        Row(lines=[total, *each], y=Axis("change per epoch", kind="log")),
        Row(lines=directions, y=Axis("cosine", (-1.05, 1.05))),
    ]
    return add_phases(stack(rows, theme, epoch_axis(drawing)), drawing)


def _describe_motion(drawing: Drawing) -> str:
    arrays = drawing.arrays
    if not len(arrays["at"]):
        return "There is one checkpoint so far, and so no change."
    index = min(int(np.searchsorted(arrays["at"], drawing.step)), len(arrays["at"]) - 1)
    homing = float(arrays["homing"][index])
    fastest = int(np.nanargmax(arrays["speed"]))
    text = (
        f"Up to epoch {int(arrays['at'][index]):,} the weights change by "
        f"{arrays['speed'][index]:.2g} per epoch; fastest of all, "
        f"{arrays['speed'][fastest]:.2g}, by epoch {int(arrays['at'][fastest]):,}"
    )
    if np.isfinite(homing):
        text += f"; the change has a cosine of {homing:.2f} with the way to the end"
    return f"{text}."


def _time(snapshot: Snapshot, _selection: Selection) -> Arrays:
    run = snapshot.run
    found = {"epochs": run.steps.astype(float)}
    for split in ("train", "test"):
        loss = run.series(f"loss/{split}")
        found[split] = phases.loss_weighted_time(run.steps, loss)
    return found


def _draw_time(drawing: Drawing) -> go.Figure:
    theme, epochs, arrays = drawing.theme, shown_epochs(drawing), drawing.arrays
    lines = [
        Curve(name="train", x=epochs, y=arrays["train"], colour=theme.train),
        Curve(name="test", x=epochs, y=arrays["test"], colour=theme.test, dash="dash"),
    ]
    y = Axis("share of all change of log loss", (-0.02, 1.08))
    return add_phases(curves(lines, theme, epoch_axis(drawing), y), drawing)


def _describe_time(drawing: Drawing) -> str:
    index, arrays = drawing.snapshot.index, drawing.arrays
    half = int(np.searchsorted(arrays["test"], 0.5))
    return (
        f"By epoch {drawing.step:,} {arrays['train'][index]:.0%} of all change of the "
        f"train loss and {arrays['test'][index]:.0%} of that of the test loss has "
        f"happened; half of the latter by epoch {int(arrays['epochs'][half]):,}."
    )


_PATH_NOTE = (
    "At most 96 checkpoints are drawn; the ring marks the current epoch and moves "
    "along the line between them. Both axes have one scale."
)

PARAMETER_PATH = View(
    id="parameter-path",
    title="Path of all weights",
    page="trajectories",
    question="What way does the whole network take, and where does it turn?",
    kind="points",
    reads=("step",),
    arrays=_path(lambda _selection: None),
    draw=_draw_path,
    describe=_describe_path,
    scrub={"1.x": "x", "1.y": "y"},
    replaces=(22,),
    guide=Guide(
        what="All parameters of every checkpoint as one vector, on the two principal "
        f"axes of the path, coloured by test accuracy. {_PATH_NOTE}",
        formula="principal components of the vectors θ(epoch), by their inner products",
        before="A long dark stretch away from the start while pairs are memorised.",
        after="A turn, and a bright stretch that slows down towards the end.",
        normal="The first two axes hold 80 to 95 % of the variance; the turn comes "
        "before the colour changes.",
        wrong="A straight line: no transition. A curve that comes back or loops: the "
        "optimiser was thrown about. Beware: smooth paths look like arcs in such axes "
        "whatever the network learns.",
        reference="Li et al. 2018; Antognini and Sohl-Dickstein 2018 on the arcs",
    ),
)

MATRIX_PATH = View(
    id="matrix-path",
    title="Path of one matrix",
    page="trajectories",
    question="When does this matrix move, and where does it settle?",
    kind="points",
    reads=("step", "matrix"),
    arrays=_path(lambda selection: selection.matrix),
    draw=_draw_path,
    describe=_describe_path,
    scrub={"1.x": "x", "1.y": "y"},
    guide=Guide(
        what="One matrix at every checkpoint as a vector, on the two principal axes of "
        "its own path, coloured by the test accuracy of the whole network. W_L is the "
        f"product W_out W_U. {_PATH_NOTE}",
        formula="principal components of vec W(epoch), from their inner products",
        before="A stretch away from the random start.",
        after="A turn towards the final structure.",
        normal="Embedding and read-out turn together; attention may settle earlier.",
        wrong="A matrix that never leaves its start: its gradient is blocked, or it is "
        "not used.",
        reference="",
    ),
)

MOTION = View(
    id="weight-motion",
    title="Size and direction of the changes",
    page="trajectories",
    question="How fast do the weights change, and do they head straight to the end?",
    kind="curves",
    reads=(),
    styles=("x",),
    arrays=_motion,
    draw=_draw_motion,
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
        normal="A second bump of speed at the transition; successive changes have "
        "cosines above 0.5 on the way.",
        wrong="Negative cosines between neighbours: training oscillates. Spikes of "
        "speed after grokking: instability of Adam.",
        reference="",
    ),
)

LOSS_TIME = View(
    id="loss-time",
    title="Loss-weighted time",
    page="trajectories",
    question="When does something happen, and when does training merely go on?",
    kind="curves",
    reads=(),
    styles=("x",),
    arrays=_time,
    draw=_draw_time,
    describe=_describe_time,
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

VIEWS: tuple[View, ...] = (
    PARAMETER_PATH,
    MATRIX_PATH,
    PCA_STRIP,
    MOTION,
    LOSS_TIME,
)
