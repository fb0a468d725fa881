"""The command line: one module per command group, listed here.

Serving never loads torch and training never loads the web stack: both are imported by
the commands that need them, when they run.
"""

import os
import sys

import typer

from grokdash.cli import config, doctor, runs, serve, sweep, train, views
from grokdash.errors import (
    ConfigError,
    DiskFullError,
    GrokdashError,
    NoRoomError,
    NotStoredError,
    UnusableFolderError,
)

EXIT_BAD_INPUT = 2
BAD_INPUT = (ConfigError, NotStoredError, UnusableFolderError, NoRoomError)
"""What the user has named cannot work, and nothing was begun."""
EXIT_DISK_FULL = 75
"""EX_TEMPFAIL: free some space and run the same command again."""

app = typer.Typer(
    name="grokdash",
    help="Train small transformers on modular arithmetic and watch them grok.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
)
for _commands in (train, serve, runs, doctor, views):
    app.add_typer(_commands.app)
app.add_typer(config.app, name="config")
app.add_typer(sweep.app, name="sweep")


def main() -> None:
    """Run the command line, turning every error of ours into one clear message."""
    _prefer_few_threads()
    try:
        app(prog_name="grokdash")
    except BAD_INPUT as error:
        _fail(error, EXIT_BAD_INPUT)
    except DiskFullError as error:
        _fail(error, EXIT_DISK_FULL)
    except GrokdashError as error:
        _fail(error, 1)


def _fail(error: GrokdashError, code: int) -> None:
    typer.echo(f"grokdash: {error}", err=True)
    sys.exit(code)


def _prefer_few_threads() -> None:
    """Start over with thread settings that libraries read when they are loaded.

    Training uses its cores itself: NumPy's threads beside them, and OpenMP threads
    that wait by spinning, cost many times what they gain on a machine that also
    serves the app. What the user has set stays.
    """
    wanted = {"OPENBLAS_NUM_THREADS": "1", "OMP_WAIT_POLICY": "passive"}
    if os.name != "posix" or wanted.keys() <= os.environ.keys():
        return
    os.environ.update({k: v for k, v in wanted.items() if k not in os.environ})
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606
