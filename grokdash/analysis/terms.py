"""What a frame's variables are called in the user's own: a, log a, a − b, a ÷ b.

In the frame of its group every operation is a sum; the user trained another one.
Labels, sentences and formulas take their words from here, whatever the operation.
"""

from dataclasses import dataclass, fields
from string import Template

from grokdash.operations import Operation, Structure, get_operation


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The words for the variables of one frame.

    Parameters
    ----------
    a, b, c
        The operands and the class, as they are added.
    sum, difference
        What the sum and the difference of the two operands' places in the frame are.
    sign
        How ``sum`` joins the operands; what belongs to b, such as a phase, follows it.
    whole, opposite
        The same as operations on tokens: waves in the sum are waves in ``whole``.
    offset
        Distance of a class from the answer.
    answer
        The answer's place in the frame.
    swapped
        The pair that (a, b) becomes when its places in the frame are exchanged.
    q
        The modulus of the frame.
    """

    a: str
    b: str
    c: str
    sum: str
    difference: str
    sign: str
    whole: str
    opposite: str
    offset: str
    answer: str
    swapped: str
    q: str

    def fill(self, text: str) -> str:
        """Put the words into a text that names them ``$a``, ``$sum``, ``$offset``."""
        words = {field.name: getattr(self, field.name) for field in fields(self)}
        return Template(text).safe_substitute(words)


NO_OPPOSITE = "the opposite combination"
"""An operation without a group has none, and no difference of places."""


def _additive(sign: str, swapped: str) -> Terms:
    whole, opposite = (f"a {one} b" for one in (sign, _OTHER[sign]))
    return Terms(
        a="a",
        b="b",
        c="c",
        sum=whole,
        difference=opposite,
        sign=sign,
        whole=whole,
        opposite=opposite,
        offset=f"{whole} − c",
        answer=whole,
        swapped=swapped,
        q="p",
    )


def _logarithmic(sign: str, whole: str, opposite: str, swapped: str) -> Terms:
    total, other = (f"log a {one} log b" for one in (sign, _OTHER[sign]))
    return Terms(
        a="log a",
        b="log b",
        c="log c",
        sum=total,
        difference=other,
        sign=sign,
        whole=whole,
        opposite=opposite,
        offset=f"{total} − log c",
        answer=f"log({whole})",
        swapped=swapped,
        q="(p − 1)",
    )


_OTHER = {"+": "−", "−": "+"}

_TERMS: dict[Structure, Terms] = {
    "sum": _additive("+", "(b, a)"),
    "difference": _additive("−", "(−b, −a)"),
    "product": _logarithmic("+", "a × b", "a ÷ b", "(b, a)"),
    "quotient": _logarithmic("−", "a ÷ b", "a × b", "(1 ÷ b, 1 ÷ a)"),
}

TOKENS = _TERMS["sum"]
"""The words where tokens are read one by one, whatever the operation."""


def terms(operation: str | Operation) -> Terms:
    """Give the words for the frame of an operation.

    One without a group is read by its answers: those stand in place of the sum, and
    there is no difference.
    """
    rule = get_operation(operation) if isinstance(operation, str) else operation
    if rule.structure != "none":
        return _TERMS[rule.structure]
    return Terms(
        a="a",
        b="b",
        c="c",
        sum=rule.title,
        difference=NO_OPPOSITE,
        sign="+",
        whole=rule.title,
        opposite=NO_OPPOSITE,
        offset=f"{rule.title} − c",
        answer=rule.title,
        swapped="(b, a)",
        q="p",
    )
