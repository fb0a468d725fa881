"""The table of measures: what is stored, once each, in files that others read."""

import csv
import io
import json

import numpy as np
import pytest
from typer.testing import CliRunner

from grokdash import cli
from grokdash.errors import ConfigError, NotStoredError
from grokdash.saving import measure_columns as columns
from grokdash.saving.measures import run_measures, sweep_measures
from grokdash.store import CheckpointData, RunWriter, open_store
from grokdash.store.sweeps import read_sweep_record


def rows_of(content):
    return list(csv.DictReader(io.StringIO(content.decode())))


@pytest.fixture(scope="module")
def table(run_view):
    return run_measures(run_view.stored)


def test_csv_has_the_stored_numbers_of_every_checkpoint(run_view, table):
    rows = rows_of(table.csv())

    assert [int(row["epoch"]) for row in rows] == run_view.steps.tolist()
    for name, place in (("loss/test", ()), ("loss/restricted/train", (0,))):
        stored = run_view.series(name.removesuffix("/train"))[:, *place]
        assert np.array_equal([float(row[name]) for row in rows], stored), name
    norms = [float(row["weights/sumsq/blocks/0/W_in"]) for row in rows]
    W_in = run_view.stored.param("blocks/0/W_in", 0).astype(float)
    assert norms[0] == pytest.approx(np.square(W_in).sum())
    assert float(rows[0]["weights/norm"]) ** 2 == pytest.approx(
        float(rows[0]["weights/sumsq_total"])
    )
    last = json.loads(rows[-1]["key_frequencies"])
    assert tuple(last) == run_view.stored.key_frequencies


def test_json_has_the_same_with_units_and_the_run(run_view, table):
    read = json.loads(table.json())

    assert read["values"] == table.values
    assert [one["name"] for one in read["columns"]] == list(table.values)
    units = {one["name"]: one["unit"] for one in read["columns"]}
    assert (units["loss/test"], units["epoch"]) == ("nats", "epochs")
    (run,) = read["runs"]
    assert run["config"] == run_view.config.model_dump()
    grok = run_view.grok()
    assert (run["grok_after"], run["grok_until"]) == (grok.after, grok.until)
    assert read["values"]["phase"][-1] == run["phase"]


def test_every_measure_is_in_the_full_table_but_for_the_matrices(run_view):
    found = run_measures(run_view.stored, full=True).values

    for name in run_view.stored.measure_names:
        places = [one for one in found if one == name or one.startswith(f"{name}/")]
        n_values = run_view.series(name)[0].size
        expected = 0 if name in columns.MATRICES else n_values
        assert len(places) >= expected, name
    assert set(columns.ORDER) >= set(run_view.stored.measure_names)
    heads = run_view.series("attention/mean")[:, 1, 2]
    assert found["attention/mean/0.1/="] == pytest.approx(heads.tolist())
    waves = run_view.series("embed/power")[:, 4]
    assert found["embed/power/sin2"] == pytest.approx(waves.tolist())


def test_every_measure_is_described():
    for name in set(columns.ORDER) - columns.MATRICES:
        assert columns.what_of(f"{name}/1/train"), name


def test_a_sweep_has_a_row_per_run_and_checkpoint(sweep):
    record = read_sweep_record(sweep.store.path, sweep.id)

    rows = rows_of(sweep_measures(sweep.store, record).csv())

    assert len(rows) == len(sweep.rises) * len(sweep.steps)
    for (decay, seed), rise in sweep.rises.items():
        own = [
            row
            for row in rows
            if (float(row["weight_decay"]), int(row["seed"])) == (decay, seed)
        ]
        reached = [int(r["epoch"]) for r in own if float(r["accuracy/test"]) == 1]
        assert (reached[0] if reached else None) == rise
        stays = {row["grokked"] for row in own if int(row["epoch"]) >= (rise or 101)}
        collapsed = (decay, seed) == sweep.collapsed
        assert stays == ({"False"} if collapsed else {"True"} if rise else set())


def test_a_row_per_run_says_which_failed_and_which_wait(sweep):
    record = read_sweep_record(sweep.store.path, sweep.id)

    found = sweep_measures(sweep.store, record, per_run=True)

    rows = rows_of(found.csv())
    states = [row["state"] for row in rows]
    assert states.count("failed") == states.count("waiting") == 1
    failed = rows[states.index("failed")]
    assert (failed["message"], failed["loss/test"]) == ("out of memory", "")
    assert found.values["loss/test"][states.index("failed")] is None
    assert {row["weight_decay"] for row in rows} == {"0.1", "1.0", "10.0", "30.0"}
    groks = [row["grok_until"] for row in rows if row["weight_decay"] == "1.0"]
    assert groks == ["60", "80"]


def test_numbers_of_a_run_without_end_are_empty(tmp_path, run_view):
    """Losses by key frequencies come last; what is no number is null."""
    step, run = int(run_view.last), run_view.stored
    measures = {n: run.measure(n, step) for n in ("accuracy/train", "accuracy/test")}
    measures["loss/test"] = np.array(np.nan)
    with RunWriter.create(tmp_path, run.config) as writer:
        data = {"params": run.params(step), "measures": measures}
        writer.commit(CheckpointData(step=0, **data))

    found = run_measures(open_store(tmp_path).run(run.id))

    assert found.values["loss/test"] == [None]
    assert "loss/restricted/train" not in found.values
    assert json.loads(found.json())["runs"][0]["key_rule"] is None


def test_pandas_reads_it_without_options(table, tmp_path):
    pandas = pytest.importorskip("pandas")
    (tmp_path / "m.csv").write_bytes(table.csv())

    read = pandas.read_csv(tmp_path / "m.csv")

    assert list(read.columns) == list(table.values)
    assert read["loss/test"].dtype == float


def command(*words):
    return CliRunner().invoke(cli.app, ["measures", *map(str, words)])


def test_the_command_writes_a_file_and_not_over_one(run_view, tmp_path, table):
    words = [run_view.id, "--store", run_view.stored.path.parent]

    done = command(*words, "-o", tmp_path / "m.json")

    assert done.exit_code == 0, done.exception
    assert json.loads((tmp_path / "m.json").read_text())["values"] == table.values
    again = command(*words, "-o", tmp_path / "m.json")
    assert "exists and is not written over" in str(again.exception)
    assert command(*words).stdout.encode() == table.csv()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "either a run or --sweep"),
        (["x", "--sweep", "y"], "either a run or --sweep"),
        (["x", "--csv", "--json"], "one format"),
        (["x", "--csv", "-o", "m.json"], "one format"),
        (["x", "-o", "m.txt"], "a name ending in .csv or .json"),
    ],
)
def test_what_contradicts_itself_is_refused(words, message):
    failure = command(*words).exception

    assert isinstance(failure, ConfigError)
    assert message in str(failure)


def test_a_run_without_checkpoints_says_so(tmp_path, run_view):
    with RunWriter.create(tmp_path, run_view.config):
        pass

    with pytest.raises(NotStoredError, match="has no checkpoint yet"):
        run_measures(open_store(tmp_path).run(run_view.id))
