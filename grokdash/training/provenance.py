"""What a run was computed with: enough to repeat it, nothing about the person."""

import hashlib
import platform
import subprocess
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
import torch

from grokdash.config import RunConfig
from grokdash.store import HDF5_VERSION, shuffled_pairs
from grokdash.training.optimisers import optimiser_of


def provenance(
    config: RunConfig,
    *,
    device: torch.device,
    threads: int,
    flush_denormal: bool,
    batch: Sequence[str] = (),
) -> dict[str, Any]:
    """Describe the software, the machine and the split of a run.

    ``batch`` names all runs that were trained as one model, if this one was not alone.
    The same entries mean the same bits; on another machine, thread count or version a
    run is repeated only up to rounding.
    """
    accelerator = torch.cuda.get_device_name(device) if device.type == "cuda" else ""
    return {
        **software(),
        "cpu": torch.backends.cpu.get_cpu_capability(),
        "accelerator": accelerator,
        "device": device.type,
        "threads": threads,
        "optimizer": optimiser_of(config).implementation(device),
        "flush_denormal": flush_denormal,
        "split_sha256": split_hash(config),
    } | ({"batch": list(batch)} if batch else {})


def software() -> dict[str, Any]:
    """Describe what a run was computed with, but for its machine."""
    return {
        "grokdash": _version("grokdash"),
        "git_commit": _git_commit(),
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": np.__version__,
        "h5py": _version("h5py"),
        "hdf5": HDF5_VERSION,
        "platform": f"{platform.system()} {platform.machine()}",
    }


def split_hash(config: RunConfig) -> str:
    """Give the SHA-256 of the training pairs, as int64 rows (a, b) in split order."""
    train = shuffled_pairs(config)[: config.n_train]
    return hashlib.sha256(train.astype("<i8").tobytes()).hexdigest()


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "unknown"


def _git_commit() -> str | None:
    """Give the commit of a checkout of this project, or None for an installation."""
    root = Path(__file__).resolve().parents[2]
    if not (root / ".git").exists():
        return None
    try:
        done = subprocess.run(  # noqa: S603
            ["git", "-C", str(root), "rev-parse", "HEAD"],  # noqa: S607
            capture_output=True,
            text=True,
            timeout=10,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
