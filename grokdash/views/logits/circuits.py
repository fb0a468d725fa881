"""Views of how the network adds: clock and pizza, and the symmetry of the logits."""

import numpy as np
import plotly.graph_objects as go

from grokdash.analysis import parts, pizza
from grokdash.analysis.terms import TOKENS, Terms, terms
from grokdash.cache import Arrays
from grokdash.figures.spreads import Spread, band
from grokdash.figures.theme import Axis
from grokdash.snapshot import RunView, Snapshot
from grokdash.views.core.normal import span
from grokdash.views.core.selection import Selection
from grokdash.views.core.view import Drawing, Guide, View, pending
from grokdash.views.pictures import EpochCurves, Line, Matrix
from grokdash.views.reading.epochs import shown_epochs, spread
from grokdash.views.reading.frames import basis_note, logarithms, needs_stored
from grokdash.written import fixed, percent

SAMPLES = 24
"""Most checkpoints at which they are computed if they were not stored."""

_MEASURES: tuple[str, ...] = ("symmetricity", "irrelevance", "circularity")
_ERROR = "symmetricity_error"


def canonical_grid(run: RunView, grid: np.ndarray) -> np.ndarray:
    """Read a grid over pairs in the run's frame; in token order if it has none."""
    return grid if run.canonical is None else run.canonical.grid(grid)


def _recomputed(at: Snapshot) -> Arrays:
    """Compute the three measures of one checkpoint that was stored without them."""
    run = at.run
    grid = canonical_grid(run, at.measure("frame/correct_logit").astype(float))
    return pizza.three_measures(at.params(), run.config, grid, run.canonical)


def _clock_pizza(snapshot: Snapshot, _selection: Selection) -> Arrays:
    run = snapshot.run
    if run.has("pizza/symmetricity"):
        stored = {name: run.series(f"pizza/{name}") for name in _MEASURES}
        if run.has(f"pizza/{_ERROR}"):
            stored[_ERROR] = run.series(f"pizza/{_ERROR}")
        return {"epochs": run.steps.astype(float), **stored}
    steps = run.steps[spread(len(run.steps), SAMPLES)]
    unknown = dict.fromkeys((*_MEASURES, _ERROR), np.array(np.nan))
    found = run.gather(
        ("pizza",), steps, lambda step: _recomputed(run.at(step)), unknown
    )
    return {"epochs": steps.astype(float), **found.arrays, **pending(found, steps)}


def _measure_axis(drawing: Drawing) -> Axis:
    arrays = drawing.arrays.values()
    lowest = min(0.0, *(float(np.nanmin(a, initial=0.0)) for a in arrays))
    return Axis("measure (1 = fully)", (lowest - 0.04, 1.12))


def _mark_errors_and_starts(fig: go.Figure, drawing: Drawing) -> go.Figure:
    if _ERROR in drawing.arrays:
        error = Spread(
            name="symmetricity",
            x=shown_epochs(drawing),
            mean=drawing.arrays["symmetricity"],
            deviation=drawing.arrays[_ERROR],
            colour=drawing.theme.colour("symmetricity"),
        )
        fig.update_traces(
            customdata=error.deviation,
            hovertemplate="epoch %{x}<br>symmetricity %{y:.2f} ± %{customdata:.2f}"
            "<extra></extra>",
            selector={"name": "symmetricity"},
        )
        fig.add_traces(band(error))
    for name in _MEASURES:
        start = float(drawing.arrays[name][0])
        if np.isfinite(start):
            line = {"color": drawing.theme.colour(name), "width": 1, "dash": "dot"}
            fig.add_hline(y=start, line=line)
    return fig


def _value(arrays: Arrays, name: str, at: int) -> str:
    """Write a measure; what is known from a sample only, with its standard error."""
    value = arrays[name][at]
    if name != "symmetricity" or not np.isfinite(value):
        return fixed(value, 3)
    if _ERROR in arrays:
        return f"{fixed(value)} ± {fixed(arrays[_ERROR][at])}"
    return f"{fixed(value)} (± at most {fixed(pizza.largest_error(arrays[name])[at])})"


def _describe_clock_pizza(drawing: Drawing) -> str:
    arrays, step = drawing.arrays, drawing.step
    at = int(np.argmin(np.abs(arrays["epochs"] - step)))
    texts = [
        f"{name} {_value(arrays, name, at)} ({_value(arrays, name, 0)} at "
        "initialisation)"
        for name in _MEASURES
    ]
    when = f"At epoch {int(arrays['epochs'][at]):,}"
    return f"{when}: {', '.join(texts)}." + basis_note(drawing.run)


def _table(snapshot: Snapshot, _selection: Selection) -> Arrays:
    grid = snapshot.measure("frame/correct_logit").astype(np.float64)
    frame = canonical_grid(snapshot.run, grid)
    found = parts.sum_difference_shares(frame)
    return {
        "table": parts.sum_difference_table(frame).astype(np.float32),
        "sum": np.array(found.sums),
        "difference": np.array(found.differences),
        "both": np.array(found.both),
    }


def _read_by(run: RunView) -> Terms:
    """Give the words for the table's rows and columns: sums of tokens if no group."""
    return TOKENS if run.canonical is None else terms(run.config.rule)


def _operand(run: RunView, combined: str) -> Axis:
    words = _read_by(run)
    if words.a == "a":
        return Axis(f"{combined} (mod {run.modulus})")
    return Axis(f"{combined} {logarithms(run)}")


def _describe_table(drawing: Drawing) -> str:
    arrays = drawing.arrays
    columns, rows, both = (float(arrays[n]) for n in ("difference", "sum", "both"))
    if not np.isfinite(columns):
        return "The right answer's logit is the same for every pair."
    parity = (
        f" {percent(both)} are in both: with an even modulus the two are even or odd "
        "together."
        if drawing.run.modulus % 2 == 0
        else ""
    )
    words = _read_by(drawing.run)
    return (
        f"Columns ({words.difference}) explain {percent(columns)} of the variance of "
        f"the right answer's logit, rows ({words.sum}) "
        f"{percent(rows)}.{parity}{basis_note(drawing.run)}"
    )


def _symmetry(snapshot: Snapshot, _selection: Selection) -> Arrays:
    run = snapshot.run
    return {
        "epochs": run.steps.astype(float),
        "equivariance": run.series("symmetry/equivariance"),
        "sum waves": run.series("logits/sum_share").sum(axis=1),
        "commutativity defect": run.series("symmetry/commutativity"),
    }


def _describe_symmetry(drawing: Drawing) -> str:
    arrays, at = drawing.arrays, drawing.snapshot.index
    if not np.isfinite(arrays["equivariance"][at]):
        return "The logits are the same for every pair: there is no symmetry to see."
    return (
        f"{percent(arrays['equivariance'][at])} of the logits' variance depends on the "
        f"offset from the answer alone, {percent(arrays['sum waves'][at])} on the "
        "answer and the class alone, and "
        f"{percent(arrays['commutativity defect'][at], 2)} changes sign when (a, b) "
        f"becomes {terms(drawing.run.config.rule).swapped}."
    )


def _needs_group(run: RunView) -> str | None:
    if run.canonical is None:
        return (
            f"{run.config.rule.title} has no group, so its logits have no such "
            "symmetry; train one that has: grokdash train --operation add"
        )
    return needs_stored("symmetry/equivariance")(run)


CLOCK_PIZZA = View(
    id="clock-pizza",
    title="Clock or pizza",
    question="Does the network multiply waves of a and b, or average their positions?",
    reads=(),
    arrays=_clock_pizza,
    version=2,
    picture=EpochCurves(
        lines=tuple(Line(name, name, name) for name in _MEASURES),
        y=_measure_axis,
        finish=_mark_errors_and_starts,
    ),
    describe=_describe_clock_pizza,
    frequency_shares=True,
    missing=needs_stored("frame/correct_logit"),
    cost="heavy",
    guide=Guide(
        what="Three continuous measures of the algorithm (at 24 evenly placed "
        "checkpoints if the run was stored without them); the dotted lines are their "
        "values at initialisation. Gradient symmetricity: how alike the two operands' "
        "embeddings act on a logit (mean of 100 sampled triples; the band is ± its "
        "standard error). Distance irrelevance: how little the right answer's logit "
        "depends on $difference. Circularity: how purely the embedding's first four "
        "principal components are single waves. With an even modulus $sum and "
        "$difference are even or odd together: what depends on that parity alone "
        "counts as dependence on $difference. A group of two elements has no "
        "irrelevance, one of two or three no circularity.",
        formula="symmetricity = mean cosine of ∂L[a,b,c]/∂E_a and ∂L[a,b,c]/∂E_b; "
        "irrelevance = mean over $difference of the deviation along $sum ÷ the overall "
        "deviation, of the logit above the class mean; circularity = mean over 4 "
        "components v of max over k of (2/p)|Σ v_t exp(2πikt/p)|²",
        before="Symmetricity and irrelevance are already near 1 in an untrained "
        "network, which averages its operands and answers by class alone: only the "
        "change counts.",
        after="Circularity rises; it dips where two frequencies of equal size share "
        "components. Zhong et al. draw the line between pizza and clock at an "
        "irrelevance of 0.4.",
        normal=f"Symmetricity {span('symmetricity')}; irrelevance "
        f"{span('irrelevance')}; circularity {span('circularity')}. Published pizza "
        "(model A): 0.99, 0.17, 0.998; clock (model B): 0.33, 0.85, 0.999.",
        wrong="Do not read a class off these lines: networks with attention between "
        "the two kinds fill the whole range, and later work holds that both are one "
        "family.",
        reference="Zhong et al. 2023 (arXiv 2306.17844)",
    ),
)

SUM_DIFFERENCE = View(
    id="sum-difference",
    title="Right answer's logit by sum and difference",
    question="Does the confidence depend on more of a pair than its answer?",
    reads=("step",),
    arrays=_table,
    picture=Matrix(
        "table",
        "logit above the mean",
        x=lambda drawing: _operand(drawing.run, _read_by(drawing.run).difference),
        y=lambda drawing: _operand(drawing.run, _read_by(drawing.run).sum),
        signed=True,
    ),
    describe=_describe_table,
    version=2,
    missing=needs_stored("frame/correct_logit"),
    cost="stored",
    guide=Guide(
        what="The logit of the right answer with the pairs sorted by $sum (rows) "
        "and by $difference (columns). With an even "
        "modulus only cells of equal parity exist, each the mean of two pairs; what "
        "depends on the parity alone is explained by rows and by columns.",
        formula="M[s, t] = L[a, b, a ∘ b] − mean over classes, with $sum = s, "
        "$difference = t",
        before="Speckle: neither of the two matters.",
        after="Stripes: vertical ones where the amplitude depends on $difference, as "
        "|cos(w($difference)/2)| does when attention averages the operands, horizontal "
        "ones where some answers get higher logits than others.",
        normal=f"Columns explain {span('columns')} of the variance. Rows explain "
        f"{span('rows')}.",
        wrong="Speckle at the end: pairs are still known one by one.",
        reference="Zhong et al. 2023, section 4.1 (distance irrelevance)",
    ),
)

CIRCUIT_SYMMETRY = View(
    id="circuit-symmetry",
    title="Symmetry of the logits",
    question="How far do the logits respect the group they compute in?",
    reads=(),
    arrays=_symmetry,
    picture=EpochCurves(
        lines=(
            Line("equivariance", "equivariance", "equivariance"),
            Line("waves of the answer", "sum waves", "sum", dash="dash"),
            Line(
                "commutativity defect",
                "commutativity defect",
                "commutativity defect",
                dash="dot",
            ),
        ),
        y=Axis("share of the logits' variance", (-0.03, 1.1)),
    ),
    describe=_describe_symmetry,
    missing=_needs_group,
    cost="stored",
    guide=Guide(
        what="Shares of the gauge-fixed logits' variance: what is a function of the "
        "offset from the answer (equivariance), what is a function of the answer and "
        "the class (all waves in $sum), and what changes sign when (a, b) becomes "
        "$swapped, which has the same answer (commutativity defect).",
        formula="Σ of f(t)² ÷ Σ of L², t = $offset; Σ over k of the shares of "
        "cos w_k($sum), sin w_k($sum); ‖(L − L′)/2‖² ÷ ‖L‖², L′ the logits of $swapped",
        before="All near zero. The defect too: an untrained network averages its "
        "operands. It rises a little while the training pairs, an arbitrary half of "
        "them, are memorised.",
        after="Equivariance and waves of the answer high and close together, the "
        "defect small.",
        normal=f"Equivariance: {span('equivariance')}. Waves of the answer: "
        f"{span('sum_waves')}. Defect of addition and multiplication: "
        f"{span('commutativity')}.",
        wrong="Waves of the answer far above equivariance: the network treats some "
        "classes unlike others.",
        reference="Nanda et al. 2023, section 4.2",
    ),
)

VIEWS: tuple[View, ...] = (CLOCK_PIZZA, SUM_DIFFERENCE, CIRCUIT_SYMMETRY)
