"""Read files of weights from elsewhere: the child process, which alone unpickles.

It runs nothing that a pickle names: torch builds tensors and plain values only
(``weights_only``), and the configuration objects that TransformerLens and Nanda et al.
put beside them become empty stand-ins with their fields. What it found it writes as
plain arrays and JSON; a parent that does not trust it can read both.
"""

import json
import os
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

from grokdash.imports.own import INDICES, own_words
from grokdash.terminal import say as tell

_MEMORY = 4 * 2**30
"""Bytes a file may take besides ten times its size."""
_CONFIG = re.compile(r"([A-Za-z_]\w*\.)+\w*Config")
_STATES = (("state_dicts", "epochs"), ("checkpoints", "checkpoint_epochs"))
"""Lists of states, and of the epochs they are of."""
_STATE = ("model", "state_dict", "model_state_dict", "params")
_EPOCH = ("epoch", "step", "epochs")
_PAIRS = ("train_pairs", "train_data", "train")
_MOST_TEXT = 200
_SCALAR = np.float64(0).__reduce__()[0]
_PLAIN: list[Any] = [
    range,
    np.dtype,
    np.dtypes.Float64DType,
    np.dtypes.Float32DType,
    np.dtypes.Int64DType,
    *((_SCALAR, f"numpy.{name}.multiarray.scalar") for name in ("core", "_core")),
]
"""Makers of plain numbers that torch does not count among the harmless itself."""


class StandIn:
    """What a configuration object becomes: its fields, and nothing that runs."""


def main(arguments: list[str]) -> int:
    """Read files and write what is in each to the folder that is named last.

    The n-th gives ``n.json`` and an ``n-….npz`` for every state; of one that is no good
    the JSON says why, and none is read after it.
    """
    paths, folder = list(map(Path, arguments[:-1])), Path(arguments[-1])
    _limit(max(path.stat().st_size for path in paths))
    for index, path in enumerate(paths):
        try:
            content, about = _load(path)
            facts = _sorted_out(content, about, folder, index)
        except Exception as error:  # noqa: BLE001 - whatever a file does is told
            facts = {"error": _told(error)}
        (folder / f"{index}.json").write_text(json.dumps(facts))
        tell(str(index))
        if "error" in facts:
            return 0
    return 0


def _limit(size: int) -> None:
    """Let a bomb hit a wall before the machine does."""
    if os.name != "posix":
        return
    import resource  # noqa: PLC0415 - not everywhere

    most = _MEMORY + 10 * size
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _told(error: Exception) -> str:
    text = str(error).strip()
    unsafe = re.search(r"(GLOBAL|global) ['\"]?([\w.]+)", text)
    if "weights_only" in text.lower() or "Unsupported" in text:
        named = f" ({unsafe[2]})" if unsafe else ""
        return (
            f"holds more than tensors and plain values{named}, and such a pickle can "
            "run code, so it is not opened; where you trust it, save its state dict "
            "alone: torch.save(model.state_dict(), path)"
        )
    told = text.splitlines()[0][:300] if text else repr(error)
    return (
        "is no file of weights: expected what torch.save or safetensors has written; "
        f"reading it ended with: {told}"
    )


def _load(path: Path) -> tuple[Any, dict[str, str]]:
    """Give what a file holds, and the notes of a safetensors file."""
    if path.suffix == ".safetensors":
        from safetensors import safe_open  # noqa: PLC0415 - only such files need it

        with safe_open(path, framework="pt") as file:
            names = list(file.keys())
            return {n: file.get_tensor(n) for n in names}, file.metadata() or {}
    with torch.serialization.safe_globals([*_PLAIN, *_stand_ins(path)]):
        content = torch.load(  # noqa: TID251 - weights only, in a process of its own
            path, weights_only=True, map_location="cpu"
        )
    return content, {}


def _stand_ins(path: Path) -> list[Any]:
    """Give a stand-in for every configuration class that a file names."""
    try:
        named = torch.serialization.get_unsafe_globals_in_checkpoint(path)
    except Exception:  # noqa: BLE001 - loading says what is wrong with it
        return []
    return [(StandIn, name) for name in named if _CONFIG.fullmatch(name)]


def _sorted_out(
    content: Any, about: Mapping[str, str], folder: Path, file: int
) -> dict[str, Any]:
    content = {"model": content} if not isinstance(content, Mapping) else content
    states = list(_states(content))
    if not states:
        raise ValueError(
            f"there is no state dict in it; it has {', '.join(map(str, content))[:200]}"
        )
    rows = []
    for index, (epoch, state) in enumerate(states):
        arrays = {str(k): _array(v) for k, v in state.items() if torch.is_tensor(v)}
        numbered = {f"a{i}": array for i, array in enumerate(arrays.values())}
        np.savez(folder / f"{file}-{index}.npz", allow_pickle=False, **numbered)
        rows.append({"epoch": epoch, "names": list(arrays)})
    return {
        "states": rows,
        "config": _config(content, about),
        "pairs": _pairs(content),
        "indices": _numbers(content.get(INDICES, _told_indices(about))),
        "train_losses": _numbers(content.get("train_losses")),
    }


def _states(content: Mapping[Any, Any]) -> Iterator[tuple[int | None, Mapping]]:
    for states, epochs in _STATES:
        if isinstance(content.get(states), list | tuple):
            labels = _numbers(content.get(epochs)) or []
            for i, state in enumerate(content[states]):
                yield (int(labels[i]) if i < len(labels) else None), state
            return
    epoch = next((content[n] for n in _EPOCH if isinstance(content.get(n), int)), None)
    for name in _STATE:
        if _is_state(content.get(name)):
            yield epoch, content[name]
            return
    if _is_state(content):
        yield None, content


def _is_state(value: Any) -> bool:
    return isinstance(value, Mapping) and any(map(torch.is_tensor, value.values()))


def _array(tensor: torch.Tensor) -> np.ndarray:
    whole = tensor.detach().to("cpu")
    return whole.to(torch.float32).numpy() if whole.is_floating_point() else np.empty(0)


def _config(content: Mapping[Any, Any], about: Mapping[str, str]) -> dict[str, Any]:
    """Give the plain values of a configuration, be it a dict or a stand-in."""
    found = content.get("config", content.get("cfg"))
    fields = vars(found) if isinstance(found, StandIn) else found
    if not isinstance(fields, Mapping):
        fields = own_words(json.loads(about.get("grokdash", "{}")))
        fields = fields or json.loads(about.get("config", "{}"))
    return {
        str(name): value if not isinstance(value, str) else value[:_MOST_TEXT]
        for name, value in fields.items()
        if isinstance(value, bool | int | float | str) or value is None
    }


def _told_indices(about: Mapping[str, str]) -> Any:
    return json.loads(about.get("grokdash", "{}")).get(INDICES)


def _pairs(content: Mapping[Any, Any]) -> list[list[int]] | None:
    for name in _PAIRS:
        value = content.get(name)
        rows = value.tolist() if torch.is_tensor(value) else value
        if (
            isinstance(rows, list | tuple)
            and rows
            and isinstance(rows[0], list | tuple)
        ):
            return [[int(row[0]), int(row[1])] for row in rows]
    return None


def _numbers(value: Any) -> list[float] | None:
    if torch.is_tensor(value):
        value = value.flatten().tolist()
    if isinstance(value, range):
        value = list(value)
    if not isinstance(value, list | tuple) or not all(
        isinstance(one, int | float) for one in value
    ):
        return None
    return [float(one) for one in value]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
