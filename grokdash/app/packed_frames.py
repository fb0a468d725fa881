"""Frames that were packed a moment ago: whole classes look at one run."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import astuple

from grokdash.app.answers import version_of
from grokdash.app.blocks import PackedFrame, Told, pack_frame
from grokdash.cache import Arrays
from grokdash.snapshot import RunView
from grokdash.views import View
from grokdash.views.core.render import said, scrubbed, view_arrays
from grokdash.views.core.selection import Selection

MOST_BYTES = 32_000_000
_BESIDE = 1000
"""Bytes that a frame takes beside its arrays, about."""


class PackedFrames:
    """Packed frames by what they follow from, the newest used of them.

    A sentence may speak of what is known only now, such as the key frequencies so far,
    so a frame is another with every new checkpoint. What is still being computed is
    not kept.
    """

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most = most_bytes
        self._bytes = 0
        self._kept: OrderedDict[tuple, PackedFrame] = OrderedDict()
        self._lock = threading.Lock()

    def of_steps(
        self, run: RunView, view: View, selection: Selection, steps: list[int]
    ) -> list[PackedFrame]:
        """Give what a view shows and says of several epochs, for scrubbing."""
        if not view.per_step:
            arrays = view_arrays(run.at(run.last), view, selection)
            return [_packed(run, view, selection, step, arrays) for step in steps]
        about = run.id, version_of(run), view.id, astuple(selection)
        return [
            self._once(
                (*about, step), lambda at=step: _packed(run, view, selection, at)
            )
            for step in steps
        ]

    def _once(self, key: tuple, make: Callable[[], PackedFrame]) -> PackedFrame:
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
                return found
        found = make()
        with self._lock:
            self._forget(key)
            self._kept[key] = found
            self._bytes += _size(found)
            while self._bytes > self._most:
                self._forget(next(iter(self._kept)))
        return found

    def _forget(self, key: tuple) -> None:
        gone = self._kept.pop(key, None)
        self._bytes -= 0 if gone is None else _size(gone)


def _size(frame: PackedFrame) -> int:
    return len(frame.data) + _BESIDE


def _packed(
    run: RunView,
    view: View,
    selection: Selection,
    step: int,
    whole: Arrays | None = None,
) -> PackedFrame:
    return pack_frame(told(run, view, selection, step, whole))


def told(
    run: RunView,
    view: View,
    selection: Selection,
    step: int,
    whole: Arrays | None = None,
) -> Told:
    """Give what a view shows and says of one epoch; ``whole`` is that of any epoch."""
    at = run.at(step)
    arrays = view_arrays(at, view, selection) if whole is None else whole
    return Told(step, said(at, view, selection, arrays), scrubbed(view, arrays))
