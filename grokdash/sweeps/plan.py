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
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from grokdash.config import PRESETS, RunConfig, make_config
from grokdash.errors import ConfigError
from grokdash.store.sweeps import SweepRecord

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
_LIGHT = {"grids": 1}
MOST_RUNS = 10_000


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


def read_sweep(path: Path) -> Sweep:
    """Read a sweep file and check every run of it.

    Raises
    ------
    ConfigError
        Naming the file, the line, the key and what to do. Nothing has been started.
    """
    try:
        text = path.read_text(encoding="utf-8")
        values = tomllib.loads(text)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not a TOML file: {error}") from error
    return _Reader(path, text).sweep(values)


class _Reader:
    """Turns the values of one file into a sweep, and blames the right line."""

    def __init__(self, path: Path, text: str) -> None:
        self._path = path
        self._lines = text.splitlines()

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
        chosen = [
            {**grid, **linked, **point}
            for grid, linked, point in itertools.product(*choices)
        ]
        if len(chosen) * max(1, len(seeds)) > MOST_RUNS:
            raise self._error("", f"makes more than {MOST_RUNS} runs; split it")
        configs = [
            self._config(values.get("preset", "nanda"), fields, point, seed)
            for point in chosen
            for seed in (seeds or (None,))
        ]
        self._check_distinct(configs)
        return Sweep(
            name=self._path.stem,
            title=str(values.get("title", self._path.stem)),
            question=str(values.get("question", "")),
            axes=tuple(dict.fromkeys(axes)),
            seeds=tuple(seeds),
            configs=tuple(configs),
            engine=dict(values.get("engine", {})),
        )

    def _check_top(self, values: Mapping[str, Any]) -> None:
        for key in values:
            if key not in _TOP:
                raise self._error(key, f"unknown key; expected one of {_list(_TOP)}")
        preset = values.get("preset", "nanda")
        if preset not in PRESETS:
            message = f"expected one of {_list(PRESETS)}; got {preset!r}"
            raise self._error("preset", message)
        if not any(values.get(name) for name in ("grid", "zip", "points", "seeds")):
            raise self._error("", "nothing varies: add [grid], [zip], points or seeds")
        for name in ("fields", "grid", "zip", "engine"):
            if not isinstance(values.get(name, {}), dict):
                raise self._error(name, f"expected a table [{name}]")

    def _grid(
        self, grid: Mapping[str, Any], axes: list[str]
    ) -> Iterator[dict[str, Any]]:
        names = [self._axis(name, values) for name, values in grid.items()]
        axes += names
        for point in itertools.product(*grid.values()):
            yield dict(zip(names, point, strict=True))

    def _zip(
        self, table: Mapping[str, Any], axes: list[str]
    ) -> Iterator[dict[str, Any]]:
        if not table:
            yield {}
            return
        names = [self._axis(name, values) for name, values in table.items()]
        lengths = {name: len(values) for name, values in table.items()}
        if len(set(lengths.values())) > 1:
            told = ", ".join(f"{name} has {n}" for name, n in lengths.items())
            raise self._error(names[0], f"[zip] needs lists of one length: {told}")
        axes += names
        for point in zip(*table.values(), strict=True):
            yield dict(zip(names, point, strict=True))

    def _points(self, points: Any, axes: list[str]) -> Iterator[dict[str, Any]]:
        if not isinstance(points, list):
            raise self._error("points", "expected [[points]] tables")
        if not points:
            yield {}
        for point in points:
            for name in point:
                self._field(name)
                axes.append(name)
            yield dict(point)

    def _axis(self, name: str, values: Any) -> str:
        self._field(name)
        if not isinstance(values, list) or not values:
            raise self._error(name, f"expected a list of values, got {values!r}")
        return name

    def _field(self, name: str) -> None:
        if name not in RunConfig.model_fields:
            known = _list(RunConfig.model_fields)
            raise self._error(name, f"unknown field; the fields are {known}")

    def _seeds(self, seeds: Any) -> list[int]:
        if not isinstance(seeds, list) or not all(type(s) is int for s in seeds):
            raise self._error(
                "seeds", f"expected a list of whole numbers, got {seeds!r}"
            )
        return seeds

    def _config(
        self,
        preset: str,
        fields: Mapping[str, Any],
        point: Mapping[str, Any],
        seed: int | None,
    ) -> RunConfig:
        seeds = {} if seed is None else {"seed": seed, "split_seed": seed}
        try:
            return make_config(preset, fields, seeds, point)
        except ConfigError as error:
            key = str(error).partition(":")[0]
            told = ", ".join(f"{name} = {value!r}" for name, value in point.items())
            where = f" (at {told})" if told else ""
            raise self._error(key, f"{str(error).partition(': ')[2]}{where}") from None

    def _check_distinct(self, configs: Sequence[RunConfig]) -> None:
        seen: dict[str, int] = {}
        for number, config in enumerate(configs, 1):
            first = seen.setdefault(config.hash(), number)
            if first != number:
                raise self._error(
                    "",
                    f"runs {first} and {number} have the same configuration "
                    f"({config.run_id()}); remove one of the two points",
                )

    def _error(self, key: str, message: str) -> ConfigError:
        line = self._line_of(key) if key else 0
        place = f"{self._path}:{line}" if line else str(self._path)
        return ConfigError(
            f"{place}: {key}: {message}" if key else f"{place}: {message}"
        )

    def _line_of(self, key: str) -> int:
        pattern = re.compile(rf"^\s*(?:\[+\s*)?[\"']?{re.escape(key)}[\"']?\s*(?:=|\])")
        for number, line in enumerate(self._lines, 1):
            if pattern.match(line):
                return number
        return 0


def _list(names: Any) -> str:
    return ", ".join(names)
