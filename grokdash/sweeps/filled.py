"""A filled form as the text of a sweep file, which is then read like any other.

The parts of the form are keys of one flat table: ``title``, ``question``, ``preset``,
``seeds``, ``workers``, ``together``, ``set.<field>`` for what all runs have, and
``vary.<field>`` for the values of a field, separated by commas.
"""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from grokdash.config import RunConfig
from grokdash.errors import ConfigError
from grokdash.sweeps.lines import Place
from grokdash.sweeps.plan import PlanError
from grokdash.sweeps.seeds import parse_seeds

SET, VARY = "set.", "vary."
_KNOWN = ("title", "question", "preset", "seeds", "workers", "together")
_NAME = "sweep"


def sweep_text(form: Mapping[str, str]) -> str:
    """Write the sweep file that a filled form means.

    Raises
    ------
    ConfigError
        If a key of the form is unknown, the seeds are none, or nothing varies.
    """
    for key in form:
        if key not in _KNOWN and not key.startswith((SET, VARY)):
            known = ", ".join((*_KNOWN, f"{SET}<field>", f"{VARY}<field>"))
            raise ConfigError(f"{key}: unknown; expected {known}")
    if not form.get("seeds", "").strip() and not _fields(form, VARY):
        raise ConfigError("nothing varies yet: give a field several values, or seeds")
    return "\n".join(_lines(form)) + "\n"


def _lines(form: Mapping[str, str]) -> Iterator[str]:
    yield from _head(form)
    fixed, varied = _fields(form, SET), _fields(form, VARY)
    if fixed:
        yield from ("", "[fields]")
        yield from (f"{name} = {_value(name, text)}" for name, text in fixed.items())
    if varied:
        yield from ("", "[zip]" if form.get("together") == "yes" else "[grid]")
    for name, text in varied.items():
        values = (_value(name, one) for one in text.split(",") if one.strip())
        yield f"{name} = [{', '.join(values)}]"
    if form.get("workers", "").strip():
        yield from ("", "[engine]", f"workers = {_number(form['workers'])}")


def _head(form: Mapping[str, str]) -> Iterator[str]:
    for key in ("title", "question", "preset"):
        if form.get(key, "").strip():
            yield f"{key} = {_text(form[key].strip())}"
    if not form.get("seeds", "").strip():
        return
    try:
        seeds = parse_seeds(form["seeds"], "seeds")
    except ConfigError as error:
        raise PlanError(str(error), ("seeds",)) from None
    yield f"seeds = [{', '.join(map(str, seeds))}]"


def _fields(form: Mapping[str, str], kind: str) -> dict[str, str]:
    return {
        key.removeprefix(kind): text
        for key, text in form.items()
        if key.startswith(kind) and text.strip()
    }


def key_of(place: Place) -> str:
    """Give the key of the form that a place in the file comes from; "" of no one."""
    match place:
        case ("fields", str(name), *_):
            return SET + name
        case ("grid" | "zip", str(name), *_):
            return VARY + name
        case (str(name), *_) if name in (*_KNOWN, "epochs"):
            return name
        case ("engine", *_):
            return "workers"
        case _:
            return ""


def file_of(form: Mapping[str, str]) -> Path:
    """Name the file after the title: "Weight decay!" as weight-decay.toml."""
    words = re.findall(r"[a-z0-9]+", form.get("title", "").lower())
    return Path(f"{'-'.join(words)[:60].strip('-') or _NAME}.toml")


def _value(name: str, text: str) -> str:
    """Write a value as the field takes it; what is none is left to be refused."""
    field = RunConfig.model_fields.get(name)
    kind = field.annotation if field is not None else str
    if kind is bool and text.strip() in ("true", "false"):
        return text.strip()
    return _number(text) if kind in (int, float) else _text(text.strip())


def _number(text: str) -> str:
    """Write a number as TOML has it: ".5" as 0.5; other words in quotes."""
    for kind in (int, float):
        try:
            return json.dumps(kind(text.strip()), allow_nan=False)
        except ValueError:
            continue
    return _text(text.strip())


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
