"""What docs/normal.py measures of every network: what the guides give ranges of."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from formulas import (
    amplitudes,
    circles,
    class_parts,
    clustered,
    columns,
    curve,
    early_keys,
    effective_rank,
    embed_share,
    embedding_axes,
    extra_in_embedding,
    firing,
    first,
    head_shares,
    highest_ratio,
    input_balance,
    lead,
    loss_ratio,
    margins,
    measure,
    memorised,
    moved,
    other_in_read_out,
    others,
    output_purity,
    outside_keys,
    path_share,
    per_key,
    phase_defect,
    position_cosine,
    preference,
    radius_spread,
    restricted_splits,
    restricted_splits_at_peak,
    rival,
    score_amplitudes,
    score_at_peak,
    score_shares,
    sum_difference,
    wl_share,
)
from networks import Network

Form = Literal["number", "percent", "count", "epoch"]


@dataclass(frozen=True, slots=True)
class Quantity:
    """A quantity, its words, how it is written, measured, and its unit."""

    name: str
    title: str
    form: Form
    of: Callable[[Network], object]
    unit: str = ""


QUANTITIES = (
    Quantity("keys", "key frequencies", "count", lambda n: len(n.keys)),
    Quantity(
        "test_peak",
        "highest test loss",
        "number",
        curve("loss/test", lambda _, x: float(x.max())),
        "nats",
    ),
    Quantity(
        "test_peak_epoch",
        "epoch of the highest test loss",
        "epoch",
        curve("loss/test", lambda steps, x: float(steps[x.argmax()])),
    ),
    Quantity(
        "test_below",
        "epoch from which the test loss stays below 0.1",
        "epoch",
        curve("loss/test", lambda steps, x: first(steps, x < 0.1)),
    ),
    Quantity(
        "known_by_heart",
        "epoch from which training accuracy stays at 99 %",
        "epoch",
        curve("accuracy/train", lambda steps, x: first(steps, x >= 0.99)),
    ),
    Quantity(
        "excluded",
        "excluded loss on training pairs",
        "number",
        lambda n: n.key_measures["loss/excluded2d"][0],
        "nats",
    ),
    Quantity(
        "excluded_key",
        "excluded loss on training pairs, one key at a time",
        "number",
        lambda n: n.measures["loss/excluded2d_by_k"][columns(n), 0],
        "nats",
    ),
    Quantity(
        "memorised",
        "excluded loss on test pairs less that on training pairs",
        "number",
        memorised,
        "nats",
    ),
    Quantity(
        "memorised_peak",
        "excluded loss on test pairs less that on training pairs, "
        "at the highest test loss",
        "number",
        score_at_peak,
        "nats",
    ),
    Quantity(
        "restricted_lead",
        "epochs by which the restricted loss falls for good below half of ln p "
        "before the test loss does",
        "epoch",
        lead,
        "epochs",
    ),
    Quantity(
        "restricted_splits",
        "restricted loss on test pairs over that on training pairs",
        "number",
        restricted_splits,
    ),
    Quantity(
        "restricted_splits_peak",
        "restricted loss on test pairs over that on training pairs, "
        "at the highest test loss",
        "number",
        restricted_splits_at_peak,
    ),
    Quantity("loss_ratio", "test loss over restricted loss", "number", loss_ratio),
    Quantity(
        "loss_ratio_peak",
        "highest test loss over restricted loss of the run",
        "number",
        highest_ratio,
    ),
    Quantity("sumsq", "Σw²", "number", measure("weights/sumsq_total")),
    Quantity(
        "sumsq_start",
        "Σw² at the start",
        "number",
        curve("weights/sumsq_total", lambda _, x: float(x[0])),
    ),
    Quantity("gini_embed", "Gini of W_E", "number", measure("gini/embed")),
    Quantity("gini_wl", "Gini of W_L", "number", measure("gini/wl")),
    Quantity(
        "gini_start",
        "Gini of W_E at the start",
        "number",
        curve("gini/embed", lambda _, x: float(x[0])),
    ),
    Quantity(
        "embed_keys",
        "variance of W_E at the key frequencies together",
        "percent",
        lambda n: embed_share(n)[columns(n)].sum(),
    ),
    Quantity(
        "embed_key",
        "variance of W_E at one key frequency",
        "percent",
        lambda n: embed_share(n)[columns(n)],
    ),
    Quantity(
        "embed_extra",
        "frequencies of W_E by the rule on its norms that are no keys",
        "count",
        extra_in_embedding,
    ),
    Quantity(
        "wl_other",
        "frequencies about which the rule on W_L disagrees with the keys",
        "count",
        other_in_read_out,
    ),
    Quantity(
        "embed_early",
        "keys among as many largest frequencies of W_E at the highest test loss",
        "percent",
        early_keys,
    ),
    Quantity(
        "eccentricity",
        "cosine over sine of W_E at a key frequency",
        "number",
        lambda n: [c.eccentricity for c in circles(n)],
    ),
    Quantity(
        "radius",
        "spread of the radius of a key's circle, of its mean",
        "percent",
        radius_spread,
    ),
    Quantity(
        "circle_residual",
        "variance of a key's circle that its wave leaves over",
        "percent",
        lambda n: [c.residual for c in circles(n)],
    ),
    Quantity(
        "embed_axes", "variance of W_E on its first two axes", "percent", embedding_axes
    ),
    Quantity(
        "embed_rank", "effective rank of W_E", "number", lambda n: effective_rank(n.W_E)
    ),
    Quantity(
        "wl_rank", "effective rank of W_L", "number", lambda n: effective_rank(n.W_L)
    ),
    Quantity(
        "wl_keys",
        "energy of W_L at the key frequencies",
        "percent",
        lambda n: 1 - outside_keys(n),
    ),
    Quantity("wl_outside", "‖W_L‖² outside the key rows", "percent", outside_keys),
    Quantity(
        "wl_outside_norm",
        "‖W_L‖ outside the key rows, as a share of the norm",
        "percent",
        lambda n: outside_keys(n) ** 0.5,
    ),
    Quantity(
        "wl_gap",
        "norm of W_L at the weakest key over that at the strongest other frequency",
        "number",
        lambda n: np.sqrt(wl_share(n)[columns(n)].min() / others(n, wl_share(n)).max()),
    ),
    Quantity(
        "sum_keys",
        "variance of the logits in the keys' waves of the answer",
        "percent",
        lambda n: n.measures["logits/sum_share"][columns(n)].sum(),
    ),
    Quantity(
        "sum_other",
        "variance of the logits at the strongest other frequency",
        "percent",
        lambda n: others(n, n.measures["logits/sum_share"]).max(),
    ),
    Quantity(
        "sum_waves",
        "variance of the logits in waves of the answer",
        "percent",
        lambda n: n.measures["logits/sum_share"].sum(),
    ),
    Quantity(
        "diff_waves",
        "variance of the logits in waves of a − b in the frame",
        "percent",
        lambda n: n.measures["logits/diff_share"].sum(),
    ),
    Quantity(
        "equivariance",
        "variance of the logits that depends on the offset from the answer",
        "percent",
        measure("symmetry/equivariance"),
    ),
    Quantity(
        "commutativity",
        "variance of the logits that changes sign when operands are swapped",
        "percent",
        lambda n: n.measures["symmetry/commutativity"] if n.symmetric else None,
    ),
    Quantity(
        "fve",
        "variance of the logits in the keys' cosines of the offset",
        "percent",
        lambda n: n.key_measures["logits/fve"],
    ),
    Quantity(
        "amplitude", "amplitude of a key's cosine in the logits", "number", amplitudes
    ),
    Quantity(
        "amplitude_ratio",
        "largest over smallest amplitude of a key",
        "number",
        lambda n: amplitudes(n).max() / amplitudes(n).min(),
    ),
    Quantity(
        "class_parts",
        "variance of a class's logit that the keys' waves explain",
        "percent",
        class_parts,
    ),
    Quantity(
        "rival",
        "mean logit of the nearest rival over that of the answer",
        "percent",
        rival,
    ),
    Quantity(
        "margin_least",
        "smallest margin of the right answer",
        "number",
        lambda n: margins(n).min(),
        "logits",
    ),
    Quantity(
        "margin",
        "median margin of the right answer",
        "number",
        lambda n: np.median(margins(n)),
        "logits",
    ),
    Quantity(
        "ripple",
        "spread of the right answer's logit over the pairs, of its mean",
        "percent",
        lambda n: n.correct.std() / n.correct.mean(),
    ),
    Quantity(
        "columns",
        "variance of the right answer's logit that columns (the difference) explain",
        "percent",
        lambda n: sum_difference(n, 0),
    ),
    Quantity(
        "rows",
        "variance of the right answer's logit that rows (the sum) explain",
        "percent",
        lambda n: sum_difference(n, 1),
    ),
    Quantity(
        "symmetricity", "gradient symmetricity", "number", measure("pizza/symmetricity")
    ),
    Quantity(
        "irrelevance", "distance irrelevance", "number", measure("pizza/irrelevance")
    ),
    Quantity("circularity", "circularity", "number", measure("pizza/circularity")),
    Quantity(
        "attention_operand",
        "mean attention of a head to an operand",
        "percent",
        lambda n: n.measures["attention/mean"][:, :2],
    ),
    Quantity(
        "attention_equals",
        'mean attention of a head to "="',
        "percent",
        lambda n: n.measures["attention/mean"][:, 2],
    ),
    Quantity(
        "attention_spread",
        "standard deviation of a head's attention to an operand",
        "number",
        lambda n: n.measures["attention/std"][:, :2],
    ),
    Quantity(
        "attention_preference",
        "mean attention to a less that to b, addition and multiplication",
        "number",
        preference,
    ),
    Quantity(
        "head_share",
        "variance of a head's attention in one frequency",
        "percent",
        head_shares,
    ),
    Quantity(
        "score_share",
        "variance of a head's score in one frequency",
        "percent",
        score_shares,
    ),
    Quantity(
        "score_amplitude",
        "amplitude of the strongest wave of a head's score",
        "number",
        score_amplitudes,
    ),
    Quantity(
        "moved", "energy of what a head moves at the key frequencies", "percent", moved
    ),
    Quantity(
        "clustered",
        "neurons with over 85 % of their variance in one frequency",
        "percent",
        lambda n: clustered(n).mean(),
    ),
    Quantity(
        "purity",
        "variance of a neuron in one frequency, median of those",
        "percent",
        lambda n: np.median(n.measures["neuron/frac"][clustered(n)]),
    ),
    Quantity("per_key", "neurons of one key frequency, of all", "percent", per_key),
    Quantity(
        "firing",
        "pairs on which neurons of a key frequency fire, mean",
        "percent",
        firing,
    ),
    Quantity(
        "dead", "dead neurons", "percent", lambda n: n.measures["neuron/inert"].mean()
    ),
    Quantity(
        "input_balance",
        "weaker over stronger input of a neuron with a frequency, median, "
        "addition and multiplication",
        "number",
        input_balance,
    ),
    Quantity(
        "output_purity",
        "variance of such a neuron's row of W_L in one frequency, median",
        "percent",
        output_purity,
    ),
    Quantity(
        "phase_defect",
        "|out − a − b| of its phases, median",
        "number",
        phase_defect,
        "rad",
    ),
    Quantity(
        "position_cosine",
        "cosine of the position embeddings of a and b, addition and multiplication",
        "number",
        position_cosine,
    ),
    Quantity(
        "path_axes",
        "variance of the path of all weights on its first two axes",
        "percent",
        path_share,
    ),
)
