"""Ask for a run that does not come, sixty times at once, and for others meanwhile.

    python benchmarks/slow_disks.py [TROUBLE ...]

Each trouble is met by a server of its own: a folder whose calls do not return, or each
after 3 seconds (a shim before the C library plays that), a pipe in the place of
run.h5, a chunk of megabytes that decodes to a gigabyte, and an object store whose
process is stopped. Printed is after what time the sixty requests were answered and
how, for how long the others took meanwhile (another run and the list; of the object
store the list and a page, for no run of it can be read), and how long after the end of
the trouble the run was there again. The shim needs Linux and a C compiler.
"""

import contextlib
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import h5py
import numpy as np
from browsing import free_port

from grokdash.config import make_config
from grokdash.training.train import Options, train

ASKED = 60
FEWEST = 30
BOMB_BYTES = 10**9
TRICKLE_MS = b"3000"
_ROOT = Path(__file__).parents[1]
_FLAG = "flag"
_SIZES = {
    "p": 13,
    "d_model": 16,
    "d_mlp": 24,
    "n_heads": 2,
    "epochs": 200,
    "checkpoint_every": 20,
    "dense_until": 0,
    "grids": 4,
}


@dataclass
class Trouble:
    """What goes wrong of run "sick", how it begins and ends, and who else is asked."""

    begin: Callable[[], object] = lambda: None
    end: Callable[[], object] = lambda: None
    others: tuple[str, ...] = (
        "/api/run/well/figure/correct-logit?e={e}",
        "/api/run/well/manifest",
        "/api/runs",
    )
    store: str = ""
    cold: bool = False
    env: dict[str, str] = field(default_factory=dict)


def ask(address: str) -> tuple[int, float]:
    """Give the status of an answer and after how many seconds it was there."""
    started = time.perf_counter()
    try:
        with urllib.request.urlopen(address, timeout=300) as answer:
            answer.read()
            status = answer.status
    except urllib.error.HTTPError as error:
        error.read()
        status = error.code
    except OSError:
        status = 0
    return status, time.perf_counter() - started


@contextlib.contextmanager
def serving(store: str, env: dict[str, str]) -> Iterator[str]:
    """Serve a store in a process of its own; give its address."""
    port = free_port()
    command = [sys.executable, "-m", "grokdash", "serve", store, "--port", str(port)]
    server = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, env=os.environ | env, cwd=_ROOT
    )
    address = f"http://127.0.0.1:{port}"
    try:
        while ask(f"{address}/api/runs")[0] != 200:
            if server.poll() is not None:
                raise SystemExit("the server ended before it answered")
            time.sleep(0.1)
        yield address
    finally:
        server.kill()
        server.wait()


@contextlib.contextmanager
def nothing(_folder: Path) -> Iterator[Trouble]:
    """Ask sixty times for a run that is well."""
    yield Trouble()


@contextlib.contextmanager
def hanging(folder: Path, how: bytes = b"") -> Iterator[Trouble]:
    """Let every call about the folder of the run wait, by a shim."""
    if sys.platform != "linux" or not shutil.which("cc"):
        raise SystemExit("needs Linux and a C compiler (cc) for the shim")
    source, shim = Path(__file__).parent / "lost" / "frozen.c", folder / "frozen.so"
    flags = ["-O1", "-Wall", "-shared", "-fPIC"]
    subprocess.run(["cc", *flags, "-o", shim, source, "-ldl"], check=True)
    flag = folder / _FLAG
    env = {
        "LD_PRELOAD": str(shim),
        "GROKDASH_FROZEN_ROOT": str((folder / "store" / "sick").resolve()),
        "GROKDASH_FROZEN_FLAG": str(flag.resolve()),
    }
    yield Trouble(lambda: flag.write_bytes(how), flag.unlink, env=env)


@contextlib.contextmanager
def pipe(folder: Path) -> Iterator[Trouble]:
    """Put a pipe that nobody writes into in the place of run.h5."""
    packed = folder / "store" / "sick" / "run.h5"
    kept = packed.with_suffix(".kept")

    def begin() -> None:
        packed.rename(kept)
        os.mkfifo(packed)

    def end() -> None:
        packed.unlink()
        kept.rename(packed)

    yield Trouble(begin, end)


@contextlib.contextmanager
def bomb(folder: Path) -> Iterator[Trouble]:
    """Let the newest row of a measure decode to a gigabyte."""
    path = folder / "store" / "sick" / "run.h5"
    kept = path.read_bytes()
    packer, zeros = zlib.compressobj(1), bytes(10**7)
    data = b"".join(packer.compress(zeros) for _ in range(BOMB_BYTES // len(zeros)))
    data += packer.flush()

    def begin() -> None:
        changed = path.with_name("changed")
        changed.write_bytes(kept)
        with h5py.File(changed, "r+", libver=("v110", "v110"), locking=False) as file:
            dataset = file["measures/logits/M"]
            newest = dataset.id.get_num_chunks() - 1
            place = dataset.id.get_chunk_info(newest).chunk_offset
            dataset.id.write_direct_chunk(place, data + bytes(4))
        changed.replace(path)

    def end() -> None:
        changed = path.with_name("changed")
        changed.write_bytes(kept)
        changed.replace(path)

    yield Trouble(begin, end)


@contextlib.contextmanager
def bucket(folder: Path) -> Iterator[Trouble]:
    """Serve the store from an S3 server of this computer, which is stopped."""
    import s3fs  # noqa: PLC0415 - one trouble of six needs it

    port = free_port()
    env = {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    command = [sys.executable, "-m", "moto.server", "-p", str(port)]
    server = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        while ask(f"http://127.0.0.1:{port}/moto-api/")[0] != 200:
            time.sleep(0.1)
        system = s3fs.S3FileSystem(
            key="key", secret="secret", endpoint_url=env["AWS_ENDPOINT_URL"]
        )
        system.mkdir("lab")
        store = folder / "store"
        for path in filter(Path.is_file, store.rglob("*")):
            system.put(str(path), f"lab/{path.relative_to(store)}")
        yield Trouble(
            lambda: server.send_signal(signal.SIGSTOP),
            lambda: server.send_signal(signal.SIGCONT),
            others=("/api/runs", "/guide"),
            store="s3://lab",
            cold=True,  # what was read before stays in memory
            env=env,
        )
    finally:
        server.kill()
        server.wait()


TROUBLES: dict[str, Callable[[Path], contextlib.AbstractContextManager[Trouble]]] = {
    "none": nothing,
    "hangs": hanging,
    "3 s a call": lambda folder: hanging(folder, TRICKLE_MS),
    "a pipe": pipe,
    "a bomb": bomb,
    "object store": bucket,
}


def others(
    address: str, paths: tuple[str, ...], over: threading.Event
) -> list[tuple[int, float]]:
    """Ask for others, one after the other, until it is over."""
    found = []
    while not over.is_set() or len(found) < FEWEST:
        for path in paths:
            found.append(ask(address + path.format(e=20 * (len(found) % 10))))
        time.sleep(0.02)
    return found


def measured(name: str, made: Path) -> str:
    """Meet one trouble and give its row of the table."""
    with tempfile.TemporaryDirectory() as place, contextlib.ExitStack() as stack:
        folder = Path(place)
        shutil.copytree(made, folder / "store")
        trouble = stack.enter_context(TROUBLES[name](folder))
        store = trouble.store or str(folder / "store")
        address = stack.enter_context(serving(store, trouble.env))
        sick = f"{address}/api/run/sick/manifest"
        well = [address + path.format(e=0) for path in trouble.others]
        for one in well if trouble.cold else (sick, *well):
            if (status := ask(one)[0]) != 200:
                raise SystemExit(f"{name}: {one} answers {status} before the trouble")
        trouble.begin()
        over = threading.Event()
        with ThreadPoolExecutor(ASKED + 1) as threads:
            beside = threads.submit(others, address, trouble.others, over)
            time.sleep(0.5)
            answers = list(threads.map(ask, [sick] * ASKED))
            again, _ = ask(sick)
            over.set()
            beside_it = beside.result()
        trouble.end()
        ended = time.perf_counter()
        while ask(sick)[0] != 200 and time.perf_counter() < ended + 60:
            time.sleep(0.05)
        back = time.perf_counter() - ended
    return row(name, answers, again, beside_it, back)


def row(
    name: str,
    answers: list[tuple[int, float]],
    again: int,
    beside: list[tuple[int, float]],
    back: float,
) -> str:
    """Write what was measured of one trouble as a row of the table."""
    times = sorted(seconds for _, seconds in answers)
    with_status = ", ".join(
        f"{count} × {status}"
        for status, count in sorted(Counter(one for one, _ in answers).items())
    )
    took = sorted(1000 * seconds for _, seconds in beside)
    failed = sum(status != 200 for status, _ in beside)
    return (
        f"| {name} | {times[0]:.1f} s | {statistics.median(times):.1f} s "
        f"| {times[-1]:.1f} s | {with_status}, then {again} | {np.median(took):.0f} ms "
        f"| {np.quantile(took, 0.95):.0f} ms | {took[-1]:.0f} ms "
        f"| {failed} of {len(took)} | {back:.1f} s |"
    )


def main() -> None:
    names = sys.argv[1:] or list(TROUBLES)
    print(
        f"| trouble | first of {ASKED} | median | last | answers | others: median "
        "| p95 | longest | failed | back after |"
    )
    print("|---|--:|--:|--:|---|--:|--:|--:|--:|--:|")
    with tempfile.TemporaryDirectory() as place:
        made, quiet = Path(place), {"threads": 1, "device": "cpu", "quiet": True}
        config = make_config(**_SIZES)
        train(config, Options(store=made, **quiet))
        (made / config.run_id()).rename(made / "well")
        shutil.copytree(made / "well", made / "sick")
        for name in names:
            print(measured(name, made), flush=True)


if __name__ == "__main__":
    main()
