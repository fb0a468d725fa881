"""Notes on the loss curve: each says what the run's curves say of its epoch."""

from grokdash.story.notes import notes


def test_notes_are_written_at_the_epochs_that_matter(written):
    told = {note.epoch: note.text for note in notes(written())}

    assert list(told) == [20, 30, 40, 60]
    assert told[20] == (
        "The training pairs are known: 99.0 % are right, and 0.0 % of all others. The "
        "weights are largest here: their squares add up to 30, and to 11 at epoch 70."
    )
    assert "highest here: 9 nats, where guessing costs 1.95" in told[30]
    assert "from here on it is above 29 %" in told[40]
    assert told[60].startswith("Grokked: from here on at least 99 %")


def test_what_has_not_come_has_no_note(written):
    assert [note.epoch for note in notes(written(2))] == []
    assert [note.epoch for note in notes(written(4))] == [20]


def test_the_end_of_clean_up_has_a_note(written):
    curve = [2.0, 3.0, 5.0, 9.0, 4.0, 1.0, 1e-5, 1e-5]
    told = {note.epoch: note.text for note in notes(written(**{"loss/test": curve}))}

    assert "from here on the test loss is below 0.0001 nats" in told[60]


def test_a_run_that_learns_nothing_has_nothing_to_note(run_view):
    assert all(note.epoch in run_view.steps for note in notes(run_view))
