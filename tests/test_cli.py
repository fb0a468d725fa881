import contextlib
import csv
import json
import os
import signal
import subprocess
import sys
import threading
import time
import tomllib
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from grokdash import cli
from grokdash.cli import exits, serve, sweep
from grokdash.cli.fields import build_config, given_fields
from grokdash.cli.options import default_store
from grokdash.config import RunConfig, make_config, validate_config
from grokdash.errors import (
    ConfigError,
    DiskFullError,
    NoMemoryError,
    NoRoomError,
    NotStoredError,
    StoreError,
    UnusableFolderError,
)
from grokdash.saving.files import FORMATS, endings
from grokdash.saving.number_formats import NUMBER_FORMATS
from grokdash.store import RunWriter, open_store
from grokdash.store.sweeps import SweepProgress
from grokdash.sweeps.seeds import parse_seeds

ROOT = Path(__file__).resolve().parents[1]
TINY = [
    *("--preset", "quick", "--p", "5", "--d-model", "8", "--d-mlp", "4"),
    *("--n-heads", "2", "--dense-until", "0", "--threads", "1", "--device", "cpu"),
]


def run(*arguments):
    return CliRunner().invoke(cli.app, list(arguments))


def python(*arguments, **settings):
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=settings.pop("cwd", ROOT),
        env=os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        **settings,
    )


def test_every_field_of_the_configuration_is_an_option_of_train():
    text = CliRunner().invoke(cli.app, ["train", "--help"], env={"COLUMNS": "300"})

    for name in RunConfig.model_fields:
        assert f"--{name.replace('_', '-')}" in text.output, name


def test_seed_sets_the_split_too_unless_that_is_given():
    assert build_config("quick", None, {"seed": 5}).split_seed == 5
    both = build_config("quick", None, {"seed": 5, "split_seed": 2})
    assert (both.seed, both.split_seed) == (5, 2)


@pytest.mark.parametrize(
    ("text", "seeds"),
    [("0-3", [0, 1, 2, 3]), ("0,3,7", [0, 3, 7]), ("8, 0-1", [8, 0, 1]), ("5", [5])],
)
def test_seeds_are_numbers_and_ranges(text, seeds):
    assert parse_seeds(text) == seeds


@pytest.mark.parametrize("text", ["", "a", "3-1", "1,,2", "-1", "0-99999999", "1.5"])
def test_other_text_for_seeds_is_refused(text):
    with pytest.raises(ConfigError, match="--seeds: expected numbers and rising"):
        parse_seeds(text)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--seeds", "1,1"], "names seed 1 twice"),
        (["--seeds", "1-2", "--seed", "1"], "leave --seed out"),
        (["--seeds", "1-2", "--resume", "x"], "leave --resume out"),
    ],
)
def test_seeds_with_what_contradicts_them_are_refused(options, message):
    result = run("train", *options)

    assert isinstance(result.exception, ConfigError)
    assert message in str(result.exception)


def test_given_fields_are_those_of_options_file_and_preset(tmp_path):
    file = tmp_path / "run.toml"
    file.write_text("p = 31\nlr = 0.002\n")

    assert given_fields(None, None, {"mlp_bias": False, "weight_decay": 0.5}) == {
        "mlp_bias": (False, "--no-mlp-bias"),
        "weight_decay": (0.5, "--weight-decay 0.5"),
    }
    given = given_fields("quick", file, {"lr": 0.003})
    assert given["lr"] == (0.003, "--lr 0.003")
    assert given["p"] == (31, f"{file}: p = 31")
    assert given["d_mlp"] == (128, "--preset quick")
    assert "epochs" not in given


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--lr", "0.5"], "--lr 0.5 contradicts"),
        (["--preset", "nanda"], "--preset nanda contradicts"),
        (["--epochs", "5"], "--epochs 5 is less than"),
        (["--new"], "leave one of the two out"),
        (["--lr", "0.5", "--serve"], "--lr 0.5 contradicts"),
    ],
)
def test_resume_refuses_what_contradicts_the_run(tmp_path, options, message):
    config = make_config("quick", p=7)
    with RunWriter.create(tmp_path, config):
        pass

    given = ["--resume", config.run_id(), "--store", str(tmp_path), *options]
    result = run("train", *given)

    assert isinstance(result.exception, ConfigError)
    assert message in str(result.exception)


@pytest.mark.slow
def test_seeds_trains_the_runs_that_seed_would(tmp_path, process_settings):
    options = [*TINY, "--epochs", "20", "--store", str(tmp_path), "--quiet"]

    done = run("train", *options, "--seeds", "0-1,4")
    again = run("train", *options, "--seed", "4")

    assert done.exit_code == 0, done.output
    assert "3 runs: 3 finished" in done.output
    assert "finished already" in again.output
    store = open_store(tmp_path)
    assert sorted(run.seed for run in store.summaries()) == [0, 1, 4]
    assert {len(store.run(one).provenance["batch"]) for one in store.run_ids()} == {3}


def test_options_beat_the_file_and_the_file_beats_the_preset(tmp_path):
    file = tmp_path / "run.toml"
    file.write_text('preset = "quick"\np = 31\nlr = 0.002\n')

    built = build_config(None, file, {"lr": 0.003})

    quick = make_config("quick")
    assert (built.p, built.lr, built.epochs) == (31, 0.003, quick.epochs)


def test_unknown_key_in_the_file_is_named_with_the_known_ones(tmp_path):
    file = tmp_path / "run.toml"
    file.write_text("epoch = 5\n")

    with pytest.raises(ConfigError, match="epoch: unknown field; the fields are"):
        build_config(None, file, {})


def test_config_show_prints_toml_that_builds_the_same_run():
    shown = run("config", "show", "--preset", "quick", "--no-causal-mask").output

    values = tomllib.loads(shown)
    built = validate_config(values)
    assert built == make_config("quick", causal_mask=False)
    assert built.run_id() in shown


def test_config_schema_describes_every_field():
    schema = json.loads(run("config", "show", "--schema").output)

    assert schema["properties"].keys() == RunConfig.model_fields.keys()


def test_store_is_the_option_then_the_environment_then_here(monkeypatch):
    monkeypatch.delenv("GROKDASH_STORE", raising=False)
    assert default_store(None) == Path("store")
    monkeypatch.setenv("GROKDASH_STORE", "elsewhere")
    assert default_store(None) == Path("elsewhere")
    assert default_store(Path("given")) == Path("given")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ConfigError("bad"), 2),
        (NotStoredError("no such run"), 2),
        (UnusableFolderError("read-only"), 2),
        (NoRoomError("too small"), 2),
        (NoMemoryError("too little"), 2),
        (DiskFullError("full"), 75),
        (StoreError("no"), 1),
    ],
)
def test_exit_code_says_what_kind_of_error_it_was(monkeypatch, capsys, error, code):
    def fail(**_):
        raise error

    monkeypatch.setattr(cli, "app", fail)
    monkeypatch.setattr(cli, "_prefer_few_threads", lambda: None)

    with pytest.raises(SystemExit) as ended:
        cli.main()

    assert ended.value.code == code
    assert capsys.readouterr().err == f"grokdash: {error}\n"


def test_runs_of_an_empty_store_says_how_to_begin(tmp_path):
    assert "grokdash train --preset quick" in run("runs", str(tmp_path)).output
    assert json.loads(run("runs", str(tmp_path), "--json").output) == []


@pytest.mark.parametrize(
    ("summary", "text"),
    [
        (
            {"grok_state": "grokked", "grok_start": 80, "grok_end": 90},
            "after 80, by 90",
        ),
        ({"grok_state": "grokked", "grok_end": 0}, "by 0"),
        ({"grok_state": "collapsed"}, "collapsed"),
        ({"grok_state": "memorised only"}, "not within 40"),
        ({"grok_state": "not within"}, "not within 40"),
        ({}, ""),
    ],
)
def test_runs_say_whether_the_rise_lasted(tmp_path, summary, text):
    """A first touch that was lost again is no grokking, and an end is no never."""
    config = make_config("quick", p=5, epochs=40)
    with RunWriter.create(tmp_path, config) as writer:
        writer.set_status(step=40, summary=summary)
        writer.finish()

    shown = json.loads(run("runs", str(tmp_path), "--json").output)
    table = CliRunner().invoke(cli.app, ["runs", str(tmp_path)], env={"COLUMNS": "80"})

    (found,) = open_store(tmp_path).summaries()
    assert found.grok_text == text
    assert shown[0]["grok_state"] == summary.get("grok_state", "")
    assert found.id in table.output, "an id that cannot be copied"


def test_one_bad_seed_is_told_once():
    with pytest.raises(ConfigError, match=r"^seed: expected at least 0; got -1$"):
        build_config("quick", None, {"seed": -1})


@pytest.mark.parametrize("command", ["serve", "runs"])
def test_a_file_is_no_store(tmp_path, command):
    file = tmp_path / "file"
    file.touch()

    result = run(command, str(file))

    assert isinstance(result.exception, UnusableFolderError)
    assert "a store is a folder of runs" in str(result.exception)


def test_doctor_reports_as_json(tmp_path):
    checks = json.loads(run("doctor", "--store", str(tmp_path), "--json").output)

    found = {check["name"]: check for check in checks}
    assert found["Python"]["state"] == "ok"
    assert found["torch"]["state"] == "ok"
    assert found["store"]["state"] == "ok"
    assert {"Chromium", "av", "kaleido", "free disk", "port 8050"} <= found.keys()


def test_doctor_fails_where_the_store_cannot_be_written(tmp_path, monkeypatch):
    def refuse(**_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("tempfile.TemporaryFile", refuse)

    result = run("doctor", "--store", str(tmp_path), "--json")

    assert result.exit_code == 1
    assert "cannot be written: Permission denied" in result.output


def test_views_lists_id_title_and_question():
    rows = json.loads(run("views", "--json").output)

    assert "embedding-circle" in {row["id"] for row in rows}
    assert all(row["title"] and row["question"] for row in rows)


@pytest.fixture
def export(sweep, tmp_path):
    """Give ``export(name)``: save a view of a stored run under this name."""
    run_id, store = sweep.configs[0].run_id(), str(sweep.store.path)

    def save(name):
        arguments = (run_id, "token-similarity", "-o", str(tmp_path / name))
        return run("export", *arguments, "--epoch", "40", "--store", store)

    return save


@pytest.mark.parametrize("known", NUMBER_FORMATS, ids=lambda known: known.ending)
def test_export_takes_the_ending_of_every_format_of_numbers(export, tmp_path, known):
    name = f"a.{known.ending}"

    assert export(name).output == f"{tmp_path / name}\n"
    assert (tmp_path / name).stat().st_size


def test_exported_numbers_say_where_they_come_from(export, sweep, tmp_path):
    export("a.csv")

    titles, *rows = (tmp_path / "a.csv").read_text().splitlines()
    origin = json.loads(next(csv.DictReader([titles, *rows]))["provenance"])
    assert (origin["run"], origin["epoch"]) == (sweep.configs[0].run_id(), 40)
    assert titles.startswith("place in order of 1·a,")
    assert len(rows) == 7 * 7


def test_export_of_another_ending_names_those_there_are(export, tmp_path):
    result = export("a.bmp")

    assert isinstance(result.exception, ConfigError)
    assert all(ending in str(result.exception) for ending in endings(FORMATS))
    assert not any(tmp_path.glob("a.*"))


def test_embed_prints_a_frame_of_the_panel_that_is_asked_for(sweep):
    run_id, store = sweep.configs[0].run_id(), str(sweep.store.path)

    def embed(view, *more):
        return run("embed", run_id, view, "--store", store, *more)

    how = ("--epoch", "43", "--select", "k=2", "--theme", "dark")
    at = ("--address", "https://lab.example.org/")
    told = embed("token-similarity", *how, *at).output
    path = f"https://lab.example.org/embed/{run_id}/token-similarity"
    assert told.startswith(f'<iframe src="{path}?k=2&amp;e=40&amp;t=dark" title=')
    for more, message in (
        (("--select", "n=3"), "takes no n"),
        (("--select", "k=9"), "1 to 3 fit"),
        (("--theme", "blue"), "light or dark"),
        (("--address", "lab"), "https://lab.example.org"),
    ):
        assert message in str(embed("token-similarity", *more).exception)
    assert "the views are" in str(embed("nothing").exception)


def test_help_of_export_names_every_ending():
    text = CliRunner().invoke(cli.app, ["export", "--help"], env={"COLUMNS": "300"})

    assert all(ending in text.output for ending in endings(FORMATS))


@pytest.mark.slow
def test_loading_the_command_line_loads_neither_torch_nor_dash():
    code = (
        "import sys, grokdash.cli\n"
        "print([m for m in ('torch', 'dash', 'plotly') if m in sys.modules])"
    )

    assert python("-c", code).stdout.strip() == "[]"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--epochs", "0"], "grokdash: epochs: "),
        (["--n-heads", "3"], "grokdash: n_heads: must divide d_model"),
    ],
)
def test_bad_field_is_one_line_exit_2_and_no_folder(tmp_path, arguments, message):
    store = tmp_path / "store"

    done = python("train.py", *arguments, "--store", str(store))

    assert done.returncode == 2
    assert done.stderr.startswith(message)
    assert len(done.stderr.splitlines()) == 1
    assert not store.exists()


@pytest.mark.slow
def test_train_from_another_folder_then_again_then_pack(tmp_path):
    command = [str(ROOT / "train.py"), *TINY, "--epochs", "20"]

    first = python(*command, cwd=tmp_path)
    again = python(*command, cwd=tmp_path)

    assert first.returncode == again.returncode == 0, first.stderr
    assert "disk forecast" in first.stderr
    assert "closing analysis: 3 of 3 checkpoints" in first.stderr
    assert "finished already" in again.stdout
    (summary,) = open_store(tmp_path / "store").summaries()
    assert (summary.state, summary.step) == ("finished", 20)
    packed = run("pack", str(tmp_path / "store" / summary.id))
    assert packed.output.strip().endswith("run.h5")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("more", "code"),
    [((), exits.STOPPED), (("--seeds", "0-1"), 3), (("--exit-zero-on-stop",), 0)],
)
def test_training_told_to_stop_says_so_by_its_status(
    tmp_path, process_settings, more, code
):
    def stop():
        while not any(tmp_path.glob("*/checkpoints/step-00000000.h5")):
            time.sleep(0.02)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=stop, daemon=True).start()
    options = [*TINY, "--epochs", "1000000", "--checkpoint-every", "1000000"]
    done = run("train", *options, "--store", str(tmp_path), "--quiet", *more)

    assert done.exit_code == code, done.output
    assert "the same command goes on" in done.output


@pytest.mark.parametrize(
    ("counts", "code"),
    [
        ({"finished": 3}, None),
        ({"finished": 2, "interrupted": 1}, exits.STOPPED),
        ({"finished": 2, "waiting": 1}, exits.STOPPED),
        ({"waiting": 2, "failed": 1}, exits.FAILED),
    ],
)
def test_sweep_ends_with_zero_when_every_run_has_finished(counts, code):
    zero = {"finished": 0, "running": 0, "interrupted": 0, "failed": 0, "waiting": 0}
    done = SweepProgress(**(zero | counts))
    end = contextlib.nullcontext() if code is None else pytest.raises(typer.Exit)

    with end as ended:
        sweep.end_with_status(done, zero_on_stop=False)

    if code is not None:
        assert ended.value.exit_code == code
    if code == exits.STOPPED:
        sweep.end_with_status(done, zero_on_stop=True)


@pytest.mark.slow
def test_train_and_serve_stops_the_trainer_with_a_checkpoint(tmp_path, monkeypatch):
    options = [*TINY, "--epochs", "1000000", "--checkpoint-every", "1000000"]
    served = []
    monkeypatch.setattr(serve, "serve_run", lambda *found: served.append(found))
    before = signal.getsignal(signal.SIGTERM)

    with pytest.raises(typer.Exit) as ended:
        serve.train_and_serve(
            tmp_path,
            (run_id := _run_id(options)),
            [*options, "--store", str(tmp_path), "--quiet"],
            shown := serve.Shown(port=0),
        )

    assert ended.value.exit_code == exits.STOPPED
    signal.signal(signal.SIGTERM, before)
    assert served == [(tmp_path, run_id, shown)]
    status = open_store(tmp_path).run(run_id).status
    assert status.state == "interrupted"
    assert status.step > 0


def _run_id(options):
    shown = run("config", "show", *_without_machine_options(options)).output
    return shown.splitlines()[0].removeprefix("# ")


def _without_machine_options(options):
    skipped = {"--threads", "--device"}
    pairs = zip(options[::2], options[1::2], strict=True)
    return [word for pair in pairs if pair[0] not in skipped for word in pair]
