"""Train small transformers on modular arithmetic and scrub through what they learn.

From Python::

    import grokdash

    store = grokdash.open_store("store")
    run = store.run(store.run_ids()[0])
    run.steps  # epochs of the checkpoints
    run.series("loss/test")  # one number per checkpoint
    run.at(2000)["W_E"]  # any array at any of them
    run.to_pandas()  # or run.to_xarray(), with named axes
    grokdash.arrays(run, "embedding-circle", epoch=2000, k=5)
    grokdash.figure(run, "embedding-circle", epoch=2000, k=5).show()
    grokdash.save_weights(run, "weights.safetensors", [2000])
    grokdash.share(run, "run.html")  # one file, for who has neither Python nor a server
    grokdash.show(run, page="fourier", epoch=2000)  # the app, in a notebook
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grokdash.saving.weights import save_weights
from grokdash.store import Run, Store, open_store

if TYPE_CHECKING:
    import numpy as np
    import plotly.graph_objects as go

    from grokdash.saving.look import AskedLook
    from grokdash.snapshot import RunView
    from grokdash.views.core.selection import Selection
    from grokdash.views.core.view import Drawing, View

__all__ = [
    "Run",
    "Store",
    "arrays",
    "export",
    "figure",
    "open_store",
    "save_weights",
    "share",
    "show",
]


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
    ConfigError
        If a theme, an epoch or what is picked does not fit; the message says what does.
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


def export(  # noqa: PLR0913 - what the command line takes as well
    run: Run,
    views: str | Sequence[str],
    out: str | Path = ".",
    *,
    epochs: int | str | Sequence[int | str] = "last",
    formats: str | Sequence[str] = "png",
    look: "AskedLook | None" = None,
    force: bool = False,
    **selection: Any,
) -> list[Path]:
    """Save views as files, as ``grokdash export`` does, and give their paths.

    Parameters
    ----------
    run
        From ``open_store(path).run(run_id)``.
    views
        Id of a view, or several.
    out
        Folder; each file is named by run, view and epoch.
    epochs
        Epochs, or ``first``, ``last``, ``grok`` and other moments; one or several.
    formats
        ``png``, ``svg``, ``pdf``, ``html``, ``json``, ``csv``, ``npy``.
    look
        Such as ``{"theme": "paper", "width": "8.5cm", "font_size": 8}``.
    force
        Whether files that are there are replaced.
    selection
        What is picked: ``k``, ``h``, ``n``, ``layer``, ``a``, ``b`` and so on.

    Raises
    ------
    ConfigError
        If a value cannot work, a file is there already, or what a format needs is not
        installed.
    NotStoredError
        If there is no such view.
    StoreError
        If a file cannot be written.
    """
    from grokdash.errors import ConfigError  # noqa: PLC0415 - see figure
    from grokdash.saving import batch  # noqa: PLC0415 - see figure
    from grokdash.saving.files import FORMATS  # noqa: PLC0415 - see figure
    from grokdash.saving.look import make_look  # noqa: PLC0415 - see figure
    from grokdash.views.core.misfits import FIELD_NAMES  # noqa: PLC0415 - see figure

    seen = _seen(run).at_this_moment()
    if strange := set(selection) - set(FIELD_NAMES):
        known = ", ".join(FIELD_NAMES)
        raise ConfigError(f"expected one of {known}; got {min(strange)!r}")
    steps, _notices = batch.wanted_epochs(_joined(epochs), seen)
    made = batch.Batch(
        run=seen,
        wanted=batch.wanted_views([views] if isinstance(views, str) else views, seen),
        epochs=steps,
        selection=_selection(selection, seen),
        look=make_look(**(look or {})),
        formats=batch.wanted_formats(_joined(formats), FORMATS),
        folder=Path(out),
        force=force,
    )
    return list(made.save())


def _joined(parts: int | str | Sequence[int | str]) -> str:
    return ",".join(map(str, [parts] if isinstance(parts, int | str) else parts))


def share(  # noqa: PLR0913 - what the command line takes as well
    run: Run,
    out: str | Path,
    *,
    views: Sequence[str] = (),
    checkpoints: int = 200,
    weights: int = 40,
    max_size: float = 8.0,
    force: bool = False,
    **selection: Any,
) -> Path:
    """Write one HTML file that plays a run, as ``grokdash share`` does.

    Parameters
    ----------
    run
        From ``open_store(path).run(run_id)``.
    out
        The file.
    views
        Ids of views; those of the Explore page, the answers and one pair's logits if
        none.
    checkpoints, weights
        How many epochs it has, and of how many of them the weights.
    max_size
        MB that it may take; its numbers are as exact as fits.
    force
        Whether a file that is there is replaced.
    selection
        What is picked at first: ``k``, ``h``, ``n``, ``a``, ``b`` and so on.

    Raises
    ------
    ConfigError
        If a value cannot work, the file is there already, or would be too large.
    NotStoredError
        If there is no such view, or the run cannot show it.
    StoreError
        If the file cannot be written.
    """
    from grokdash.saving.files import refuse_existing, write_file  # noqa: PLC0415 - see figure
    from grokdash.sharing.file import Wish, share_run  # noqa: PLC0415 - see figure

    path = Path(out)
    refuse_existing([path], force=force)
    wish = Wish(
        views=tuple(views),
        checkpoints=checkpoints,
        weights=weights,
        most_bytes=int(max_size * 1_000_000),
        selection={name: str(value) for name, value in selection.items()},
    )
    write_file(path, share_run(run, wish).content)
    return path


def show(
    what: Run | Store | str | Path,
    *,
    page: str | None = None,
    epoch: int | None = None,
    height: int = 720,
    port: int | None = None,
) -> None:
    """Show the app inside a notebook, local or behind JupyterHub.

    Parameters
    ----------
    what
        A run, which is opened at its newest epoch; a store; or the folder of one, or an
        address such as s3://bucket/prefix.
    page
        Of a run ``explore`` (the default) or a subject such as ``fourier``; of a store
        ``runs`` (the default), ``tour``, ``compare``, ``sweeps`` or ``guide``.
    epoch
        Of a run: the nearest stored checkpoint is shown.
    height
        Of the frame, in pixels.
    port
        Of this computer; any that is free by default.

    Raises
    ------
    ConfigError
        If this is no notebook, there is no such page or epoch, or the port is taken.
    """
    from grokdash.app import notebook  # noqa: PLC0415 - dash only when shown

    notebook.show(what, page=page, epoch=epoch, height=height, port=port)


def _drawing(
    run: Run, view_id: str, epoch: int | None, theme: str, selection: dict[str, Any]
) -> "tuple[Drawing, View]":
    from grokdash.errors import NotStoredError  # noqa: PLC0415 - see figure
    from grokdash.views import get_view  # noqa: PLC0415 - see figure
    from grokdash.views.core.render import make_drawing  # noqa: PLC0415 - see figure

    view, seen = get_view(view_id), _seen(run)
    _check_words(view, theme, selection)
    why = view.missing(seen)
    if why is not None:
        raise NotStoredError(why)
    chosen = _selection(selection, seen)
    snapshot = seen.at(seen.last if epoch is None else run.at(epoch).epoch)
    return make_drawing(snapshot, view, chosen, theme), view


def _seen(run: Run) -> "RunView":
    from grokdash.cache import Cache  # noqa: PLC0415 - see figure
    from grokdash.snapshot import RunView  # noqa: PLC0415 - see figure

    return RunView(run, Cache(), patience_s=None)


def _selection(asked: dict[str, Any], run: "RunView") -> "Selection":
    from grokdash.errors import ConfigError  # noqa: PLC0415 - see figure
    from grokdash.views.core.selection import parse_selection  # noqa: PLC0415 - see figure

    chosen, notices = parse_selection(asked, run)
    if notices:
        raise ConfigError("; ".join(notices))
    return chosen


def _check_words(view: "View", theme: str, selection: dict[str, Any]) -> None:
    """Refuse a theme that there is none of, and what changes nothing of this view."""
    from grokdash.errors import ConfigError  # noqa: PLC0415 - see figure
    from grokdash.figures.theme import PRINTS  # noqa: PLC0415 - see figure
    from grokdash.views.core.render import read_fields  # noqa: PLC0415 - see figure

    if theme not in PRINTS:
        raise ConfigError(f"theme: expected one of {', '.join(PRINTS)}, got {theme!r}")
    taken = read_fields(view, styles=True)
    for name in selection:
        if name not in taken:
            raise ConfigError(
                f"{view.id}: takes no {name!r}; it takes "
                f"{', '.join(taken) or 'nothing but the epoch'}"
            )
