"""Every single update: gradients, steps, saturated answers, slingshots."""

import numpy as np
import plotly.graph_objects as go

from grokdash.analysis.thinning import slingshots, thin_extremes
from grokdash.cache import Arrays
from grokdash.errors import NotStoredError
from grokdash.figures.curves import Curve
from grokdash.figures.stacks import Row, stack
from grokdash.figures.theme import Axis
from grokdash.snapshot import RunView, Snapshot
from grokdash.views.core.selection import Selection
from grokdash.views.core.view import Drawing, Guide, View
from grokdash.views.reading.epochs import PHASE_NOTE, add_phases, epoch_axis, on_axis

MOST_POINTS = 4000

_TITLES = {
    "train_loss": "train loss (nats)",
    "grad_norm": "gradient norm",
    "update_norm": "update norm",
    "collapse_share": "share of collapsed softmax",
}
_ROWS = tuple(_TITLES)


def _no_scalars(run: RunView) -> str | None:
    if set(_ROWS) <= set(run.run.scalar_names):
        return None
    return (
        "This run keeps no numbers of single updates, and they cannot be computed "
        "afterwards. Train another one with: python train.py --new"
    )


def _strip(snapshot: Snapshot, _selection: Selection) -> Arrays:
    run = snapshot.run

    def compute() -> Arrays:
        found: dict[str, np.ndarray] = {}
        for name in _ROWS:
            steps, values = run.run.scalars(name)
            kept = thin_extremes(values, MOST_POINTS)
            found[f"epochs_{name}"] = steps[kept].astype(float)
            found[name] = values[kept]
            if name == "train_loss":
                found["slingshots"] = slingshots(steps, values)
        return found

    return run.remember("update-strip", (len(run.steps), run.last), compute)


def _draw_strip(drawing: Drawing) -> go.Figure:
    theme, arrays = drawing.theme, drawing.arrays
    axes = {
        "train_loss": Axis("loss", kind="log"),
        "grad_norm": Axis("‖gradient‖", kind="log"),
        "update_norm": Axis("‖update‖", kind="log"),
        "collapse_share": Axis("collapsed", (-0.05, 1.05)),
    }
    colours = dict(
        zip(_ROWS, (theme.train, theme.text, theme.muted, theme.test), strict=True)
    )
    rows = [
        Row(
            lines=[
                Curve(
                    name=_TITLES[name],
                    x=on_axis(arrays[f"epochs_{name}"], drawing),
                    y=arrays[name],
                    colour=colours[name],
                    width=1.0,
                )
            ],
            y=axes[name],
        )
        for name in _ROWS
    ]
    fig = stack(rows, theme, epoch_axis(drawing), legend=False)
    fig.update_yaxes(tickfont_size=9)
    _mark_slingshots(fig, drawing)
    return add_phases(fig, drawing)


def _mark_slingshots(fig: go.Figure, drawing: Drawing) -> None:
    events = on_axis(drawing.arrays["slingshots"], drawing)
    fig.add_trace(
        go.Scatter(
            x=events,
            y=np.interp(
                events,
                on_axis(drawing.arrays["epochs_train_loss"], drawing),
                drawing.arrays["train_loss"],
            ),
            mode="markers",
            name="slingshot",
            marker={"symbol": "triangle-down", "size": 6, "color": drawing.theme.test},
            hovertemplate="slingshot at epoch %{x}<extra></extra>",
        )
    )


def _describe_strip(drawing: Drawing) -> str:
    arrays = drawing.arrays
    events = arrays["slingshots"]
    text = (
        f"At epoch {drawing.step:,} the gradient norm is "
        f"{_at(drawing, 'grad_norm'):.2g} and the update norm "
        f"{_at(drawing, 'update_norm'):.2g}; "
        f"{_at(drawing, 'collapse_share'):.0%} of the training pairs have a softmax "
        "that float32 rounds to exactly 1."
    )
    if not len(events):
        return f"{text} The train loss never jumps tenfold."
    first = ", ".join(f"{int(step):,}" for step in events[:4])
    more = " …" if len(events) > 4 else ""
    times = "once" if len(events) == 1 else f"{len(events)} times"
    return f"{text} The train loss jumps tenfold {times}: at epoch {first}{more}."


def _at(drawing: Drawing, name: str) -> float:
    steps = drawing.arrays[f"epochs_{name}"]
    if not len(steps):
        raise NotStoredError(f"{drawing.run.id}: {name} is empty")
    return float(drawing.arrays[name][np.abs(steps - drawing.step).argmin()])


UPDATE_STRIP = View(
    id="update-strip",
    title="Every update",
    page="training",
    question="Is training smooth, or does the optimiser throw the network about?",
    kind="curves",
    reads=(),
    styles=("x",),
    arrays=_strip,
    draw=_draw_strip,
    describe=_describe_strip,
    missing=_no_scalars,
    cost="stored",
    guide=Guide(
        what="Four numbers of every update, not only of the checkpoints: train loss, "
        "norm of the gradient, norm of the update, and the share of training pairs "
        "whose softmax is exactly 1 in float32, so that single precision would give "
        "them no gradient. Triangles mark slingshots: the train loss "
        "jumps above ten times the smallest of the 200 updates before. Long runs are "
        "thinned to the smallest and largest value of every stretch, so no spike is "
        f"lost. {PHASE_NOTE}",
        formula="‖∇‖ and ‖Δw‖ over all weights; collapsed: in float32, "
        "Σ over c of exp(z_c − max z) = 1",
        before="Gradient and loss fall together while pairs are memorised.",
        after="Small gradients, steady updates, few spikes.",
        normal="The update norm settles at a plateau that weight decay and Adam set, "
        "not at zero. With a float64 loss spikes are rare.",
        wrong="Spikes every thousand epochs: the loss was taken in float32, or Adam "
        "divides by a vanished second moment. A collapsed share near 1 before "
        "grokking: single precision would stop learning here.",
        reference="Thilak et al. 2022; Prieto et al. 2025",
    ),
)

VIEWS: tuple[View, ...] = (UPDATE_STRIP,)
