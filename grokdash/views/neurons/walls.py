"""Views of a page of neurons at once: activation grids, plain and remapped."""

from collections.abc import Callable
from functools import partial

import numpy as np
import plotly.graph_objects as go

from grokdash.analysis import forward, fourier
from grokdash.cache import Arrays
from grokdash.figures.grids import Scale
from grokdash.figures.mosaics import Captions, Wall, mosaic
from grokdash.snapshot import RunView, Snapshot
from grokdash.views.core.selection import Selection
from grokdash.views.core.view import Drawing, Guide, Traits, View
from grokdash.views.pictures import Special
from grokdash.views.reading.frequencies import alternates, parities
from grokdash.views.reading.neurons import (
    ORDERED,
    PER_PAGE,
    frequencies_at,
    sorted_neurons,
)

_COLUMNS = 6


def _page_grids(snapshot: Snapshot, selection: Selection) -> np.ndarray:
    """Give the activations ``[tiles, p, p]`` of the page that holds neuron n."""
    run, layer = snapshot.run, selection.layer
    page = sorted_neurons(run, selection).page(selection.n)
    if layer > 0 or run.config.layer_norm:
        return snapshot.neurons(layer)[page]
    params, config = snapshot.params(), run.config
    grids = [forward.neuron_grid(params, config, layer, int(n)) for n in page]
    return np.stack(grids)


def _of_its_largest(grids: np.ndarray) -> np.ndarray:
    """Divide every tile by its largest value; one that never fires stays as it is."""
    top = grids.max(axis=(1, 2), keepdims=True)
    return grids / np.where(top > 0, top, 1)


def _wall_of(count: int, side: int) -> Wall:
    columns = min(_COLUMNS, count)
    return Wall(count=count, columns=columns, height=side, width=side)


def _wall(snapshot: Snapshot, selection: Selection) -> Arrays:
    grids = _of_its_largest(_page_grids(snapshot, selection))
    return {"image": _wall_of(len(grids), grids.shape[1]).assemble(grids)}


def _remapped(snapshot: Snapshot, selection: Selection) -> Arrays:
    run = snapshot.run
    found = sorted_neurons(run, selection)
    page = found.page(selection.n)
    frequency = dict(zip(found.order.tolist(), found.frequency.tolist(), strict=True))
    tokens, q = run.order, run.modulus
    tiles, grids = [], _of_its_largest(_page_grids(snapshot, selection))
    for n, grid in zip(page.tolist(), grids, strict=True):
        k = frequency[n]
        order = tokens[fourier.frequency_order(k, q) if k > 0 else np.arange(q)]
        tiles.append(grid[np.ix_(order, order)])
    return {"image": _wall_of(len(tiles), q).assemble(np.stack(tiles))}


def _draw(side: Callable[[RunView], int], drawing: Drawing) -> go.Figure:
    selection, run = drawing.selection, drawing.run
    page = sorted_neurons(run, selection).page(selection.n)
    frequency, _, dead = frequencies_at(drawing.snapshot, selection.layer)
    low, high = drawing.limits["image"]
    scale = Scale(
        colours=drawing.theme.sequential,
        low=low,
        high=high,
        title="activation / its largest",
    )
    captions = Captions(
        ids=page.tolist(),
        texts=[_caption(n, frequency, dead) for n in page.tolist()],
        what="neuron",
        picked=selection.n,
    )
    wall = _wall_of(len(page), side(run))
    return mosaic(drawing.arrays["image"], wall, scale, drawing.theme, captions)


def _mosaic(side: Callable[[RunView], int]) -> Special:
    """Give the picture of a page of tiles of this many cells a side."""
    return Special(
        partial(_draw, side),
        Traits(
            kind="grid", scrub={"0.z": "image"}, picks={"customdata": "n"}, texts=True
        ),
    )


def _caption(n: int, frequency: np.ndarray, dead: np.ndarray) -> str:
    if dead[n]:
        return f"{n}: dead"
    return f"{n}: k {frequency[n]}" if frequency[n] > 0 else f"{n}"


def _describe_wall(drawing: Drawing) -> str:
    selection, run = drawing.selection, drawing.run
    found = sorted_neurons(run, selection)
    page = found.page(selection.n)
    frequency, _, dead = frequencies_at(drawing.snapshot, selection.layer)
    follow = int((frequency[page] > 0).sum())
    rank = int(np.flatnonzero(found.order == page[0])[0])
    return (
        f"Neurons {rank + 1} to {rank + len(page)} of {len(found.order)} in layer "
        f"{selection.layer}, {ORDERED[selection.order]}: {follow} follow one "
        f"frequency at this epoch, {int(dead[page].sum())} are dead."
    )


def _describe_remapped(drawing: Drawing) -> str:
    selection, run = drawing.selection, drawing.run
    found = sorted_neurons(run, selection)
    page = found.page(selection.n)
    k = found.frequency[np.isin(found.order, page)]
    halved = int(sum(alternates(run, value) for value in k.tolist()))
    note = (
        f" For {halved} it alternates: {parities(run)[0]} come first, then "
        f"{parities(run)[1]}, and a tile has two values each way."
        if halved
        else ""
    )
    return (
        f"{int((k > 0).sum())} of {len(page)} neurons are remapped by their own "
        f"frequency at the reference epoch; the others keep the usual order.{note}"
    )


NEURON_WALL = View(
    id="neuron-wall",
    title="Many neurons",
    question="What do the neurons of a layer look like, side by side?",
    reads=("step", "layer", "n", "order", "ref"),
    arrays=_wall,
    picture=_mosaic(lambda run: run.p),
    describe=_describe_wall,
    frequency_shares=True,
    fixed={"image": (0.0, 1.0)},
    version=2,
    replaces=(15,),
    guide=Guide(
        what=f"Activation over all pairs (b to the right, a upwards) of {PER_PAGE} "
        "neurons, each divided by its largest value at this epoch: the page that "
        "holds the selected neuron, which is framed. Captions give the neuron and "
        "its frequency; sorting is done once, at the reference epoch.",
        formula="N[a, b, n] / max N[·, ·, n] for the neurons n of one page",
        before="Speckle in every tile.",
        after="A plaid in every tile; neurons of one frequency differ by their phases "
        "only.",
        normal="Most tiles carry a frequency; the last pages hold neurons that fire "
        "for nearly every pair.",
        wrong="Black tiles: neurons that never fire. Captions say which neurons are "
        "dead: without them no logit changes. Plaids with two spacings at once: "
        "neurons of mixed frequency.",
        reference="Nanda et al. 2023, section 4.1 and figure 4",
    ),
)

NEURON_REMAPPED = View(
    id="neuron-remapped",
    title="Neurons in their own order",
    question="Do all neurons compute the same thing, up to relabelling the tokens?",
    reads=("step", "layer", "n", "order", "ref"),
    arrays=_remapped,
    picture=_mosaic(lambda run: run.modulus),
    describe=_describe_remapped,
    fixed={"image": (0.0, 1.0)},
    version=3,
    guide=Guide(
        what="The same page of neurons, with the tokens of both operands reordered "
        "for each neuron by its own frequency k at the reference epoch: in ascending "
        "order of k·$a and k·$b mod $q. Neighbours then differ by one step of the "
        "neuron's own wave, so every frequency looks like frequency 1. Where k shares "
        "a factor g with q, the g tokens that its wave cannot tell apart stand "
        "together and the bump has steps; the alternating wave of k = q/2 has two.",
        formula="N at $a = σ(i), $b = σ(j), σ sorting 0, 1, … by k·i mod $q, which is "
        "k⁻¹·i where k has an inverse",
        before="Speckle: a reordering makes no order out of nothing.",
        after="One smooth bump per tile, at a place given by the two phases.",
        normal="All tiles of all keys look alike; that is the point.",
        wrong="Stripes: the neuron follows another frequency at this epoch.",
        reference="McCracken et al. 2025",
    ),
)

VIEWS: tuple[View, ...] = (NEURON_WALL, NEURON_REMAPPED)
