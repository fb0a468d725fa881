"""What the hashes cost: a frame, a checkpoint, packing, the file, ``grokdash verify``.

CPU times of one thread on arrays of the ``nanda`` size. What hashes take of packing is
not measured but worked out from the time of one row and one picture. Run:
``python benchmarks/checksums.py``.
"""

import hashlib
import tempfile
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
from table import Raw

from grokdash.config import RunConfig, make_config
from grokdash.store import CheckpointData, RunWriter, open_store, pack_run
from grokdash.store.hashes import hash_chunk
from grokdash.store.image import checkpoint_image, state_image
from grokdash.store.schema import grid_shapes, param_shapes

CHECKPOINTS, GRIDS, REPEATS = 24, 2, 20
BUDGET_MS = 1.0


def milliseconds(work: Callable[[], object], repeats: int = REPEATS) -> float:
    """Give the least CPU time of a call, in ms."""
    work()
    times = []
    for _ in range(repeats):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return 1000 * min(times)


Arrays = dict[str, np.ndarray]


def arrays() -> tuple[RunConfig, Arrays, Arrays]:
    """Give parameters and grids of the nanda size."""
    config = make_config("nanda")
    rng = np.random.default_rng(0)
    params = {
        name: rng.standard_normal(shape).astype("f4")
        for name, shape in param_shapes(config).items()
    }
    grids = {
        name: rng.random(shape).astype("f4")
        for name, shape in grid_shapes(config).items()
    }
    return config, params, grids


def hash_frame(params: Arrays) -> float:
    """Give what the hashes of one frame take, in ms."""
    return milliseconds(lambda: [hash_chunk(k, v[None]) for k, v in params.items()])


def rows(*, quick: bool) -> list[Raw]:
    """Give what the hashes of a frame and of a checkpoint cost."""
    _, params, _ = arrays()
    moments = {f"{k}.{m}": v for k, v in params.items() for m in ("exp_avg", "sq")}
    data = CheckpointData(step=0, params=params, optimizer=moments)
    repeats = REPEATS // (4 if quick else 1)
    image = milliseconds(
        lambda: (checkpoint_image(data, ""), state_image(data, "")), repeats
    )
    return [
        ("hashes of the parameters of a frame", hash_frame(params), "ms", BUDGET_MS),
        ("files of a checkpoint built, with hashes", image, "ms", None),
    ]


def main() -> None:
    """Measure and print."""
    config, params, grids = arrays()
    moments = {f"{k}.{m}": v for k, v in params.items() for m in ("exp_avg", "sq")}
    data = CheckpointData(step=0, params=params, optimizer=moments)
    bytes_ = b"".join(values.tobytes() for values in params.values())
    print(f"hash functions, {len(bytes_) / 1e6:.2f} MB (the parameters of a frame):")
    for name, function in (
        ("crc32", lambda: zlib.crc32(bytes_)),
        ("adler32", lambda: zlib.adler32(bytes_)),
        ("sha256", lambda: hashlib.sha256(bytes_).digest()),
        ("blake2b", lambda: hashlib.blake2b(bytes_).digest()),
    ):
        print(f"  {name:8} {milliseconds(function):6.2f} ms")
    frame = hash_frame(params)
    print(f"hashes of a frame: {frame:.2f} ms (budget {BUDGET_MS} ms)")
    image = milliseconds(lambda: (checkpoint_image(data, ""), state_image(data, "")))
    state = milliseconds(lambda: [hash_chunk(k, v[None]) for k, v in moments.items()])
    print(
        f"checkpoint and state images: {image:.1f} ms, of that {frame + state:.2f} ms"
    )

    with tempfile.TemporaryDirectory() as folder:
        with RunWriter.create(Path(folder), config) as writer:
            for step in range(CHECKPOINTS):
                writer.commit(CheckpointData(step=step, params=params))
                if step < GRIDS:
                    writer.commit_grids(step, grids)
            writer.finish()
        start = time.perf_counter()
        packed = pack_run(writer.path)
        seconds = time.perf_counter() - start
        pictures = milliseconds(
            lambda: [hash_chunk("n", one) for one in grids["neurons"].astype("f2")], 3
        )
        added = (CHECKPOINTS * frame + GRIDS * pictures) / 1000
        # Once for the source that is read and once for the list that is written.
        print(f"packing: {seconds:.2f} s, for hashes about {2 * added:.3f} s")
        store = open_store(folder)
        with store.run(writer.id) as run:
            read = milliseconds(lambda: run.params(1))
            print(f"parameters of a frame read: {read:.2f} ms, hashes {frame:.2f} ms")
        total = packed.stat().st_size
        n = CHECKPOINTS * len(params) + GRIDS * sum(
            int(np.prod(shape[:-2])) for shape in grid_shapes(config).values()
        )
        print(f"list in run.h5: {4 * n:,} of {total:,} bytes")
        start = time.process_time()
        found = store.verify(writer.id)
        seconds = time.process_time() - start
        rate = found.n_bytes / seconds / 1e6
        print(
            f"verify: {found.n_bytes / 1e6:.0f} MB in {seconds:.2f} s, {rate:.0f} MB/s"
        )
        store.close()
        if found.damage:
            raise SystemExit("\n".join(found.damage))


if __name__ == "__main__":
    main()
