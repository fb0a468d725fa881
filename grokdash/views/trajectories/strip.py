"""View of the embedding at six epochs, all in one frame."""

import numpy as np
import plotly.graph_objects as go

from grokdash.cache import Arrays
from grokdash.figures.rings import Clouds, square_panels
from grokdash.snapshot import Snapshot
from grokdash.views.core.selection import Selection
from grokdash.views.core.view import Drawing, Guide, Traits, View
from grokdash.views.pictures import Special
from grokdash.views.reading.epochs import reference_step, spread_epochs
from grokdash.views.reading.tokens import (
    main_axes,
    projected,
    token_colours,
    token_names,
    token_scale,
)
from grokdash.written import number


def _strip(snapshot: Snapshot, selection: Selection) -> Arrays:
    run = snapshot.run
    axes = main_axes(run, reference_step(run, selection))
    steps = run.steps[spread_epochs(run)]
    points = np.array([projected(run, int(step), axes) for step in steps])
    return {"x": points[:, :, 0], "y": points[:, :, 1], "at": steps.astype(float)}


def _draw_strip(drawing: Drawing) -> go.Figure:
    arrays, theme, k = drawing.arrays, drawing.theme, drawing.selection.k
    count = len(arrays["x"])
    clouds = Clouds(
        x=arrays["x"],
        y=arrays["y"],
        colours=np.tile(token_colours(drawing, k), (count, 1)),
        labels=token_names(drawing.run),
        ids=drawing.run.order,
        titles=[f"epoch {int(step):,}" for step in arrays["at"]],
    )
    scale, names = token_scale(drawing, k), ("axis 1", "axis 2")
    bound = 1.08 * float(max(np.abs(arrays["x"]).max(), np.abs(arrays["y"]).max()))
    return square_panels(clouds, scale, theme, names, bound or 1.0)


def _describe_strip(drawing: Drawing) -> str:
    radius = np.hypot(drawing.arrays["x"], drawing.arrays["y"]).mean(axis=1)
    at = reference_step(drawing.run, drawing.selection)
    words = ", ".join(
        f"{number(r, 2)} at epoch {int(step):,}"
        for r, step in zip(radius, drawing.arrays["at"], strict=True)
    )
    return f"Mean distance from the centre in the plane of epoch {at:,}: {words}."


EMBEDDING_STRIP = View(
    id="embedding-pca-strip",
    title="Main axes of W_E over training",
    question="How does the embedding unfold, seen from one fixed frame?",
    reads=("ref",),
    arrays=_strip,
    picture=Special(_draw_strip, Traits(kind="points", styles=("colour", "k"))),
    own_axes=True,
    describe=_describe_strip,
    replaces=(21,),
    guide=Guide(
        what="The number tokens at six epochs spread evenly over the run, all on the "
        "principal axes of the reference epoch and on one scale.",
        formula="(W_E[t] − mean)·e₁, (W_E[t] − mean)·e₂, axes of the reference epoch",
        before="A small cloud.",
        after="The cloud opens into a ring whose colours are in order.",
        normal="The ring is visible well before the test accuracy reaches 1.",
        wrong="Six clouds alike: nothing is learnt in these directions.",
        reference="Power et al. 2022; Liu et al. 2022",
    ),
)

VIEWS: tuple[View, ...] = (EMBEDDING_STRIP,)
