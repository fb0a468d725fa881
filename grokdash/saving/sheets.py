"""Sheets: one or several figures as they lie in a file, with where they come from.

A sheet goes to the browser as a figure of Plotly whose ``layout.meta`` holds it
(``assets/js/print/sheet.js`` draws it).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from grokdash.figures.theme import PRINTS
from grokdash.saving.fitting import BASE_LINE_PX
from grokdash.saving.look import APP_FONT_PX, FONTS, Look

_LETTER_SIZE = 1.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A figure, drawn in its own size, and where it lies on the sheet in pixels."""

    figure: Any
    look: Look
    x: float = 0.0
    y: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """Figures and letters on one ground.

    Parameters
    ----------
    width, height
        In CSS pixels.
    panels
        Figures and their places.
    origin
        Where the sheet comes from, in what JSON knows.
    told
        One or more sentences on what there is to be seen.
    title
        What it is, in one line.
    """

    width: float
    height: float
    panels: Sequence[Placed]
    origin: Mapping[str, Any]
    told: str
    title: str

    def as_figure(self) -> dict[str, Any]:
        """Write the sheet as the figure that the browser draws."""
        first = self.panels[0].look
        theme = PRINTS[first.theme]
        sheet = {
            "width": self.width,
            "height": self.height,
            "background": theme.paper,
            "family": FONTS[first.font],
            "figures": [
                {
                    "figure": one.figure.to_plotly_json(),
                    "x": one.x,
                    "y": one.y,
                    "scale": one.look.zoom,
                }
                for one in self.panels
            ],
            "letters": [
                _letter(one, theme.text) for one in self.panels if one.look.letter
            ],
            "origin": dict(self.origin),
            "texts": {
                "Title": self.title,
                "Description": self.told,
                "Software": f"grokdash {self.origin['version']}",
                "Source": self.origin["permalink"],
                "grokdash": json.dumps(dict(self.origin)),
            },
        }
        layout = {
            "width": self.width,
            "height": self.height,
            "paper_bgcolor": theme.paper,
            "meta": {"sheet": sheet},
        }
        return {"data": [], "layout": layout}


def alone(
    figure: Any, look: Look, origin: Mapping[str, Any], *, title: str, told: str
) -> Sheet:
    """Lay one figure on a sheet of its size."""
    return Sheet(
        width=look.width,
        height=figure.layout.height * look.zoom,
        panels=[Placed(figure=figure, look=look)],
        origin=origin,
        told=told,
        title=title,
    )


def _letter(panel: Placed, colour: str) -> dict[str, Any]:
    size = _LETTER_SIZE * panel.look.zoom * APP_FONT_PX
    return {
        "text": panel.look.letter,
        "x": panel.x + 0.3 * size,
        "y": panel.y + BASE_LINE_PX * panel.look.zoom,
        "size": size,
        "colour": colour,
    }
