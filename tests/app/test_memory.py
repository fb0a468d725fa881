"""The server gives back what it has freed."""

import subprocess
import sys

import pytest

SCRIPT = """
import threading
import numpy as np
from grokdash.app.memory import return_freed_memory

def resident():
    with open("/proc/self/status", encoding="utf-8") as status:
        return int(status.read().split("VmRSS:")[1].split()[0]) / 1024

assert return_freed_memory()
before = resident()

def work():
    for _ in range(20):
        parts = [np.ones(40_000) for _ in range(200)]
        del parts

threads = [threading.Thread(target=work) for _ in range(8)]
for one in threads:
    one.start()
for one in threads:
    one.join()
print(resident() - before)
"""


HOLES = """
import time
from grokdash.app.memory import return_freed_memory, trim_for_ever

def resident():
    with open("/proc/self/status", encoding="utf-8") as status:
        return int(status.read().split("VmRSS:")[1].split()[0]) / 1024

assert return_freed_memory()
before = resident()
parts = [bytes(40_000) for _ in range(4000)]
kept = parts[::20]
del parts
assert trim_for_ever(0.05)
for _ in range(100):
    if resident() - before < 40:
        break
    time.sleep(0.1)
print(resident() - before)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc only")
def test_pages_between_what_is_kept_are_returned():
    """Of 160 MB in small pieces every twentieth stays: 8 MB and the edges."""
    done = subprocess.run(
        [sys.executable, "-c", HOLES], capture_output=True, text=True, check=True
    )

    assert float(done.stdout) < 40


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc only")
def test_memory_of_many_threads_is_returned():
    """64 MB per thread, 512 MB in all, are gone once they are freed."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True
    )

    assert float(done.stdout) < 40
