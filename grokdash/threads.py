"""One core per calculation: NumPy's matrix products stay on the thread that asks.

The server computes in eight threads at once and the recorder measures beside the
training, so both cores are in use without help. A BLAS that spreads every product over
all of them lets its helpers wait by spinning, and on busy cores a product of a
millisecond then takes tens.
"""

import threading
from collections.abc import Callable

from threadpoolctl import ThreadpoolController


def keep_products_on_one_core() -> None:
    """Tell every BLAS of this process to use one thread.

    Where NumPy and torch share a BLAS, ``torch.set_num_threads`` must come later.
    """
    ThreadpoolController().select(user_api="blas").limit(limits=1)


class Once:
    """Do something the first time only, whichever thread calls."""

    def __init__(self, what: Callable[[], object]) -> None:
        self._what = what
        self._first = threading.Lock()

    def __call__(self) -> None:
        """Do it, unless it was done."""
        if self._first.acquire(blocking=False):
            self._what()
