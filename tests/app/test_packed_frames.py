"""Frames are packed once for all who look at a run, and anew when it has grown."""

from dataclasses import replace

import numpy as np
import pytest

from grokdash.app import packed_frames
from grokdash.app.blocks import Told, join_block, pack_block, pack_frame
from grokdash.app.packed_frames import PackedFrames
from grokdash.cache import Cache
from grokdash.snapshot import RunView
from grokdash.views import get_view
from grokdash.views.core.selection import default_selection


@pytest.fixture
def packed(monkeypatch):
    """Count what is made."""
    made = []
    real = packed_frames.told

    def counted(*arguments):
        made.append(arguments[3])
        return real(*arguments)

    monkeypatch.setattr(packed_frames, "told", counted)
    return made


@pytest.fixture
def run(run_view):
    return RunView(run_view.stored, Cache()).at_this_moment()


def block(frames, run, view_id, count=3, **chosen):
    selection = replace(default_selection(run), **chosen)
    steps = run.steps[:count].tolist()
    return join_block(frames.of_steps(run, get_view(view_id), selection, steps))


def test_what_was_packed_is_packed_no_more(run, packed):
    frames = PackedFrames()

    first = block(frames, run, "correct-logit")
    again = block(frames, run, "correct-logit", 2)

    assert packed == run.steps[:3].tolist()
    assert first != again
    assert block(PackedFrames(0), run, "correct-logit") == first


def test_another_choice_is_another_frame(run, packed):
    frames = PackedFrames()

    first = block(frames, run, "embedding-circle", 1, k=1)
    other = block(frames, run, "embedding-circle", 1, k=2)

    assert first != other
    assert len(packed) == 2


def test_a_run_that_has_grown_has_other_frames(run, packed):
    grown = run.at_this_moment()
    vars(run)["_steps"] = run.steps[:-1]
    frames = PackedFrames()

    for one in (run, grown, run):
        block(frames, one, "correct-logit", 1)

    assert len(packed) == 2


def test_memory_for_packed_frames_is_bounded(run, packed):
    one = PackedFrames()
    block(one, run, "correct-logit", 1)
    room = PackedFrames(2 * one._bytes)

    for _ in range(2):
        block(room, run, "correct-logit", 3)

    assert room._bytes <= 2 * one._bytes
    assert len(packed) == 1 + 3 + 3


def test_frames_packed_one_by_one_make_the_same_block():
    rng = np.random.default_rng(0)
    told = [
        Told(step, f"epoch {step}", {"0.z": rng.random((3, 5)), "1.y": rng.random(3)})
        for step in (1, 2, 3)
    ]

    for exact in (False, True):
        one_by_one = [pack_frame(one, exact=exact) for one in told]
        assert join_block(one_by_one) == pack_block(told, exact=exact)
