"""Figures of a file to share, less what the frames bring.

A figure is the server's answer less its sentence, less the arrays that change while
scrubbing; large arrays that several figures have in common are kept once.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

from grokdash.app.drawn import answer_of, head_of
from grokdash.figures.theme import THEMES
from grokdash.snapshot import RunView
from grokdash.views import Drawing, View
from grokdash.views.core.render import make_drawing, scrubbed
from grokdash.views.core.selection import Selection

_NAMES = ("step", "sentence")
"""What an answer says of its epoch alone."""
_POOLED = 200
"""Letters from which an array is worth being kept once."""


class Pool:
    """Arrays that several figures have in common, each once."""

    def __init__(self) -> None:
        self.arrays: list[Any] = []
        self._known: dict[str, int] = {}

    def without(self, node: Any) -> Any:
        """Give a figure with references for its large arrays."""
        if isinstance(node, dict) and "bdata" not in node:
            return {name: self.without(one) for name, one in sorted(node.items())}
        text = json.dumps(node, sort_keys=True) if isinstance(node, dict | list) else ""
        if len(text) > _POOLED and (isinstance(node, dict) or _is_plain(node)):
            return {"$": self._place(text, node)}
        if isinstance(node, list):
            return [self.without(one) for one in node]
        return node

    def _place(self, text: str, node: Any) -> int:
        if text not in self._known:
            self._known[text] = len(self.arrays)
            self.arrays.append(node)
        return self._known[text]


def _is_plain(node: list[Any]) -> bool:
    return not any(isinstance(one, dict) for one in node)


def key_of(values: Mapping[str, Any]) -> str:
    """Name a choice of values, as the page does."""
    return "|".join(f"{name}={value}" for name, value in values.items())


def choices_of(
    names: Sequence[str], offered: Mapping[str, Sequence[Any]]
) -> Iterator[dict[str, Any]]:
    """Give every choice of the values that are offered."""
    for values in product(*(offered[name] for name in names)):
        yield dict(zip(names, values, strict=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A view of a run; ``beside``: the keys of runs that share out the colours."""

    run: RunView
    view: View
    beside: frozenset[int] = frozenset()


def answer(shown: Shown, selection: Selection, step: int, theme: str) -> dict[str, Any]:
    """Give the answer for one epoch, less what frames bring and what names it."""
    view, drawing = shown.view, _drawing(shown, selection, step, theme)
    found = json.loads(answer_of(drawing, view))
    for name in _NAMES:
        del found[name]
    del found["figure"]["layout"]["meta"]["epoch"]
    if view.per_step:
        for place in scrubbed(view, drawing.arrays):
            trace, *path = place.split(".")
            node = found["figure"]["data"][int(trace)]
            for part in path[:-1]:
                node = node[part]
            node[path[-1]] = None
    return found


def head(shown: Shown, selection: Selection, step: int, theme: str) -> dict[str, Any]:
    """Give the answer for one epoch, less the figure too."""
    found = head_of(_drawing(shown, selection, step, theme), shown.view)
    whole = json.loads(json.dumps(found))
    return {name: one for name, one in whole.items() if name not in _NAMES}


def _drawing(shown: Shown, selection: Selection, step: int, theme: str) -> Drawing:
    drawing = make_drawing(shown.run.at(step), shown.view, selection, theme)
    return replace(drawing, beside=shown.beside)


def pictures(
    shown: Shown,
    selection: Selection,
    choices: Sequence[dict[str, Any]],
    step: int,
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Give the figure of every theme and choice, by its name."""
    for theme in THEMES:
        for values in choices:
            picked = replace(selection, **values)
            name = "|".join(part for part in (theme, key_of(values)) if part)
            yield name, answer(shown, picked, step, theme)
