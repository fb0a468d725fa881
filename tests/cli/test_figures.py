"""``grokdash export-sweep`` and ``export-compare``: what is written, what refused."""

import csv
import json
import re
from html import unescape

import numpy as np
import pytest
from typer.testing import CliRunner

from grokdash.cli import app
from grokdash.errors import ConfigError, NotStoredError
from grokdash.views.sweep import PICTURES


def run(*arguments):
    found = CliRunner().invoke(app, list(map(str, arguments)), catch_exceptions=False)
    assert found.exit_code == 0
    return found.stdout.split()


def export_sweep(sweep, folder, *more):
    store = ("--store", sweep.store.path, "--out", folder)
    return run("export-sweep", sweep.id, *store, *more)


def export_compare(views, folder, *more):
    store = ("--store", views[0].stored.path.parent, "--out", folder)
    return run("export-compare", *(one.id for one in views), *store, *more)


@pytest.fixture(scope="module")
def two(runs):
    return runs(), runs(seed=1)


def test_every_figure_of_a_sweep_is_saved_if_none_is_named(sweep, tmp_path):
    names = export_sweep(sweep, tmp_path, "-f", "csv")

    expected = [tmp_path / f"{sweep.id}__{one.name}.csv" for one in PICTURES]
    assert names == [str(path) for path in expected]
    assert all(path.stat().st_size > 100 for path in expected)


def test_numbers_are_those_of_the_page_with_where_they_come_from(sweep, tmp_path):
    choice = ("--select", "y=none", "--select", "h.seed=2")
    export_sweep(sweep, tmp_path, "grok", "-f", "csv,npy,json", *choice)

    stem = tmp_path / f"{sweep.id}__grok"
    lines = stem.with_suffix(".csv").read_text("utf-8").splitlines()
    rows = list(csv.DictReader(lines))
    record = np.load(stem.with_suffix(".npy"), allow_pickle=False)
    plain = json.loads(stem.with_suffix(".json").read_text("utf-8"))
    origin = plain["provenance"]
    assert [one["run"] for one in origin["runs"]] == plain["arrays"]["run"]
    assert origin["choice"]["h.seed"] == "2"
    assert all(one["config"] in one["run"] for one in origin["runs"])
    assert {"version", "permalink"} < origin.keys()
    assert json.loads(rows[0]["provenance"]) == json.loads(str(record["provenance"]))
    assert [row["run"] for row in rows] == list(record["run"])


def test_a_page_needs_nothing_from_elsewhere_and_offers_no_cloud(sweep, tmp_path):
    (name,) = export_sweep(sweep, tmp_path, "shares", "-f", "html")

    page = (tmp_path / name).read_text("utf-8")
    assert "plotly.js v" in page
    assert "<script src=" not in page
    assert '"showSendToCloud": false' in page
    said = re.search(r'id="grokdash-origin">(.*?)</script>', page).group(1)
    assert json.loads(said)["sweep"] == sweep.id


def test_runs_are_compared_at_every_epoch_that_is_named(two, tmp_path):
    mode = ("--mode", "difference", "--views", "correct-logit,loss-curves")
    names = export_compare(two, tmp_path, *mode, "--epochs", "2,6", "-f", "json")

    one, other = (view.id for view in two)
    stem = f"{one}-minus-{other}__correct-logit"
    assert [name.rsplit("/")[-1] for name in names[-2:]] == [
        f"{stem}__e000002.json",
        f"{stem}__e000006.json",
    ]
    plain = json.loads((tmp_path / f"{stem}__e000002.json").read_text("utf-8"))
    arrays = {name: np.array(array) for name, array in plain["arrays"].items()}
    np.testing.assert_array_equal(
        arrays["A − B logit"], arrays["A logit"] - arrays["B logit"]
    )


@pytest.mark.browser
def test_pictures_say_inside_where_they_come_from(two, tmp_path):
    from PIL import Image
    from pypdf import PdfReader

    export_compare(two, tmp_path, "--dpi", "96", "-f", "png,svg,pdf")

    stem = tmp_path / f"{two[0].id}-vs-{two[1].id}__loss-curves__e000006"
    with Image.open(stem.with_suffix(".png")) as picture:
        assert picture.width == 640
        origin = json.loads(picture.text["grokdash"])
    assert [one["run"] for one in origin["runs"]] == [view.id for view in two]
    text = stem.with_suffix(".svg").read_text("utf-8")
    said = re.search(r"<metadata>(.*?)</metadata>", text).group(1)
    assert json.loads(unescape(said)) == origin
    pdf = PdfReader(stem.with_suffix(".pdf"))
    assert json.loads(pdf.metadata["/grokdash"]) == origin
    assert "epoch 6" in pdf.pages[0].extract_text()


@pytest.mark.parametrize(
    ("more", "error", "words"),
    [
        (("nothing",), NotStoredError, "no picture 'nothing'"),
        (("-f", "bmp"), ConfigError, "expected formats among png"),
        (("--theme", "pink"), ConfigError, "expected one of light, dark"),
        (("--select", "z=1"), ConfigError, "expected one of x, y"),
        (("--select", "test=7"), ConfigError, "'7' is not possible here"),
    ],
)
def test_what_cannot_be_of_a_sweep_is_refused(sweep, tmp_path, more, error, words):
    with pytest.raises(error, match=re.escape(words)):
        export_sweep(sweep, tmp_path / "new", *more)
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    ("more", "error", "words"),
    [
        (("--views", "correct-logit"), NotStoredError, "fills its whole area"),
        (("--views", "nothing"), NotStoredError, "nothing"),
        (("--mode", "side"), ConfigError, "expected overlay or difference"),
        (("--align", "day"), ConfigError, "expected epoch, fraction or grok"),
        (("--epochs", "x"), ConfigError, "expected numbers joined by commas"),
        (("--select", "q=1"), ConfigError, "expected one of k"),
    ],
)
def test_what_cannot_be_compared_is_refused(two, tmp_path, more, error, words):
    with pytest.raises(error, match=re.escape(words)):
        export_compare(two, tmp_path / "new", *more)
    assert not (tmp_path / "new").exists()


def test_one_run_is_not_compared_and_an_unknown_one_is_named(two, tmp_path):
    with pytest.raises(ConfigError, match="two runs or more"):
        export_compare(two[:1], tmp_path)
    with pytest.raises(ConfigError, match="nobody"):
        run(
            *("export-compare", two[0].id, "nobody"),
            *("--store", two[0].stored.path.parent),
        )


def test_no_file_is_written_over_unless_asked_for(sweep, tmp_path):
    export_sweep(sweep, tmp_path, "shares", "-f", "csv")

    with pytest.raises(ConfigError, match="there already"):
        export_sweep(sweep, tmp_path, "-f", "csv")
    assert len(list(tmp_path.iterdir())) == 1
