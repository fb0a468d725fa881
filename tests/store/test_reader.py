"""What is written is what is read, from pieces and from the packed file."""

import json
import tempfile
from pathlib import Path

import h5py
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from grokdash.errors import DamagedFileError, FormatVersionError, NotStoredError
from grokdash.store import CheckpointData, RunWriter, open_store, pack_run
from grokdash.store.image import checkpoint_image, state_image
from grokdash.store.pool import FilePool
from grokdash.store.schema import param_shapes, row_chunks


@pytest.fixture(params=["pieces", "packed", "both"], scope="module")
def run(request, tmp_path_factory, tiny_config, write_run):
    folder = write_run(tmp_path_factory.mktemp("store"), tiny_config())
    if request.param != "pieces":
        saved = {path: path.read_bytes() for path in folder.glob("checkpoints/*20.h5")}
        pack_run(folder)
        if request.param == "both":
            for path, data in saved.items():
                path.write_bytes(data)
    with open_store(folder.parent).run(folder.name) as found:
        yield found


def test_every_number_reads_back(run, same):
    same(run)


def test_series_has_a_row_per_checkpoint(run):
    expected = [1 / (step + 1) for step in run.steps.tolist()]

    np.testing.assert_array_equal(run.series("loss/train"), expected)
    assert run.series("neuron/freq").dtype == np.int32
    assert run.series("logits/M").shape == (5, 50, 50)
    np.testing.assert_array_equal(run.series("loss/train", [40, 0]), [1 / 41, 1])


def test_grids_read_back_in_half_precision_and_losses_in_single(run, grids):
    for name, values in grids(40).items():
        stored = run.grid(name, 40)
        assert stored is not None
        assert stored.dtype == np.float32
        expected = values if name == "loss" else values.astype("f2")
        np.testing.assert_array_equal(stored, expected)
    np.testing.assert_array_equal(
        run.grid("attention", 40, (1, 2)), grids(40)["attention"][1, 2].astype("f2")
    )
    assert run.grid("neurons", 10, 0) is None
    assert run.grid_steps.tolist() == [0, 40]


def test_missing_step_names_the_nearest(run):
    with pytest.raises(NotStoredError, match=r"epoch 14 is not stored.*10, 20"):
        run.param("W_E", 14)
    with pytest.raises(NotStoredError, match="epoch 14 is not stored"):
        run.series("loss/train", [14])
    assert run.nearest_step(14) == 10


def test_unknown_names_say_what_there_is(run):
    with pytest.raises(NotStoredError, match="W_pos"):
        run.param("W_X", 0)
    with pytest.raises(NotStoredError, match="loss/train"):
        run.series("loss/nothing")
    with pytest.raises(NotStoredError, match="neurons"):
        run.grid("nothing", 0)
    with pytest.raises(NotStoredError, match="nothing"):
        run.scalars("nothing")


def test_fingerprint_stays_while_the_run_grows(tmp_path, config, checkpoint):
    with RunWriter.create(tmp_path, config) as writer:
        writer.commit(checkpoint(0))
        writer.flush()
        run = open_store(tmp_path).run(writer.id)
        before = run.fingerprint
        writer.commit(checkpoint(10))
        writer.flush()

        assert run.refresh()
        assert run.steps.tolist() == [0, 10]
        assert run.fingerprint == before
        assert not run.refresh()


def test_checkpoint_without_a_measure_is_a_nan_row(tmp_path, config, checkpoint):
    with RunWriter.create(tmp_path, config) as writer:
        first = checkpoint(0)
        writer.commit(CheckpointData(step=0, params=first.params))
        writer.commit(checkpoint(10))
        writer.finish()
    folder = tmp_path / config.run_id()
    run = open_store(tmp_path).run(config.run_id())
    for _ in range(2):
        assert np.isnan(run.series("loss/train")).tolist() == [True, False]
        assert np.isnan(run.series("neuron/freq")[0]).all()
        pack_run(folder)
        run.refresh()


def test_tiny_losses_are_not_rounded_to_zero(tmp_path, config, checkpoint):
    data = checkpoint(0)
    data.measures["frame/loss"] = np.full((49, 49), 1e-12, dtype=np.float32)
    with RunWriter.create(tmp_path, config) as writer:
        writer.commit(data)
        writer.finish()

    run = open_store(tmp_path).run(config.run_id())

    assert (run.measure("frame/loss", 0) == np.float32(1e-12)).all()


def test_frame_that_would_overflow_is_kept_as_float32(tmp_path, config, checkpoint):
    name = "correct_logit"
    grid = {name: np.full((7, 7), 1e5, dtype=np.float32)}
    with RunWriter.create(tmp_path, config) as writer:
        for step in (0, 10):
            writer.commit(checkpoint(step))
        writer.commit_grids(0, {name: np.ones((7, 7), dtype=np.float32)})
        writer.commit_grids(10, grid)
        writer.finish()
    run = open_store(tmp_path).run(config.run_id())
    for _ in range(2):
        assert (run.grid(name, 10) == 1e5).all()
        assert (run.grid(name, 0) == 1).all()
        packed = pack_run(run.path)
        run.refresh()
    with h5py.File(packed, locking=False) as file:
        assert f"grids/{name}" in json.loads(file.attrs["meta"])["float32"]


def test_small_packed_series_are_few_chunks_and_pictures_one_each(run_folder):
    with h5py.File(pack_run(run_folder)) as file:
        assert file["measures/loss/train"].chunks == (5,)
        assert file["measures/frame/loss"].chunks == (1, 49, 49)
        assert file["measures/frame/correct_logit"].dtype == np.float16
        assert file["measures/frame/loss"].dtype == np.float32
        assert file["grids/neurons"].chunks == (1, 1, 7, 7)
        assert file["params/W_E"].chunks == (1, 8, 8)
        assert all(
            file[name].fletcher32
            for name in ("step", "params/W_E", "grids/neurons", "steps/train_loss")
        )


def test_row_too_large_for_one_chunk_is_cut():
    assert np.prod(row_chunks((1, 8192, 2048), 8)) * 8 <= 2**26


numbers = hnp.arrays(
    dtype=st.sampled_from(["f4", "f8", "i4", "i8", "u1"]),
    shape=hnp.array_shapes(min_dims=0, max_dims=3, max_side=4),
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    arrays=st.dictionaries(
        st.from_regex(r"[a-z]{1,5}/[a-z0-9_]{1,5}", fullmatch=True), numbers, max_size=5
    )
)
def test_any_numbers_survive_the_files(config, arrays):
    params = {n: np.zeros(s, "f4") for n, s in param_shapes(config).items()}
    measures = {
        n: v for n, v in arrays.items() if v.dtype.itemsize < 8 or "f" in v.dtype.str
    }
    with tempfile.TemporaryDirectory() as folder:
        with RunWriter.create(folder, config) as writer:
            writer.commit(
                CheckpointData(
                    step=0, params=params, optimizer=arrays, measures=measures
                )
            )
            writer.finish()
        with open_store(folder).run(config.run_id()) as run:
            state = run.state(0)["optimizer"]
            assert state.keys() == arrays.keys()
            for name, values in arrays.items():
                np.testing.assert_array_equal(state[name], values)
                assert state[name].dtype == values.dtype
                assert state[name].shape == values.shape
            for name, values in measures.items():
                np.testing.assert_array_equal(run.measure(name, 0), values)


def test_newer_format_is_refused_by_name(run_folder):
    path = run_folder / "run.json"
    values = json.loads(path.read_text())
    path.write_text(json.dumps(values | {"format": [2, 0]}))

    with pytest.raises(FormatVersionError, match=r"format 2\.0.*reads up to 1\.x"):
        open_store(run_folder.parent).run(run_folder.name)


def test_newer_minor_format_is_read(run_folder):
    path = run_folder / "run.json"
    text = path.read_text()
    values = json.loads(text) | {"format": [1, 7], "something": "new"}
    path.write_text(json.dumps(values))

    assert open_store(run_folder.parent).run(run_folder.name).config.p == 7


def test_a_piece_of_another_run_is_refused(
    tmp_path, run_folder, tiny_config, write_run
):
    other = write_run(tmp_path / "store", tiny_config(seed=1))
    name = "checkpoints/step-00000020.h5"
    (run_folder / name).write_bytes((other / name).read_bytes())

    with pytest.raises(DamagedFileError, match="does not belong here"):
        open_store(run_folder.parent).run(run_folder.name).param("W_E", 20)


def test_a_piece_under_another_step_is_refused(run_folder):
    place = run_folder / "checkpoints"
    (place / "step-00000020.h5").write_bytes((place / "step-00000010.h5").read_bytes())

    with pytest.raises(DamagedFileError, match="holds epoch 10"):
        open_store(run_folder.parent).run(run_folder.name).param("W_E", 20)


def test_reader_finds_what_was_packed_after_its_listing(run_folder, same):
    run = open_store(run_folder.parent).run(run_folder.name)
    pack_run(run_folder)

    same(run)


def test_packed_file_is_laid_out_for_reading_parts_of_it(run_folder, tiny_config):
    with h5py.File(pack_run(run_folder), "r") as file:
        head = json.loads(bytes(file.attrs["meta"]))["head"]
        small = ("step", "grids/step", "steps/train_loss", "measures/loss/train")
        places = [file[name].id.get_chunk_info(0) for name in small]
        assert all(one.byte_offset + one.size <= head for one in places)

        names = [f"params/{name}" for name in param_shapes(tiny_config())]
        names += ["measures/logits/M", "measures/frame/loss"]
        end = head
        for row in range(len(file["step"])):
            chunks = [file[name].id.get_chunk_info(row) for name in names]
            assert min(one.byte_offset for one in chunks) >= end
            end = max(one.byte_offset + one.size for one in chunks)


def test_pool_keeps_few_files_open(run_folder):
    pool = FilePool(run_folder.parent, limit=2)
    from grokdash.store import Run

    with Run(run_folder, pool) as run:
        for step in run.steps.tolist():
            run.param("W_E", step)
        assert len(pool._files) == 2


def test_images_do_not_depend_on_the_time(config, checkpoint):
    data = checkpoint(10)

    assert checkpoint_image(data, "x") == checkpoint_image(data, "x")
    assert state_image(data, "x") == state_image(data, "x")


def test_run_json_says_where_the_store_is_only_by_its_name(run_folder):
    assert str(Path(run_folder).parent) not in (run_folder / "run.json").read_text()
