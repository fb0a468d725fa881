"""Views of the path of training through parameter space."""

from collections.abc import Callable

import numpy as np
import plotly.graph_objects as go

from grokdash.analysis import trajectory
from grokdash.analysis.forward import neuron_logit_map
from grokdash.cache import Arrays
from grokdash.figures.grids import Scale
from grokdash.figures.paths import marked_path
from grokdash.figures.points import Points
from grokdash.figures.theme import Axis
from grokdash.snapshot import RunView, Snapshot
from grokdash.store.schema import param_shapes
from grokdash.views.core.normal import span
from grokdash.views.core.selection import Selection
from grokdash.views.core.view import Drawing, Guide, Traits, View
from grokdash.views.pictures import Special
from grokdash.views.reading.epochs import sampled
from grokdash.written import number, percent

MOST_CHECKPOINTS = 96


def matrix_gram(run: RunView, name: str) -> np.ndarray:
    """Give the inner products of one matrix between sampled checkpoints, ``[S, S]``.

    Every checkpoint is read once; no more than this one matrix is in memory.
    """
    steps = run.steps[sampled(run, MOST_CHECKPOINTS)]

    def read(step: int) -> np.ndarray:
        if name == "W_L":
            return neuron_logit_map(run.at(step).params(), run.config)
        return run.stored.param(name, step)

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
    scale = Scale(colours=drawing.theme.ramp, low=0.0, high=1.0, title="test accuracy")
    points = Points(
        x=arrays["path_x"],
        y=arrays["path_y"],
        labels=[
            f"epoch {int(step):,}<br>test accuracy {percent(accuracy)}"
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
        Axis(f"axis 1 ({percent(share[0], 0)} of the path's variance)"),
        Axis(f"axis 2 ({percent(share[1], 0)})"),
    )


def _describe_path(drawing: Drawing) -> str:
    arrays = drawing.arrays
    place = np.array([arrays["x"][0], arrays["y"][0]])
    ends = np.stack([arrays["path_x"], arrays["path_y"]], axis=1)
    from_start = float(np.linalg.norm(place - ends[0]))
    to_end = float(np.linalg.norm(place - ends[-1]))
    share = float(np.sum(arrays["share"]))
    return (
        f"In the plane that holds {percent(share, 0)} of the path's variance, epoch "
        f"{drawing.step:,} lies {number(from_start)} from the start and "
        f"{number(to_end)} from the newest checkpoint; {len(ends)} checkpoints are "
        f"drawn."
    )


_PICTURE = Special(_draw_path, Traits(kind="points", scrub={"1.x": "x", "1.y": "y"}))

_PATH_NOTE = (
    "At most 96 checkpoints are drawn; the ring marks the current epoch and moves "
    "along the line between them. Both axes have one scale."
)

PARAMETER_PATH = View(
    id="parameter-path",
    title="Path of all weights",
    question="What way does the whole network take, and where does it turn?",
    reads=("step",),
    arrays=_path(lambda _selection: None),
    picture=_PICTURE,
    own_axes=True,
    describe=_describe_path,
    replaces=(22,),
    guide=Guide(
        what="All parameters of every checkpoint as one vector, on the two principal "
        f"axes of the path, coloured by test accuracy. {_PATH_NOTE}",
        formula="principal components of the vectors θ(epoch), by their inner products",
        before="A long dark stretch away from the start while pairs are memorised.",
        after="A turn, and a bright stretch that slows down towards the end.",
        normal=f"The first two axes hold {span('path_axes')} of the variance; the "
        "turn comes before the colour changes.",
        wrong="A straight line: no transition. A curve that comes back or loops: the "
        "optimiser was thrown about. Beware: smooth paths look like arcs in such axes "
        "whatever the network learns.",
        reference="Li et al. 2018; Antognini and Sohl-Dickstein 2018 on the arcs",
    ),
)

MATRIX_PATH = View(
    id="matrix-path",
    title="Path of one matrix",
    question="When does this matrix move, and where does it settle?",
    reads=("step", "matrix"),
    arrays=_path(lambda selection: selection.matrix),
    picture=_PICTURE,
    own_axes=True,
    describe=_describe_path,
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

VIEWS: tuple[View, ...] = (PARAMETER_PATH, MATRIX_PATH)
