"""Runs on disk: written so that nothing committed is lost, read so that nothing runs.

:mod:`~grokdash.store.schema` draws the files. :class:`RunWriter` commits them,
:func:`open_store` reads them, :func:`pack_run` makes one file of a run.
"""

import os

# Before h5py loads the library: a file must never make it load a plugin (a shared
# object whose constructor runs).
os.environ["HDF5_PLUGIN_PRELOAD"] = "::"

from grokdash.store.catalog import Store, open_store
from grokdash.store.imported import Imported
from grokdash.store.pack import pack_run
from grokdash.store.pair_split import shuffled_pairs, train_mask
from grokdash.store.reader import Run
from grokdash.store.safety import HDF5_VERSION
from grokdash.store.schema import FORMAT_VERSION
from grokdash.store.values import (
    CheckpointData,
    Notes,
    RunStatus,
    RunSummary,
)
from grokdash.store.writer import RunWriter

__all__ = [
    "FORMAT_VERSION",
    "HDF5_VERSION",
    "CheckpointData",
    "Imported",
    "Notes",
    "Run",
    "RunStatus",
    "RunSummary",
    "RunWriter",
    "Store",
    "open_store",
    "pack_run",
    "shuffled_pairs",
    "train_mask",
]
