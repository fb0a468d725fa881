"""A picture that one view alone has, drawn by a function of its own."""

from collections.abc import Callable
from dataclasses import dataclass

import plotly.graph_objects as go

from grokdash.views.core.view import Drawing, Traits


@dataclass(frozen=True, slots=True)
class Special:
    """What no other picture draws; everything is said by hand."""

    draw: Callable[[Drawing], go.Figure]
    traits: Traits
