"""Give freed memory back to the system.

The server computes arrays of megabytes in many threads. Left alone, the C library
keeps a heap for each of them, and a process that needs 300 MB comes to hold three
times that. Small arrays leave holes in those heaps, which no later request fills
exactly; every few seconds the pages of the holes go back too.
"""

import ctypes
import sys
import threading
import time

_M_MMAP_THRESHOLD = -3
_M_ARENA_MAX = -8
_LARGE = 2**18
_HEAPS = 2
_TRIM_EVERY_S = 10.0


def return_freed_memory() -> bool:
    """Tell glibc to map large arrays one by one; say whether it is the C library."""
    if not sys.platform.startswith("linux"):
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return False
    return bool(mallopt(_M_ARENA_MAX, _HEAPS) and mallopt(_M_MMAP_THRESHOLD, _LARGE))


def trim_for_ever(every_s: float = _TRIM_EVERY_S) -> bool:
    """Give unused pages back now and again, in a thread; say whether glibc can."""
    if not sys.platform.startswith("linux"):
        return False
    try:
        malloc_trim = ctypes.CDLL(None).malloc_trim
    except (OSError, AttributeError):
        return False

    def trim() -> None:
        while True:
            malloc_trim(0)
            time.sleep(every_s)

    threading.Thread(target=trim, name="grokdash-trim", daemon=True).start()
    return True
