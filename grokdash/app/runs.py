"""The runs of one store as the app sees them, opened once and looked at again."""

import threading
import time
from collections import OrderedDict

from grokdash.allowed import MemoryBudget
from grokdash.cache import Cache
from grokdash.errors import NotStoredError
from grokdash.example import example_id, example_store
from grokdash.snapshot import RunView
from grokdash.store import Run, Store

_MOST_OPEN = 16
_LOOK_AGAIN = 0.5


class Runs:
    """Open runs by id; a running one is looked at again at most twice a second.

    The run that comes with grokdash is opened where it lies if the store has no copy
    of it, so that it can be seen where nothing may be written.
    """

    def __init__(
        self, store: Store, cache: Cache, most_bytes: int | None = None
    ) -> None:
        self.store = store
        self._memory = MemoryBudget(most_bytes)
        self.cache = cache
        self._open: OrderedDict[str, RunView] = OrderedDict()
        self._seen: dict[str, float] = {}
        self._lock = threading.Lock()
        self._example: Store | None = None

    def get(self, run_id: str) -> RunView:
        """Open a run, or look whether an open one has grown.

        Raises
        ------
        NotStoredError, StoreError
            If there is no such run or it cannot be read.
        """
        run = self._stored(run_id)
        with self._lock:
            view = self._open.get(run_id)
            if view is None or view.stored is not run:
                view = self._open[run_id] = RunView(run, self.cache)
                view.memory = self._memory
                self._seen[run_id] = 0.0
            self._open.move_to_end(run_id)
            while len(self._open) > _MOST_OPEN:
                self._seen.pop(self._open.popitem(last=False)[0], None)
            now = time.monotonic()
            look = now - self._seen.get(run_id, 0.0) > _LOOK_AGAIN
            if look:
                self._seen[run_id] = now
        if look:
            run.refresh()
        return view.at_this_moment()

    def _stored(self, run_id: str) -> Run:
        try:
            return self.store.run(run_id)
        except NotStoredError:
            if run_id != example_id():
                raise
        with self._lock:
            self._example = self._example or example_store()
        return self._example.run(run_id)

    def damage(self, run_id: str) -> str:
        """Say what is known to be damaged of a run; empty if nothing is."""
        with self._lock:
            view = self._open.get(run_id)
        pieces = view.stored.damaged.values() if view else ()
        found = dict.fromkeys(
            [self.store.reported(run_id), *map(self.store.inside, pieces)]
        )
        return "\n".join(filter(None, found))

    def forget(self, run_id: str) -> None:
        """Let go of a run, because it was deleted."""
        with self._lock:
            self._open.pop(run_id, None)
            self._seen.pop(run_id, None)
