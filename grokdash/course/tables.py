"""Tables that the texts take from the registries, as Markdown."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from grokdash.operations import OPERATIONS


class Row(NamedTuple):
    """Measures that belong together: their names and where they come from."""

    names: str
    source: str
    what: str
    reference: str


_NANDA = "[Nanda et al. 2023](cite:nanda2023)"
_ZHONG = "[Zhong et al. 2023](cite:zhong2023)"

MEASURES: tuple[Row, ...] = (
    Row(
        "loss/train loss/test loss/all accuracy/train accuracy/test accuracy/all",
        "logits",
        "mean cross-entropy over the p answers in nats, in float64 (the class = is "
        "left out), and share of pairs answered right",
        "",
    ),
    Row(
        "frame/loss frame/correct_logit",
        "logits",
        "loss and logit of the right answer for every pair (a, b)",
        "",
    ),
    Row(
        "embed/power embed/power_canonical",
        "W_E",
        "‖(F W_E)[j]‖² for every basis vector j; in the order 0, 1, 2, … and in the "
        "order of the operation's group",
        f"{_NANDA}, §4",
    ),
    Row(
        "wl/power wl/power_canonical",
        "W_out, W_U",
        "the same of W_out W_U, the map from neurons to logits",
        f"{_NANDA}, §4",
    ),
    Row(
        "gini/embed gini/wl gini/embed_additive gini/wl_additive",
        "W_E; W_out, W_U",
        "Gini coefficient of the norms per frequency: 0 for equal norms, near 1 for a "
        "few",
        f"{_NANDA}, §5",
    ),
    Row(
        "logits/M logits/mean logits/offset",
        "logits",
        "logits averaged over all pairs with one answer, over all pairs, and over all "
        "(a, b, c) with one a + b − c",
        f"{_NANDA}, §4",
    ),
    Row(
        "logits/M_unseen logits/cross_split_share",
        "logits",
        "logits averaged over the unseen pairs with one answer; the part of the "
        "variance of L that seen and unseen pairs share on cos and sin of w_k(a + b)",
        "here",
    ),
    Row(
        "logits/sum_share logits/diff_share logits/lin_share logits/cross_share "
        "logits/dc_share logits/energy logits/G",
        "logits",
        "how the variance of L splits into cos and sin of w_k(a + b), of w_k(a − b), "
        "and the rest; its 2-D spectrum",
        f"{_NANDA}, §4",
    ),
    Row(
        "loss/excluded2d_by_k loss/restricted_by_k",
        "logits",
        "excluded and restricted loss (below) for each frequency alone, on train, test "
        "and all pairs",
        f"{_NANDA}, §5",
    ),
    Row(
        "neuron/freq neuron/frac neuron/active neuron/inert",
        "neurons",
        "the frequency that explains most of a neuron over all pairs (−1 below 85 %), "
        "its share, the share of pairs on which it fires, whether it is dead: removing "
        "it changes no logit",
        f"{_NANDA}, §4",
    ),
    Row(
        "attention/score attention/mean attention/std attention/freq attention/frac",
        "attention",
        "what each head scores every number, where it looks, and its best frequency",
        f"{_NANDA}, §4",
    ),
    Row(
        "weights/sumsq weights/sumsq_total",
        "all parameters",
        "sum of squared weights, per matrix and in all",
        f"{_NANDA}, §5",
    ),
    Row(
        "symmetry/equivariance symmetry/commutativity",
        "logits",
        "share of the variance of L that depends on a + b − c alone; how much swapping "
        "a and b changes L",
        "here",
    ),
    Row(
        "pizza/symmetricity pizza/symmetricity_error pizza/irrelevance "
        "pizza/circularity",
        "logits, gradients, W_E",
        "how alike both operands' embeddings act on a logit, of 100 sampled triples "
        "(a, b, c), and the standard error of that; how little the right answer's "
        "logit depends on a − b, how purely the first four principal components of "
        "W_E are single waves",
        _ZHONG,
    ),
)
"""Measures of every checkpoint; ``grokdash.analysis.measures`` computes them."""

KEY_MEASURES: tuple[Row, ...] = (
    Row(
        "loss/restricted accuracy/restricted",
        "logits/M",
        "loss and accuracy with only the mean and the cos and sin w_k(a + b) parts of "
        "L kept, for the keys k",
        f"{_NANDA}, §5",
    ),
    Row(
        "loss/cross_split",
        "logits/M_unseen",
        "the same on the seen pairs, with the mean and the parts of the unseen pairs "
        "alone: no pair is judged by its own logits",
        "here",
    ),
    Row("loss/excluded2d", "logits", "loss with those parts removed", f"{_NANDA}, §5"),
    Row(
        "loss/excluded3d",
        "logits",
        "loss with only the multiples of cos w_k(a + b − c) removed, for the keys k",
        f"{_NANDA}, §5",
    ),
    Row(
        "loss/cosine_fit logits/fve",
        "logits/offset",
        "loss of Σ α_k cos w_k(a + b − c) over the keys, fitted to L, and the share of "
        "the variance of L it explains",
        f"{_NANDA}, §4",
    ),
)
"""Measures that need the key frequencies, added when training ends."""


def markdown_table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Lay rows out as a Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(map(_cell, line)) + " |" for line in lines)


def _cell(content: object) -> str:
    """Make text safe inside a table."""
    return str(content).replace("|", "\\|").replace("\n", " ")


def _measures(rows: Sequence[Row]) -> str:
    header = ["stored as", "from", "what it is", "reference"]
    listed = [
        [", ".join(f"`{name}`" for name in row.names.split()), *row[1:]] for row in rows
    ]
    return markdown_table(header, listed)


def _operations() -> str:
    rows = [
        [
            f"`{rule.name}`",
            rule.title,
            f"prime, from {rule.smallest_p}" if rule.needs_prime else "any",
            rule.zero_rule,
        ]
        for rule in OPERATIONS.values()
    ]
    header = ["operation", "rule", "modulus", "where it is undefined, and zeros"]
    return markdown_table(header, rows)


TABLES: Mapping[str, Callable[[], str]] = {
    "measures": lambda: _measures(MEASURES),
    "key_measures": lambda: _measures(KEY_MEASURES),
    "operations": _operations,
}
"""What ``{{table:…}}`` stands for."""
