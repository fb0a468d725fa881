"""Two runs of one run.json and other weights share nothing; packing changes nothing."""

import shutil
from dataclasses import replace

import numpy as np
import pytest

from grokdash.app.factory import create_app
from grokdash.cache import Cache
from grokdash.snapshot import RunView
from grokdash.store import RunWriter, open_store, pack_run
from grokdash.store.hashes import Hashes

CURVES = ("loss/train", "loss/test", "accuracy/train", "accuracy/test")


@pytest.fixture
def checkpoint(checkpoint):
    """Give a checkpoint of which a page can be made."""

    def make(step):
        curves = {name: np.array(1 / (step + 1)) for name in CURVES}
        return replace(checkpoint(step), measures=curves)

    return make


def go_on(store, run_id, checkpoint, *, scale: float) -> None:
    """Train on to another end: every parameter times ``scale``."""
    with RunWriter.resume(store, run_id) as writer:
        for step in (10, 20):
            data = checkpoint(step)
            params = {name: scale * one for name, one in data.params.items()}
            writer.commit(replace(data, params=params))
        writer.finish()


@pytest.fixture
def twins(tmp_path, config, checkpoint):
    """Two stores: the same run.json and first checkpoint, then other weights."""
    first, second = tmp_path / "first", tmp_path / "second"
    with RunWriter.create(first, config, {}) as writer:
        writer.commit(checkpoint(0))
    shutil.copytree(first, second)
    go_on(first, config.run_id(), checkpoint, scale=1)
    go_on(second, config.run_id(), checkpoint, scale=2)
    return first / config.run_id(), second / config.run_id()


def put_in_place(of, other) -> None:
    """Put the other run where this one was, its files under the same names."""
    shutil.rmtree(of)
    shutil.copytree(other, of)


def digests_of(folder) -> list[str]:
    run = open_store(folder.parent).run(folder.name)
    return [run.digest(step) for step in run.steps.tolist()]


def test_digests_tell_weights_apart_and_not_files(twins):
    first, second = twins
    before = digests_of(first)

    assert (first / "run.json").read_bytes() == (second / "run.json").read_bytes()
    assert len(set(before)) == 3
    assert [a == b for a, b in zip(before, digests_of(second), strict=True)] == [
        *(True, False, False)
    ]
    pack_run(first)
    assert not list((first / "checkpoints").glob("*.h5"))
    assert digests_of(first) == before


def test_an_open_run_keeps_its_digests_while_it_is_packed(twins):
    first, _ = twins
    run = open_store(first.parent).run(first.name)
    before = [run.digest(step) for step in (0, 10, 20)]
    whole = run.all_digests([0, 10, 20])

    pack_run(first)

    assert [run.digest(step) for step in (0, 10, 20)] == before
    assert run.all_digests([0, 10, 20]) == whole


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("hashes", [False, True], ids=["old", "new"])
def test_what_a_replaced_run_gives_is_never_of_the_old_one(
    twins, packed, hashes, monkeypatch
):
    if not hashes:
        monkeypatch.setattr(Hashes, "digest", lambda *_: None)
    for folder in twins if packed else ():
        pack_run(folder)
    first, second = twins
    run, cache = open_store(first.parent).run(first.name), Cache()
    seen = RunView(run, cache)
    old = seen.at(20).params()["W_E"]
    old_all = seen.remember("all", (), lambda: {"W": seen.at(20).param("W_E")})["W"]

    put_in_place(first, second)
    run.refresh()
    new = seen.at(20).params()["W_E"]
    new_all = seen.remember("all", (), lambda: {"W": seen.at(20).param("W_E")})["W"]

    assert np.array_equal(new, 2 * old)
    assert np.array_equal(new_all, 2 * old_all)


@pytest.mark.parametrize("replaced", [False, True])
def test_results_on_disk_are_of_their_weights(twins, tmp_path, replaced):
    first, second = twins
    made = []

    def norm(seen):
        def compute():
            made.append(seen.at(20).param("W_E"))
            return {"norm": np.array([np.linalg.norm(made[-1])])}

        found = seen.remember("norm", (), compute, step=20)["norm"]
        return float(found[0])

    def ask():
        cache = Cache(tmp_path / "cache")
        found = norm(RunView(open_store(first.parent).run(first.name), cache))
        cache.close()
        return found

    before = ask()
    pack_run(first)
    if replaced:
        put_in_place(first, second)
    after = ask()

    assert after == pytest.approx(2 * before if replaced else before, rel=1e-6)
    assert len(made) == 1 + replaced


def test_small_measures_of_a_replaced_piece_are_read_again(twins, checkpoint):
    first, _ = twins
    run = open_store(first.parent).run(first.name)
    before = float(run.measure("loss/train", 20))
    other = first.parent / "other"
    shutil.copytree(first, other / first.name)
    (other / first.name / "checkpoints" / "step-00000020.h5").unlink()
    data = checkpoint(20)
    with RunWriter.resume(other, first.name) as writer:
        params = {name: 3 * one for name, one in data.params.items()}
        measures = data.measures | {"loss/train": np.array(9.0)}
        writer.commit(replace(data, params=params, measures=measures))

    place = "checkpoints/step-00000020.h5"
    (other / first.name / place).replace(first / place)
    run.digest(20)

    assert before != 9.0
    assert run.measure("loss/train", 20) == 9.0


def test_answers_of_a_replaced_run_have_another_address(twins):
    first, second = twins
    store = open_store(first.parent)
    client = create_app(store).server.test_client()
    base = f"/api/run/{first.name}"
    old = client.get(f"{base}/manifest").get_json()["fingerprint"]
    address = f"{base}/frames/weight-matrix?steps=20&v="
    block = client.get(address + old)
    assert block.status_code == 200, block.get_data(as_text=True)
    assert block.headers["Cache-Control"].endswith("immutable")

    pack_run(first)
    store.run(first.name).refresh()
    assert client.get(f"{base}/live?have=3").get_json()["fingerprint"] == old
    assert client.get(address + old).data == block.data

    put_in_place(first, second)
    store.run(first.name).refresh()

    assert client.get(address + old).status_code == 409
    news = client.get(f"{base}/live?have=3&v={old}").get_json()
    assert news["fingerprint"] != old
    fresh = client.get(address + news["fingerprint"])
    assert fresh.status_code == 200
    assert fresh.data != block.data


def test_a_page_keeps_its_version_while_the_run_grows(tmp_path, config, checkpoint):
    with RunWriter.create(tmp_path, config, {}) as writer:
        writer.commit(checkpoint(0))
    store = open_store(tmp_path)
    client = create_app(store).server.test_client()
    base = f"/api/run/{config.run_id()}"
    old = client.get(f"{base}/manifest").get_json()["fingerprint"]

    go_on(tmp_path, config.run_id(), checkpoint, scale=1)
    store.run(config.run_id()).refresh()

    news = client.get(f"{base}/live?have=1&v={old}").get_json()
    assert news["fingerprint"] == old
    assert client.get(f"{base}/manifest").get_json()["fingerprint"] != old
    kept = [
        client.get(f"{base}/frames/weight-matrix?steps={step}&v={old}").headers
        for step in (0, 20)
    ]
    assert kept[0]["Cache-Control"].endswith("immutable")
    # What came later is not what this version speaks of.
    assert kept[1]["Cache-Control"] == "no-store"
