"""Views of the neurons of a layer over all of training."""

import numpy as np

from grokdash.cache import Arrays
from grokdash.figures.theme import Axis
from grokdash.snapshot import Snapshot
from grokdash.views.core.normal import span
from grokdash.views.core.selection import Selection
from grokdash.views.core.view import Drawing, Guide, View, pending
from grokdash.views.pictures import EpochCurves, Line
from grokdash.views.reading.frames import basis_note, needs_stored
from grokdash.views.reading.frequencies import key_colours
from grokdash.views.reading.neurons import dead_series, layer_slice
from grokdash.written import percent, whole

ALWAYS = 0.99
"""Share of pairs on which a neuron that is called always on fires at least."""


def _known(series: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Blank the checkpoints that lack a measure."""
    return np.where(np.isfinite(series.astype(float)).all(axis=1), values, np.nan)


def _activity(snapshot: Snapshot, selection: Selection) -> Arrays:
    run = snapshot.run
    part = layer_slice(run, selection.layer)
    active = run.series("neuron/active")[:, part].astype(float)
    found = dead_series(run, selection.layer)
    return {
        "epochs": run.steps.astype(float),
        "dead": found.arrays["dead"].sum(axis=1),
        "always": _known(active, (active >= ALWAYS).sum(axis=1)),
        "active": 100 * active.mean(axis=1),
        **pending(found, run.steps),
    }


def _activity_lines(drawing: Drawing) -> list[Line]:
    dead, always = (
        100 * drawing.arrays[name] / drawing.run.config.d_mlp
        for name in ("dead", "always")
    )
    return [
        Line("pairs fired on (%)", "active", "text"),
        Line("dead (% of neurons)", dead, "dead", dash="dot"),
        Line("always on (% of neurons)", always, "always on", dash="dash"),
    ]


def _describe_activity(drawing: Drawing) -> str:
    arrays, index = drawing.arrays, drawing.snapshot.index
    active, dead, always = (
        arrays[name][index] for name in ("active", "dead", "always")
    )
    if not np.isfinite([active, always]).all():
        return "Activity was not stored at this epoch."
    count = whole(dead) if np.isfinite(dead) else "a number not yet computed"
    return (
        f"At epoch {drawing.step:,} a neuron of layer {drawing.selection.layer} fires "
        f"on {whole(active)} % of the pairs on average; {count} of "
        f"{drawing.run.config.d_mlp} are dead, {whole(always)} fire on at least "
        f"{percent(ALWAYS, 0)} of the pairs."
    )


def _sizes(snapshot: Snapshot, selection: Selection) -> Arrays:
    run = snapshot.run
    part = layer_slice(run, selection.layer)
    frequency = run.series("neuron/freq")[:, part].astype(float)
    found = dead_series(run, selection.layer)
    dead = found.arrays["dead"]
    frequency = np.where(np.isnan(dead), np.nan, frequency)
    keys = np.array(sorted(run.keys), dtype=int)
    alive = dead == 0
    by_key = ((frequency[:, :, None] == keys) & alive[:, :, None]).sum(axis=1)
    explained = ((frequency > 0) & alive).sum(axis=1)
    other = ((frequency < 1) & alive).sum(axis=1)
    return {
        "epochs": run.steps.astype(float),
        "keys": keys,
        "by_key": _known(frequency, by_key.T.astype(float)).T,
        "not_key": _known(frequency, explained - by_key.sum(axis=1)),
        "other": _known(frequency, other),
        **pending(found, run.steps),
    }


def _size_lines(drawing: Drawing) -> list[Line]:
    keys, sizes = drawing.arrays["keys"], drawing.arrays["by_key"].T
    of_keys = key_colours(drawing)
    return [
        *(
            Line(f"k = {k}", size, of_keys[int(k)], width=2.0)
            for k, size in zip(keys, sizes, strict=True)
        ),
        Line("other frequencies", "not_key", "muted", dash="dash"),
        Line("no one frequency", "other", "muted", dash="dot"),
    ]


def _all_neurons(drawing: Drawing) -> Axis:
    top = 1.03 * drawing.run.config.d_mlp
    return Axis("neurons", (-0.03 * top, top))


def _describe_sizes(drawing: Drawing) -> str:
    arrays, index = drawing.arrays, drawing.snapshot.index
    if not np.isfinite(arrays["other"][index]):
        return "Neuron frequencies are not known at this epoch."
    sizes = ", ".join(
        f"{whole(count)} at frequency {k}"
        for k, count in zip(arrays["keys"], arrays["by_key"][index], strict=True)
    )
    head = f"At epoch {drawing.step:,}"
    return (
        f"{head}: {sizes or 'no key frequencies yet'}; "
        f"{whole(arrays['not_key'][index])} at other frequencies, "
        f"{whole(arrays['other'][index])} without one.{basis_note(drawing.run)}"
    )


NEURON_ACTIVITY = View(
    id="neuron-activity",
    title="How often neurons fire",
    question="Do neurons die, or fire for every pair, during training?",
    reads=("layer",),
    arrays=_activity,
    picture=EpochCurves(lines=_activity_lines, y=Axis("per cent", (-3.0, 103.0))),
    describe=_describe_activity,
    missing=needs_stored("neuron/active"),
    cost="stored",
    version=2,
    guide=Guide(
        what="At every checkpoint: the share of pairs on which a neuron of the layer "
        "fires, averaged over neurons; the share of neurons whose removal changes no "
        "logit (dead), because they are never active or because nothing reads them; "
        "and the share that fires on at least 99 % of the pairs (always on).",
        formula="mean of [N > 0]; count of n with |N[a, b, n]| max_c |W_L[n, c]| ≤ "
        "2⁻²⁴ max_c |L[a, b, c]| for every pair, which float32 rounds away (with "
        "LayerNorm and in earlier blocks: the same of W_out and the residual stream); "
        "count of n with mean [N > 0] ≥ 0.99",
        before="Neurons fire on about half of the pairs.",
        after=f"Neurons of a key frequency fire on {span('firing')} of the pairs, the "
        "mean for each key.",
        normal=f"Dead are {span('dead')}; always-on ones work as a linear path.",
        wrong="A steep rise of dead neurons: learning rate too high, or a collapse. "
        "With GELU firing means a positive value: one that never fires is slightly "
        "negative, and dead only if that changes no logit.",
        reference="Nanda et al. 2023, section 4.3",
    ),
)

NEURON_CLUSTER_CURVES = View(
    id="neuron-cluster-curves",
    title="Neurons per frequency over training",
    question="When do neurons join the key frequencies?",
    reads=("layer",),
    arrays=_sizes,
    picture=EpochCurves(lines=_size_lines, y=_all_neurons),
    describe=_describe_sizes,
    frequency_shares=True,
    missing=needs_stored("neuron/freq"),
    cost="stored",
    version=2,
    replaces=(12,),
    guide=Guide(
        what="Number of neurons with over 85 % of their variance in one frequency, at "
        "every checkpoint: one line per key frequency, and grey lines for neurons at "
        "other frequencies and for those without one. Dead neurons are not counted.",
        formula="count of n with max_k share_k[n] > 0.85, by argmax",
        before="No neuron has a frequency.",
        after="The coloured lines hold most neurons.",
        normal="They rise during circuit formation; the grey dashed line stays low.",
        wrong="A coloured line that falls after grokking: a frequency is being given "
        "up, often a sign of cleanup still going on.",
        reference="Nanda et al. 2023, section 4.3",
    ),
)

VIEWS: tuple[View, ...] = (NEURON_ACTIVITY, NEURON_CLUSTER_CURVES)
