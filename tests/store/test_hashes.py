"""Zeros where there were numbers pass fletcher32; the hashes notice them."""

import json
import shutil

import h5py
import numpy as np
import pytest

from grokdash.errors import DamagedFileError, GrokdashError
from grokdash.store import CheckpointData, RunWriter, open_store, pack_run
from grokdash.store.pool import FilePool
from grokdash.store.safety import SafeFile
from grokdash.store.schema import param_shapes
from grokdash.store.verify import verify_run

RUN_KINDS = {"checkpoints": "checkpoint", "state": "state", "grids": "grids"}
BLOCK = 512


def kind_of(path):
    return RUN_KINDS.get(path.parent.name, "run")


def arrays(path, expected):
    """Read every array of a file as bytes; None in place of one that is refused."""
    file = SafeFile(path, path.parent, kind_of(path), expected)
    found = {}
    for name in file.hashes.names:
        try:
            found[name] = file.read(name).tobytes()
        except DamagedFileError:
            found[name] = None
    file.close()
    return found


def zero(path, start, stop):
    data = bytearray(path.read_bytes())
    data[start:stop] = bytes(len(data[start:stop]))
    path.write_bytes(data)


@pytest.fixture(params=["checkpoints", "state", "grids", "packed"])
def file(request, run_folder):
    if request.param == "packed":
        return pack_run(run_folder)
    return max((run_folder / request.param).iterdir())


def test_a_list_of_hashes_that_does_not_decode_is_damage(file, run_folder):
    """HDF5 says so in words of its own, to whoever asks for the list first."""
    with h5py.File(file) as opened:
        place = opened["hashes"].id.get_chunk_info(0)
    data = bytearray(file.read_bytes())
    data[place.byte_offset] ^= 1
    file.write_bytes(data)

    def read(run):
        step = int(run.steps[-1])
        assert run.measure_names
        reads = {
            "state": lambda: run.state(step),
            "grids": lambda: run.grid("neurons", step),
        }
        reads.get(file.parent.name, lambda: run.params(step))()

    with (
        pytest.raises(DamagedFileError, match=file.name),
        open_store(run_folder.parent).run(run_folder.name) as run,
    ):
        read(run)
    found = verify_run(run_folder, FilePool(run_folder.parent))
    assert any(file.name in one for one in found.damage)


def test_zeros_anywhere_are_refused(file, run_folder, tmp_path):
    with open_store(run_folder.parent).run(run_folder.name) as run:
        expected = run.expected
    whole = arrays(file, expected)
    assert None not in whole.values()
    refused = 0
    size = file.stat().st_size
    for start in range(0, size, max(BLOCK, size // 60)):
        copy = tmp_path / file.parent.name / file.name
        copy.parent.mkdir(exist_ok=True)
        shutil.copy(file, copy)
        zero(copy, start, start + 4096)
        try:
            found = arrays(copy, expected)
        except GrokdashError:
            refused += 1
            continue
        refused += sum(one is None for one in found.values())
        wrong = [name for name, one in found.items() if one not in (None, whole[name])]
        assert not wrong
    assert refused


def test_a_parameter_that_reads_as_zeros_is_refused_and_no_other(run_folder):
    packed = pack_run(run_folder)
    with h5py.File(packed, locking=False) as file:
        info = file["params/W_E"].id.get_chunk_info_by_coord((2, 0, 0))
    zero(packed, info.byte_offset, info.byte_offset + info.size)
    with h5py.File(packed, locking=False) as file:
        assert not file["params/W_E"][2].any(), "fletcher32 lets zeros pass"
    with open_store(run_folder.parent).run(run_folder.name) as run:
        with pytest.raises(DamagedFileError, match=r"params/W_E: row 2: is not what"):
            run.param("W_E", 20)
        assert run.param("W_E", 10).any()
        assert run.param("W_pos", 20).any()


def test_zeros_over_all_the_hashes_are_noticed(run_folder):
    packed = pack_run(run_folder)
    with h5py.File(packed, locking=False) as file:
        info = file["hashes"].id.get_chunk_info(0)
    zero(packed, info.byte_offset, info.byte_offset + info.size)
    with pytest.raises(DamagedFileError, match="list of hashes"):
        open_store(run_folder.parent).run(run_folder.name)


def test_numbers_that_are_zero_are_not_damage(tmp_path, tiny_config):
    config = tiny_config()
    params = {k: np.zeros(v, "f4") for k, v in param_shapes(config).items()}
    with RunWriter.create(tmp_path, config) as writer:
        writer.commit(CheckpointData(step=0, params=params))
        writer.finish()
    for _ in range(2):
        with open_store(tmp_path).run(config.run_id()) as run:
            assert not run.param("W_E", 0).any()
        pack_run(tmp_path / config.run_id())


def forge(path, **changes):
    with h5py.File(path, "r+", locking=False) as file:
        meta = json.loads(file.attrs["meta"]) | changes
        del file.attrs["meta"]
        file.attrs.create("meta", np.bytes_(json.dumps(meta)))
        return meta


@pytest.mark.parametrize(
    "lost", [None, [], {}, {"of": {}, "sha256": ""}, {"of": {"params/W_E": -1}}]
)
def test_a_file_that_should_have_hashes_needs_them(run_folder, lost):
    forge(run_folder / "checkpoints/step-00000020.h5", hashes=lost)
    with open_store(run_folder.parent).run(run_folder.name) as run:
        with pytest.raises(DamagedFileError, match="hashes"):
            run.param("W_E", 20)
        assert run.param("W_E", 10).any()


def test_a_file_from_before_has_none_and_opens(run_folder, same):
    packed = pack_run(run_folder)
    forge(packed, hashes=None, format=[1, 0])
    with h5py.File(packed, "r+", locking=False) as file:
        del file["hashes"]
    with open_store(run_folder.parent).run(run_folder.name) as run:
        same(run)


def test_pack_refuses_a_piece_of_zeros(run_folder):
    piece = run_folder / "checkpoints/step-00000020.h5"
    with h5py.File(piece, locking=False) as file:
        info = file["params/W_E"].id.get_chunk_info(0)
    zero(piece, info.byte_offset, info.byte_offset + info.size)
    with pytest.raises(DamagedFileError, match="params/W_E"):
        pack_run(run_folder)
    assert not (run_folder / "run.h5").exists()


def test_resume_goes_back_past_a_state_of_zeros(run_folder):
    newest = run_folder / "state/step-00000040.h5"
    with h5py.File(newest, locking=False) as file:
        info = file["optimizer/W_E.exp_avg"].id.get_chunk_info(0)
    zero(newest, info.byte_offset, info.byte_offset + info.size)
    with RunWriter.resume(run_folder.parent, run_folder.name) as writer:
        found = writer.latest()
    assert found is not None
    assert found.step == 30
