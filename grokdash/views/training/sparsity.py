"""Weight norms and Gini coefficients over training."""

from collections.abc import Sequence

import numpy as np

from grokdash.cache import Arrays
from grokdash.figures.colours import MATRICES
from grokdash.figures.theme import Axis
from grokdash.snapshot import RunView, Snapshot
from grokdash.store.schema import param_shapes
from grokdash.views.core.normal import span
from grokdash.views.core.selection import Selection
from grokdash.views.core.view import Drawing, Guide, View, needs_measure
from grokdash.views.pictures import EpochCurves, EpochRows, Line, matrix_line
from grokdash.views.reading.epochs import PHASE_NOTE
from grokdash.views.reading.matrices import short_name
from grokdash.written import fixed, percent, whole


def _norm_arrays(snapshot: Snapshot, _selection: Selection) -> Arrays:
    run = snapshot.run
    names = sorted(param_shapes(run.config))
    sums = run.series("weights/sumsq")
    found: dict[str, np.ndarray] = {
        "epochs": run.steps.astype(float),
        "total": run.series("weights/sumsq_total"),
    }
    small = np.zeros(len(sums))
    for column, name in enumerate(names):
        if name.rsplit("/", 1)[-1] in MATRICES:
            found[name] = sums[:, column]
        else:
            small += sums[:, column]
    found["biases"] = small
    return found


def _norm_rows(drawing: Drawing) -> Sequence[tuple[Sequence[Line], Axis]]:
    arrays = drawing.arrays
    names = [name for name in arrays if name not in ("epochs", "total")]
    if not np.nan_to_num(arrays["biases"]).any():
        names.remove("biases")
    parts = [matrix_line(name, drawing, arrays[name]) for name in names]
    each = max((_top(arrays[name]) for name in names), default=1.0)
    return (
        (
            [Line("", "total", "text", width=2.0)],
            Axis("Σw², all", (0.0, 1.08 * _top(arrays["total"]) or 1.0)),
        ),
        (parts, Axis("Σw², each", (0.0, 1.08 * each or 1.0))),
    )


def _top(values: np.ndarray) -> float:
    return float(np.nanmax(values, initial=0.0))


def _describe_norms(drawing: Drawing) -> str:
    arrays, index = drawing.arrays, drawing.snapshot.index
    total = arrays["total"]
    names = [name for name in arrays if name not in ("epochs", "total")]
    largest = max(names, key=lambda name: float(arrays[name][index]))
    now = float(total[index])
    share = float(arrays[largest][index]) / now if now > 0 else 0.0
    peak = int(np.nanargmax(total))
    return (
        f"Σw² is {whole(now)} (‖w‖ = {fixed(np.sqrt(now), 1)}); the largest part, "
        f"{percent(share, 0)}, is in {short_name(largest)}. It peaks at "
        f"{whole(total[peak])} at epoch {int(arrays['epochs'][peak]):,}."
    )


def _gini_arrays(snapshot: Snapshot, _selection: Selection) -> Arrays:
    run = snapshot.run
    found = {
        "epochs": run.steps.astype(float),
        "embed": run.series("gini/embed"),
        "wl": run.series("gini/wl"),
    }
    if _own_basis(run):
        found["embed_additive"] = run.series("gini/embed_additive")
        found["wl_additive"] = run.series("gini/wl_additive")
    return found


def _own_basis(run: RunView) -> bool:
    return run.canonical is not None and run.canonical.basis == "multiplicative"


def _gini_lines(drawing: Drawing) -> list[Line]:
    lines = (
        Line("W_E", "embed", "W_E"),
        Line("W_L", "wl", "W_L"),
        Line("W_E, additive", "embed_additive", "W_E", dash="dot"),
        Line("W_L, additive", "wl_additive", "W_L", dash="dot"),
    )
    return [line for line in lines if line.y in drawing.arrays]


def _describe_ginis(drawing: Drawing) -> str:
    arrays, index = drawing.arrays, drawing.snapshot.index
    run = drawing.run
    text = (
        f"Gini coefficient of the folded norms: "
        f"{fixed(arrays['embed'][index])} for W_E, "
        f"{fixed(arrays['wl'][index])} for W_L"
    )
    if "embed_additive" in arrays:
        return (
            f"{text} in order of discrete logarithms; "
            f"{fixed(arrays['embed_additive'][index])} and "
            f"{fixed(arrays['wl_additive'][index])} in the additive basis."
        )
    if run.canonical is None:
        return f"{text}; additive basis, this operation has no canonical one."
    return f"{text}."


WEIGHT_NORM = View(
    id="weight-norm",
    title="Sum of squared weights",
    question="When does weight decay clear up, and in which matrix?",
    reads=(),
    arrays=_norm_arrays,
    picture=EpochRows(rows=_norm_rows),
    describe=_describe_norms,
    missing=needs_measure("weights/sumsq"),
    cost="stored",
    replaces=(1, 2),
    guide=Guide(
        what="Above: the sum of the squares of all weights. Below: the same for every "
        "matrix; in deeper networks one dash per block (solid, dashed, dotted), "
        f"biases together. {PHASE_NOTE}",
        formula="Σw²; the norm of the weights is its square root",
        before="A fast change while the training pairs are learnt by heart.",
        after="A steep fall during cleanup, when the memorised answers are no longer "
        "needed, then a plateau at which gradient and decay balance.",
        normal=f"{span('sumsq_start')} at the start, where 1,781 is expected of the "
        f"nanda preset, and {span('sumsq')} after grokking. Nanda et al. saw 955, "
        "later 942.",
        wrong="Only rising: weight decay is off or too weak. Falling to almost zero: "
        "weight decay is too strong and the network forgets.",
        reference="Nanda et al. 2023, section 5.1 and figure 7",
    ),
)

GINI_CURVES = View(
    id="gini-curves",
    title="Sparsity in the Fourier basis",
    question="When do the weights concentrate on a few frequencies?",
    reads=(),
    arrays=_gini_arrays,
    picture=EpochCurves(lines=_gini_lines, y=Axis("Gini coefficient", (0.0, 1.05))),
    describe=_describe_ginis,
    frequency_shares=True,
    missing=needs_measure("gini/embed"),
    cost="stored",
    replaces=(1, 2),
    guide=Guide(
        what="Gini coefficient of the Fourier norms of the embedding W_E and of the "
        "neuron–logit map W_L = W_out W_U: one norm per folded frequency, constant "
        "left out. Where the operation has a basis of its own, the additive one is "
        f"drawn dotted beside it. {PHASE_NOTE}",
        formula="G = 2 Σ i·x_i / (n Σ x_i) − (n + 1)/n, the n norms x ascending",
        before=f"All frequencies alike: a random W_E starts at {span('gini_start')}.",
        after="A climb through circuit formation and a steeper one in cleanup.",
        normal=f"After grokking {span('gini_embed')} for W_E; {span('gini_wl')} for "
        "W_L. For products and quotients the additive coefficient stays near 0 and "
        "says nothing.",
        wrong="Flat although the test accuracy is 1: read in the wrong basis, or an "
        "operation without a Fourier solution.",
        reference="Nanda et al. 2023, section 5.1; Hurley and Rickard 2009",
    ),
)

VIEWS: tuple[View, ...] = (WEIGHT_NORM, GINI_CURVES)
