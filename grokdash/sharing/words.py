"""What a file to share says of itself."""

from collections.abc import Iterator, Sequence

from grokdash.contract.share import RangeWords, SharedWords
from grokdash.contract.words import RANGE_BUTTON, RANGE_HINTS
from grokdash.sharing.collected import BITS, Collected, Offered
from grokdash.sharing.folded import Answers
from grokdash.sharing.plan import Rung
from grokdash.views.core.view import View
from grokdash.written import number, percent, whole

_LEVELS = 254


def words(rung: Rung) -> SharedWords:
    """Give the sentences that the page fills in."""
    how = (
        "Computed in this page from the weights of epoch {epoch}, rounded to "
        f"{rung.bits} bits"
    )
    return SharedWords(
        absent="{name} {value} is not in this file: it has {values}.",
        neuron=f"Neuron {{n}}. {how}.",
        head=f"Head {{h}}. {how}.",
        pair="For a = {a}, b = {b} the network says {answer}, by {margin} before the "
        f"next; right is {{right}}. {how}.",
        answers=f"{how}.",
        damaged="A part of this file is damaged or cut off: get it again.",
        range=RangeWords(
            text=RANGE_BUTTON, hints=[RANGE_HINTS[False], RANGE_HINTS[True]]
        ),
    )


def precision(one: Collected, rung: Rung) -> str:
    """Say how exact the numbers of a view are."""
    if one.computed in ("attention", "neuron"):
        return f"Computed in this page from numbers of {BITS} bits."
    if one.computed:
        return f"Computed in this page from weights of {rung.bits} bits."
    if not one.view.per_step:
        return ""
    if _is_map(one.view):
        off = percent(rung.every / 2 / _LEVELS, 2)
        return f"Colours in this file: ± {off} of their range."
    return f"Numbers in this file: ± {percent(2.0 ** (1 - BITS), 2)} of the largest."


def _is_map(view: View) -> bool:
    return view.kind in ("grid", "table")


def about(
    offered: Offered, rung: Rung, compared: Sequence[Answers], why: str
) -> Iterator[str]:
    """Say what the file holds, and how exact it is."""
    run = offered.run
    yield (
        f"{whole(len(offered.steps))} of {whole(len(run.steps))} checkpoints, from "
        f"epoch {whole(offered.steps[0])} to {whole(offered.steps[-1])}. Curves show "
        "all of training."
    )
    off = percent(rung.every / 2 / _LEVELS, 2)
    yield (
        f"Maps that come with the file have {whole(_LEVELS // rung.every + 1)} levels "
        f"over their own range (± {off} of it); points and bars have "
        f"{BITS} bits."
    )
    if why:
        yield (
            f"The network itself is not in the file, because {why}: heads, neurons and "
            "pairs are those that are picked."
        )
    if not compared:
        return
    error = max(one.error for one in compared)
    changed = max(one.changed for one in compared)
    yield (
        f"The weights of {whole(len(compared))} checkpoints are in it, folded into "
        f"tables of {rung.bits} bits (float16 has 11 for its digits). From them this "
        "page computes every neuron, every pair and the answers of the whole table; "
        "attention, and the neuron that is picked at first, it computes at every "
        f"checkpoint from numbers of {BITS} bits."
    )
    yield (
        f"Rounding changes logits by at most {number(100 * error, 2)} % (root mean "
        f"square, of their spread) and the answer of at most {whole(changed)} of "
        f"{whole(run.p**2)} pairs of a checkpoint; those answers are written in the "
        "file, so that all are those of the network."
    )
