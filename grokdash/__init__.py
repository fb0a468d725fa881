"""Train small transformers on modular arithmetic and scrub through what they learn.

From Python::

    import grokdash

    store = grokdash.open_store("store")
    run = store.run(store.run_ids()[0])
    run.steps  # epochs of the checkpoints
    run.series("loss/test")  # one number per checkpoint
    run.param("W_E", run.steps[-1])  # any parameter at any of them
    grokdash.arrays(run, "embedding-circle", epoch=2000, k=5)
    grokdash.figure(run, "embedding-circle", epoch=2000, k=5).show()
    grokdash.show("store")  # the app, in a notebook
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from grokdash.store import Run, Store, open_store

if TYPE_CHECKING:
    import numpy as np
    import plotly.graph_objects as go

    from grokdash.views.core.view import Drawing, View

__all__ = ["Run", "Store", "arrays", "figure", "open_store", "show"]


def figure(
    run: Run,
    view: str,
    epoch: int | None = None,
    *,
    theme: str = "light",
    **selection: Any,
) -> "go.Figure":
    """Give the figure that the app shows, as plotly knows it.

    Parameters
    ----------
    run
        From ``open_store(path).run(run_id)``.
    view
        Id of a view, as listed by ``grokdash views``.
    epoch
        The nearest stored checkpoint at or before it is shown; the newest by default.
    theme
        ``light`` or ``dark``.
    selection
        What is picked: ``k``, ``h``, ``n``, ``layer``, ``a``, ``b`` and so on.

    Raises
    ------
    NotStoredError
        If there is no such view, or this run lacks what it needs.
    """
    from grokdash.views.core.render import render  # noqa: PLC0415 - plotly only when drawn

    drawing, chosen = _drawing(run, view, epoch, theme, selection)
    return render(drawing, chosen)


def arrays(
    run: Run, view: str, epoch: int | None = None, **selection: Any
) -> "dict[str, np.ndarray]":
    """Give the arrays behind :func:`figure`, by name."""
    drawing, _view = _drawing(run, view, epoch, "light", selection)
    return dict(drawing.arrays)


def show(store: str | Path, *, height: int = 720) -> None:
    """Show the app over a store inside a notebook, local or behind JupyterHub.

    Parameters
    ----------
    store
        Folder of the runs, or an address such as s3://bucket/prefix.
    height
        Of the frame, in pixels.

    Raises
    ------
    ConfigError
        If this is no notebook.
    """
    from grokdash.app import notebook  # noqa: PLC0415 - dash only when shown

    notebook.show(store, height)


def _drawing(
    run: Run, view_id: str, epoch: int | None, theme: str, selection: dict[str, Any]
) -> "tuple[Drawing, View]":
    from grokdash.cache import Cache  # noqa: PLC0415 - see figure
    from grokdash.errors import ConfigError, NotStoredError  # noqa: PLC0415 - see figure
    from grokdash.snapshot import RunView  # noqa: PLC0415 - see figure
    from grokdash.views import get_view  # noqa: PLC0415 - see figure
    from grokdash.views.core.render import make_drawing  # noqa: PLC0415 - see figure
    from grokdash.views.core.selection import parse_selection  # noqa: PLC0415 - see figure

    view = get_view(view_id)
    seen = RunView(run, Cache(), patience_s=None)
    why = view.missing(seen)
    if why is not None:
        raise NotStoredError(why)
    chosen, notices = parse_selection(selection, seen)
    if notices:
        raise ConfigError("; ".join(notices))
    snapshot = seen.at(seen.last if epoch is None else epoch)
    return make_drawing(snapshot, view, chosen, theme), view
