"""Dask beyond one computer: a scheduler and workers that are processes of their own.

They run on loopback, are started here and ended by their process ids.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from types import SimpleNamespace

import pytest

from grokdash import cli
from grokdash.errors import ConfigError, EngineLostError
from grokdash.store import open_store
from grokdash.sweeps import cluster, queues, remote
from grokdash.sweeps.cluster import DaskEngine
from grokdash.sweeps.drive import make_engine, run_sweep
from grokdash.sweeps.plan import read_sweep

pytest.importorskip("distributed", reason="needs grokdash[cluster]")
pytest.importorskip("dask_jobqueue", reason="needs grokdash[cluster]")
pytestmark = pytest.mark.slow

TEXT = """
preset = "quick"
seeds = [0]
[fields]
p = 7
epochs = {epochs}
d_model = 8
d_mlp = 8
checkpoint_every = 10
dense_until = 0
[grid]
weight_decay = [0.5, 1.0]
"""
ENDLESS = 1_000_000


def make_sweep(folder, epochs):
    path = folder / "far.toml"
    path.write_text(TEXT.format(epochs=epochs))
    return read_sweep(path)


class Site:
    """A scheduler and the workers that a test adds to it."""

    def __init__(self, folder):
        self.folder = folder
        self.file = folder / "scheduler.json"
        self.workers = []
        self.scheduler = self._start(
            "dask_scheduler", "--host", "127.0.0.1", "--port", "0"
        )
        self._wait(self.file.exists)
        self.address = json.loads(self.file.read_text())["address"]

    def _start(self, what, *options):
        return subprocess.Popen(
            [
                *(sys.executable, "-m", f"distributed.cli.{what}", "--no-dashboard"),
                *("--scheduler-file", self.file, *options),
            ],
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def _wait(self, ready):
        deadline = time.monotonic() + 120
        while not ready():
            assert time.monotonic() < deadline
            time.sleep(0.05)

    def add_worker(self, *options):
        one_thread = ("--nthreads", "1", "--no-nanny", *options)
        self.workers.append(self._start("dask_worker", *one_thread))

    def end_workers(self):
        for worker in self.workers:
            with contextlib.suppress(ProcessLookupError):
                worker.kill()
            worker.wait()
        self.workers.clear()

    def end(self):
        self.end_workers()
        self.scheduler.kill()
        self.scheduler.wait()


@pytest.fixture(scope="module")
def running_site(tmp_path_factory):
    site = Site(tmp_path_factory.mktemp("site"))
    yield site
    site.end()


@pytest.fixture
def site(running_site):
    yield running_site
    running_site.end_workers()


def has_checkpoints(store):
    return any(store.glob("*/checkpoints/step-00000010.h5"))


def when(condition, act):
    """Do something in a thread once a condition holds."""

    def wait():
        deadline = time.monotonic() + 120
        while not condition():
            if time.monotonic() > deadline:
                return
            time.sleep(0.02)
        act()

    thread = threading.Thread(target=wait, daemon=True)
    thread.start()
    return thread


def drive(sweep, store, engine):
    events = []
    counts = run_sweep(sweep, store, engine, events.append)
    return SimpleNamespace(counts=counts, events=events)


def kinds(done):
    return [event.kind for event in done.events]


def test_lost_worker_of_a_scheduler_costs_no_run(site, tmp_path):
    sweep = make_sweep(tmp_path, 150)
    store = tmp_path / "store"
    site.add_worker()
    site.add_worker()

    def kill():
        first = next(store.glob("*/checkpoints/step-00000010.h5")).parents[1].name
        os.kill(open_store(store).run(first).status.pid, signal.SIGKILL)

    when(lambda: has_checkpoints(store), kill)

    done = drive(sweep, store, DaskEngine(address=site.address))

    assert [one.poll() for one in site.workers].count(-signal.SIGKILL) == 1
    assert done.counts.finished == 2
    assert kinds(done).count("started") == 2
    assert [e.reason for e in done.events if e.kind == "lost"]


def test_sweep_on_a_scheduler_is_cancelled_from_another_process(site, tmp_path):
    sweep = make_sweep(tmp_path, ENDLESS)
    store = tmp_path / "store"
    site.add_worker()
    cancelled = []

    def cancel():
        command = ["sweep", "cancel", sweep.id, "--store", store]
        cancelled.append(
            subprocess.run(
                [sys.executable, "-m", "grokdash", *command],
                capture_output=True,
                text=True,
                check=False,
            )
        )

    thread = when(lambda: has_checkpoints(store), cancel)

    done = drive(sweep, store, DaskEngine(address=site.address))

    thread.join()
    assert f"process {os.getpid()} on" in cancelled[0].stdout
    assert sorted(kinds(done)) == ["started", "stopped"]
    assert done.counts.interrupted == done.counts.waiting == 1
    (run_id,) = open_store(store).run_ids()
    assert "stopped at epoch" in open_store(store).run(run_id).status.message


def test_scheduler_lost_in_the_middle_leaves_checkpoints_to_go_on_from(tmp_path):
    sweep = make_sweep(tmp_path, ENDLESS)
    store = tmp_path / "store"
    site = Site(tmp_path)
    try:
        site.add_worker()
        when(lambda: has_checkpoints(store), site.scheduler.kill)
        with pytest.raises(EngineLostError, match=r"is gone; 2 runs.*sweep resume"):
            drive(sweep, store, DaskEngine(address=site.address))

        # Its worker is told to stop, for nobody would hear of the end of its run.
        (run_id,) = open_store(store).run_ids()
        run = open_store(store).run(run_id)

        def stopped():
            run.refresh()
            return run.status.state == "interrupted"

        site._wait(stopped)
        assert "stopped at epoch" in run.status.message
        assert run.steps[-1] > 0
    finally:
        site.end()


def test_worker_without_grokdash_fails_the_run_with_advice(site, tmp_path):
    hide = tmp_path / "hide.py"
    hide.write_text("import sys\nsys.modules['grokdash'] = None\n")
    sweep = make_sweep(tmp_path, 20)
    site.add_worker("--preload", str(hide))

    done = drive(sweep, tmp_path / "store", DaskEngine(address=site.address))

    assert kinds(done) == ["failed", "failed"]
    assert "install the same version" in done.events[0].reason
    assert done.counts.failed == 2


def test_worker_of_another_version_or_without_the_folder_says_so(tmp_path):
    signs = {
        "version": "0.0.1",
        "topic": "t",
        "marker": str(tmp_path / "not there"),
        "stop": str(tmp_path / "stop"),
    }

    values = [make_sweep(tmp_path, 20).configs[0].model_dump()]
    (event,) = remote.train_there(signs, values, str(tmp_path), 1)
    assert event.kind == "failed"
    assert "the driver 0.0.1: install one version" in event.reason

    same = signs | {"version": remote.grokdash_version()}
    (event,) = remote.train_there(same, values, str(tmp_path), 1)
    assert event.kind == "failed"
    assert "mount the shared folder" in event.reason


def test_unreachable_scheduler_ends_with_code_2_and_starts_nothing(
    tmp_path, monkeypatch, capsys
):
    make_sweep(tmp_path, 20)
    store = tmp_path / "store"
    options = ["--engine", "dask", "--address", "tcp://127.0.0.1:9"]
    words = ["sweep", "run", str(tmp_path / "far.toml"), "--store", str(store)]
    monkeypatch.setattr(sys, "argv", ["grokdash", *words, *options])
    monkeypatch.setattr(cli, "_prefer_few_threads", lambda: None)
    monkeypatch.setattr(cluster, "CONNECT_S", 0.5)

    with pytest.raises(SystemExit) as ended:
        cli.main()

    told = capsys.readouterr().err
    assert ended.value.code == 2
    assert "no dask scheduler answers at tcp://127.0.0.1:9" in told
    assert 'the engine "local"' in told
    assert not store.exists()


SLURM = {
    "kind": "slurm",
    "workers": 3,
    "threads": 2,
    "options": {
        "queue": "gpu",
        "account": "grok",
        "walltime": "02:00:00",
        "memory": "6 GiB",
        "interface": "lo",
        "job_extra_directives": ["--gres=gpu:1"],
        "job_script_prologue": ["module load python"],
    },
}


def test_job_script_of_slurm_follows_from_the_sweep_file(monkeypatch):
    monkeypatch.setattr(queues.shutil, "which", lambda name: f"/usr/bin/{name}")
    engine = make_engine(SLURM)
    engine.check()

    with queues.queue_cluster("slurm", 2, SLURM["options"]) as made:
        script = made.job_script()

    for line in (
        "#SBATCH -p gpu",
        "#SBATCH -A grok",
        "#SBATCH -t 02:00:00",
        "#SBATCH --mem=6G",
        "#SBATCH --cpus-per-task=2",
        "#SBATCH --gres=gpu:1",
        "module load python",
    ):
        assert line in script.splitlines()
    worker = script.splitlines()[-1].split()
    assert worker[-4:] == ["--nthreads", "1", "--interface", "lo"]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"kind": "slurm", "options": {"quue": "a"}},
            r"unknown option 'quue' of SLURM.*queue",
        ),
        ({"kind": "dask", "options": {"n_wrokers": 2}}, r"'n_wrokers' of LocalCluster"),
        ({"kind": "slrum"}, r"unknown engine 'slrum'; expected local, dask.*slurm"),
    ],
)
def test_unknown_option_of_a_cluster_is_told_before_anything_starts(settings, message):
    with pytest.raises(ConfigError, match=message):
        make_engine(settings).check()


def test_missing_package_or_command_says_what_to_do(monkeypatch):
    monkeypatch.setattr(queues.shutil, "which", lambda name: None)
    with pytest.raises(ConfigError, match=r"needs the command sbatch.*login node"):
        make_engine({"kind": "slurm"}).check()

    monkeypatch.setitem(sys.modules, "dask_jobqueue", None)
    with pytest.raises(ConfigError, match=r"dask-jobqueue.*pip install distributed"):
        make_engine({"kind": "slurm"}).check()

    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ConfigError, match=r"distributed.*pip install distributed"):
        make_engine({"kind": "dask"}).check()


@pytest.mark.skipif(
    "GROKDASH_TEST_QUEUE" not in os.environ,
    reason="submits jobs: set GROKDASH_TEST_QUEUE=slurm where there is a queue",
)
def test_killed_job_of_a_real_queue_costs_no_run(tmp_path):
    """On one computer; see docs/cluster.md for a SLURM that is enough."""
    sweep = make_sweep(tmp_path, 2000)
    store = tmp_path / "store"
    prologue = f"export OMP_NUM_THREADS=1 PYTHONPATH={os.environ.get('PYTHONPATH', '')}"
    settings = {
        "kind": os.environ["GROKDASH_TEST_QUEUE"],
        "workers": 2,
        "options": {
            "memory": "1 GiB",
            "interface": "lo",
            "job_script_prologue": [prologue],
            "log_directory": str(tmp_path),
        },
    }

    def kill():
        first = next(store.glob("*/checkpoints/step-00000010.h5")).parents[1].name
        os.kill(open_store(store).run(first).status.pid, signal.SIGKILL)

    when(lambda: has_checkpoints(store), kill)

    done = drive(sweep, store, make_engine(settings))

    assert done.counts.finished == 2
    assert "lost" in kinds(done)
