"""Typeset the formulas of the texts: TeX to MathML, kept in formulas.json.

So the app needs no library that reads TeX; only who writes a formula does, and
``make docs`` brings it.
"""

import json
import re
from functools import cache
from pathlib import Path

from grokdash.course.marks import formulas
from grokdash.course.texts import all_texts

FILE = Path(__file__).with_name("formulas.json")
_FUNCTION = re.compile(
    r'(<mi>(?:cos|sin|log|ln)</mi>)(?!<mo stretchy="false">&#x00028;)'
)


def mathml(tex: str, *, display: bool) -> str:
    """Typeset one formula; a function is set apart from what it is applied to."""
    from latex2mathml.converter import convert  # noqa: PLC0415 (see above)

    text = convert(tex, display="block" if display else "inline")
    return _FUNCTION.sub(r'\1<mspace width="0.167em" />', text)


def key(tex: str, *, display: bool) -> str:
    """Name a formula as the texts do."""
    return f"$${tex}$$" if display else f"${tex}$"


@cache
def stored() -> dict[str, str]:
    """Give the formulas that have been typeset, by name."""
    return json.loads(FILE.read_text(encoding="utf-8"))


def page() -> str:
    """Give the file; formulas that it has already are kept as they are."""
    known = stored() if FILE.exists() else {}
    wanted = {one for text in all_texts() for one in formulas(text)}
    found = {
        name: known.get(name) or mathml(tex, display=display)
        for tex, display in wanted
        for name in [key(tex, display=display)]
    }
    return json.dumps(found, indent=0, sort_keys=True, ensure_ascii=False) + "\n"
