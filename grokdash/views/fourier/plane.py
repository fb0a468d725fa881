"""Views of the logits over two frequencies, and of the rules that find the keys."""

import numpy as np
import plotly.graph_objects as go

from grokdash.analysis import cross_split, fourier, keys
from grokdash.analysis.logits import KEY_THRESHOLD
from grokdash.analysis.terms import terms
from grokdash.cache import Arrays
from grokdash.figures.grids import Scale, heat_map
from grokdash.figures.theme import Axis
from grokdash.snapshot import Snapshot
from grokdash.views.core.normal import span
from grokdash.views.core.selection import Selection
from grokdash.views.core.view import (
    Drawing,
    Guide,
    Traits,
    View,
    needs_measure,
    needs_split,
)
from grokdash.views.pictures import Matrix, Special
from grokdash.views.reading.frequencies import (
    list_frequencies,
    mark_key_columns,
    mark_key_rows,
)
from grokdash.views.reading.keys import no_keys
from grokdash.views.reading.neurons import frequencies_at
from grokdash.views.reading.words import listed
from grokdash.written import percent, whole


def _plane(snapshot: Snapshot, _selection: Selection) -> Arrays:
    G = snapshot.measure("logits/G").astype(np.float64)
    with np.errstate(divide="ignore"):
        z = np.log10(G)
    return {"z": np.where(np.isfinite(z), z, np.nan).astype(np.float32)}


_DECADES = 3.0


def _draw_plane(drawing: Drawing) -> go.Figure:
    run, z = drawing.run, drawing.arrays["z"]
    q = len(z)
    high = drawing.limits["z"][1]
    low = max(drawing.limits["z"][0], high - _DECADES)
    scale = Scale(
        colours=drawing.theme.sequential,
        low=low,
        high=high if high > low else low + 1,
        title="norm over classes",
        log10=True,
    )
    # Component j at (j + ½)/2 puts cos k and sin k on either side of the mark k.
    places = (np.arange(q) + 0.5) / 2
    words = terms(run.config.rule)
    x = Axis(f"frequency in {words.b}: cos left, sin right of k", values=places)
    y = Axis(f"frequency in {words.a}: cos below, sin above k", values=places)
    fig = heat_map(z, scale, drawing.theme, x, y, square=True)
    fig.update_traces(
        hovertemplate=f"{words.b} at %{{x}}, {words.a} at %{{y}}<br>"
        f"{scale.hover('norm')}<extra></extra>"
    )
    return mark_key_columns(mark_key_rows(fig, drawing), drawing)


def _describe_plane(drawing: Drawing) -> str:
    power = 10.0 ** (2 * drawing.arrays["z"].astype(float))
    power = np.where(np.isfinite(power), power, 0.0)
    total = power.sum() - power[0, 0]
    if not total > 0:
        return "The logits do not depend on the pair."
    row = (np.arange(len(power)) + 1) // 2
    inside = (row[:, None] == row[None, :]) & (row > 0)[:, None]
    shares = np.bincount(row, weights=np.where(inside, power, 0).sum(axis=1)) / total
    top = [int(k) for k in np.argsort(shares)[::-1][:5] if k > 0 and shares[k] > 0.01]
    lines = float(power[0, 1:].sum() + power[1:, 0].sum()) / total
    if not top:
        return (
            f"No same-frequency block holds 1 % of the logits' energy; terms in one "
            f"operand alone hold {percent(lines, 0)}."
        )
    return (
        f"{percent(shares[1:].sum(), 0)} of the energy lies in blocks of one "
        f"frequency, mostly {list_frequencies(top)}; terms in one operand alone hold "
        f"{percent(lines)}."
    )


_RULES = {
    "cross_split": "cross-split *",
    "sum_directions": "logits > 1 %",
    "cosine": "cosine > 0.005",
    "neurons": "any neuron",
    "neuron_logit": "W_L > max/4",
    "embedding": "W_E > max/4",
}
"""Rules from top to bottom and how a row is called; the star is the one in force."""

_SATURATION = 4.0


def _rule_values(snapshot: Snapshot) -> dict[str, np.ndarray]:
    """Give every rule's quantity per frequency divided by its threshold."""
    sum_share = snapshot.measure("logits/sum_share").astype(float)
    threshold = cross_split.key_threshold(snapshot.run.fibres)
    nf = len(sum_share)
    cosine = keys.cosine_similarities(
        snapshot.measure("logits/offset").astype(float),
        float(snapshot.measure("logits/energy")),
    )
    layers = range(snapshot.run.config.n_layers)
    found = np.concatenate([frequencies_at(snapshot, one)[0] for one in layers])
    counts = np.bincount(found[found > 0], minlength=nf + 1)[1 : nf + 1]
    values = {
        "cross_split": np.minimum(
            snapshot.cross_split_share / threshold, sum_share / KEY_THRESHOLD
        ),
        "sum_directions": sum_share / KEY_THRESHOLD,
        "cosine": cosine / 0.005,
        "neurons": counts / 0.5,
    }
    for name, source in (("neuron_logit", "wl"), ("embedding", "embed")):
        norm = np.sqrt(fourier.fold(snapshot.measure(f"{source}/power_canonical")))
        top = float(norm.max(initial=0.0))
        values[name] = norm.astype(float) / (top / 4) if top > 0 else 0.0 * norm
    return values


def _rules(snapshot: Snapshot, _selection: Selection) -> Arrays:
    values = _rule_values(snapshot)
    table = np.stack([values[name] for name in reversed(_RULES)])
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.log2(np.maximum(table, 2.0**-_SATURATION))
    return {"z": np.minimum(z, _SATURATION).astype(np.float32)}


def _rule_axis(drawing: Drawing) -> Axis:
    count = drawing.arrays["z"].shape[1]
    return Axis("frequency k", values=np.arange(1, count + 1))


def _name_rules(fig: go.Figure, drawing: Drawing) -> go.Figure:
    names = list(reversed(_RULES.values()))
    shape = drawing.arrays["z"].shape
    fig.update_yaxes(tickvals=list(range(len(names))), ticktext=names, ticks="")
    fig.update_traces(
        ygap=3,
        customdata=np.broadcast_to(np.array(names, dtype=object)[:, None], shape),
        hovertemplate="%{customdata}, k = %{x}<br>log₂ (value ÷ threshold) %{z:.2f}"
        f"<br>(shown from −{whole(_SATURATION)} to "
        f"{whole(_SATURATION)})<extra></extra>",
    )
    fig.update_layout(margin_l=92)
    return mark_key_columns(fig, drawing)


def _describe_rules(drawing: Drawing) -> str:
    z = drawing.arrays["z"]
    found = {
        title.strip(" *"): [int(k) + 1 for k in np.flatnonzero(row > 0)]
        for title, row in zip(reversed(_RULES.values()), z, strict=True)
    }
    counts = ", ".join(
        f"{title}: {len(chosen)}" for title, chosen in reversed(found.items())
    )
    own = _RULES["cross_split"].strip(" *")
    mine = found[own]
    run = drawing.run
    null = cross_split.memorised_shares(run.fibres.counts).max(initial=0.0)
    alone = (
        f" Memorising alone gives every frequency {percent(null, 2)} by the second "
        f"rule, whose threshold is {percent(KEY_THRESHOLD, 0)}."
    )
    if not mine:
        return f"{no_keys(run)}. Counts by rule: {counts}.{alone}"
    agree = [
        title for title, chosen in found.items() if chosen == mine and title != own
    ]
    others = f"the same set by {listed(agree)}" if agree else "no other rule agrees"
    return (
        f"The rule in force finds {list_frequencies(mine)}; {others}. Counts: {counts}."
        f"{alone}"
    )


LOGIT_PLANE = View(
    id="logit-plane",
    title="2-D spectrum of the logits",
    question="On which waves in the two operands do the logits live?",
    reads=("step",),
    arrays=_plane,
    picture=Special(
        _draw_plane,
        Traits(kind="grid", scrub={"0.z": "z"}, picks={"x": "k"}, styles=("norm",)),
    ),
    describe=_describe_plane,
    missing=needs_measure("logits/G"),
    cost="stored",
    replaces=(5,),
    guide=Guide(
        what="The logits, Fourier transformed over $a and $b; each cell is the "
        "norm over classes of one product of two waves, on a logarithmic scale of "
        f"{whole(_DECADES)} decades. The first row and column hold the constant; then "
        "every frequency has two, cosine and sine; half of an even modulus, whose wave "
        "alternates, has one. Key frequencies are marked in their colours.",
        formula="G[f, g] = ‖(F L Fᵀ)[f, g, :]‖ over classes, mean over classes removed",
        before="Noise everywhere.",
        after="One bright 2 × 2 block per key frequency on the diagonal, else dark.",
        normal="For L = Σ α_k cos w_k(a + b − c) all four cells of a block are equal, "
        "α_k p^1.5/(2√2); the one cell of an alternating wave is α_k p^1.5.",
        wrong="Bright cells off the diagonal: products of two frequencies, another "
        "algorithm. A bright first row or column: terms in one operand alone.",
        reference="Nanda et al. 2023, figure 4c",
    ),
)

KEY_RULES = View(
    id="key-rules",
    title="Key frequencies by every rule",
    question="Do the ways to find key frequencies agree?",
    reads=("step",),
    arrays=_rules,
    picture=Matrix(
        "z",
        "log₂ (value ÷ threshold)",
        x=_rule_axis,
        y=Axis(""),
        signed=True,
        picks={"x": "k"},
        finish=_name_rules,
    ),
    describe=_describe_rules,
    frequency_shares=True,
    fixed={"z": (-_SATURATION, _SATURATION)},
    missing=needs_split(needs_measure("logits/energy")),
    cost="stored",
    version=3,
    guide=Guide(
        what="Six rules, one row each; a cell is the rule's quantity divided by its "
        "threshold, in powers of two: warm passes, cold does not; what lies beyond "
        f"{whole(_SATURATION)} powers is shown as {whole(_SATURATION)}. The starred "
        "row is the rule this project uses: only what seen and unseen pairs share "
        "counts, so that no memorised answer makes a key. Its threshold is 1 %, or "
        "what chance reaches in one lookup table of a hundred, which is more for a "
        f"small modulus; the published share over all pairs must pass 1 % as well. "
        "It is applied at the last checkpoint, and its keys are marked above. The "
        "other rules are published ones, for which dead neurons do not count.",
        formula="q Σ_c (e_c·M_seen)(e_c·M_unseen) ÷ ‖L‖² over both waves e of k, with "
        "M the mean logits per answer, > 1 % or chance; share of gauge-fixed logit "
        "variance on cos, sin w_k($sum) > 1 %; "
        "cosine similarity of the logits with cos w_k($offset) > 0.005; best "
        "frequency of at least one neuron; norm in W_L or in W_E > a quarter of the "
        "largest",
        before="The rows on norms are warm everywhere, because everything is near the "
        "maximum; the cross-split row is cold. The published row on logits is warm "
        "everywhere, too, once many pairs are memorised: a lookup table that is right "
        "on a fraction f of the pairs and random elsewhere has a share of "
        "f²/⌊p/2⌋ + (1 − f)/(p⌊p/2⌋) at every frequency.",
        after="The same few columns are warm in all rows.",
        normal="The rule on W_E adds frequencies that the logits do not use: "
        f"{span('embed_extra')}. The one on W_L disagrees with those on logits about "
        f"{span('wl_other')}.",
        wrong="Rows that disagree at the end: cleanup is not done, or ReLU harmonics "
        "(twice a key) look like frequencies of their own.",
        reference="Nanda et al. 2023, section 4; Chughtai et al. 2023",
    ),
)

VIEWS: tuple[View, ...] = (LOGIT_PLANE, KEY_RULES)
