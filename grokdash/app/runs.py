"""The runs of one store as the app sees them, opened once and looked at again."""

import threading
import time
from collections import OrderedDict

from grokdash.cache import Cache
from grokdash.snapshot import RunView
from grokdash.store import Store

_MOST_OPEN = 16
_LOOK_AGAIN = 0.5


class Runs:
    """Open runs by id; a running one is looked at again at most twice a second."""

    def __init__(self, store: Store, cache: Cache) -> None:
        self.store = store
        self.cache = cache
        self._open: OrderedDict[str, RunView] = OrderedDict()
        self._seen: dict[str, float] = {}
        self._lock = threading.Lock()

    def get(self, run_id: str) -> RunView:
        """Open a run, or look whether an open one has grown.

        Raises
        ------
        NotStoredError, StoreError
            If there is no such run or it cannot be read.
        """
        with self._lock:
            view = self._open.get(run_id)
            if view is None:
                view = RunView(self.store.run(run_id), self.cache)
                self._open[run_id] = view
                self._seen[run_id] = time.monotonic()
            self._open.move_to_end(run_id)
            while len(self._open) > _MOST_OPEN:
                old, closed = self._open.popitem(last=False)
                self._seen.pop(old, None)
                closed.run.close()
            now = time.monotonic()
            look = now - self._seen[run_id] > _LOOK_AGAIN
            if look:
                self._seen[run_id] = now
        if look:
            view.run.refresh()
        return view

    def forget(self, run_id: str) -> None:
        """Close a run, because it was deleted."""
        with self._lock:
            view = self._open.pop(run_id, None)
            self._seen.pop(run_id, None)
        if view is not None:
            view.run.close()
