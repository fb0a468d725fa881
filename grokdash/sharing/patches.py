"""What of a figure differs from epoch to epoch, beside its numbers.

It is found by comparing: a range that follows the epoch, and a choice that is offered
where the range of the run shows little, at every epoch; figures in the range of the
run at some of them.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from grokdash.sharing.pictures import Shown, answer, head, key_of
from grokdash.views.core.selection import Selection

Patch = list[tuple[list[str | int], Any]]
"""Paths within an answer, and what is there instead; None for nothing."""
_LOOKS = ("x", "y", "colour")
"""Choices that, as a rule, change figures alike at every epoch."""
_SAMPLES = 6
"""Epochs at which it is seen whether they do, about."""


_LOOKED_AT = 12
"""Figures in the range of the run that are drawn, about."""


def way_of(values: Mapping[str, Any]) -> str:
    """Name a choice less the looks."""
    return key_of({name: one for name, one in values.items() if name not in _LOOKS})


class Patches:
    """Compares the figures of one view with that of the first epoch.

    Parameters
    ----------
    shown, steps
        What is shown, and at which epochs.
    tell
        Called for every epoch of a choice that is no look.
    """

    def __init__(
        self, shown: Shown, steps: Sequence[int], tell: Callable[[], None]
    ) -> None:
        self._shown, self._steps, self._tell = shown, steps, tell

    def of(
        self, selection: Selection, choices: Sequence[dict[str, Any]]
    ) -> dict[str, list[Patch]]:
        """Give what differs at every epoch, by choice.

        Where themes differ in that, as colours do, the theme is part of the name. Looks
        and themes are compared at some epochs; where they agree there, they are taken
        to agree.
        """
        found: dict[str, list[Patch]] = {}
        of_ways: dict[str, list[Patch]] = {}
        for values in choices:
            picked, way = replace(selection, **values), way_of(values)
            if way not in of_ways:
                of_ways[way] = self._all(picked, "light")
                for _ in self._steps:
                    self._tell()
            found[key_of(values)] = known = of_ways[way]
            for theme in ("light", "dark"):
                if not self._agree(picked, theme, known):
                    name = "|".join(part for part in (theme, key_of(values)) if part)
                    found[name] = self._all(picked, theme)
        return found

    def _agree(self, selection: Selection, theme: str, known: Sequence[Patch]) -> bool:
        """Say whether some of the epochs differ in just that in another look."""
        changed = [place for place, patch in enumerate(known) if patch]
        changed = changed or [len(self._steps) - 1]
        some = changed[:: max(1, len(changed) // _SAMPLES)]
        base = self._answer(selection, theme, 0)
        return all(
            list(differences(base, self._answer(selection, theme, place)))
            == known[place]
            for place in some
        )

    def _all(self, selection: Selection, theme: str) -> list[Patch]:
        base = self._answer(selection, theme, 0)
        answer_at = self._answer
        if selection.norm == "run" and self._stands(selection, theme, base):
            del base["figure"]
            answer_at = self._head
        return [
            list(differences(base, answer_at(selection, theme, place)))
            for place in range(len(self._steps))
        ]

    def _stands(self, selection: Selection, theme: str, base: dict[str, Any]) -> bool:
        """Say whether figures in the range of the run differ in their numbers alone.

        They are looked at from all over the run; drawing every one would take minutes.
        """
        last = len(self._steps) - 1
        some = {*range(0, last, max(1, last // _LOOKED_AT)), last}
        return all(
            self._answer(selection, theme, place)["figure"] == base["figure"]
            for place in some
        )

    def _head(self, selection: Selection, theme: str, place: int) -> dict[str, Any]:
        return head(self._shown, selection, self._steps[place], theme)

    def _answer(self, selection: Selection, theme: str, place: int) -> dict[str, Any]:
        return answer(self._shown, selection, self._steps[place], theme)


def differences(before: Any, after: Any, path: tuple = ()) -> Iterator[tuple]:
    """Give path and value of everything that differs in the second."""
    if isinstance(before, dict) and isinstance(after, dict):
        for name in sorted(before.keys() | after.keys()):
            if name in before and name in after:
                yield from differences(before[name], after[name], (*path, name))
            else:
                yield [*path, name], after.get(name)
    elif (
        isinstance(before, list)
        and isinstance(after, list)
        and len(before) == len(after)
    ):
        for place, pair in enumerate(zip(before, after, strict=True)):
            yield from differences(*pair, (*path, place))
    elif before != after:
        yield list(path), after
