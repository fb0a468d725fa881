import pytest

from grokdash.config import make_config
from grokdash.errors import ConfigError, DiskFullError
from grokdash.store import pack
from grokdash.store.files import folder_bytes
from grokdash.training.forecast import check_room, forecast
from grokdash.training.train import Options, train


def test_default_run_fits_its_budget_by_storing_fewer_grids():
    expected = forecast(make_config("nanda"), budget_gb=1.0)

    assert expected.checkpoints == 536
    assert expected.total <= 1e9
    assert 0 < expected.grids < expected.asked_grids == 64
    assert "instead of 64" in expected.text


def test_enough_budget_keeps_every_grid_that_was_asked_for():
    expected = forecast(make_config("nanda"), budget_gb=10.0)

    assert expected.grids == 64
    assert "instead" not in expected.text


def test_checkpoints_are_kept_whatever_the_budget():
    expected = forecast(make_config("nanda"), budget_gb=1e-6)

    assert expected.grids == 0
    assert expected.checkpoints == 536


@pytest.mark.parametrize("budget", [0.0, -1.0, float("nan")])
def test_senseless_budget_names_the_option(budget):
    with pytest.raises(ConfigError, match="--disk-budget: expected a positive"):
        forecast(make_config("quick"), budget)


def test_run_that_cannot_fit_is_refused_before_it_begins(tmp_path, monkeypatch):
    monkeypatch.setattr(
        "grokdash.training.forecast.shutil.disk_usage",
        lambda folder: type("Usage", (), {"free": 1000})(),
    )

    with pytest.raises(DiskFullError, match="checkpoints farther apart"):
        check_room(tmp_path / "not" / "there", forecast(make_config("quick"), 1.0))


def test_forecast_counts_the_packed_file_beside_its_pieces(tmp_path, monkeypatch):
    expected = forecast(make_config("quick"), 1.0)
    assert 0.9 * expected.total < expected.packing < expected.total
    assert "more for the moment of packing" in expected.text

    def room(n_bytes):
        monkeypatch.setattr(
            "grokdash.training.forecast.shutil.disk_usage",
            lambda _folder: type("Usage", (), {"free": n_bytes})(),
        )

    room(expected.total + expected.packing)
    check_room(tmp_path, expected)
    for count, at_a_time, more in ((1, 1, 1), (3, 2, 2)):
        room(count * expected.total + more * expected.packing - 1)
        with pytest.raises(DiskFullError, match="until packed"):
            check_room(tmp_path, *[expected] * count, at_a_time=at_a_time)


def test_extension_packs_what_was_there_before_too():
    config = make_config("quick", epochs=5000)
    added = forecast(config, 1.0, after=2500)
    whole = forecast(config, 1.0)

    assert added.total < whole.total
    assert added.packing >= whole.packing


@pytest.mark.usefixtures("process_settings")
def test_packing_takes_no_more_than_was_forecast(tmp_path, monkeypatch):
    """The folder at its largest, with the pieces and the file made of them."""
    largest, publish = [], pack._publish

    def published(scratch, target):
        largest.append(folder_bytes(target.parent))
        publish(scratch, target)

    monkeypatch.setattr(pack, "_publish", published)
    config = make_config(
        "quick", p=23, d_model=16, d_mlp=32, epochs=60, dense_until=0, grids=3
    )
    expected = forecast(config, 1.0)

    train(config, Options(store=tmp_path, threads=1, device="cpu", quiet=True))

    assert 0.5 * (expected.total + expected.packing) < largest[0]
    assert largest[0] < expected.total + expected.packing
