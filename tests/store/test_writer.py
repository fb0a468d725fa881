"""Who may write, what is refused, and what a resumed run starts from."""

import json
import os
import subprocess
import sys
import threading
from dataclasses import replace

import numpy as np
import pytest

from grokdash.errors import NotStoredError, RunLockedError, StoreError
from grokdash.store import CheckpointData, RunWriter, files, open_store, pack_run
from grokdash.store.lock import RunLock
from grokdash.store.record import observed
from grokdash.store.schema import KEPT_STATES


def test_existing_run_is_never_overwritten(run_folder, config):
    before = {p: p.read_bytes() for p in run_folder.rglob("*") if p.is_file()}

    with pytest.raises(StoreError, match="never overwritten"):
        RunWriter.create(run_folder.parent, config)

    unlocked = {
        p: d for p, d in before.items() if not p.name.startswith(("lock", "lease"))
    }
    assert all(path.read_bytes() == data for path, data in unlocked.items())


def test_second_writer_is_refused_and_told_who_holds_it(tmp_path, config):
    with RunWriter.create(tmp_path, config) as writer:
        with pytest.raises(RunLockedError, match=f"process {os.getpid()} on"):
            RunWriter.resume(tmp_path, writer.id)
        with pytest.raises(RunLockedError):
            pack_run(writer.path)
        with pytest.raises(RunLockedError):
            open_store(tmp_path).delete_run(writer.id)
        assert writer.path.exists()


def test_lock_of_a_dead_process_is_free(run_folder):
    code = (
        "import sys, os; from pathlib import Path\n"
        "from grokdash.store.lock import RunLock\n"
        "lock = RunLock(Path(sys.argv[1])); os.kill(os.getpid(), 9)"
    )
    ended = subprocess.run([sys.executable, "-c", code, run_folder], check=False)
    assert ended.returncode == -9

    RunLock(run_folder).close()


def test_racing_publishers_never_overwrite(tmp_path):
    path = tmp_path / "target"
    won, lost = [], []
    start = threading.Barrier(8)

    def race(number):
        start.wait()
        try:
            files.publish(path, bytes([number]) * 4096)
            won.append(number)
        except FileExistsError:
            lost.append(number)

    threads = [threading.Thread(target=race, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(won) == 1
    assert len(lost) == 7
    assert path.read_bytes() == bytes(won) * 4096
    assert list(tmp_path.iterdir()) == [path]


def test_without_links_publishing_is_still_exclusive(tmp_path, monkeypatch):
    def no_links(*args, **kwargs):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", no_links)
    path = tmp_path / "target"

    files.publish(path, b"first")
    with pytest.raises(FileExistsError):
        files.publish(path, b"second")

    assert path.read_bytes() == b"first"
    assert list(tmp_path.iterdir()) == [path]


def test_resume_gives_back_the_newest_checkpoint_bit_for_bit(run_folder, checkpoint):
    expected = checkpoint(40)

    with RunWriter.resume(run_folder.parent, run_folder.name) as writer:
        found = writer.latest()

    assert found is not None
    assert found.step == 40
    for group in ("params", "optimizer", "rng"):
        arrays = getattr(found, group)
        assert arrays.keys() == getattr(expected, group).keys()
        for name, values in getattr(expected, group).items():
            assert arrays[name].dtype == values.dtype
            np.testing.assert_array_equal(arrays[name], values)


def test_only_the_newest_states_are_kept(run_folder):
    names = sorted(path.name for path in (run_folder / "state").iterdir())

    assert names == [f"step-{step:08d}.h5" for step in (20, 30, 40)]
    assert len(names) == KEPT_STATES


@pytest.mark.parametrize("folder", ["state", "checkpoints"])
def test_resume_steps_back_over_a_damaged_file(run_folder, folder, checkpoint, same):
    path = run_folder / folder / "step-00000040.h5"
    path.write_bytes(path.read_bytes()[:-1000])

    with RunWriter.resume(run_folder.parent, run_folder.name) as writer:
        found = writer.latest()
        assert found is not None
        assert found.step == 30
        writer.commit(checkpoint(40))
        writer.finish()
    with open_store(run_folder.parent).run(run_folder.name) as run:
        same(run)


def test_state_whose_checkpoint_never_came_is_not_resumed_from(run_folder):
    (run_folder / "checkpoints" / "step-00000040.h5").unlink()

    with RunWriter.resume(run_folder.parent, run_folder.name) as writer:
        found = writer.latest()

    assert found is not None
    assert found.step == 30
    assert not (run_folder / "state" / "step-00000040.h5").exists()


def test_repeating_a_committed_step_is_success_and_rewriting_it_an_error(
    run_folder, checkpoint
):
    path = run_folder / "checkpoints" / "step-00000040.h5"
    before = path.read_bytes()
    again = checkpoint(40)
    other = replace(again, params={k: v + 1 for k, v in again.params.items()})

    def repeat(data):
        with RunWriter.resume(run_folder.parent, run_folder.name) as writer:
            writer.commit(data)

    repeat(again)
    with pytest.raises(StoreError, match="committed already with other weights"):
        repeat(other)

    assert path.read_bytes() == before


def test_packed_run_is_continued_and_packed_again(
    tmp_path, tiny_config, write_run, checkpoint, same
):
    config = tiny_config(seed=3)
    folder = write_run(tmp_path, config, steps=(0, 10, 20))
    with RunWriter.resume(tmp_path, folder.name) as writer:
        writer.pack()
        found = writer.latest()
        assert found is not None
        assert found.step == 20
        for step in (20, 30, 40):
            writer.commit(checkpoint(step))
        writer.finish()
        assert not (folder / "checkpoints" / "step-00000020.h5").exists()
        run = open_store(tmp_path).run(folder.name)
        same(run)
        writer.pack(key_frequencies=(1, 3))

    run.refresh()
    same(run)
    assert run.key_frequencies == (1, 3)
    assert not list((folder / "checkpoints").iterdir())
    (state,) = (folder / "state").iterdir()  # to extend the run from
    assert state.name == "step-00000040.h5"


def test_leftovers_of_a_killed_writer_are_removed(run_folder):
    leftover = run_folder / "checkpoints" / ".tmp-1-0-step-00000050.h5"
    leftover.write_bytes(b"half")

    RunWriter.resume(run_folder.parent, run_folder.name).close()

    assert not leftover.exists()


def test_wrong_arrays_are_refused_with_names(tmp_path, config, checkpoint):
    data = checkpoint(0)
    with RunWriter.create(tmp_path, config) as writer:
        with pytest.raises(StoreError, match=r"W_E.*\(8, 8\).*\(3,\)"):
            writer.commit(replace(data, params=data.params | {"W_E": np.zeros(3)}))
        with pytest.raises(StoreError, match="W_U are missing"):
            writer.commit(
                replace(
                    data, params={k: v for k, v in data.params.items() if k != "W_U"}
                )
            )
        with pytest.raises(StoreError, match="not a plain name"):
            writer.commit(replace(data, measures={"../x": np.zeros(1)}))
        with pytest.raises(StoreError, match="expected numbers"):
            writer.commit(replace(data, rng={"x": np.array(["a"])}))
        with pytest.raises(StoreError, match="one length"):
            writer.commit(replace(data, scalars={"a": np.zeros(1), "b": np.zeros(2)}))
        with pytest.raises(StoreError, match="unknown name"):
            writer.commit_grids(0, {"nothing": np.zeros((7, 7))})


def test_commit_copies_what_the_trainer_goes_on_changing(tmp_path, config, checkpoint):
    data = checkpoint(0)
    expected = data.params["W_E"].copy()
    with RunWriter.create(tmp_path, config) as writer:
        writer.commit(data)
        data.params["W_E"][:] = 7
        writer.finish()

    run = open_store(tmp_path).run(config.run_id())

    np.testing.assert_array_equal(run.param("W_E", 0), expected)


def test_resume_of_nothing_says_so(tmp_path):
    for name in ("nothing", "../x", "", "a" * 500):
        with pytest.raises(NotStoredError):
            RunWriter.resume(tmp_path, name)


def test_run_left_without_finish_is_interrupted(tmp_path, config, checkpoint):
    def stopped():
        with RunWriter.create(tmp_path, config) as writer:
            writer.commit(checkpoint(0))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stopped()

    run = open_store(tmp_path).run(config.run_id())
    assert run.status.state == "interrupted"
    assert run.steps.tolist() == [0]


def test_status_of_a_running_process_is_believed_until_it_falls_silent(
    tmp_path, config
):
    with RunWriter.create(tmp_path, config) as writer:
        writer.set_status(step=3, eta_s=2.5, summary={"test_loss": 0.5})
        status = open_store(tmp_path).run(writer.id).status
        assert (status.state, status.step, status.eta_s) == ("running", 3, 2.5)
        assert status.epochs == config.epochs
        silent = replace(status, heartbeat=status.heartbeat - 1000)
        late = observed(silent, tmp_path)
        assert late.state == "interrupted"
        assert "no sign of life" in late.message
        dead = observed(replace(status, pid=2**22 + 1), tmp_path)
        assert dead.state == "interrupted"


def test_status_counts_the_commits(tmp_path, config, checkpoint):
    with RunWriter.create(tmp_path, config) as writer:
        writer.commit(checkpoint(10))
        writer.finish("diverged", "the loss is NaN at epoch 10")

    text = json.loads((writer.path / "status.json").read_text())
    assert text["step"] == 10
    assert text["state"] == "diverged"


def test_checkpoint_of_parameters_alone_is_enough(tmp_path, config, checkpoint):
    with RunWriter.create(tmp_path, config) as writer:
        writer.commit(CheckpointData(0, checkpoint(0).params))
        found = writer.latest()

    assert found is not None
    assert found.optimizer == {}
