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

PIECES = (
    *("answers", "margin-grid", "class-parts", "confusion-offset"),
    *("memorisation-residual", "neuron-spectra"),
)


@pytest.mark.parametrize("view_id", PIECES)
def test_grids_made_in_pieces_are_those_made_at_once(runs, view_id, monkeypatch):
    run = runs()
    view, selection = get_view(view_id), default_selection(run)
    whole = view_arrays(run.at(run.last), view, selection)
    monkeypatch.setattr(needs, "AT_ONCE_BYTES", 0)
    monkeypatch.setattr(needs, "BLOCK_BYTES", 5_000)
    again = RunView(run.stored, Cache())
    again.most_bytes = 0  # nothing is held for all pairs
    assert not again.at(run.last).fits

    pieces = view_arrays(again.at(run.last), view, selection)

    for name, values in whole.items():
        np.testing.assert_allclose(pieces[name], values, rtol=1e-5, atol=1e-5)


def test_progress_of_chosen_keys_is_the_same_in_pieces(runs, monkeypatch):
    stored = runs().stored
    whole = RunView(stored, Cache(), patience_s=None)
    pieces = RunView(stored, Cache(), patience_s=None)
    monkeypatch.setattr(needs, "BLOCK_BYTES", 5_000)
    pieces.most_bytes = 0

    found, wanted = (one.progress((2,)).arrays for one in (pieces, whole))

    for name, values in wanted.items():
        np.testing.assert_allclose(found[name], values, rtol=1e-5)


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

    assert not refused & set(PIECES)
    assert len(shown) > len(refused) > 3
