"""Put changed code into a process: into its functions, or before it imports them."""

import importlib.machinery
import sys
import types
from pathlib import Path
from typing import Any

ANALYSIS = Path(__file__).resolve().parents[2] / "grokdash" / "analysis"


def put_in_place(module: str, source: str) -> None:
    """Let this process import another text for one module of the analysis."""
    wanted = str(ANALYSIS / f"{module}.py")
    loader = importlib.machinery.SourceFileLoader
    data, stats = loader.get_data, loader.path_stats

    def get_data(self, path):  # noqa: ANN001, ANN202
        return source.encode() if str(path) == wanted else data(self, path)

    def path_stats(self, path):  # noqa: ANN001, ANN202
        if str(path) == wanted:
            raise OSError("never from the cache of compiled modules")
        return stats(self, path)

    loader.get_data, loader.path_stats = get_data, path_stats


def exchange(module: str, source: str) -> None:
    """Give the functions of a module that is imported already the code of a text.

    They stay the objects that other modules hold; what importing has computed stays.
    """
    there = sys.modules[f"grokdash.analysis.{module}"]
    path = str(ANALYSIS / f"{module}.py")
    new = types.ModuleType(there.__name__)
    # Dataclasses look their module up by its name.
    sys.modules[there.__name__] = new
    try:
        exec(compile(source, path, "exec"), new.__dict__)
    finally:
        sys.modules[there.__name__] = there
    for name, old in vars(there).items():
        _exchange(old, vars(new).get(name), path)


def _exchange(old: Any, new: Any, path: str) -> None:
    """Exchange the code of a function, or of what holds functions."""
    if type(old) is not type(new):
        return
    if isinstance(old, types.FunctionType):
        _exchange_code(old, new, path)
    elif isinstance(old, type) and old.__module__ == new.__module__:
        for name, value in vars(old).items():
            _exchange(value, vars(new).get(name), path)
    else:
        for holder in ("fget", "func", "__func__", "__wrapped__"):
            if hasattr(old, holder):
                _exchange(getattr(old, holder), getattr(new, holder), path)
    if hasattr(old, "cache_clear"):
        old.cache_clear()


def _exchange_code(old: types.FunctionType, new: types.FunctionType, path: str) -> None:
    if hasattr(old, "__wrapped__"):
        _exchange(old.__wrapped__, getattr(new, "__wrapped__", None), path)
    if old.__code__.co_filename == path == new.__code__.co_filename:
        old.__code__ = new.__code__
        old.__defaults__, old.__kwdefaults__ = new.__defaults__, new.__kwdefaults__
