"""The files of a network from elsewhere: which there are, and what is in them."""

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from grokdash.errors import ConfigError
from grokdash.imports.names import tidied
from grokdash.imports.own import ABOUT, INDICES, own_words
from grokdash.toml_input import read_text

ENDINGS = (".pt", ".pth", ".ckpt", ".bin", ".safetensors")
_LONGEST_S = 60.0
"""For each file."""
_MOST_FILES = 100_000
_NUMBER = re.compile(r"(?:^|[^A-Za-z0-9])[A-Za-z]*(\d+)$|^(\d+)(?![A-Za-z0-9])")
"""At the end of a name, or at its beginning; digits within a word are none."""
_CONFIGS = ("cfg.json", "config.json", ABOUT)
_ENDS = ("num_epochs", "epoch")
"""How a configuration names the length of training."""
_KEPT = ("PATH", "LD_LIBRARY_PATH", "TMPDIR", "SYSTEMROOT", "TEMP", "TMP")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What the files say.

    Attributes
    ----------
    states : dict
        Arrays by their names, by epoch, ascending.
    config : dict
        Plain values of the configuration that was saved beside the weights.
    pairs : list, optional
        Training pairs that were saved with them, ``[[a, b], …]``.
    indices : list, optional
        The same as places in the lexicographic list of all pairs.
    train_losses : list
        Loss of every update, if that was saved.
    """

    states: dict[int, dict[str, np.ndarray]]
    config: dict[str, Any] = field(default_factory=dict)
    pairs: list[list[int]] | None = None
    indices: list[int] | None = None
    train_losses: list[float] = field(default_factory=list)


def read_files(
    paths: Sequence[Path],
    scratch: Path,
    epochs: Sequence[int] | None = None,
    told: Callable[[int, int], None] = lambda _done, _all: None,
) -> Found:
    """Read what is at some paths, in child processes.

    Parameters
    ----------
    paths
        Files, or folders whose files of weights are meant.
    scratch
        An empty folder for what the children write.
    epochs
        The epoch of each file in order, where neither name nor content tells it.
    told
        Called with how many files are read, of how many.

    Raises
    ------
    ConfigError
        Naming the file that is missing, no file of weights or of no known epoch.
    """
    files = list(_files(paths))
    if epochs is not None and len(epochs) != len(files):
        raise ConfigError(
            f"--epochs: expected {len(files)} numbers, one for each file "
            f"({_listed([one.name for one in files])}); got {len(epochs)}"
        )
    states: dict[int, dict[str, np.ndarray]] = {}
    beside = _beside(files[0])
    facts: dict[str, Any] = {"config": beside, "indices": beside.pop(INDICES, None)}
    for index, said in enumerate(_read(files, scratch, told)):
        said["config"] = {**facts["config"], **said["config"]}
        for epoch, state in _states(files[index], said, scratch, index, epochs):
            if epoch in states:
                raise ConfigError(
                    f"{files[index]}: epoch {epoch:,} is there twice; name the epochs "
                    "of the files in order with --epochs 0,100,200"
                )
            states[epoch] = state
        _merge(facts, said)
    return Found(
        states=dict(sorted(states.items())),
        config=facts["config"],
        pairs=facts.get("pairs"),
        indices=facts.get("indices"),
        train_losses=facts.get("train_losses") or [],
    )


def _files(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from _of_folder(path)
        elif not path.is_file():
            raise ConfigError(f"{path}: there is no such file or folder")
        else:
            yield path


def _of_folder(folder: Path) -> list[Path]:
    found = [one for one in folder.rglob("*") if one.suffix in ENDINGS]
    if not found:
        raise ConfigError(
            f"{folder}: holds no file of weights; expected one that ends in "
            f"{', '.join(ENDINGS)}"
        )
    if len(found) > _MOST_FILES:
        raise ConfigError(f"{folder}: holds more than {_MOST_FILES:,} files")
    return sorted(found, key=lambda one: (_epoch_of(one) or 0, one.as_posix()))


def _epoch_of(path: Path) -> int | None:
    """Read the number in the name of a file; Nanda et al. begin with init.pth."""
    if path.stem == "init":
        return 0
    found = _NUMBER.search(path.stem)
    return int(found[1] or found[2]) if found else None


def _beside(path: Path) -> dict[str, Any]:
    """Read the configuration that some projects keep in a file beside the weights.

    Or beside the folder of checkpoints.
    """
    own = f"{path.stem.replace('model', 'config')}.json"
    names = dict.fromkeys((own, f"{path.name}.json", *_CONFIGS))
    for file in (folder / name for folder in path.parents[:2] for name in names):
        if file.is_file():
            try:
                values = json.loads(read_text(file))
            except ValueError as error:
                raise ConfigError(f"{file}: not a JSON file: {error}") from None
            if not isinstance(values, dict):
                return {}
            told = own_words(values)
            return told | {INDICES: values.get(INDICES)} if told else values
    return {}


def _read(
    files: Sequence[Path], scratch: Path, told: Callable[[int, int], None]
) -> Iterator[dict[str, Any]]:
    """Have a child read files; give what it says of each."""
    safe = [path for path in files if path.suffix == ".safetensors"]
    if safe and find_spec("safetensors") is None:
        raise ConfigError(
            f"{safe[0]}: reading it needs the package safetensors: pip install "
            "safetensors"
        )
    root = str(Path(__file__).resolve().parents[2])
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    command = [sys.executable, "-P", "-m", "grokdash.imports.unpickle"]
    errors = scratch / "errors.txt"
    with errors.open("wb") as stream:
        child = subprocess.Popen(  # noqa: S603 - our own module
            [*command, *(str(path.resolve()) for path in (*files, scratch))],
            stdout=subprocess.PIPE,
            stderr=stream,
            text=True,
            env=kept | {"PYTHONPATH": root, "OMP_NUM_THREADS": "1"},
        )
    watchdog = threading.Timer(_LONGEST_S * len(files), child.kill)
    watchdog.start()
    with child:
        try:
            for index, _ in enumerate(child.stdout or ()):
                told(index + 1, len(files))
        finally:
            watchdog.cancel()
            child.kill()
    for index, path in enumerate(files):
        try:
            said = json.loads((scratch / f"{index}.json").read_text())
        except (OSError, ValueError):
            lines = errors.read_text(errors="replace").strip().splitlines()
            last = (lines or ["the process that read it died"])[-1]
            raise ConfigError(f"{path}: cannot be read: {last[:300]}") from None
        if "error" in said:
            raise ConfigError(f"{path}: {said['error']}")
        yield said


def _states(
    path: Path,
    said: Mapping[str, Any],
    scratch: Path,
    index: int,
    epochs: Sequence[int] | None,
) -> Iterator[tuple[int, dict[str, np.ndarray]]]:
    rows = said["states"]
    for place, row in enumerate(rows):
        epoch = row["epoch"]
        if len(rows) == 1 and epochs is not None:
            epoch = epochs[index]
        elif len(rows) == 1 and epoch is None:
            number = _epoch_of(path)
            epoch = _planned(said["config"]) if number is None else number
        if epoch is None or not 0 <= epoch < 10**7:
            raise ConfigError(
                f"{path}: of which epoch it is stands neither in its name nor in it; "
                "name the epochs of the files in order: --epochs 0,100,200"
            )
        with np.load(scratch / f"{index}-{place}.npz", allow_pickle=False) as arrays:
            found = {name: arrays[f"a{i}"] for i, name in enumerate(row["names"])}
        yield epoch, tidied(found)


def _planned(config: Mapping[str, Any]) -> int | None:
    """Give the epochs that were planned: a file without a number is of the last."""
    found = next((config[name] for name in _ENDS if name in config), None)
    return found if isinstance(found, int) else None


def _merge(facts: dict[str, Any], said: Mapping[str, Any]) -> None:
    facts["config"] = {**facts["config"], **said["config"]}
    for name in ("pairs", "indices", "train_losses"):
        if said[name] and not facts.get(name):
            facts[name] = said[name]
    if facts.get("indices"):
        facts["indices"] = [int(one) for one in facts["indices"]]


def _listed(names: Sequence[str]) -> str:
    more = f", … {len(names) - 5} more" if len(names) > 5 else ""
    return ", ".join(names[:5]) + more
