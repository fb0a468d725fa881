"""Other epochs and seeds for a sweep than its file has: a smaller sweep of its own."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from grokdash.errors import ConfigError


def changed(
    path: Path,
    values: dict[str, Any],
    epochs: int | None,
    seeds: Sequence[int] | None,
) -> dict[str, Any]:
    """Put other epochs and seeds into the values of a file, and into its title.

    Raises
    ------
    ConfigError
        If the sweep itself varies what is to be changed.
    """
    told = []
    if epochs is not None:
        _check_fixed(path, values, "epochs", "--epochs")
        values = values | {"fields": values.get("fields", {}) | {"epochs": epochs}}
        told.append(f"{epochs:,} epochs")
    if seeds is not None:
        _check_fixed(path, values, "seed", "--seeds")
        values = values | {"seeds": list(seeds)}
        numbers = ", ".join(map(str, seeds))
        told.append(f"seed {numbers}" if len(seeds) == 1 else f"seeds {numbers}")
    if told:
        title = values.get("title", path.stem)
        values = values | {"title": f"{title} ({'; '.join(told)})"}
    return values


def _check_fixed(path: Path, values: dict[str, Any], field: str, option: str) -> None:
    """Refuse an option for a field that the sweep itself varies."""
    points = values.get("points", [])
    tables = [values.get("grid"), values.get("zip")]
    tables += points if isinstance(points, list) else []
    if any(isinstance(table, dict) and field in table for table in tables):
        raise ConfigError(
            f"{option}: {path.stem} varies {field} itself; copy {path} and change it "
            "there"
        )
