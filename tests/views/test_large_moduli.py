"""At a large modulus views are made in pieces, or say what they would take."""

import numpy as np
import pytest

from grokdash.analysis import needs
from grokdash.cache import Cache
from grokdash.errors import NoMemoryError
from grokdash.snapshot import RunView
from grokdash.views import VIEWS, get_view
from grokdash.views.core.render import view_arrays
from grokdash.views.core.selection import default_selection


@pytest.mark.parametrize("view_id", ["answers", "margin-grid"])
def test_grids_made_in_pieces_are_those_made_at_once(runs, view_id, monkeypatch):
    run = runs()
    view, selection = get_view(view_id), default_selection(run)
    whole = view_arrays(run.at(run.last), view, selection)
    monkeypatch.setattr(needs, "AT_ONCE_BYTES", 0)
    monkeypatch.setattr(needs, "BLOCK_BYTES", 5_000)
    again = RunView(run.stored, Cache())
    again.most_bytes = 0  # nothing is held for all pairs

    pieces = view_arrays(again.at(run.last), view, selection)

    for name, values in whole.items():
        np.testing.assert_allclose(pieces[name], values, rtol=0, atol=1e-6)


def test_what_would_take_too_much_says_so_and_the_rest_is_shown(runs):
    run = RunView(runs().stored, Cache(), patience_s=None)
    run.most_bytes = 1_000
    selection, refused, shown = default_selection(run), set(), set()
    for view in VIEWS:
        if view.missing(run) or not view.per_step:
            continue
        try:
            view_arrays(run.at(run.last), view, selection)
        except NoMemoryError as error:
            assert "grokdash serve --memory" in str(error)  # noqa: PT017
            refused.add(view.id)
        else:
            shown.add(view.id)

    assert {"confusion-offset", "class-parts"} <= refused
    assert len(shown) > len(refused) > 5
