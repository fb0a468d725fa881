"""The form that starts a sweep: what is offered, and what a filled form would do."""

import re
import shlex
from collections.abc import Mapping
from functools import cache

from grokdash.app.sweepers import Sweepers
from grokdash.contract.sweep_start import (
    ShippedSweep,
    SweepErrors,
    SweepForm,
    SweepVerdict,
)
from grokdash.errors import ConfigError
from grokdash.store import Store
from grokdash.store.sweeps import sweep_ids
from grokdash.sweeps.cost import Cost, cost
from grokdash.sweeps.filled import file_of, key_of, sweep_text
from grokdash.sweeps.plan import PlanError, Sweep, parse_sweep, read_sweep, shipped
from grokdash.sweeps.seeds import parse_seeds
from grokdash.views.reading.fields import field_title

MOST_LETTERS = 1000
_SHIPPED = "shipped"
"""The key that names a shipped sweep, of which ``epochs`` and ``seeds`` may differ."""


def offered(store: Store, why_not: str) -> SweepForm:
    """Describe the sweeps that come with the package, the shortest first."""
    found = [(_read(name), cost(_read(name), store)) for name in shipped()]
    found.sort(key=lambda one: one[1].seconds)
    return SweepForm(
        shipped=[_row(sweep, costs) for sweep, costs in found],
        basis=found[0][1].basis if found else "",
        why_not=why_not,
    )


@cache
def _read(name: str) -> Sweep:
    return read_sweep(shipped()[name])


def _row(sweep: Sweep, costs: Cost) -> ShippedSweep:
    return ShippedSweep(
        name=sweep.name,
        title=sweep.title,
        question=sweep.question,
        varies=", ".join(map(field_title, _varied(sweep))) or "seed",
        runs=costs.runs,
        left=costs.left,
        duration=costs.duration,
        size=costs.size,
    )


def _varied(sweep: Sweep) -> list[str]:
    """Name the axes that have more than one value."""
    return [
        axis
        for axis in sweep.axes
        if len({getattr(config, axis) for config in sweep.configs}) > 1
    ]


def chosen_sweep(form: Mapping[str, str]) -> tuple[Sweep, str]:
    """Build the sweep that a filled form means, and give the text of its file.

    Raises
    ------
    PlanError
        If a part of the form is wrong.
    ConfigError
        If the form as a whole is.
    """
    for key, text in form.items():
        if len(key) > MOST_LETTERS or len(text) > MOST_LETTERS:
            raise ConfigError(f"{key[:40]}: at most {MOST_LETTERS:,} characters")
    if _SHIPPED in form:
        return _shipped(form)
    text, path = sweep_text(form), file_of(form)
    return parse_sweep(path, text), text


def _shipped(form: Mapping[str, str]) -> tuple[Sweep, str]:
    known = shipped()
    path = known.get(form[_SHIPPED])
    if path is None:
        raise ConfigError(f"shipped: expected one of {', '.join(known)}")
    epochs, seeds = form.get("epochs", "").strip(), form.get("seeds", "").strip()
    if epochs and not (epochs.isascii() and epochs.isdigit() and int(epochs)):
        raise PlanError(f"epochs: expected a count; got {epochs!r}", ("epochs",))
    sweep = read_sweep(
        path,
        epochs=int(epochs) if epochs else None,
        seeds=parse_seeds(seeds, "seeds") if seeds else None,
    )
    return sweep, path.read_text(encoding="utf-8")


def check_sweep(
    store: Store, sweepers: Sweepers, form: Mapping[str, str]
) -> SweepErrors | SweepVerdict:
    """Say what is wrong with a form by its keys, else what starting it would do."""
    try:
        sweep, text = chosen_sweep(form)
    except PlanError as error:
        return SweepErrors(errors={key_of(error.place): _beside(error, form)})
    except ConfigError as error:
        return SweepErrors(errors={"": str(error)})
    costs = cost(sweep, store)
    exists = sweep.id in sweep_ids(store.path)
    return SweepVerdict(
        errors={},
        sweep=sweep.id,
        title=sweep.title,
        runs=costs.runs,
        left=costs.left,
        duration=costs.duration,
        basis=costs.basis,
        size=costs.size,
        room=costs.room,
        exists=exists,
        driven=exists and sweepers.driver(sweep.id)["driven"],
        command=shlex.join(_command(form)),
        file="" if _SHIPPED in form else str(file_of(form)),
        text=text,
    )


def _beside(error: PlanError, form: Mapping[str, str]) -> str:
    """Say what is wrong without the line: it stands beside what is."""
    return re.sub(rf"^{re.escape(str(file_of(form)))}(:\d+)?: ", "", str(error))


def _command(form: Mapping[str, str]) -> list[str]:
    words = ["grokdash", "sweep", "run"]
    if _SHIPPED not in form:
        return [*words, str(file_of(form))]
    words.append(form[_SHIPPED])
    for key in ("epochs", "seeds"):
        if form.get(key, "").strip():
            words += [f"--{key}", form[key].strip()]
    return words
