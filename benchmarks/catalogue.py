"""Time the list of runs of a large store: catalogue, page, filter, search, sort.

    python benchmarks/catalogue.py [n_runs …] [--keep FOLDER]

A store of so many runs (1,000 and 10,000 by default) is made in a temporary folder:
every run has a configuration, a run.json, a status.json and a packed run.h5 of its own;
the first comes from the real writer, the others' run.h5 are its bytes under their own
name. Printed: the catalogue from scratch, again, and after 1, 10 and 100 runs changed;
how often an HDF5 file was opened for that; first byte of the page and of its data;
opening one run; and in headless Chromium search, filter and sort until drawn. The
server is new when its data is asked for the first time, and has the catalogue on disk.
"""

import argparse
import itertools
import json
import os
import random
import tempfile
import time
import urllib.request
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from browsing import cpu_ms, free_port, open_browser, start_server, wait
from selenium import webdriver

from grokdash.config import RunConfig, make_config
from grokdash.store import CheckpointData, RunStatus, RunWriter, open_store, pack_run
from grokdash.store.record import create_record, read_record, write_status
from grokdash.store.safety import h5py as used_h5py
from grokdash.store.schema import param_shapes

OPERATIONS = ("add", "subtract", "multiply")
DECAYS = (0.03, 0.1, 0.3, 1.0, 2.0, 3.0)
RATES = (3e-4, 1e-3, 3e-3)
FRACTIONS = (0.3, 0.4, 0.5)
EPOCHS = 400
APART_S = 1.1
"""Between two requests: longer than one look at 10,000 runs is good for."""
DATA, FIRST_DATA = "first byte of its data", "first byte of its data, the first time"
BUDGETS = {
    (1000, DATA): 300,
    (1000, "first byte of /"): 300,
    (1000, "HDF5 files opened for all of this"): 0,
    (10_000, DATA): 500,
    (10_000, "HDF5 files opened for all of this"): 0,
}


def configs(count: int) -> list[RunConfig]:
    axes = itertools.product(range(count), OPERATIONS, DECAYS, RATES, FRACTIONS)
    return [
        make_config(
            operation=operation,
            p=7,
            d_model=8,
            d_mlp=4,
            n_heads=2,
            epochs=EPOCHS,
            weight_decay=decay,
            lr=rate,
            train_fraction=fraction,
            seed=seed,
            split_seed=seed,
        )
        for seed, operation, decay, rate, fraction in itertools.islice(axes, count)
    ]


def real_run(store: Path, config: RunConfig) -> Path:
    rng = np.random.default_rng(0)
    with RunWriter.create(store, config, {"torch": "none"}) as writer:
        for step in range(0, EPOCHS + 1, 100):
            values = {"loss/train": 2.0, "loss/test": 3.0 - step / 200}
            values |= {"accuracy/train": 1.0, "accuracy/test": step / EPOCHS}
            params = {
                name: rng.standard_normal(shape).astype("f4")
                for name, shape in param_shapes(config).items()
            }
            measures = {name: np.array(value) for name, value in values.items()}
            writer.commit(CheckpointData(step=step, params=params, measures=measures))
        writer.finish()
    folder = store / config.run_id()
    pack_run(folder)
    return folder


def renamed(image: bytes, fingerprint: str) -> bytes:
    """Give the bytes of a run.h5 the fingerprint of another run."""
    with h5py.File.in_memory(image) as file:
        meta = json.loads(bytes(file.attrs["meta"])) | {"run": fingerprint}
        text = json.dumps(meta, sort_keys=True, separators=(",", ":"))
        file.attrs.create("meta", np.bytes_(text.encode()))
        file.flush()
        return file.id.get_file_image()


def make_store(store: Path, count: int) -> None:
    first, *others = configs(count)
    image = (real_run(store, first) / "run.h5").read_bytes()
    chance = random.Random(0)
    for config in others:
        folder = store / config.run_id()
        folder.mkdir()
        create_record(folder, config, {"torch": "none"})
        (folder / "run.h5").write_bytes(renamed(image, read_record(folder).fingerprint))
        write_status(folder, status(chance))


def status(chance: random.Random) -> RunStatus:
    grokked = chance.randrange(100, EPOCHS) if chance.random() < 0.7 else None
    accuracy = 1.0 if grokked else chance.random()
    return RunStatus(
        state="finished",
        step=EPOCHS,
        epochs=EPOCHS,
        heartbeat=time.time() - chance.random() * 1e6,
        summary={
            "train_loss": 1e-6 * chance.random(),
            "test_loss": 1e-5 + 1.0 - accuracy,
            "train_accuracy": 1.0,
            "test_accuracy": accuracy,
            "grok_start": grokked and grokked - 50,
            "grok_end": grokked,
            "sparkline": [3.0 * chance.random() for _ in range(40)],
        },
    )


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    started = time.perf_counter()
    result = work()
    return time.perf_counter() - started, result


class Table:
    """Rows of what was measured: what, how much, in which unit, within which budget."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.rows: list[tuple[str, float, str, float | None]] = []

    def add(self, what: str, value: float, unit: str) -> None:
        budget = BUDGETS.get((self.count, what))
        self.rows.append((f"{self.count:,} runs: {what}", value, unit, budget))
        print(f"  {what:<44}{value:10,.6g} {unit}", flush=True)

    def say(self, what: str, seconds: float) -> None:
        self.add(what, round(1000 * seconds), "ms")


def measure_catalogue(table: Table, path: Path, cache: Path) -> str:
    opened = 0
    say = table.say
    real = used_h5py.File

    def counted(*args: Any, **options: Any) -> h5py.File:
        nonlocal opened
        opened += 1
        return real(*args, **options)

    used_h5py.File = counted
    try:
        seconds, found = timed(lambda: open_store(path, cache).summaries())
        say("catalogue from scratch", seconds)
        store = open_store(path, cache)
        say("listed again by a new process", timed(store.summaries)[0])
        say("listed again", timed(store.summaries)[0])
        for count in (1, 10, 100):
            for one in random.Random(count).sample(found, count):
                folder = path / one.id
                write_status(folder, replace(status(random.Random(1)), step=count))
            say(f"listed after {count} changed", timed(store.summaries)[0])
    finally:
        used_h5py.File = real
    table.add("HDF5 files opened for all of this", opened, "")
    seconds, _run = timed(lambda: store.run(found[-1].id).series("loss/test"))
    say("one run opened, its test loss read", seconds)
    store.close()
    return found[-1].id


def first_byte(request: urllib.request.Request | str) -> float:
    started = time.perf_counter()
    with urllib.request.urlopen(request, timeout=120) as answer:
        answer.read(1)
        return time.perf_counter() - started


def median_first_byte(request: urllib.request.Request | str) -> float:
    found = []
    for _ in range(5):
        time.sleep(APART_S)
        found.append(first_byte(request))
    return sorted(found)[2]


def measure_server(table: Table, address: str, run_id: str, server: int) -> None:
    say = table.say
    page = json.dumps(
        {
            "output": ".._pages_content.children..._pages_store.data..",
            "outputs": [
                {"id": "_pages_content", "property": "children"},
                {"id": "_pages_store", "property": "data"},
            ],
            "inputs": [
                {"id": "_pages_location", "property": "pathname", "value": "/"},
                {"id": "_pages_location", "property": "search", "value": ""},
            ],
            "changedPropIds": ["_pages_location.pathname"],
        }
    ).encode()
    layout = urllib.request.Request(
        f"{address}/_dash-update-component",
        page,
        {"Content-Type": "application/json"},
    )
    data = f"{address}/api/runs/changes"
    before = cpu_ms(server)
    say(FIRST_DATA, first_byte(data))
    table.add("the same, processor time", round(cpu_ms(server) - before), "ms")
    say("first byte of /", median_first_byte(f"{address}/"))
    say("first byte of the page's content", median_first_byte(layout))
    say(DATA, median_first_byte(data))
    with urllib.request.urlopen(data, timeout=120) as answer:
        token = json.load(answer)["token"]
    since = f"{data}?since={token}"
    say("first byte when asked again", median_first_byte(since))
    for name, request in (("content", layout), ("data", data), ("news", since)):
        with urllib.request.urlopen(request, timeout=120) as answer:
            table.add(f"size of its {name}", round(len(answer.read()) / 1e6, 2), "MB")
    say("manifest of one run", first_byte(f"{address}/api/run/{run_id}/manifest"))


def drawn_after(driver: webdriver.Chrome, action: str) -> float:
    """Time an action on the grid until its rows are on the screen."""
    script = f"""
    const done = arguments[arguments.length - 1];
    const api = window.dash_ag_grid.getApi("runs-grid");
    const started = performance.now();
    {action};
    requestAnimationFrame(() => setTimeout(() => done(performance.now() - started)));
    """
    return driver.execute_async_script(script) / 1000


def measure_browser(table: Table, driver: webdriver.Chrome, address: str) -> None:
    count, say = table.count, table.say
    seconds, _ = timed(lambda: (driver.get(f"{address}/"), _wait_for_rows(driver, 3)))
    say("first rows in Chromium", seconds)
    more, _ = timed(lambda: _wait_for_rows(driver, count))
    say("all rows in Chromium", seconds + more)
    set_filter = (
        "api.setFilterModel({weight_decay: {filterType: 'number', "
        "type: 'greaterThan', filter: 0.5}})"
    )
    set_sort = (
        "api.applyColumnState({state: [{colId: 'grok_end', sort: 'asc'}], "
        "defaultState: {sort: null}})"
    )
    for what, action in (
        ("search", "api.setGridOption('quickFilterText', 'subtract')"),
        ("search undone", "api.setGridOption('quickFilterText', '')"),
        ("filter", set_filter),
        ("filter undone", "api.setFilterModel(null)"),
        ("sort", set_sort),
    ):
        say(f"{what}, drawn", drawn_after(driver, action))
    heap = driver.execute_script("return performance.memory.usedJSHeapSize") / 1e6
    table.add("memory of the browser", round(heap), "MB")


def _wait_for_rows(driver: webdriver.Chrome, count: int) -> None:
    grid = "window.dash_ag_grid?.getApi('runs-grid')"
    drawn = "document.querySelector('.ag-center-cols-container [role=row]')"
    wait(driver, f"{drawn} && {grid}?.getDisplayedRowCount() >= {count}")


def measure(count: int, place: Path) -> Table:
    """Measure a store of so many runs, which is made unless it is there already."""
    table, store = Table(count), place / f"store-{count}"
    cache = place / f"cache-{count}"
    os.environ["GROKDASH_CACHE"] = str(cache)  # of the server as well
    if not store.is_dir():
        store.mkdir(parents=True)
        seconds, _ = timed(lambda: make_store(store, count))
        print(f"{count:,} runs, made in {seconds:.0f} s")
    run_id = measure_catalogue(table, store, cache)
    port = free_port()
    server, started = start_server(str(store), port, "/assets/favicon.svg")
    table.say("start of a server", started)
    driver = open_browser()
    try:
        address = f"http://127.0.0.1:{port}"
        measure_server(table, address, run_id, server.pid)
        measure_browser(table, driver, address)
    finally:
        driver.quit()
        server.terminate()
        server.wait()
    return table


def rows(*, quick: bool) -> list[tuple[str, float, str, float | None]]:
    """Give what was measured for the table of all benchmarks."""
    with tempfile.TemporaryDirectory() as folder:
        return measure(1000 if quick else 10_000, Path(folder)).rows


def main() -> None:
    reader = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    reader.add_argument("runs", type=int, nargs="*", default=[1000, 10_000])
    reader.add_argument("--keep", type=Path, help="folder for stores to use again")
    asked = reader.parse_args()
    for count in asked.runs:
        with tempfile.TemporaryDirectory() as folder:
            measure(count, asked.keep or Path(folder))


if __name__ == "__main__":
    main()
