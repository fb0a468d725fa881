"""The exit statuses of ``grokdash``, and what each means."""

FAILED = 1
BAD_INPUT = 2
STOPPED = 3
DISK_FULL = 75
NOT_READ = 141

MEANINGS = {
    0: "done",
    FAILED: "something failed: a run, a damaged file, output that cannot be written",
    BAD_INPUT: "what was asked for cannot work, and nothing was begun",
    STOPPED: "told to stop before the end (Ctrl-C, SIGTERM, a request): checkpoints "
    "are stored, and the same command goes on; 0 with `--exit-zero-on-stop`",
    DISK_FULL: "the disk is full (EX_TEMPFAIL): free some space, and the same command "
    "goes on",
    NOT_READ: "done, but whoever read the output had closed it (128 + SIGPIPE), as "
    "`head` does",
}
"""Shown in docs/command-line.md, in this order."""
