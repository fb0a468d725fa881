"""What a page is: where it lives, what it is called, and how it is laid out.

A page module holds one ``PAGE``, or ``PAGES`` when they differ in a name only. The
factory registers them; a page touches neither the app nor, before it is opened, the
store.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from dash import dcc

from grokdash.contract.pages import PageConfig
from grokdash.contract.run import Manifest
from grokdash.snapshot import RunView
from grokdash.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class PageContext:
    """What the app lends a page while it is laid out.

    Parameters
    ----------
    store
        The opened store.
    run_view
        Gives the snapshot of a run from its id; raises the errors of the store.
    manifest
        Gives what the player needs from (run view, ids of views, query).
    why_no_training
        Says why no run can be started or stopped from a page; nothing says it can.
    damage
        Says what is known to be damaged of a run, by its id; nothing if nothing is.
    """

    store: Store
    run_view: Callable[[str], RunView]
    manifest: Callable[[RunView, Sequence[str], Mapping[str, str]], Manifest]
    why_no_training: Callable[[], str] = str
    damage: Callable[[str], str] = lambda _run_id: ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page: ``layout(context, **query)`` gives its component tree.

    The query holds the variables of the path template and every key of the URL,
    unknown ones too. Pages are matched by ascending ``order``; a template with more
    path segments comes first, because ``/run/<run_id>`` matches ``/run/a/b`` as well.

    ``at_once``: it is quick to lay out and for the most part plain HTML, so that it
    comes with the first answer. ``loads``: the large scripts that it needs at once.
    """

    path_template: str
    name: str
    title: str
    order: int
    layout: Callable[..., Any]
    at_once: bool = False
    loads: tuple[Literal["plotly", "grid"], ...] = ()


def opened(config: PageConfig) -> dcc.Store:
    """Tell the browser which page has been laid out; every layout holds this once.

    The part of ``assets/js`` for pages of that kind opens with it, and what was open
    before closes.
    """
    return dcc.Store(id="page-config", data=dict(config))
