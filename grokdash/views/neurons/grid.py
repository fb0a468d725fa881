"""Views of the MLP neurons: one neuron's activation."""

from grokdash.cache import Arrays
from grokdash.snapshot import Snapshot
from grokdash.views.core.normal import span
from grokdash.views.core.selection import Selection
from grokdash.views.core.view import Drawing, Guide, View
from grokdash.views.pictures import PairMap
from grokdash.views.reading.neurons import frequencies_at
from grokdash.written import percent


def _neuron(snapshot: Snapshot, selection: Selection) -> Arrays:
    return {"activation": snapshot.neuron(selection.layer, selection.n)}


def _describe_neuron(drawing: Drawing) -> str:
    at, selection = drawing.snapshot, drawing.selection
    activation = drawing.arrays["activation"]
    active = float((activation > 0).mean())
    head = f"Neuron {selection.n} of layer {selection.layer}"
    frequency, fraction, dead = (
        found[selection.n] for found in frequencies_at(at, selection.layer)
    )
    fires = f"fires for {percent(active, 0)} of the pairs" if active else "never fires"
    if dead:
        link = "although" if active else "and"
        return f"{head} is dead: without it no logit changes, {link} it {fires}."
    if frequency < 1:
        return f"{head} {fires} and follows no one frequency."
    explained = f"explains {percent(fraction)} of its variance"
    return f"{head} {fires}; frequency {frequency} {explained}."


NEURON_GRID = View(
    id="neuron-grid",
    title="One neuron over all pairs",
    question="For which pairs does this neuron fire?",
    reads=("step", "layer", "n"),
    arrays=_neuron,
    picture=PairMap(
        "activation",
        lambda drawing: f"activation of neuron {drawing.selection.n}",
        from_zero=True,
    ),
    describe=_describe_neuron,
    frequency_shares=True,
    replaces=(15,),
    guide=Guide(
        what="Activation of one MLP neuron at the = position, after the nonlinearity, "
        "for every pair of operands.",
        formula="N[a, b] = ReLU(x_mid[a, b] · W_in[:, n] + b_in[n]), or GELU",
        before="Speckle with a few training pairs standing out.",
        after="A plaid of k bands in each direction: a wave of one key frequency in a "
        "plus the same wave in b, cut off at zero.",
        normal=f"{span('clustered')} of the neurons have over 85 % of their variance "
        "in one frequency; 96 % is the ceiling for a ReLU of two cosines without "
        "bias.",
        wrong="All black: the neuron never fires at this epoch. Speckle after "
        "grokking: one of the neurons that fire for nearly every pair.",
        reference="Nanda et al. 2023, section 4.3 and figure 4",
    ),
)

VIEWS: tuple[View, ...] = (NEURON_GRID,)
