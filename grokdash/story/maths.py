"""Formulas of the story, as MathML that any browser typesets by itself."""

from grokdash.story.telling import Maths

_FLAT = '<mo stretchy="false">'


def _cos(argument: str) -> str:
    return f"<mi>cos</mi><mo>&#x2061;</mo>{argument}"


def _sin(argument: str) -> str:
    return f"<mi>sin</mi><mo>&#x2061;</mo>{argument}"


def _sum() -> str:
    return f"<mrow>{_FLAT}(</mo><mi>x</mi><mo>+</mo><mi>y</mi>{_FLAT})</mo></mrow>"


def _row(*cells: str) -> str:
    return f"<mtr>{''.join(f'<mtd>{cell}</mtd>' for cell in cells)}</mtr>"


_X, _Y = "<mi>x</mi>", "<mi>y</mi>"
_GAP = '<mspace width="0.25em"/>'

ANGLE_SUM = Maths(
    mathml='<math display="block"><mtable columnalign="right left">'
    + _row(
        _cos(_sum()),
        f"<mo>=</mo>{_cos(_X)}{_GAP}{_cos(_Y)}<mo>−</mo>{_sin(_X)}{_GAP}{_sin(_Y)}",
    )
    + _row(
        _sin(_sum()),
        f"<mo>=</mo>{_sin(_X)}{_GAP}{_cos(_Y)}<mo>+</mo>{_cos(_X)}{_GAP}{_sin(_Y)}",
    )
    + "</mtable></math>"
)
"""How the cosine and sine of a sum of angles follow from those of the angles."""
