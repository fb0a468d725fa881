"""What a file says is shown, and never obeyed, by whatever command shows it."""

import io
import json
import logging
import re
import shutil
import sys

import pytest
from rich.progress import Progress
from rich.table import Table

from grokdash import cli
from grokdash.cli import doctor, options, runs, sweep, verify, views
from grokdash.streams import Output
from grokdash.terminal import Terminal, say, shown
from grokdash.training.progress import Bar

EVIL = (
    "a\x1b[31mred\x1b]8;;https://evil.example\x07link\x1b]8;;\x07\x9b2J\x07\r"
    "\u202egnp.exe\u2066\u200f\u2028 [red]b[/red] [link=https://evil.example]c[/link]"
)
MARKUP = "[bold]run[/bold] [link=x]y"


def is_harmless(text: str) -> bool:
    """Say whether a terminal would obey nothing of it but line ends."""
    return all(one.isprintable() or one in "\n\t" for one in text)


def test_everything_that_a_terminal_obeys_is_escaped():
    assert is_harmless(shown(EVIL))
    assert r"\x1b[31mred\x1b]8;;https" in shown(EVIL)
    assert r"\u202egnp" in shown(EVIL)
    assert shown("π ≈ 3 1\tü\n") == "π ≈ 3 1\tü\n"


def test_a_console_draws_tables_and_bars_and_takes_texts_as_they_are():
    out = io.StringIO()
    console = Terminal(file=out, width=300, force_terminal=True, color_system="256")
    table = Table("run", title=EVIL)
    table.add_row(EVIL, style="red")

    console.print(table)
    console.print(EVIL, style="bold")
    with Progress(console=console) as progress:
        progress.update(progress.add_task("epochs", total=2), advance=1)

    own = re.compile(r"\x1b\[[0-9;?]*[mhlKAG]|\r")
    assert "\x1b[31m" in out.getvalue()  # the row is red
    assert is_harmless(own.sub("", out.getvalue()))
    assert "red\x1b]" not in out.getvalue()
    assert "[link=https://evil.example]c" in out.getvalue()


def test_what_is_printed_above_a_bar_is_escaped_too():
    out = io.StringIO()
    bar = Bar(Terminal(file=out, width=300, force_terminal=True), 10)

    sys.stderr.write(f"a warning: {EVIL}\n")
    bar.close()

    assert r"a warning: a\x1b[31mred\x1b]8" in out.getvalue()


def test_streams_escape_what_logs_and_tracebacks_quote(tmp_path, monkeypatch):
    with (tmp_path / "out").open("w") as file, (tmp_path / "err").open("w") as errors:
        monkeypatch.setattr(sys, "stdout", file)
        monkeypatch.setattr(sys, "stderr", errors)
        output = Output()
        logging.StreamHandler().emit(logging.makeLogRecord({"msg": EVIL, "args": ()}))
        sys.excepthook(OSError, OSError(f"no file {EVIL}"), None)
        say(EVIL)
        Terminal(force_terminal=True, color_system="256").print("x", style="red")
        assert output.failure() is None
        sys.stderr.flush()

    printed = (tmp_path / "out").read_text(), (tmp_path / "err").read_text()
    assert printed[0].endswith("\x1b[31mx\x1b[0m\n")
    assert is_harmless(printed[0].removesuffix("\x1b[31mx\x1b[0m\n"))
    assert is_harmless(printed[1])
    assert printed[1].count("https://evil.example") == 4


@pytest.fixture
def hostile(tmp_path, sweep):
    """A store in which everything that can be said by a file is said."""
    store = tmp_path / "store"
    shutil.copytree(sweep.store.path, store)
    (plan,) = (
        path
        for path in (store / ".sweeps").glob("*.json")
        if not path.name.endswith(".state.json")
    )
    values = json.loads(plan.read_text())
    run = store / values["runs"][0]
    values |= {"question": EVIL, "title": MARKUP}
    plan.write_text(json.dumps(values))
    failures = {"failures": dict.fromkeys(values["runs"], EVIL)}
    plan.with_suffix(".state.json").write_text(json.dumps(failures))
    (plan.parent / "bad.json").write_text(json.dumps({"title": EVIL}))
    status = json.loads((run / "status.json").read_text())
    status |= {"message": EVIL, "state": "interrupted", "host": "x"}
    (run / "status.json").write_text(json.dumps(status))
    (run / "notes.json").write_text(json.dumps({"title": MARKUP, "notes": EVIL}))
    named = store / f"{MARKUP.replace('/', '')}-1"
    shutil.copytree(run, named)
    about = json.loads((named / "run.json").read_text())
    about["config"]["operation"] = EVIL
    (named / "run.json").write_text(json.dumps(about))
    noted = store / "noted"
    shutil.copytree(run, noted)
    (noted / "notes.json").write_text(json.dumps({"title": EVIL}))
    hidden = store / "\x1b]0;owned\x07\u202e"
    hidden.mkdir()
    shutil.copy(run / "run.json", hidden)
    return store, run.name, named.name, plan.stem


def test_no_command_lets_a_file_reach_the_terminal(hostile, capsys, monkeypatch):
    store, run, named, plan = hostile
    monkeypatch.setenv("GROKDASH_STORE", str(store))
    wide = Terminal(width=400)  # whatever was printed before, and however wide
    for module in (doctor, options, runs, sweep, verify, views):
        monkeypatch.setattr(module, "out", wide)
    commands = [
        ["runs"],
        ["runs", "--json"],
        ["sweep", "list"],
        ["sweep", "list", "--json"],
        ["sweep", "status", plan],
        ["sweep", "status", "bad"],
        ["sweep", "resume", "bad"],
        ["sweep", "cancel", plan],
        ["pack", run],
        ["pack", named],
        ["pack", "\x1b[31m"],
        ["train", "--resume", named],
        ["train", "--resume", "\x1b[31m"],
        ["train", "--config", str(store / named / "run.json")],
        ["export", named, "x", "x.png"],
        ["export", run, "\x1b[31m", "x.png"],
        ["doctor"],
    ]

    for words in commands:
        monkeypatch.setattr(sys, "argv", ["grokdash", *words])
        cli._run()
        printed = capsys.readouterr()
        text = printed.out + printed.err
        assert is_harmless(text), words
        assert "Traceback" not in text, words
        assert text, words
    monkeypatch.setattr(sys, "argv", ["grokdash", "runs"])
    cli._run()
    rows = capsys.readouterr().out
    assert named in rows
    assert r"\x1b]0;owned\x07\u202e" in rows
    assert r"operation" in rows
    assert "title: expected one line of text" in rows
