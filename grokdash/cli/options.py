"""What several commands share: the store, the cache, JSON and the terminal."""

import os
from pathlib import Path
from typing import Annotated

import typer

from grokdash.terminal import Terminal

out = Terminal()

_STORE = "Folder of the runs; else $GROKDASH_STORE, else ./store."
StoreArgument = Annotated[Path | None, typer.Argument(help=_STORE, show_default=False)]
StoreOption = Annotated[
    Path | None, typer.Option("--store", help=_STORE, show_default=False)
]
StoppedOption = Annotated[
    bool,
    typer.Option(
        "--exit-zero-on-stop",
        help="End with status 0, not 3, when told to stop before the end.",
    ),
]
LogOption = Annotated[
    str | None,
    typer.Option(
        "--log",
        help="Write the measures as well to: tensorboard, wandb, wandb-offline; "
        "several with commas; else to what $GROKDASH_LOG names.",
        envvar="GROKDASH_LOG",
        show_envvar=False,
        show_default=False,
    ),
]


def default_store(store: Path | None) -> Path:
    """Choose the store: the option, else the environment, else ./store."""
    if store is not None:
        return store
    return Path(os.environ.get("GROKDASH_STORE") or "store")


def cache_folder(cache: Path | None) -> Path:
    """Choose the cache: the option, else $GROKDASH_CACHE, else the user's cache."""
    if cache is not None:
        return cache
    if named := os.environ.get("GROKDASH_CACHE"):
        return Path(named)
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "grokdash"
