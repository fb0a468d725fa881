"""Give freed memory back to the system.

The server computes arrays of megabytes in eight threads. Left alone, the C library
keeps a heap for each of them, and a process that needs 300 MB comes to hold three
times that.
"""

import ctypes
import sys

_M_MMAP_THRESHOLD = -3
_M_ARENA_MAX = -8
_LARGE = 2**18
_HEAPS = 2


def return_freed_memory() -> bool:
    """Tell glibc to map large arrays one by one; say whether it is the C library."""
    if not sys.platform.startswith("linux"):
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return False
    return bool(mallopt(_M_ARENA_MAX, _HEAPS) and mallopt(_M_MMAP_THRESHOLD, _LARGE))
