import io

from grokdash.terminal import Terminal
from grokdash.training.progress import Bar, Lines, Tick

SUMMARY = {
    "test_loss": 5.0,
    "train_accuracy": 1.0,
    "test_accuracy": 0.25,
    "phase": "memorised, not generalising",
}


def tick(step):
    return Tick(step=step, epochs=100, rate=20.0, train_loss=0.125, summaries=[SUMMARY])


def test_lines_say_everything_once_every_few_seconds_and_at_the_end():
    out = io.StringIO()
    lines = Lines(Terminal(file=out, width=200))

    for step in (1, 2, 3, 100):
        lines.tick(tick(step))

    first, last = out.getvalue().splitlines()
    assert first.startswith("epoch 1 of 100 · 20 epochs/s · train loss 0.125")
    assert "test loss 5 · accuracy 100.0 % train · 25.0 % test" in first
    assert "memorised, not generalising · 5 s to go" in first
    assert last.startswith("epoch 100 of 100")


def test_bar_shows_the_figures_under_it_and_leaves_the_terminal_alone():
    out = io.StringIO()
    bar = Bar(Terminal(file=out, width=100, force_terminal=True), 100)

    bar.say("disk forecast")
    bar.tick(tick(100))
    bar.finishing(2, 2)
    bar.close()

    shown = out.getvalue()
    assert "disk forecast" in shown
    assert "100/100" in shown
    assert "memorised" in shown
    assert "closing analysis" in shown
    assert shown.rstrip().endswith("\x1b[?25h")


def test_bar_goes_on_after_the_closing_analysis_of_one_run_of_several():
    out = io.StringIO()
    bar = Bar(Terminal(file=out, width=100, force_terminal=True), 100)

    bar.finishing(7, 7)
    bar.tick(tick(100))
    bar.close()

    assert "100/100" in out.getvalue().rpartition("closing analysis")[2]


def test_several_runs_are_told_as_ranges():
    summaries = [
        SUMMARY | {"train_loss": 0.1, "grok_end": None},
        SUMMARY | {"train_loss": 2.0, "test_accuracy": 1.0, "grok_end": 70},
        {},
    ]
    told = Tick(step=1, epochs=9, rate=5.0, train_loss=0.1, summaries=summaries).text

    assert told.startswith("3 runs · 5 epochs/s each · train loss 0.1 to 2")
    assert told.endswith("test accuracy 25.0 % to 100.0 % · 1 grokked")
