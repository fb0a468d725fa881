"""The view of right and wrong answers."""

import numpy as np

from grokdash.views import get_view
from grokdash.views.core.render import make_drawing, sentence
from grokdash.views.core.selection import Selection


def test_answers_say_split_and_rightness_and_agree_with_the_stored_accuracies(run_view):
    view, at = get_view("answers"), run_view.at(run_view.last)

    drawing = make_drawing(at, view, Selection(), "light")
    answer = drawing.arrays["answer"]

    right = at.logits.argmax(axis=-1) == run_view.table
    assert np.array_equal(answer >= 2, run_view.train_mask)
    assert np.array_equal(answer % 2 == 1, right)
    for name in ("train", "test"):
        share = float(at.measure(f"accuracy/{name}"))
        assert f"{100 * share:.1f} %" in sentence(drawing, view)


def test_pairs_without_an_answer_are_blank(runs):
    run = runs(operation="divide")
    drawing = make_drawing(run.at(0), get_view("answers"), Selection(), "dark")

    assert np.array_equal(np.isnan(drawing.arrays["answer"]), run.table < 0)
