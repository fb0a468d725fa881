"""The run that comes with grokdash: a small network that has grokked, to see first.

Its folder lies beside this module, as it would in a store, and so does the
configuration that it is trained with again: ``docs/example.py`` does. It is looked at
where it lies, or copied into a store, where it is a run like any other.
"""

from functools import cache
from pathlib import Path

from grokdash.config import RunConfig, make_config
from grokdash.errors import StoreError, UnusableFolderError
from grokdash.store import Store, files, open_store
from grokdash.store.leftovers import hidden_folder, put_in_place
from grokdash.store.remote import remote_url
from grokdash.store.schema import RUN_FILE
from grokdash.store.trust import trust
from grokdash.toml_input import read_toml

PLACE = Path(__file__).parent / "runs"
"""A store of one run."""
CONFIGURATION = Path(__file__).with_name("example.toml")
PREFIX = ".example-"
"""How the names of folders begin in which a copy is made."""


@cache
def example_config() -> RunConfig:
    """Give the configuration that the run was trained with."""
    return make_config("nanda", read_toml(CONFIGURATION))


def example_id() -> str:
    """Give the id of the run: what ``grokdash train`` would call it."""
    return example_config().run_id()


def example_store() -> Store:
    """Open the folder that the run comes in, for looking."""
    folder = PLACE / example_id()
    for path in folder.rglob("*.h5"):
        trust(path)  # part of grokdash, as its code is
    return open_store(PLACE)


def put_example(store: Path) -> str:
    """Copy the run into a store, whole or not at all, unless it is there; give its id.

    Raises
    ------
    UnusableFolderError
        If nothing can be written there, or something else bears the name of the run.
    DiskFullError
        If there is no room.
    """
    if (url := remote_url(store)) is not None:
        raise UnusableFolderError(
            f"{url}: is only read; name a folder of this computer with --store"
        )
    run_id = example_id()
    target = store / run_id
    if not (target / RUN_FILE).exists():
        if target.exists():
            raise UnusableFolderError(
                f"{target}: is in the way of the run of this name and holds no run: "
                "move it away, or choose another folder with --store"
            )
        with hidden_folder(store, PREFIX) as hidden:
            _copy(PLACE / run_id, hidden / run_id)
            _put_in_place(hidden / run_id, target)
        for path in target.rglob("*.h5"):
            trust(path)
    return run_id


def _put_in_place(copy: Path, target: Path) -> None:
    try:
        put_in_place(copy, target)
    except StoreError:
        if not (target / RUN_FILE).exists():  # nobody else has been faster
            raise


def _copy(source: Path, target: Path) -> None:
    """Copy every file so that a power cut after this loses none."""
    target.mkdir()
    for path in sorted(source.iterdir()):
        if path.is_dir():
            _copy(path, target / path.name)
        else:
            files.publish(target / path.name, path.read_bytes())
