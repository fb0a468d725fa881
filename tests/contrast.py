"""Texts and marks of a figure against their paper, by the ratios of WCAG 2.2."""

import re
from collections.abc import Iterator
from typing import Any

TEXT, MARK = 4.5, 3.0
"""The least contrast of text, and of what carries meaning in a graphic."""


def contrast(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    """Give the ratio of two colours of sRGB, channels from 0 to 255."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: tuple[float, ...]) -> float:
    linear = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
        for c in (one / 255 for one in colour)
    )
    return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def laid(colour: str, paper: tuple[float, ...], opacity: float) -> tuple[float, ...]:
    """Give what a colour, as figures write it, looks like on a paper."""
    if colour.startswith("#"):
        channels = [int(colour[i : i + 2], 16) for i in range(1, len(colour), 2)]
        *ink, alpha = (*channels, 255) if len(channels) == 3 else channels
        alpha /= 255
    else:
        numbers = [float(one) for one in re.findall(r"[\d.]+", colour)]
        *ink, alpha = (*numbers, 1.0) if len(numbers) == 3 else numbers
    part = alpha * opacity
    return tuple(a * part + b * (1 - part) for a, b in zip(ink, paper, strict=True))


def faint(plain: dict[str, Any]) -> list[str]:
    """Give the texts and marks of a figure, as plain data, that are hard to see.

    Numbers that a scale makes colours are left out: the scales are measured themselves.
    """
    paper = laid(plain["layout"]["paper_bgcolor"], (255, 255, 255), 1.0)
    return [*_texts(plain, "figure", paper), *_marks(plain["data"], paper)]


def _texts(part: Any, path: str, paper: tuple[float, ...]) -> Iterator[str]:
    if isinstance(part, list):
        for place, one in enumerate(part):
            yield from _texts(one, f"{path}[{place}]", paper)
    if not isinstance(part, dict):
        return
    if isinstance(part.get("bgcolor"), str):
        paper = laid(part["bgcolor"], paper, 1.0)
    for name, one in part.items():
        colour = one.get("color") if isinstance(one, dict) else None
        if name.endswith("font") and isinstance(colour, str):
            ratio = contrast(laid(colour, paper, part.get("opacity", 1.0)), paper)
            if ratio < TEXT:
                yield f"{path}.{name} {colour}: {ratio:.2f}"
        yield from _texts(one, f"{path}.{name}", paper)


def _marks(traces: list[dict[str, Any]], paper: tuple[float, ...]) -> Iterator[str]:
    for place, trace in enumerate(traces):
        for part in ("line", "marker"):
            look = trace.get(part, {})
            if part not in trace.get("mode", part) and trace["type"] == "scatter":
                continue
            share = look.get("opacity", 1.0)
            opacity = trace.get("opacity", 1.0) * (
                share if isinstance(share, float | int) else 1.0
            )
            colours = look.get("color")
            several = colours if isinstance(colours, list) else [colours]
            for one in {one for one in several if isinstance(one, str)}:
                ratio = contrast(laid(one, paper, opacity), paper)
                if ratio < MARK:
                    yield f"data[{place}].{part} {one} at {opacity:.2f}: {ratio:.2f}"
