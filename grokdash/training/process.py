"""What training sets for its whole process: threads, denormals and memory."""

from collections.abc import Mapping
from typing import Any

import torch

from grokdash.errors import ConfigError
from grokdash.threads import keep_products_on_one_core
from grokdash.training.memory import keep_freed_memory

FLUSH_DENORMAL = True
"""Tiny numbers count as zero: late in a run they would slow every update."""


def set_threads(asked: int | None, own: Mapping[str, Any], default: int) -> int:
    """Set threads, denormals and memory for this process; give the thread count.

    What is asked for counts, then what a run was begun with, then the default.
    """
    threads = own.get("threads", default) if asked is None else asked
    if not 1 <= threads <= 1024:
        raise ConfigError(f"--threads: expected 1 to 1024; got {threads}")
    keep_products_on_one_core()
    torch.set_num_threads(threads)
    torch.set_flush_denormal(FLUSH_DENORMAL)
    keep_freed_memory()
    return threads
