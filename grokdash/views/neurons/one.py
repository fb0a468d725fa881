"""Views of one neuron beside its activation: its spectrum, its inputs, its output."""

import numpy as np
import plotly.graph_objects as go

from grokdash.analysis import fourier, plane, variation
from grokdash.cache import Arrays
from grokdash.figures.theme import Axis
from grokdash.snapshot import Snapshot
from grokdash.views.core.normal import span
from grokdash.views.core.selection import Selection
from grokdash.views.core.view import Drawing, Guide, View
from grokdash.views.pictures import Line, Matrix, Profile, over_tokens
from grokdash.views.reading.frames import (
    basis_note,
    grid_of,
    modulus_of,
    terms_of,
    token_line_title,
    tokens_of,
)
from grokdash.views.reading.frequencies import alternates, frequency_title
from grokdash.views.reading.neurons import (
    frequencies_at,
    output_at,
    phases_at,
    pushes_at,
)
from grokdash.written import fixed, number, percent

_FAINTEST = -4.0


def _spectrum(snapshot: Snapshot, selection: Selection) -> Arrays:
    grid = snapshot.neuron(selection.layer, selection.n)
    share = plane.folded_plane(grid_of(snapshot.run, selection, grid))
    with np.errstate(divide="ignore"):
        decades = np.maximum(np.log10(share), _FAINTEST)
    return {"decades": decades.astype(np.float32)}


def _frequency_of_b(drawing: Drawing) -> Axis:
    words = terms_of(drawing.run, drawing.selection)
    return Axis(f"{frequency_title(drawing.run, drawing.selection)} of {words.b}")


def _frequency_of_a(drawing: Drawing) -> Axis:
    return Axis(f"frequency of {terms_of(drawing.run, drawing.selection).a}")


def _say_cells(fig: go.Figure, drawing: Drawing) -> go.Figure:
    words = terms_of(drawing.run, drawing.selection)
    return fig.update_traces(
        hovertemplate=f"frequency %{{y}} of {words.a}, %{{x}} of {words.b}<br>"
        "share of variance 10<sup>%{z:.2f}</sup><extra></extra>"
    )


def _describe_spectrum(drawing: Drawing) -> str:
    decades, selection = drawing.arrays["decades"], drawing.selection
    head = f"Neuron {selection.n} of layer {selection.layer}"
    if not np.isfinite(decades).any():
        return f"{head} does not vary: it has no spectrum."
    share = 10.0 ** np.where(np.isfinite(decades), decades, -np.inf)
    k_a, k_b = np.unravel_index(int(np.argmax(share)), share.shape)
    words, name = terms_of(drawing.run, selection), f"({k_a}, {k_b})"
    return (
        f"{head}: the strongest frequency pair of {words.a} and {words.b} is {name} "
        f"with {percent(share[k_a, k_b])} of the variance; 0 means no dependence."
        f"{basis_note(drawing.run)}"
    )


def _strongest(x: np.ndarray) -> int:
    energy = fourier.fold(np.square(fourier.transform(x)))
    return int(np.argmax(energy)) + 1 if energy.size else 1


def _output(snapshot: Snapshot, selection: Selection) -> Arrays:
    row = output_at(snapshot, selection)[selection.n].astype(np.float64)
    k = _strongest(row)
    fit = plane.wave_part(row, k)
    variance = variation.variance(row)
    left = float(np.square(row - fit).mean())
    share = 1 - left / variance if variance > 0 else float("nan")
    return {"row": row, "fit": fit, "k": np.array([k]), "share": np.array([share])}


def _describe_output(drawing: Drawing) -> str:
    selection, arrays = drawing.selection, drawing.arrays
    share, k = float(arrays["share"][0]), int(arrays["k"][0])
    if not np.isfinite(share):
        return f"Neuron {selection.n} has the same effect on every class."
    return (
        f"Neuron {selection.n} pushes the classes with a wave of frequency {k}, which "
        f"makes up {percent(share)} of its row.{_phases_in_words(drawing)}"
    )


def _phases_in_words(drawing: Drawing) -> str:
    if drawing.selection.basis != "canonical" or not drawing.run.has("attention/mean"):
        return ""
    found, n = phases_at(drawing.snapshot, drawing.selection), drawing.selection.n
    if not np.isfinite(found.defect[n]):
        return ""
    words = terms_of(drawing.run, drawing.selection)
    # Where b is subtracted, the frame holds its negative.
    of_b = found.b[n] if words.sign == "+" else -found.b[n]
    frequency, _, _ = frequencies_at(drawing.snapshot, drawing.selection.layer)
    if alternates(drawing.run, int(frequency[n])):
        a, b, out = (
            "+" if np.cos(x[n]) > 0 else "−" for x in (found.a, found.b, found.out)
        )
        return (
            f" It alternates and has signs, no phases: {a} for {words.a}, {b} for "
            f"{words.b}, {out} out, where {words.whole} gives {'+' if a == b else '−'}."
        )
    return (
        f" Phases: {fixed(found.a[n])} for {words.a}, {fixed(of_b)} for {words.b}, "
        f"{fixed(found.out[n])} out; out − (a {words.sign} b) is "
        f"{fixed(found.defect[n])} rad."
    )


def _input(snapshot: Snapshot, selection: Selection) -> Arrays:
    push_a, push_b = pushes_at(snapshot, selection)
    tokens, n = tokens_of(snapshot.run, selection), selection.n
    return {"a": push_a[tokens, n], "b": push_b[tokens, n]}


def _tokens(drawing: Drawing) -> Axis:
    """Give the axis of whichever token stands at a or b, in the order of the frame."""
    run, selection = drawing.run, drawing.selection
    q = modulus_of(run, selection)
    return Axis(token_line_title(run, selection), (-1.0, float(q)), values=np.arange(q))


def _describe_input(drawing: Drawing) -> str:
    selection, arrays = drawing.selection, drawing.arrays
    frequency, _, dead = frequencies_at(drawing.snapshot, selection.layer)
    head = (
        f"Neuron {selection.n} is pushed by ± {number(arrays['a'].std())} from a and by"
    )
    state = f"its frequency is {frequency[selection.n]}"
    if frequency[selection.n] < 1:
        state = "it is dead" if dead[selection.n] else "it follows no one frequency"
    return (
        f"{head} ± {number(arrays['b'].std())} from b (standard deviation over "
        f"tokens); {state}."
    )


NEURON_SPECTRUM = View(
    id="neuron-spectrum",
    title="2-D spectrum of one neuron",
    question="Which frequencies of a and b does this neuron combine?",
    reads=("step", "layer", "n", "basis"),
    arrays=_spectrum,
    picture=Matrix(
        "decades",
        "share of variance",
        log10=True,
        x=_frequency_of_b,
        y=_frequency_of_a,
        picks={"x": "k"},
        styles=(),
        finish=_say_cells,
    ),
    describe=_describe_spectrum,
    frequency_shares=True,
    fixed={"decades": (_FAINTEST, 0.0)},
    version=2,
    guide=Guide(
        what="The neuron's activation, Fourier transformed over $a and $b; cosine "
        "and sine are added up, so each axis holds the frequencies 0 (constant) to "
        "half the modulus. Colours are logarithmic; below 10⁻⁴ everything looks alike. "
        "The corner (0, 0), the mean, is left out.",
        formula="share(k_a, k_b) = Σ of C[f, g]² over f of frequency k_a and g of "
        "frequency k_b, divided by Σ C²; C = F N Fᵀ without the mean",
        before="Even: the activation is noise.",
        after="Cells at (k, 0), (0, k) and (k, k) for one key frequency k, and faint "
        "ones at its multiples, which the ReLU makes.",
        normal=f"The neurons with a frequency k have a median of {span('purity')} in "
        "it; 96 % is the ceiling for a ReLU of two cosines without bias, and most of "
        "the rest is at 2k.",
        wrong="Bright cells at (j, k) with j ≠ k: the neuron mixes two frequencies.",
        reference="Nanda et al. 2023, sections 4.1 and 4.3",
    ),
)

NEURON_OUTPUT = View(
    id="neuron-output",
    title="What one neuron says",
    question="Which answers does this neuron raise, and as which wave?",
    reads=("step", "layer", "n", "basis"),
    arrays=_output,
    picture=Profile(
        lines=(
            Line("W_L row", "row", "text"),
            Line("its strongest wave", "fit", "fit", dash="dash"),
        ),
        x=over_tokens("c"),
        y="logit per unit of activation",
    ),
    describe=_describe_output,
    frequency_shares=True,
    guide=Guide(
        what="The neuron's row of W_L = W_out W_U: how much one unit of its activation "
        "adds to the logit of every class, and the wave of one frequency that fits "
        "best.",
        formula="W_L[n, c] = W_out[n] · W_U[:, c]; fit: mean + its largest component "
        "of the Fourier transform over $c",
        before="Noise without any period.",
        after="A wave of the neuron's own frequency; its phase is that of $a $sign "
        "that of $b.",
        normal=f"One frequency makes {span('output_purity')} of the row, in the "
        f"median of neurons. |out − a − b| has a median of {span('phase_defect')}.",
        wrong="A wave of another frequency than the neuron's activation: its output "
        "is not used for the answer. With LayerNorm the row is the direction before "
        "normalisation.",
        reference="Nanda et al. 2023, sections 4.2 and 4.3; McCracken et al. 2025",
    ),
)

NEURON_INPUT = View(
    id="neuron-input",
    title="What one neuron hears",
    question="How much does each token at a and at b push this neuron?",
    reads=("step", "layer", "n", "basis"),
    arrays=_input,
    picture=Profile(
        lines=(
            Line("token at a", "a", "a"),
            Line("token at b", "b", "b", dash="dash"),
        ),
        x=_tokens,
        y="push on the neuron (activation units)",
    ),
    describe=_describe_input,
    frequency_shares=True,
    guide=Guide(
        what="What each token adds to the neuron's input from position a and from "
        "position b: its embedding through every head's value and output matrices and "
        "W_in, heads weighted by their mean attention.",
        formula="Σ_h mean(A_h[·, ·, a]) · W_E W_V W_O W_in[:, n], likewise for b",
        before="Two unrelated lines of noise.",
        after="Two waves of one key frequency, of equal height, each with its phase.",
        normal="Equal amplitudes for a and b in a commutative network: weaker over "
        f"stronger has a median of {span('input_balance')}.",
        wrong="One line flat: the neuron hears one operand only. In later layers only "
        "the direct path from the embedding is counted.",
        reference="Nanda et al. 2023, section 4.3",
    ),
)

VIEWS: tuple[View, ...] = (NEURON_SPECTRUM, NEURON_INPUT, NEURON_OUTPUT)
