"""A figure in both themes as one: that of the light theme, and where the dark differs.

The arrays of the two are the same, so they are kept once.
"""

import copy
from typing import Any

from grokdash.errors import DamagedFileError
from grokdash.figures.colours import ThemeName

Json = Any
Place = list[str | int]


def both(light: Json, dark: Json) -> dict[str, Any]:
    """Put the figure of two themes into one value, as JSON has it."""
    return {"light": light, "dark": list(_differences(light, dark, []))}


def in_theme(frozen: dict[str, Any], theme: ThemeName) -> dict[str, Any]:
    """Give the figure of one theme.

    Raises
    ------
    DamagedFileError
        If what was frozen is no figure.
    """
    try:
        holder = {"figure": copy.deepcopy(frozen["light"])}
        for place, value in frozen["dark"] if theme == "dark" else ():
            _put(holder, ["figure", *place], value)
        figure = holder["figure"]
        shape = [type(one) for one in (figure["data"], figure["layout"])]
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise DamagedFileError(f"the frozen figure is none: {error}") from None
    if shape != [list, dict] or not all(
        isinstance(one, dict) for one in figure["data"]
    ):
        raise DamagedFileError("the frozen figure is none: expected data and layout")
    return figure


def _differences(light: Json, dark: Json, place: Place) -> list[tuple[Place, Json]]:
    if (
        isinstance(light, dict)
        and isinstance(dark, dict)
        and light.keys() == dark.keys()
    ):
        pairs = [(name, light[name], dark[name]) for name in light]
    elif isinstance(light, list) and isinstance(dark, list) and len(light) == len(dark):
        pairs = [(i, *both) for i, both in enumerate(zip(light, dark, strict=True))]
    else:
        return [] if light == dark else [(place, dark)]
    if place and light == dark:
        return []
    return [
        found
        for name, one, other in pairs
        for found in _differences(one, other, [*place, name])
    ]


def _put(holder: Json, place: Place, value: Json) -> None:
    for part in place[:-1]:
        holder = holder[part]
    holder[place[-1]] = value
