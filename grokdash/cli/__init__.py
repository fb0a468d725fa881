"""The command line: one module per command group, listed here.

Serving never loads torch and training never loads the web stack: both are imported by
the commands that need them, when they run.
"""

import os
import sys

import typer

from grokdash.cli import (
    config,
    doctor,
    embed,
    exits,
    export,
    figures,
    film,
    imports,
    measures,
    report,
    runs,
    serve,
    share,
    site,
    sweep,
    train,
    verify,
    views,
    weights,
)
from grokdash.errors import (
    ConfigError,
    DiskFullError,
    GrokdashError,
    NoMemoryError,
    NoRoomError,
    NotStoredError,
    UnusableFolderError,
)
from grokdash.streams import Output, was_closed
from grokdash.terminal import say

BAD_INPUT = (
    ConfigError,
    NotStoredError,
    UnusableFolderError,
    NoRoomError,
    NoMemoryError,
)
"""What the user has named cannot work, and nothing was begun."""

app = typer.Typer(
    name="grokdash",
    help="Train small transformers on modular arithmetic and watch them grok.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
)

for _commands in (
    train,
    imports,
    serve,
    embed,
    runs,
    verify,
    doctor,
    views,
    export,
    figures,
    film,
    share,
    site,
    measures,
    weights,
):
    app.add_typer(_commands.app)
app.add_typer(config.app, name="config")
app.add_typer(sweep.app, name="sweep")
app.add_typer(report.app, name="report")


def main() -> None:
    """Run the command line, turning every error of ours into one clear message."""
    _prefer_few_threads()
    output = Output()
    status = _run()
    failure = output.failure()
    if failure is not None and not was_closed(failure):
        say(f"grokdash: standard output: {failure.strerror}", to_errors=True)
    if failure is not None and status == 0:
        status = exits.NOT_READ if was_closed(failure) else exits.FAILED
    sys.exit(status)


def _run() -> int:
    """Run what was asked for and give its exit status."""
    try:
        app(prog_name="grokdash")
    except BAD_INPUT as error:
        return _told(error, exits.BAD_INPUT)
    except DiskFullError as error:
        return _told(error, exits.DISK_FULL)
    except GrokdashError as error:
        return _told(error, exits.FAILED)
    except OSError as error:  # a folder or a terminal that went away
        return _told(error, exits.FAILED)
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(bool(ended.code))
    return 0


def _told(error: Exception, status: int) -> int:
    say(f"grokdash: {error}", to_errors=True)
    return status


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
    if sys.stdout is not None:
        sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606
