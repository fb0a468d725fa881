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


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc only")
def test_memory_of_many_threads_is_returned():
    """64 MB per thread, 512 MB in all, are gone once they are freed."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True
    )

    assert float(done.stdout) < 40
