"""A sweep file read into the configurations it stands for.

A sweep is a TOML file::

    title = "Weight decay"
    question = "How does the grok epoch depend on weight decay?"
    preset = "nanda"  # base of every run
    seeds = [0, 1, 2]  # optional; sets seed and split_seed

    [fields]  # changes of the base
    epochs = 20000

    [grid]  # every combination of these
    weight_decay = [0.3, 1.0, 3.0]

    [zip]  # these go together, place by place
    n_heads = [1, 2, 4]
    d_model = [32, 64, 128]

    [[points]]  # single combinations
    lr = 1e-3
    weight_decay = 1.0

    [engine]  # where: see grokdash.sweeps.drive.make_engine
    kind = "local"

The runs are all combinations of one grid point, one zip place, one of the points and
one seed. Nothing is trained before every one of them is known to be valid.
"""

import hashlib
import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from grokdash.config import (
    PRESETS,
    RunConfig,
    make_config,
)
from grokdash.errors import ConfigError
from grokdash.store.sweeps import SweepRecord
from grokdash.sweeps.changes import changed
from grokdash.sweeps.lines import Place, key_lines
from grokdash.toml_input import parse_toml, read_text

_TOP = (
    "title",
    "question",
    "preset",
    "seeds",
    "fields",
    "grid",
    "zip",
    "points",
    "engine",
)
ENGINE_KEYS = ("kind", "workers", "threads", "batch", "address", "options")
_LIGHT = {"grids": 1}
MOST_RUNS = 10_000
_Values = dict[str, tuple[Any, Place]]
"""Fields with their values and where in the file these stand."""


class PlanError(ConfigError):
    """A mistake in a sweep file; ``place`` is the path of keys to what is wrong."""

    def __init__(self, message: str, place: Place) -> None:
        super().__init__(message)
        self.place = place


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """A sweep: its name, the fields that vary, and one configuration per run."""

    name: str
    title: str
    question: str
    axes: tuple[str, ...]
    seeds: tuple[int, ...]
    configs: tuple[RunConfig, ...]
    engine: dict[str, Any]

    @property
    def id(self) -> str:
        """Give the name and a hash of all configurations."""
        text = "".join(config.hash() for config in self.configs)
        return f"{self.name}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"

    def plan(self) -> dict[str, Any]:
        """Describe the sweep for the store: who belongs to it and what varies."""
        return {
            "id": self.id,
            "name": self.name,
            "title": self.title,
            "question": self.question,
            "axes": list(self.axes),
            "seeds": list(self.seeds),
            "engine": self.engine,
            "runs": [config.run_id() for config in self.configs],
            "points": [
                {axis: getattr(config, axis) for axis in self.axes}
                for config in self.configs
            ],
            "configs": [config.model_dump() for config in self.configs],
        }


def planned(record: SweepRecord) -> Sweep:
    """Give a sweep of the store as it was planned, to go on with it."""
    return Sweep(
        name=record.name,
        title=record.title,
        question=record.question,
        axes=record.axes,
        seeds=record.seeds,
        configs=record.configs,
        engine=record.engine,
    )


def shipped() -> dict[str, Path]:
    """Give the sweeps that come with the package, by name."""
    folder = Path(str(files("grokdash.sweeps") / "library"))
    return {path.stem: path for path in sorted(folder.glob("*.toml"))}


def find_sweep(name_or_path: str) -> Path:
    """Give the file of a shipped sweep, or the path itself.

    Raises
    ------
    ConfigError
        If it is neither; the message lists the shipped ones.
    """
    known = shipped()
    if name_or_path in known:
        return known[name_or_path]
    path = Path(name_or_path)
    if path.is_file():
        return path
    raise ConfigError(
        f"{name_or_path}: no such file, and none of the shipped sweeps: "
        f"{', '.join(known)}"
    )


def read_sweep(
    path: Path, *, epochs: int | None = None, seeds: Sequence[int] | None = None
) -> Sweep:
    """Read a sweep file and check every run of it.

    Parameters
    ----------
    path
        The file.
    epochs, seeds
        What holds instead of the epochs and the seeds of the file. The sweep is then
        another one, with an id and a title of its own.

    Raises
    ------
    ConfigError
        Naming the file, the line, the key and what to do. Nothing has been started.
    """
    return parse_sweep(path, read_text(path), epochs=epochs, seeds=seeds)


def parse_sweep(
    path: Path,
    text: str,
    *,
    epochs: int | None = None,
    seeds: Sequence[int] | None = None,
) -> Sweep:
    """Check what :func:`read_sweep` reads, of a file that need not be there."""
    values = parse_toml(path, text)
    return _Reader(path, text).sweep(changed(path, values, epochs, seeds))


def _line(value: object, most: int) -> str:
    """Write what a sweep is called in one line that any terminal shows."""
    words = "".join(one if one.isprintable() else " " for one in str(value)).split()
    return " ".join(words)[:most]


class _Reader:
    """Turns the values of one file into a sweep, and blames the right line."""

    def __init__(self, path: Path, text: str) -> None:
        self._path = path
        self._lines = key_lines(text)

    def sweep(self, values: Mapping[str, Any]) -> Sweep:
        self._check_top(values)
        fields = dict(_LIGHT) | dict(values.get("fields", {}))
        axes: list[str] = []
        choices = [
            list(self._grid(values.get("grid", {}), axes)),
            list(self._zip(values.get("zip", {}), axes)),
            list(self._points(values.get("points", []), axes)),
        ]
        seeds = self._seeds(values.get("seeds", []))
        self._check_count(math.prod(map(len, choices)) * max(1, len(seeds)))
        preset = values.get("preset", "nanda")
        runs = [
            (_Point(chosen), self._config(preset, fields, _Point(chosen), seed))
            for chosen in itertools.product(*choices)
            for seed in (seeds or (None,))
        ]
        self._check_distinct(runs)
        return Sweep(
            name=_line(self._path.stem, 255),
            title=_line(values.get("title", self._path.stem), 500),
            question=_line(values.get("question", ""), 5000),
            axes=tuple(dict.fromkeys(axes)),
            seeds=tuple(seeds),
            configs=tuple(config for _, config in runs),
            engine=dict(values.get("engine", {})),
        )

    def _check_top(self, values: Mapping[str, Any]) -> None:
        for key in values:
            if key not in _TOP:
                raise self._error((key,), f"unknown key; expected one of {_list(_TOP)}")
        preset = values.get("preset", "nanda")
        if not isinstance(preset, str) or preset not in PRESETS:
            message = f"expected one of {_list(PRESETS)}; got {preset!r}"
            raise self._error(("preset",), message)
        self._check_tables(values)

    def _check_tables(self, values: Mapping[str, Any]) -> None:
        for name in ("fields", "grid", "zip", "engine"):
            if not isinstance(values.get(name, {}), dict):
                raise self._error((name,), f"expected a table [{name}]")
        if not any(values.get(name) for name in ("grid", "zip", "points", "seeds")):
            raise self._error(
                (), "nothing varies: add [grid], [zip], [[points]] or seeds"
            )
        for key in values.get("fields", {}):
            self._field(("fields", key))
        for key in values.get("engine", {}):
            if key not in ENGINE_KEYS:
                known = _list(ENGINE_KEYS)
                message = f"unknown key; expected one of {known}"
                raise self._error(("engine", key), message)

    def _grid(self, grid: Mapping[str, Any], axes: list[str]) -> Iterator[_Values]:
        names = [self._axis("grid", name, values) for name, values in grid.items()]
        self._check_count(math.prod(map(len, grid.values())))
        axes += names
        for places in itertools.product(*(range(len(v)) for v in grid.values())):
            yield {
                name: (grid[name][place], ("grid", name, place))
                for name, place in zip(names, places, strict=True)
            }

    def _check_count(self, count: int) -> None:
        if count > MOST_RUNS:
            raise self._error(
                (), f"makes {count:,} runs, more than {MOST_RUNS:,}: split it"
            )

    def _zip(self, table: Mapping[str, Any], axes: list[str]) -> Iterator[_Values]:
        if not table:
            yield {}
            return
        names = [self._axis("zip", name, values) for name, values in table.items()]
        lengths = {name: len(values) for name, values in table.items()}
        if len(set(lengths.values())) > 1:
            told = ", ".join(f"{name} has {n}" for name, n in lengths.items())
            message = f"[zip] needs lists of one length: {told}"
            raise self._error(("zip", names[0]), message)
        axes += names
        for place in range(lengths[names[0]]):
            yield {name: (table[name][place], ("zip", name, place)) for name in names}

    def _points(self, points: Any, axes: list[str]) -> Iterator[_Values]:
        if not isinstance(points, list):
            raise self._error(("points",), "expected [[points]] tables")
        if not points:
            yield {}
        for place, point in enumerate(points):
            if not isinstance(point, dict) or not point:
                message = f"expected a table of fields and values, got {point!r}"
                raise self._error(("points", place), message)
            for name in point:
                self._field(("points", place, name))
                axes.append(name)
            yield {name: (v, ("points", place, name)) for name, v in point.items()}

    def _axis(self, table: str, name: str, values: Any) -> str:
        self._field((table, name))
        if not isinstance(values, list) or not values:
            message = f"expected a list of values, got {values!r}"
            raise self._error((table, name), f"{message}; remove the key or fill it")
        return name

    def _field(self, place: Place) -> None:
        if place[-1] not in RunConfig.model_fields:
            known = _list(RunConfig.model_fields)
            raise self._error(place, f"unknown field; the fields are {known}")

    def _seeds(self, seeds: Any) -> list[int]:
        if not isinstance(seeds, list) or not all(type(s) is int for s in seeds):
            message = f"expected a list of whole numbers, got {seeds!r}"
            raise self._error(("seeds",), message)
        for place, seed in enumerate(seeds):
            if seed in seeds[:place]:
                message = f"{seed} is there twice: remove one of the two"
                raise self._error(("seeds", place), message)
        return seeds

    def _config(
        self,
        preset: str,
        fields: Mapping[str, Any],
        point: "_Point",
        seed: int | None,
    ) -> RunConfig:
        seeds = {} if seed is None else {"seed": seed, "split_seed": seed}
        try:
            return make_config(preset, fields, seeds, point.values)
        except ConfigError as error:
            key, _, message = str(error).partition(": ")
            where = f" (at {point})" if point.values else ""
            place = point.places.get(key) or self._origin(key, seeds, point)
            raise self._error(place, f"{message}{where}", key) from None

    def _origin(self, key: str, seeds: Mapping[str, int], point: "_Point") -> Place:
        """Find what set a field that no point sets, or what can have broken it."""
        if key in seeds:
            return ("seeds",)
        if ("fields", key) in self._lines:
            return ("fields", key)
        last = list(point.places.values())[-1:]
        return last[0] if last else ("preset",)

    def _check_distinct(self, runs: Sequence[tuple["_Point", RunConfig]]) -> None:
        seen: dict[str, tuple[int, _Point]] = {}
        for number, (point, config) in enumerate(runs, 1):
            first, earlier = seen.setdefault(config.hash(), (number, point))
            if first == number:
                continue
            places = list(point.differs_from(earlier) or [("seeds",)])
            raise self._error(
                places[0],
                f"runs {first} and {number} have the same configuration "
                f"({config.run_id()}); remove one of the two points",
            )

    def _error(self, place: Place, message: str, key: str = "") -> PlanError:
        names = [part for part in place if isinstance(part, str)]
        key = key or (names[-1] if names else "")
        line = next(
            (
                self._lines[place[:end]]
                for end in range(len(place), 0, -1)
                if place[:end] in self._lines
            ),
            0,
        )
        where = f"{self._path}:{line}" if line else str(self._path)
        told = f"{where}: {key}: {message}" if key else f"{where}: {message}"
        return PlanError(told, place)


class _Point:
    """One choice of every axis: the values, and where in the file each stands."""

    def __init__(self, chosen: Sequence[_Values]) -> None:
        merged = {name: one for values in chosen for name, one in values.items()}
        self.values = {name: value for name, (value, _) in merged.items()}
        self.places = {name: place for name, (_, place) in merged.items()}

    def __str__(self) -> str:
        return ", ".join(f"{name} = {value!r}" for name, value in self.values.items())

    def differs_from(self, other: "_Point") -> list[Place]:
        """Give the places that this point has and the other one has not."""
        there = set(other.places.values())
        return [place for place in self.places.values() if place not in there]


def _list(names: Any) -> str:
    return ", ".join(names)
