"""Views of one neuron beside its activation: its spectrum, its inputs, its output."""

import numpy as np
import plotly.graph_objects as go

from grokdash.analysis import fourier, plane
from grokdash.cache import Arrays
from grokdash.figures.curves import Curve, curves
from grokdash.figures.grids import Scale, heat_map
from grokdash.figures.theme import Axis
from grokdash.snapshot import Snapshot
from grokdash.views.core.selection import Selection
from grokdash.views.core.view import Drawing, Guide, View
from grokdash.views.fourier.spectra import frequency_title
from grokdash.views.reading.frames import basis_note, grid_of, token_title
from grokdash.views.reading.neurons import (
    frequencies_at,
    output_at,
    phases_at,
    pushes_at,
)

_FAINTEST = -4.0


def _spectrum(snapshot: Snapshot, selection: Selection) -> Arrays:
    grid = snapshot.neuron(selection.layer, selection.n)
    share = plane.folded_plane(grid_of(snapshot.run, selection, grid))
    with np.errstate(divide="ignore"):
        decades = np.maximum(np.log10(share), _FAINTEST)
    return {"decades": decades.astype(np.float32)}


def _draw_spectrum(drawing: Drawing) -> go.Figure:
    low, high = drawing.limits["decades"]
    scale = Scale(
        colours=drawing.theme.sequential,
        low=low,
        high=high,
        title="log₁₀ share of variance",
    )
    title = frequency_title(drawing.run, drawing.selection)
    x, y = Axis(f"{title} of b"), Axis("frequency of a")
    fig = heat_map(drawing.arrays["decades"], scale, drawing.theme, x, y)
    return fig.update_traces(
        hovertemplate="frequency %{y} of a, %{x} of b<br>"
        "log₁₀ share of variance %{z:.2f}<extra></extra>"
    )


def _describe_spectrum(drawing: Drawing) -> str:
    decades, selection = drawing.arrays["decades"], drawing.selection
    head = f"Neuron {selection.n} of layer {selection.layer}"
    if not np.isfinite(decades).any():
        return f"{head} does not vary: it has no spectrum."
    share = 10.0 ** np.where(np.isfinite(decades), decades, -np.inf)
    k_a, k_b = np.unravel_index(int(np.argmax(share)), share.shape)
    name = f"({k_a}, {k_b})"
    return (
        f"{head}: the strongest frequency pair of a and b is {name} with "
        f"{share[k_a, k_b]:.1%} of the variance; 0 means no dependence."
        f"{basis_note(drawing.run)}"
    )


def _strongest(x: np.ndarray) -> int:
    energy = fourier.fold(np.square(fourier.transform(x)))
    return int(np.argmax(energy)) + 1 if energy.size else 1


def _output(snapshot: Snapshot, selection: Selection) -> Arrays:
    row = output_at(snapshot, selection)[selection.n].astype(np.float64)
    k = _strongest(row)
    fit = plane.wave_part(row, k)
    variance = float(np.square(row - row.mean()).sum())
    left = float(np.square(row - fit).sum())
    share = 1 - left / variance if variance > 0 else float("nan")
    return {"row": row, "fit": fit, "k": np.array([k]), "share": np.array([share])}


def _draw_output(drawing: Drawing) -> go.Figure:
    arrays, theme = drawing.arrays, drawing.theme
    place = np.arange(len(arrays["row"]))
    lines = [
        Curve(name="W_L row", x=place, y=arrays["row"], colour=theme.text),
        Curve(
            name="its strongest wave",
            x=place,
            y=arrays["fit"],
            colour=theme.accent,
            dash="dash",
        ),
    ]
    x = Axis(
        token_title(drawing.run, drawing.selection, "c"), (-1.0, float(len(place)))
    )
    y = Axis("logit per unit of activation", _padded(drawing, "row", "fit"))
    return curves(lines, theme, x, y)


def _padded(drawing: Drawing, *names: str) -> tuple[float, float]:
    low = min(drawing.limits[name][0] for name in names)
    high = max(drawing.limits[name][1] for name in names)
    pad = 0.05 * (high - low) or 1.0
    return low - pad, high + pad


def _describe_output(drawing: Drawing) -> str:
    selection, arrays = drawing.selection, drawing.arrays
    share, k = float(arrays["share"][0]), int(arrays["k"][0])
    if not np.isfinite(share):
        return f"Neuron {selection.n} has the same effect on every class."
    return (
        f"Neuron {selection.n} pushes the classes with a wave of frequency {k}, which "
        f"makes up {share:.1%} of its row.{_phases_in_words(drawing)}"
    )


def _phases_in_words(drawing: Drawing) -> str:
    if drawing.selection.basis != "canonical" or not drawing.run.has("attention/mean"):
        return ""
    found, n = phases_at(drawing.snapshot, drawing.selection), drawing.selection.n
    if not np.isfinite(found.defect[n]):
        return ""
    return (
        f" Phases: {found.a[n]:.2f} for a, {found.b[n]:.2f} for b, {found.out[n]:.2f} "
        f"out; out − a − b is {found.defect[n]:.2f} rad."
    )


def _input(snapshot: Snapshot, selection: Selection) -> Arrays:
    push_a, push_b = pushes_at(snapshot, selection)
    return {"a": push_a[:, selection.n], "b": push_b[:, selection.n]}


def _draw_input(drawing: Drawing) -> go.Figure:
    arrays, theme = drawing.arrays, drawing.theme
    place = np.arange(len(arrays["a"]))
    lines = [
        Curve(name="token at a", x=place, y=arrays["a"], colour=theme.text),
        Curve(
            name="token at b",
            x=place,
            y=arrays["b"],
            colour=theme.accent,
            dash="dash",
        ),
    ]
    x = Axis(
        token_title(drawing.run, drawing.selection, "the operand"),
        (-1.0, float(len(place))),
    )
    y = Axis("push on the neuron (activation units)", _padded(drawing, "a", "b"))
    return curves(lines, theme, x, y)


def _describe_input(drawing: Drawing) -> str:
    selection, arrays = drawing.selection, drawing.arrays
    frequency, _, dead = frequencies_at(drawing.snapshot, selection.layer)
    head = f"Neuron {selection.n} is pushed by ± {arrays['a'].std():.3g} from a and by"
    state = f"its frequency is {frequency[selection.n]}"
    if frequency[selection.n] < 1:
        state = "it is dead" if dead[selection.n] else "it follows no one frequency"
    return (
        f"{head} ± {arrays['b'].std():.3g} from b (standard deviation over tokens); "
        f"{state}."
    )


NEURON_SPECTRUM = View(
    id="neuron-spectrum",
    title="2-D spectrum of one neuron",
    page="neurons",
    question="Which frequencies of a and b does this neuron combine?",
    kind="grid",
    reads=("step", "layer", "n", "basis"),
    arrays=_spectrum,
    draw=_draw_spectrum,
    describe=_describe_spectrum,
    scrub={"0.z": "decades"},
    picks={"x": "k"},
    fixed={"decades": (_FAINTEST, 0.0)},
    guide=Guide(
        what="The neuron's activation, Fourier transformed over both operands; cosine "
        "and sine are added up, so each axis holds the frequencies 0 (constant) to "
        "half the modulus. Colours are logarithmic; below 10⁻⁴ everything looks alike. "
        "The corner (0, 0), the mean, is left out.",
        formula="share(k_a, k_b) = Σ of C[f, g]² over f of frequency k_a and g of "
        "frequency k_b, divided by Σ C²; C = F N Fᵀ without the mean",
        before="Even: the activation is noise.",
        after="Cells at (k, 0), (0, k) and (k, k) for one key frequency k, and faint "
        "ones at its multiples, which the ReLU makes.",
        normal="96 % in frequency k is the ceiling for a ReLU of two cosines without "
        "bias; most of the rest is at 2k.",
        wrong="Bright cells at (j, k) with j ≠ k: the neuron mixes two frequencies.",
        reference="Nanda et al. 2023, figure 5",
    ),
)

NEURON_OUTPUT = View(
    id="neuron-output",
    title="What one neuron says",
    page="neurons",
    question="Which answers does this neuron raise, and as which wave?",
    kind="lines",
    reads=("step", "layer", "n", "basis"),
    styles=("norm",),
    arrays=_output,
    draw=_draw_output,
    describe=_describe_output,
    scrub={"0.y": "row", "1.y": "fit"},
    guide=Guide(
        what="The neuron's row of W_L = W_out W_U: how much one unit of its activation "
        "adds to the logit of every class, and the wave of one frequency that fits "
        "best.",
        formula="W_L[n, c] = W_out[n] · W_U[:, c]; fit: mean + its largest component "
        "of the Fourier transform over c",
        before="Noise without any period.",
        after="A wave of the neuron's own frequency; its phase is the sum of the "
        "phases of its two inputs.",
        normal="Over 95 % of the row in one frequency; |out − a − b| below 0.3 rad.",
        wrong="A wave of another frequency than the neuron's activation: its output "
        "is not used for addition. With LayerNorm the row is the direction before "
        "normalisation.",
        reference="Nanda et al. 2023, section 4.2; McCracken et al. 2025",
    ),
)

NEURON_INPUT = View(
    id="neuron-input",
    title="What one neuron hears",
    page="neurons",
    question="How much does each token at a and at b push this neuron?",
    kind="lines",
    reads=("step", "layer", "n", "basis"),
    styles=("norm",),
    arrays=_input,
    draw=_draw_input,
    describe=_describe_input,
    scrub={"0.y": "a", "1.y": "b"},
    guide=Guide(
        what="What each token adds to the neuron's input from position a and from "
        "position b: its embedding through every head's value and output matrices and "
        "W_in, heads weighted by their mean attention.",
        formula="Σ_h mean(A_h[·, ·, a]) · W_E W_V W_O W_in[:, n], likewise for b",
        before="Two unrelated lines of noise.",
        after="Two waves of one key frequency, of equal height, each with its phase.",
        normal="Equal amplitudes for a and b in a commutative network.",
        wrong="One line flat: the neuron hears one operand only. In later layers only "
        "the direct path from the embedding is counted.",
        reference="Nanda et al. 2023, section 4.2",
    ),
)

VIEWS: tuple[View, ...] = (NEURON_SPECTRUM, NEURON_INPUT, NEURON_OUTPUT)
