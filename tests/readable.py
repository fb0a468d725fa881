"""What no reader should meet: numbers as programs write them, names of the store."""

import re
from collections.abc import Iterator
from typing import Any

_PROGRAMS = re.compile(
    r"\b(nan|NaN|None|inf)\b"
    r"|(?<![\w.-])\d+(\.\d+)?[eE][-+]?\d+\b"  # 1e-08
    r"|(?<![\w.)⁻-])-\.?\d"  # a hyphen for a minus
    r"|\d\.\d{8}"  # more digits than anybody reads
    r"|--[a-z]"  # an option of a command
    r"|\b(blocks|loss|accuracy|weights|gini|logits|neuron|frame|params|measures)/\w"
    r"|\bgrok_\w+|\btrain_\w+|\btest_\w+|\bn_heads\b|\bweight_decay\b"
    r"|(?<![\w:])/(home|tmp|work|usr|root)/"
    r"|Traceback"
)
_PLACES = re.compile(r"%\{[^}]*\}|<[^<>]*>")
"""What Plotly fills in, and its markup."""

_READ = re.compile(
    r"(^|\.)(text|title|name|ticktext|hovertext|hovertemplate|customdata|label|"
    r"ticksuffix|tickprefix)(\.text)?$"
)


def unreadable(text: str) -> str | None:
    """Give what a reader should not meet in a text; None if all is well."""
    found = _PROGRAMS.search(_PLACES.sub(" ", text))
    return found and f"{found[0]!r} in {text!r}"


def texts_of(part: Any, path: str = "") -> Iterator[str]:
    """Give every text of a figure, as plain data, that is shown somewhere."""
    if isinstance(part, str):
        if _READ.search(path):
            yield part
    elif isinstance(part, dict):
        for name, value in part.items():
            yield from texts_of(value, f"{path}.{name}")
    elif isinstance(part, list):
        for value in part:
            yield from texts_of(value, path)


def check_readable(plain: dict[str, Any], where: str) -> None:
    """Check every text of a figure, and that ticks are written as sentences are."""
    for text in texts_of(plain["data"]), texts_of(plain["layout"] | {"template": {}}):
        for one in text:
            assert unreadable(one) is None, f"{where}: {unreadable(one)}"
    axes = [v for k, v in plain["layout"].items() if k[1:5] == "axis"]
    bars = [trace["colorbar"] for trace in plain["data"] if "colorbar" in trace]
    for one in (*axes, *bars):
        told = one.get("ticktext") or one.get("tickformat") or one.get("exponentformat")
        hidden = one.get("visible") is False or one.get("showticklabels") is False
        assert told or hidden, f"{where}: ticks would read 0.01μ or 40k"
