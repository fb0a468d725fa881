"""Formulas as the browser typesets them."""

from typing import Any

from dash.development.base_component import Component

from grokdash.course.typeset import key, stored


class Formula(Component):
    """MathML in the page; ``assets/js/lib/formula.js`` draws it.

    Dash has no elements of MathML, and its Markdown brings a library of megabytes.
    """

    _namespace = "grokdash_formulas"
    _type = "Formula"

    def __init__(self, mathml: str, *, display: bool = False) -> None:
        self._children_props: list[str] = []
        self._base_nodes = ["children"]
        self._prop_names = ["mathml", "display"]
        self._valid_wildcard_attributes: list[str] = []
        self.available_properties = self._prop_names
        self.available_wildcard_properties: list[str] = []
        values: dict[str, Any] = {"mathml": mathml, "display": display}
        super().__init__(**values)


def formula(tex: str, *, display: bool = False) -> Formula:
    """Lay out a formula of the texts.

    Raises
    ------
    KeyError
        If ``make docs`` has not been run since it was written.
    """
    return Formula(stored()[key(tex, display=display)], display=display)
