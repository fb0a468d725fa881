"""The format of a run on disk: every name, shape, type and filter there is.

::

    <store>/<run-id>/
    ├── run.json                     immutable: format, id, created, config, provenance
    ├── extensions.json              that it was trained past its end; grows, if there
    ├── checkpoints/step-00000100.h5 immutable, one per checkpoint
    │   ├── params/<name>            [1, …]  float32, names and shapes of param_shapes
    │   ├── measures/table           [1, W]  float64: all small measures, flattened one
    │   │                            after the other as meta["table"] lists them
    │   ├── measures/<name>          [1, …]  a measure of more than SMALL numbers
    │   └── steps/table              [1 + K, S] float64: row 0 the step, then one row
    │                                per name in meta["scalars"]
    ├── state/step-00000100.h5       immutable: optimizer/<name>, rng/<name> [1, …];
    │                                written before its checkpoint, newest three kept,
    │                                the newest alone once a run is over and packed
    ├── grids/step-00000100.h5       immutable, derived, may be missing
    │   ├── grids/neurons            [1, L·d_mlp, p, p]
    │   ├── grids/attention          [1, L·n_heads, 3, p, p]
    │   └── grids/correct_logit, grids/loss   [1, p, p]
    ├── run.h5                       everything above but state/, when packed:
    │   ├── step                     [C] int64, ascending
    │   ├── train_mask               [p, p] uint8, of a run that was trained elsewhere
    │   ├── params/<name>            [C, …]
    │   ├── measures/<name>          [C, …]  NaN where a checkpoint lacks it
    │   ├── grids/step               [C'] int64, ascending
    │   ├── grids/<name>             [C', …]
    │   ├── steps/step               [S] int64: updates applied before the one measured
    │   └── steps/<name>             [S] float64, e.g. train_loss, grad_norm
    ├── status.json                  advisory, replaced: state, step, heartbeat, summary
    ├── notes.json                   the user's title, tags, notes
    ├── train.log                    what a trainer started from the app printed
    ├── stop                         there while its trainer is asked to stop
    ├── lock                         held (flock) by the one process that writes
    └── lease-00000001[.free]        who writes, where computers share the folder

Every HDF5 file carries one attribute, ``meta``: a fixed-length ASCII JSON object with
``format``, ``kind``, ``run`` (the fingerprint of run.json) and the lists named above.
In run.h5 ``head`` is the number of bytes, from the first, that hold all of HDF5's own
and every small dataset; after them the checkpoints follow one another, then the grids.
Every dataset is chunked and ends its filter line with fletcher32, so a flipped bit is
an error and never data; one displayed picture is one chunk. Since format 1.1 the
dataset ``hashes``, uint32 [N], has a hash of every chunk, which notices zeros as well
(:mod:`~grokdash.store.hashes`). Since format 1.2 every axis of checkpoints, grids and
run.h5 is a dimension scale beside the groups (:mod:`~grokdash.store.scales`), of which
``step``, also in checkpoints and grids, has values. Grids and the large
measures below ``frame/`` are float16, or float32 (and named in ``meta["float32"]``)
where float16 would overflow or show a picture worse than 255 levels do, and always for
losses, which are looked at on a log scale far below the smallest float16.
"""

import json
import os
import re
from typing import Any

import numpy as np

from grokdash.config import RunConfig

FORMAT_VERSION = (1, 2)
"""(major, minor): a reader refuses a newer major and ignores what a minor adds."""
FIRST_WITH_HASHES = (1, 1)
"""Files of an earlier format have only HDF5's checksums."""
HASHES = "hashes"
"""The dataset with the hash of every chunk, and its entry in the meta data."""

CHECKPOINTS, STATE, GRIDS = "checkpoints", "state", "grids"
RUN_FILE, PACKED_FILE, STATUS_FILE = "run.json", "run.h5", "status.json"
EXTENSIONS_FILE = "extensions.json"
NOTES_FILE, LOCK_FILE = "notes.json", "lock"
STOP_FILE, LOG_FILE = "stop", "train.log"
TEMPORARY = ".tmp-"
"""Prefix of files being written; a reader never looks at them."""

TRAIN_MASK = "train_mask"
"""The dataset of run.h5 that marks the training pairs of an imported run."""
TABLE = "table"
SMALL = 2048
"""A measure of at most so many numbers goes into the table of its checkpoint."""
KEPT_STATES = 3
"""Newest checkpoints whose optimiser and generator state is kept."""

GRID_NAMES = ("neurons", "attention", "correct_logit", "loss")
_AT_ONCE = 8
"""Pictures that are rounded together: they stay in the processor's cache."""
LEVELS = 255
"""Steps between the lowest and the highest value that a stored picture can tell."""
PICTURE_PREFIX = "frame/"
"""Measures that are one picture per checkpoint, stored as the grids are."""

MAX_RUN_NAME = 255
MAX_META = 60_000
"""Bytes of the meta attribute; HDF5 keeps up to 64 KiB in the checksummed header."""
MAX_CHUNK = 64 * 2**20
TARGET_CHUNK = 2**16

STEP_FILE = re.compile(r"step-(\d{8})\.h5")
NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*){0,7}")

Filters = dict[str, Any]
RAW: Filters = {"fletcher32": True}
"""Parameters and moments: noise to a codec, so they only get the checksum."""
PACKED: Filters = {
    "shuffle": True,
    "compression": "gzip",
    "compression_opts": 1,
    "fletcher32": True,
}


def step_file(step: int) -> str:
    """Name the file of one checkpoint."""
    return f"step-{step:08d}.h5"


def is_run_name(name: str) -> bool:
    """Say whether a run may be called so: one part of a path, visible and printable."""
    return (
        0 < len(name) <= MAX_RUN_NAME
        and not name.startswith(".")
        and name.isprintable()
        and "\\" not in name
        and os.path.basename(name) == name  # noqa: PTH119 - of every run at every look
    )


def is_name(name: str) -> bool:
    """Say whether a name may be stored: short, plain, no way out of its group."""
    return len(name) <= 120 and NAME.fullmatch(name) is not None


def param_shapes(config: RunConfig) -> dict[str, tuple[int, ...]]:
    """Give the shape of every stored parameter, in order of the forward pass."""
    d = config.d_model
    shapes: dict[str, tuple[int, ...]] = {"W_E": (config.p + 1, d), "W_pos": (3, d)}
    for layer in range(config.n_layers):
        for name, shape in _block_shapes(config).items():
            shapes[f"blocks/{layer}/{name}"] = shape
    if not config.tied_unembedding:
        shapes["W_U"] = (d, config.n_classes)
    if config.unembedding_bias:
        shapes["b_U"] = (config.n_classes,)
    return shapes


def _block_shapes(config: RunConfig) -> dict[str, tuple[int, ...]]:
    heads, d, h, f = config.n_heads, config.d_model, config.d_head, config.d_mlp
    shapes: dict[str, tuple[int, ...]] = {
        **dict.fromkeys(("W_Q", "W_K", "W_V"), (heads, d, h)),
        "W_O": (heads, h, d),
    }
    if config.attention_bias:
        shapes |= {**dict.fromkeys(("b_Q", "b_K", "b_V"), (heads, h)), "b_O": (d,)}
    shapes |= {"W_in": (d, f), "b_in": (f,), "W_out": (f, d), "b_out": (d,)}
    if config.layer_norm:
        shapes |= dict.fromkeys(("ln1_w", "ln1_b", "ln2_w", "ln2_b"), (d,))
    return shapes


def n_weights(config: RunConfig) -> int:
    """Give the number of weights of a network, trained or not."""
    return sum(int(np.prod(shape)) for shape in param_shapes(config).values())


def grid_shapes(config: RunConfig) -> dict[str, tuple[int, ...]]:
    """Give the shape of every grid at one checkpoint."""
    p, layers = config.p, config.n_layers
    return {
        "neurons": (layers * config.d_mlp, p, p),
        "attention": (layers * config.n_heads, 3, p, p),
        "correct_logit": (p, p),
        "loss": (p, p),
    }


def picture(name: str, values: np.ndarray) -> np.ndarray:
    """Round pictures to float16, or to float32 where that would lose what they show.

    A picture is lost if rounding moves a value by more than half of one of
    :data:`LEVELS` between the picture's lowest and highest: a small variation on top of
    a large mean is.
    """
    values = np.asarray(values, dtype=np.float32)
    if name.rpartition("/")[2] == "loss":
        return values
    pictures = values.reshape(-1, *values.shape[-2:])
    half = np.empty(pictures.shape, np.float16)
    for start in range(0, len(pictures), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        if _round(pictures[part], half[part]):
            return values
    return half.reshape(values.shape)


def _round(values: np.ndarray, half: np.ndarray) -> bool:
    """Round pictures ``[n, …]`` into ``half``; say whether one of them is lost."""
    with np.errstate(over="ignore", invalid="ignore"):
        half[...] = values
        error = np.abs(half - values)
    axes = tuple(range(1, values.ndim))
    known: Any = np.isfinite(values)
    known = True if known.all() else known
    high = values.max(axis=axes, where=known, initial=-np.inf)
    low = values.min(axis=axes, where=known, initial=np.inf)
    largest = np.maximum(np.abs(high), np.abs(low))
    spread = np.where(high > low, high - low, 0.0)
    moved = error.max(axis=axes, where=known, initial=0.0)
    varies = spread > np.finfo(np.float32).eps * np.where(spread > 0, largest, 0.0)
    lost = (varies & (moved > spread / (2 * LEVELS))) | np.isinf(moved)
    return bool(lost.any())


def picture_chunks(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Cut pictures ``[…, p, p]`` one a chunk."""
    return (1,) * (len(shape) - 2) + shape[-2:]


def row_chunks(shape: tuple[int, ...], itemsize: int) -> tuple[int, ...]:
    """Cut ``[C, …]`` one row a chunk, and a huge row into several."""
    chunks = [1, *shape[1:]]
    for axis in range(1, len(chunks)):
        while np.prod(chunks) * itemsize > MAX_CHUNK // 2 and chunks[axis] > 1:
            chunks[axis] = -(-chunks[axis] // 2)
    return tuple(chunks)


def block_chunks(shape: tuple[int, ...], itemsize: int) -> tuple[int, ...]:
    """Cut a long series of small rows ``[C, …]`` into blocks of about 64 KiB."""
    row = max(1, int(np.prod(shape[1:])) * itemsize)
    return (max(1, min(shape[0], TARGET_CHUNK // row)), *shape[1:])


def encode_meta(meta: dict[str, Any]) -> bytes:
    """Write the meta attribute: ASCII JSON of bounded length.

    Raises
    ------
    ValueError
        If there are so many names that it would not fit.
    """
    text = json.dumps(meta, sort_keys=True, separators=(",", ":")).encode("ascii")
    if len(text) > MAX_META:
        raise ValueError(
            f"meta data of {len(text)} bytes; at most {MAX_META} fit: store fewer names"
        )
    return text
