import pytest

from grokdash.config import make_config
from grokdash.errors import ConfigError, DiskFullError
from grokdash.training.forecast import check_room, forecast


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
