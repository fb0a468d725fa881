"""Weights of a run as files that other programs read.

A layout says what the arrays are called, a format how the file is laid out; each is one
value. What the weights are of lies beside them, as JSON.
"""

import importlib
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from grokdash.config import RunConfig
from grokdash.errors import ConfigError
from grokdash.saving.files import write_file
from grokdash.saving.transformer_lens import (
    check_hooked,
    hooked_config,
    hooked_weights,
)
from grokdash.store import Run

_OF_SPLIT = ("split_seed", "split_rng")
"""Fields that make the training pairs of a run of our own."""
ABOUT = "about.json"
"""What the weights are of, in a folder of several epochs."""

Arrays = dict[str, np.ndarray]


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """What arrays are called.

    Parameters
    ----------
    name
        What a user calls it.
    arrange
        Give the arrays of a checkpoint by their names in this layout.
    about
        What its reader must know besides, in what JSON knows.
    check
        Refuse a network that it cannot express, with a ConfigError.
    """

    name: str
    arrange: Callable[[Mapping[str, np.ndarray], RunConfig], Arrays]
    about: Callable[[RunConfig], dict[str, Any]]
    check: Callable[[RunConfig], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightFormat:
    """How a file of arrays is laid out.

    Parameters
    ----------
    ending
        Of the file's name, without the dot.
    write
        Give the file of arrays by name, and of what is said about them.
    package
        What pip installs to write it, if it is not there anyway.
    """

    ending: str
    write: Callable[[Arrays, Mapping[str, Any]], bytes]
    package: str = ""


def _own(params: Mapping[str, np.ndarray], config: RunConfig) -> Arrays:
    """Write names as modules of PyTorch do: ``blocks.0.W_Q``."""
    del config
    return {name.replace("/", "."): values for name, values in params.items()}


def _safetensors(arrays: Arrays, about: Mapping[str, Any]) -> bytes:
    from safetensors.numpy import save  # noqa: PLC0415 - an extra

    words = {"format": "pt", "grokdash": json.dumps(about)}
    return save(arrays, metadata=words)


def _state_dict(arrays: Arrays, about: Mapping[str, Any]) -> bytes:
    """Write what ``torch.load(path, weights_only=True)`` reads."""
    import torch  # noqa: PLC0415 - takes seconds to load

    del about  # a state dict has names and tensors only
    out = io.BytesIO()
    torch.save({name: torch.from_numpy(array) for name, array in arrays.items()}, out)
    return out.getvalue()


LAYOUTS = (
    Layout(
        name="grokdash",
        arrange=_own,
        about=lambda _: {},
        check=lambda _: None,
    ),
    Layout(
        name="transformer-lens",
        arrange=hooked_weights,
        about=lambda config: {"hooked_transformer_config": hooked_config(config)},
        check=check_hooked,
    ),
)
"""Every layout; the first is the names of the store."""

FORMATS = (
    WeightFormat(ending="safetensors", write=_safetensors, package="safetensors"),
    WeightFormat(ending="pt", write=_state_dict),
)
"""Every format; the first is that of folders unless another is asked for."""


def save_weights(
    run: Run,
    path: str | Path,
    epochs: Sequence[int] = (),
    *,
    layout: str = LAYOUTS[0].name,
    ending: str = "",
    force: bool = False,
) -> list[Path]:
    """Save the weights of one epoch to a file, or of several to a folder.

    Parameters
    ----------
    run
        The run.
    path
        A file whose name ends in ``.safetensors`` or ``.pt``; what it is of lies beside
        it as ``<name>.json``. Or a folder, with a file per epoch and an ``about.json``.
    epochs
        The nearest stored checkpoint of each is taken; the newest by default.
    layout
        ``grokdash`` or ``transformer-lens``.
    ending
        Of the files in a folder: ``safetensors`` (the default) or ``pt``.
    force
        Whether files that exist are replaced.

    Returns
    -------
    list of Path
        Every file that was written.

    Raises
    ------
    ConfigError
        If a file exists, a name is not known, the network cannot be expressed in the
        layout, or a package is missing; nothing has been written then.
    NotStoredError
        If no checkpoint is stored.
    StoreError
        If the file system refuses.
    """
    target = Path(path)
    arranged = layout_called(layout)
    arranged.check(run.config)
    steps = nearest_steps(run, epochs)
    written_as, places = _places(target, steps, ending)
    _check_package(written_as)
    is_file = target in places.values()
    beside = target.with_name(f"{target.name}.json") if is_file else target / ABOUT
    wanted = [*places.values(), beside]
    if not force:
        _check_free(wanted)
    about = _about(run, arranged)
    # An about.json of a folder names all of its epochs.
    told = {"epoch": steps[0]} if is_file else {"epochs": list(steps)}
    for step, place in places.items():
        arrays = arranged.arrange(run.params(step), run.config)
        plain = {name: np.ascontiguousarray(a) for name, a in arrays.items()}
        write_file(place, written_as.write(plain, about | {"epoch": step}))
    write_file(beside, f"{json.dumps(about | told, indent=1)}\n".encode())
    return wanted


def layout_called(name: str) -> Layout:
    """Look a layout up.

    Raises
    ------
    ConfigError
        If there is none; the message lists those there are.
    """
    for known in LAYOUTS:
        if known.name == name:
            return known
    names = " or ".join(known.name for known in LAYOUTS)
    raise ConfigError(f"layout: expected {names}; got {name[:40]!r}")


def nearest_steps(run: Run, epochs: Sequence[int]) -> list[int]:
    """Give the stored checkpoints nearest to some epochs, each once, ascending.

    Of no epochs, the newest.
    """
    wanted = epochs or run.steps[-1:].tolist() or [0]
    return sorted({run.nearest_step(epoch) for epoch in wanted})


def _places(
    target: Path, steps: Sequence[int], ending: str
) -> tuple[WeightFormat, dict[int, Path]]:
    """Choose the format, and the file of every step."""
    endings = {known.ending: known for known in FORMATS}
    suffix = target.suffix.removeprefix(".")
    if suffix in endings and not target.is_dir():
        if len(steps) > 1:
            raise ConfigError(
                f"{target}: is the name of one file, and {len(steps)} epochs need a "
                f"folder: name {target.with_suffix('')} instead"
            )
        if ending not in ("", suffix):
            raise ConfigError(f"{target}: its name asks for {suffix}, not {ending}")
        return endings[suffix], {steps[0]: target}
    if target.suffix and not target.is_dir():
        named = " or ".join(f".{one}" for one in endings)
        raise ConfigError(f"{target}: expected a folder, or a name ending in {named}")
    chosen = ending or FORMATS[0].ending
    if chosen not in endings:
        raise ConfigError(f"format: expected {' or '.join(endings)}; got {chosen!r}")
    files = {step: target / f"epoch-{step:08d}.{chosen}" for step in steps}
    return endings[chosen], files


def _check_package(written_as: WeightFormat) -> None:
    if not written_as.package:
        return
    try:
        importlib.import_module(written_as.package)
    except ImportError:
        raise ConfigError(
            f".{written_as.ending} needs a package that is not installed: "
            f"pip install {written_as.package}"
        ) from None


def _check_free(paths: Sequence[Path]) -> None:
    taken = [path for path in paths if path.exists()]
    if taken:
        more = f" and {len(taken) - 1} more" if len(taken) > 1 else ""
        raise ConfigError(
            f"{taken[0]}{more}: exists and is not written over: name another, or add "
            "--force (force=True)"
        )


def _about(run: Run, layout: Layout) -> dict[str, Any]:
    """Say what weights are of, but for their epoch; what nobody knows is left out.

    ``grokdash import`` reads it, so that a run comes back as what it was.
    """
    imported = run.imported
    left = () if imported is None else {*imported.unknown, *_OF_SPLIT}
    return {
        "made_by": f"grokdash {version('grokdash')}",
        "run": run.id,
        "layout": layout.name,
        "config": {n: v for n, v in run.config.model_dump().items() if n not in left},
        **({} if imported is None else _pairs_of(run)),
        **layout.about(run.config),
    }


def _pairs_of(run: Run) -> dict[str, Any]:
    """Say which pairs a run from elsewhere was trained on: no seed makes them again."""
    if not run.split_known:
        return {}
    return {"train_indices": np.flatnonzero(run.train_mask()).tolist()}
