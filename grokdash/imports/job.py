"""Import a network: read, translate, measure, pack, and only then show it.

All is made in a folder that no reader looks at, and comes under its name in one step:
a killed import leaves nothing that looks like a run.
"""

import contextlib
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch

from grokdash.config import RunConfig, check_fields, validate_config
from grokdash.errors import ConfigError
from grokdash.imports.files import Found, read_files
from grokdash.imports.names import Layout
from grokdash.imports.recognise import (
    architecture,
    completed,
    recognise_layout,
    recognise_operation,
    translated,
)
from grokdash.imports.said import HEADS, check_fits, fields_said, first_of, split_said
from grokdash.imports.splits import (
    Generator,
    Split,
    fraction_of,
    from_file,
    from_indices,
    from_pairs,
    from_seed,
)
from grokdash.operations import get_operation
from grokdash.store import CheckpointData, Imported, Notes, RunWriter
from grokdash.store.leftovers import hidden_folder, put_in_place
from grokdash.store.record import write_notes
from grokdash.training.curves import Curves
from grokdash.training.finishing import finish
from grokdash.training.forecast import GB, forecast
from grokdash.training.pace import TRAINED_S
from grokdash.training.progress import Reporter, make_reporter
from grokdash.training.provenance import software
from grokdash.training.recorder import Recorder
from grokdash.training.schedule import grid_steps
from grokdash.written import percent

READING, MEASURING = "reading", "measuring"
PREFIX = ".import-"
_SHOWN = ("epochs", "checkpoint_every", "dense_every", "dense_until", "grids", "twin")
"""Fields that are of grokdash, or are seen in the files."""
_DECIDED = ("operation", "p", "n_layers", "n_heads", "d_model", "d_mlp")
_READ = (
    *("activation", "mlp_bias", "attention_bias", "unembedding_bias", "layer_norm"),
    *("causal_mask", "tied_unembedding", "equals_class"),
)

Params = dict[str, np.ndarray]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is to be imported, and what the user says of it; None leaves it open.

    ``pairs`` is a file of training pairs; ``generator``, ``split_seed`` and
    ``train_fraction`` make them by shuffling. ``fields`` are of the configuration.
    """

    paths: tuple[Path, ...]
    store: Path
    layout: str | None = None
    operation: str | None = None
    n_heads: int | None = None
    epochs: tuple[int, ...] | None = None
    pairs: Path | None = None
    generator: Generator | None = None
    split_seed: int | None = None
    train_fraction: float | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)
    grids: int = 64
    disk_budget: float = 1.0
    title: str = ""
    quiet: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """A network from elsewhere in our names, ready to be measured."""

    config: RunConfig
    states: dict[int, Params]
    imported: Imported
    train_losses: list[float]

    @property
    def name(self) -> str:
        """Give the name of its run: what it is, and a hash of all that was read."""
        return (
            f"{self.config.operation.replace('_', '-')}-p{self.config.p}-imported-"
            f"{self.imported.digest[:10]}"
        )


def run_import(request: Request) -> str:
    """Import what is asked for, and say in a line what became of it.

    Raises
    ------
    ConfigError
        If it does not fit, is ambiguous, or is in the store already.
    StoreError
        If the store cannot be written.
    """
    report = make_reporter(1, quiet=request.quiet)
    with contextlib.closing(report), hidden_folder(request.store, PREFIX) as hidden:
        (hidden / "read").mkdir()
        network = look_at(request, hidden / "read", report)
        target = request.store / network.name
        if target.exists():
            raise ConfigError(f"{network.name}: is imported already, in {target}")
        report.say(_about(network))
        summary = _store(network, request, hidden, report)
        put_in_place(hidden / network.name, target)
    return _told(network, summary)


def look_at(request: Request, scratch: Path, report: Reporter) -> Network:
    """Read the files and find out what they hold; nothing is measured yet."""
    found = read_files(
        request.paths,
        scratch,
        request.epochs,
        lambda done, total: report.finishing(done, total, READING),
    )
    last = found.states[max(found.states)]
    layout = recognise_layout(last, request.layout, found.config)
    check_fits(found.config, layout)
    heads = request.n_heads or first_of(found.config, HEADS, int)
    states = translated(found.states, layout, heads)
    config = _config(request, found, layout, states)
    whole = {
        epoch: completed(params, config, epoch) for epoch, params in states.items()
    }
    split = _split(request, found, layout, config)
    fields = config.model_dump()
    if split.mask is not None:
        fields["train_fraction"] = fraction_of(split.mask, len(_pairs(config)))
    config = validate_config(fields)
    imported = Imported(
        layout=layout.name,
        source=request.paths[0].resolve().name[:200],
        digest=_digest(config, whole, split),
        split=split.told[:200],
        unknown=_unknown(request, found, layout, split),
        train_mask=split.mask,
    )
    return Network(
        config=config, states=whole, imported=imported, train_losses=found.train_losses
    )


def _digest(config: RunConfig, states: Mapping[int, Params], split: Split) -> str:
    """Give what tells a network and its split from any others."""
    about = {name: getattr(config, name) for name in (*_DECIDED, *_READ)}
    mask = b"" if split.mask is None else np.packbits(split.mask).tobytes()
    found = hashlib.sha256(f"{about}".encode() + mask)
    for epoch, params in states.items():
        found.update(f"{epoch}".encode())
        for name in sorted(params):
            found.update(params[name].tobytes())
    return found.hexdigest()


def _pairs(config: RunConfig) -> np.ndarray:
    return get_operation(config.operation).pairs(config.p)


def _config(
    request: Request, found: Found, layout: Layout, states: Mapping[int, Params]
) -> RunConfig:
    """Put together what shapes, files and user say."""
    epochs = sorted(states)
    last = states[epochs[-1]]
    shown = architecture(last)
    said = fields_said(found.config, layout)
    biased = any(np.any(one[n]) for one in states.values() for n in _mlp_biases(one))
    spacing = int(np.median(np.diff(epochs))) if len(epochs) > 1 else 1
    fields = {
        **shown,
        "mlp_bias": biased,
        **said,
        "epochs": max(1, epochs[-1]),
        "checkpoint_every": max(1, spacing),
        "dense_until": 0,
        "grids": request.grids,
        **request.fields,
    }
    operation = request.operation or said.get("operation")
    if operation is None:
        probe, wrong = check_fields({**fields, "operation": "add"})
        if probe is None:
            raise ConfigError("\n".join(wrong.values()))
        whole = completed(last, probe, epochs[-1])
        operation = recognise_operation(whole, fields)
    return validate_config({**fields, "operation": operation})


def _mlp_biases(params: Params) -> list[str]:
    return [name for name in params if name.endswith(("/b_in", "/b_out"))]


def _split(request: Request, found: Found, layout: Layout, config: RunConfig) -> Split:
    """Find the training pairs: from the user, else from the files."""
    if request.pairs is not None:
        return from_file(request.pairs, config)
    if request.generator is not None:
        if request.split_seed is None or request.train_fraction is None:
            raise ConfigError(
                f"--split {request.generator}: needs --split-seed and --train-fraction"
            )
        seed, fraction = request.split_seed, request.train_fraction
        return from_seed(config, request.generator, seed, fraction, "as asked for")
    if found.pairs is not None:
        return from_pairs(found.pairs, config, "the file")
    if found.indices is not None:
        return from_indices(found.indices, config, "the file")
    said = split_said(found.config, layout)
    if said is None:
        return Split()
    generator, seed, fraction = said
    return from_seed(config, generator, seed, fraction, f"as {layout.title}")


def _unknown(
    request: Request, found: Found, layout: Layout, split: Split
) -> tuple[str, ...]:
    """Name the fields of the configuration that nobody has said."""
    known = {*fields_said(found.config, layout), *request.fields}
    known |= {*_SHOWN, *_DECIDED, *_READ}
    if split.mask is not None:
        known.add("train_fraction")
    return tuple(name for name in RunConfig.model_fields if name not in known)


def _about(network: Network) -> str:
    """Say what was found, before it is measured."""
    imported, epochs = network.imported, list(network.states)
    mask = imported.train_mask
    return (
        f"{len(epochs)} checkpoints, epochs {epochs[0]:,} to {epochs[-1]:,}; layout "
        f"{imported.layout}; {network.config.operation} mod {network.config.p}; "
        f"training pairs: {imported.split}"
        + ("" if mask is None else f", {mask.sum():,} pairs")
    )


def _store(
    network: Network, request: Request, hidden: Path, report: Reporter
) -> dict[str, Any]:
    """Measure and pack all checkpoints in the hidden folder."""
    steps = np.array(sorted(network.states), dtype=np.int64)
    grids = frozenset(
        grid_steps(steps, _grids(network.config, request, len(steps))).tolist()
    )
    about = {**software(), "threads": torch.get_num_threads()}
    made = RunWriter.create(
        hidden, network.config, about, name=network.name, imported=network.imported
    )
    with made as writer:
        with Recorder(writer, grids, Curves()) as recorder:
            for index, step in enumerate(steps.tolist()):
                recorder.put(
                    _data(network, step, int(steps[index - 1]) if index else 0)
                )
                report.finishing(index + 1, len(steps), MEASURING)
            recorder.flush()
            summary = finish(writer, recorder, grids, report)
        summary = {k: v for k, v in summary.items() if k != TRAINED_S}
        writer.set_status("finished", step=int(steps[-1]), summary=summary)
        write_notes(writer.path, Notes(title=_title(network, request)))
    for left in (hidden / network.name / "state").iterdir():
        left.unlink()  # no optimiser to go on with
    return summary


def _data(network: Network, step: int, before: int) -> CheckpointData:
    losses = network.train_losses[before:step]
    scalars = {"train_loss": np.array(losses)} if len(losses) == step - before else {}
    return CheckpointData(
        step=step,
        params=network.states[step],
        scalars=scalars if step > before else {},
    )


def _grids(config: RunConfig, request: Request, checkpoints: int) -> int:
    """Say how many checkpoints get grids within the disk budget."""
    expected = forecast(config, request.disk_budget)
    room = request.disk_budget * GB - checkpoints * expected.checkpoint_bytes
    return max(0, min(config.grids, checkpoints, int(room // expected.grid_bytes)))


def _title(network: Network, request: Request) -> str:
    rule = get_operation(network.config.operation).title
    return (
        request.title
        or (f"{rule} mod {network.config.p}, imported from {network.imported.source}")[
            :200
        ]
    )


def _told(network: Network, summary: Mapping[str, Any]) -> str:
    keys = ", ".join(map(str, summary["key_frequencies"])) or "none"
    parts = [f"{network.name}: {len(network.states)} checkpoints"]
    if summary.get("test_accuracy") is not None:
        parts.append(f"test accuracy {percent(summary['test_accuracy'], 2)}")
    else:
        parts.append("training pairs not known")
    return f"{', '.join(parts)}, key frequencies {keys}"
