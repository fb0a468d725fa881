"""Views of the logits in parts: all, the key frequencies' part, and the rest."""

import numpy as np
import plotly.graph_objects as go

from grokdash.analysis import losses, parts, pieces, variation
from grokdash.cache import Arrays
from grokdash.figures.highlights import mark_place
from grokdash.figures.theme import Axis
from grokdash.snapshot import Snapshot
from grokdash.views.core.normal import span
from grokdash.views.core.selection import Selection, chosen_keys
from grokdash.views.core.view import Drawing, Guide, View, needs_split
from grokdash.views.pictures import Line, PairMap, PairMaps, Profile
from grokdash.views.reading.frames import needs_stored
from grokdash.views.reading.keys import no_keys
from grokdash.written import number, percent

PARTS = ("full", "restricted", "excluded")


def key_text(drawing: Drawing) -> str:
    """Name the key set in force, and say so when it is not final or empty."""
    run = drawing.run
    keys = chosen_keys(drawing.selection, run)
    if not keys:
        return no_keys(run)
    names = f"Key frequencies {', '.join(map(str, keys))}"
    chosen = bool(drawing.selection.keys)
    return names if chosen or run.keys_final else f"{names} (provisional)"


def _class_parts(snapshot: Snapshot, selection: Selection) -> Arrays:
    run = snapshot.run
    keys = chosen_keys(selection, run)
    if snapshot.fits:
        found = parts.class_parts(snapshot.logits, run.fibres, keys, selection.c)
        return {"parts": found}
    place = np.flatnonzero(run.fibres.class_order == selection.c)
    if not len(place):
        return {"parts": np.full((3, run.p, run.p), np.nan, dtype=np.float32)}
    groups, at = run.fibres, int(place[0])
    waves = parts.waves(snapshot.mean_logits, groups.counts, keys)
    full = pieces.class_logit(snapshot.logit_blocks(), groups, at, run.p)
    return {"parts": parts.split_class(full, waves, groups, at, run.p)}


def _describe_class_parts(drawing: Drawing) -> str:
    full, restricted, _ = drawing.arrays["parts"]
    c = drawing.selection.c
    if not np.isfinite(full).any():
        return (
            f"Class {c} is outside the frame of this operation (it has no discrete "
            "logarithm): choose another class."
        )
    total = variation.variance(full)
    left = float(np.nanvar(full - restricted, dtype=np.float64))
    share = 1 - left / total if total > 0 else np.nan
    return (
        f"{key_text(drawing)}: their waves explain {percent(share)} of the "
        f"variance of the logit of class {c} over the pairs."
    )


def _input_parts(snapshot: Snapshot, selection: Selection) -> Arrays:
    run, a, b = snapshot.run, selection.a, selection.b
    keys = chosen_keys(selection, run)
    found = {name: np.full(run.p, np.nan) for name in PARTS}
    full = parts.pair_logits(snapshot.params(), run.config, a, b).astype(np.float64)
    groups = run.fibres
    place = np.flatnonzero(groups.order == a * run.p + b)
    inside = groups.class_order
    found["full"] = full - full[inside].mean()
    if len(place):
        s = groups.label[place[0]]
        waves = parts.waves(snapshot.measure("logits/M"), groups.counts, keys)
        found["restricted"][inside] = waves.restricted[s]
        found["excluded"][inside] = found["full"][inside] - waves.kept[s]
    return found


def _classes(drawing: Drawing) -> Axis:
    p = drawing.run.p
    return Axis("class c", (-0.5, p - 0.5), values=np.arange(p))


def _mark_answer(fig: go.Figure, drawing: Drawing) -> go.Figure:
    run, selection = drawing.run, drawing.selection
    answer = int(run.table[selection.a, selection.b])
    if answer < 0:
        return fig
    text, side = f"answer {answer}", answer < run.p / 2
    return mark_place(fig, float(answer), text, drawing.theme, right=side)


def _describe_input_parts(drawing: Drawing) -> str:
    run, selection = drawing.run, drawing.selection
    full = drawing.arrays["full"]
    a, b = selection.a, selection.b
    answer = int(run.table[a, b])
    best = int(np.argmax(full))
    if answer < 0:
        return (
            f"{a} {run.config.rule.symbol} {b} is undefined and never trained; the "
            f"network says {best}."
        )
    loss = float(losses.cross_entropy(full[None], np.array([answer]))[0])
    asked = "trained on" if run.train_mask[a, b] else "never trained on"
    about = f" ({asked})" if run.split_known else ""
    verdict = "rightly" if best == answer else f"wrongly (the answer is {answer})"
    return (
        f"For a = {a}, b = {b}{about} the network says {best}, {verdict}, at a loss "
        f"of {number(loss)} nats. {key_text(drawing)}."
    )


def _residual(snapshot: Snapshot, selection: Selection) -> Arrays:
    found = snapshot.without_waves(chosen_keys(selection, snapshot.run))
    return {"margin": found.margin, "loss": found.loss}


def _describe_residual(drawing: Drawing) -> str:
    train, test, _ = drawing.arrays["loss"]
    return (
        f"{key_text(drawing)}. Without their waves training pairs cost {number(train)} "
        f"nats and all others {number(test)}: a memorisation score of "
        f"{number(test - train)}."
    )


CLASS_PARTS = View(
    id="class-parts",
    title="One class: full, restricted, excluded",
    question="How much of a class's logit do the key frequencies make?",
    reads=("step", "c", "keys"),
    arrays=_class_parts,
    picture=PairMaps(
        "parts",
        lambda drawing: f"logit of class {drawing.selection.c}",
        PARTS,
        signed=True,
    ),
    describe=_describe_class_parts,
    cost="heavy",
    replaces=(18,),
    guide=Guide(
        what="The logit of the chosen class c for every pair, three times on one "
        "scale: as the network gives it, only the key frequencies' waves in $sum "
        "with the mean over all pairs, and everything but those waves. The mean over "
        "classes is subtracted. In a frame of discrete logarithms pairs with a zero "
        "are blank.",
        formula="restricted = mean over pairs + Σ over keys of the projection on "
        "cos w($sum), sin w($sum); excluded = full − that projection, w = 2πk/$q",
        before="Full and excluded look alike, speckled at the training pairs of the "
        "class; restricted is nearly blank.",
        after="Full and restricted look alike: bright where $whole = c. "
        "Excluded is a faint texture.",
        normal=f"The waves explain {span('class_parts')} of the variance after "
        "grokking; the rest is mostly a dependence of the amplitude on a − b.",
        wrong="Structure left in excluded after grokking: a frequency is missing from "
        "the key set. Add it in the box for keys.",
        reference="Nanda et al. 2023, sections 4.4 and 5.1",
    ),
)

INPUT_PARTS = View(
    id="input-logits",
    title="All logits of one pair",
    question="What does the network answer to the chosen pair, and why?",
    reads=("step", "a", "b", "keys"),
    arrays=_input_parts,
    picture=Profile(
        lines=(
            Line("full", "full", "text", width=1.8),
            Line("restricted", "restricted", "restricted", dash="dash"),
            Line("excluded", "excluded", "excluded", dash="dot"),
        ),
        x=_classes,
        y="logit above the mean of all classes",
        room=0.06,
        picks={"x": "c"},
        finish=_mark_answer,
    ),
    describe=_describe_input_parts,
    missing=needs_stored("logits/M"),
    guide=Guide(
        what="Every class's logit for the chosen a and b: as the network gives it, "
        "from the key frequencies alone, and without them. The dotted line marks the "
        "right answer. Click in any picture over a and b to choose another pair.",
        formula="full[c] = L[a, b, c]; restricted and excluded as in the picture of "
        "one class",
        before="Noise, with one peak at the answer if the pair is a training pair; the "
        "restricted line is nearly flat.",
        after="A sum of a few cosines that agree only at the answer; restricted lies "
        "on full.",
        normal="The second highest peaks are where most of the cosines agree again; "
        "more key frequencies make them lower.",
        wrong="Peak elsewhere: the pair is answered wrongly. A peak at the answer that "
        "only excluded has: the pair is memorised.",
        reference="Nanda et al. 2023, section 3.1",
    ),
)

MEMORISATION_RESIDUAL = View(
    id="memorisation-residual",
    title="What is memorised: margin without the keys",
    question="What does the network still know when its circuit is removed?",
    reads=("step", "keys"),
    arrays=_residual,
    picture=PairMap("margin", "margin without keys", signed=True, training=True),
    describe=_describe_residual,
    missing=needs_split(),
    cost="heavy",
    guide=Guide(
        what="The right answer's lead over the best wrong one when the key "
        "frequencies' waves are removed from the logits, for every pair; dots mark "
        "training pairs. The score is the loss on other pairs minus the loss on "
        "training pairs, both of these logits.",
        formula="margin of L − Σ over keys of the projection on cos w($sum), "
        "sin w($sum), w = 2πk/$q",
        before="Positive exactly under the dots: memory needs no key frequency.",
        after="Negative everywhere, dots or not: nothing is left to answer with.",
        normal=f"The score is {span('memorised_peak')} at the highest test loss and "
        f"{span('memorised')} after grokking.",
        wrong="Dots still stand out long after grokking: weight decay has not yet "
        "removed the lookup table.",
        reference="Nanda et al. 2023, section 5.1 (excluded loss)",
    ),
)

VIEWS: tuple[View, ...] = (CLASS_PARTS, INPUT_PARTS, MEMORISATION_RESIDUAL)
