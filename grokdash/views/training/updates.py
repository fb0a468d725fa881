"""Every single update: gradients, steps, saturated answers, slingshots."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from grokdash.analysis.thinning import slingshots, thin_extremes
from grokdash.cache import Arrays
from grokdash.errors import NotStoredError
from grokdash.figures.theme import Axis
from grokdash.snapshot import RunView, Snapshot
from grokdash.views.core.selection import Selection
from grokdash.views.core.view import Drawing, Guide, View
from grokdash.views.pictures import EpochRows, Line
from grokdash.views.reading.epochs import PHASE_NOTE, on_axis
from grokdash.written import number, percent

MOST_POINTS = 4000

_SIZES = {
    "train_loss": ("train loss (nats)", "train", Axis("loss", kind="log")),
    "grad_norm": ("gradient norm", "text", Axis("‖gradient‖", kind="log")),
    "update_norm": ("update norm", "muted", Axis("‖update‖", kind="log")),
}
"""Stored numbers of every update, a row each: name of the line, colour, axis."""
_SHARES = {
    "float32_collapse": ("softmax collapsed in float32", "collapsed"),
    "float32_zero_gradient": ("gradient zero in float32", "zero gradient"),
    "collapse_share": ("largest probability within 2⁻²⁴ of 1", "collapsed"),
}
"""Shares of the training pairs, all in one row. The last is what older runs stored
instead of the two before: it adds the softmax up in float64, which finds fewer."""


def _stored(run: RunView) -> list[str]:
    names = set(run.stored.scalar_names)
    if "float32_collapse" in names:
        names.discard("collapse_share")
    return [name for name in (*_SIZES, *_SHARES) if name in names]


def _no_scalars(run: RunView) -> str | None:
    if set(_SIZES) <= set(_stored(run)):
        return None
    return (
        "This run keeps no numbers of single updates, and they cannot be computed "
        "afterwards. Train another one with: grokdash train --new"
    )


def _strip(snapshot: Snapshot, _selection: Selection) -> Arrays:
    run = snapshot.run

    def compute() -> Arrays:
        found: dict[str, np.ndarray] = {}
        for name in _stored(run):
            steps, values = run.stored.scalars(name)
            kept = thin_extremes(values, MOST_POINTS)
            found[f"epochs_{name}"] = steps[kept].astype(float)
            found[name] = values[kept]
            if name == "train_loss":
                found["slingshots"] = slingshots(steps, values)
        return found

    return run.remember("update-strip", (len(run.steps), run.last), compute)


def _rows(drawing: Drawing) -> Sequence[tuple[Sequence[Line], Axis]]:
    shares = [
        Line(title, name, colour, width=1.0, epochs=f"epochs_{name}")
        for name, (title, colour) in _SHARES.items()
        if name in drawing.arrays
    ]
    sizes = [
        ([Line(title, name, colour, width=1.0, epochs=f"epochs_{name}")], y)
        for name, (title, colour, y) in _SIZES.items()
    ]
    return [*sizes, (shares, Axis("share", (-0.05, 1.05)))] if shares else sizes


def _mark_slingshots(fig: go.Figure, drawing: Drawing) -> go.Figure:
    fig.update_yaxes(tickfont_size=9)
    arrays = drawing.arrays
    events = arrays["slingshots"]
    return fig.add_trace(
        go.Scatter(
            x=on_axis(events, drawing),
            y=np.interp(events, arrays["epochs_train_loss"], arrays["train_loss"]),
            mode="markers",
            name="slingshot",
            marker={
                "symbol": "triangle-down",
                "size": 6,
                "color": drawing.theme.colour("slingshot"),
            },
            hovertemplate="slingshot at epoch %{x}<extra></extra>",
        )
    )


def _describe_strip(drawing: Drawing) -> str:
    arrays = drawing.arrays
    events = arrays["slingshots"]
    text = (
        f"At epoch {drawing.step:,} the gradient norm is "
        f"{number(_at(drawing, 'grad_norm'), 2)} and the update norm "
        f"{number(_at(drawing, 'update_norm'), 2)}{_describe_shares(drawing)}."
    )
    if not len(events):
        return f"{text} The train loss never jumps tenfold."
    first = ", ".join(f"{int(step):,}" for step in events[:4])
    more = " …" if len(events) > 4 else ""
    times = "once" if len(events) == 1 else f"{len(events)} times"
    return f"{text} The train loss jumps tenfold {times}: at epoch {first}{more}."


def _describe_shares(drawing: Drawing) -> str:
    if "float32_collapse" in drawing.arrays:
        collapsed, still = (
            percent(_at(drawing, name), 0)
            for name in ("float32_collapse", "float32_zero_gradient")
        )
        return (
            f"; in float32 the softmax of {collapsed} of the training pairs has "
            f"collapsed, and {still} have no gradient at all"
        )
    if "collapse_share" in drawing.arrays:
        near = percent(_at(drawing, "collapse_share"), 0)
        return (
            f"; {near} of the training pairs have a probability within 2⁻²⁴ of 1 (this "
            "run did not store how many collapse in float32: more)"
        )
    return ""


def _at(drawing: Drawing, name: str) -> float:
    steps = drawing.arrays[f"epochs_{name}"]
    if not len(steps):
        raise NotStoredError(f"{drawing.run.id}: {name} is empty")
    return float(drawing.arrays[name][np.abs(steps - drawing.step).argmin()])


UPDATE_STRIP = View(
    id="update-strip",
    title="Every update",
    question="Is training smooth, or does the optimiser throw the network about?",
    reads=(),
    arrays=_strip,
    picture=EpochRows(rows=_rows, legend=False, finish=_mark_slingshots),
    describe=_describe_strip,
    missing=_no_scalars,
    cost="stored",
    version=2,
    guide=Guide(
        what="Numbers of every update, not only of the checkpoints: train loss, norm "
        "of the gradient, norm of the update, and two shares of the training pairs: "
        "what single precision would do; the training itself adds up in float64, "
        "unless the run's loss_dtype is float32. Collapsed: the denominator of the "
        "softmax, summed in float32, is exactly 1; the loss of such a pair would be 0 "
        "if it is answered right, and so would the gradient of its right logit. Zero "
        "gradient: the gradient of every logit would be 0. Older runs stored the share "
        "of pairs with a probability within 2⁻²⁴ of 1 instead, which is smaller: it "
        "adds up in float64 what float32 loses term by term. Triangles: slingshots, "
        "the train loss jumps above ten times the smallest of the 200 updates before. "
        "Long runs are thinned to the smallest and largest value of every stretch, so "
        f"no spike is lost. {PHASE_NOTE}",
        formula="‖∇‖ and ‖Δw‖ over all weights; collapsed: Σ over c of "
        "exp(z_c − max z) = 1 in float32; zero gradient: softmax(z) − one-hot = 0 in "
        "float32 at every c",
        before="Gradient and loss fall together while pairs are memorised.",
        after="Small gradients, steady updates, few spikes.",
        normal="The update norm settles at a plateau that weight decay and Adam set, "
        "not at zero. With a float64 loss spikes are rare.",
        wrong="Spikes every thousand epochs: the loss was taken in float32, or Adam "
        "divides by a vanished second moment. A collapsed share near 1 before "
        "grokking: in single precision hardly any right logit would be pushed further.",
        reference="Thilak et al. 2022; Prieto et al. 2025",
    ),
)

VIEWS: tuple[View, ...] = (UPDATE_STRIP,)
