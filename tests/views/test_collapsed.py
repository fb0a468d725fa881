"""A network that computes nothing shows nothing: no circle, no wave, no "nan"."""

import pytest
import torch

from grokdash.cache import Cache
from grokdash.config import make_config
from grokdash.snapshot import RunView
from grokdash.store import open_store
from grokdash.training.steppers import Stepper
from grokdash.training.train import Options, train
from grokdash.views import VIEWS, get_view
from grokdash.views.core.render import make_drawing
from grokdash.views.core.selection import default_selection


def all_zero(params):
    for value in params.values():
        value.zero_()


def all_tokens_alike(params):
    params["W_E"][:] = params["W_E"][0].clone()


CONFIG = make_config(
    p=7,
    d_model=8,
    d_mlp=12,
    n_heads=2,
    epochs=4,
    dense_until=0,
    checkpoint_every=2,
    grids=2,
)
HARMS = [all_zero, all_tokens_alike]


@pytest.fixture(scope="module", params=HARMS, ids=lambda harm: harm.__name__)
def collapsed(request, tmp_path_factory):
    """Give a run by the real trainer whose weights collapse at the first update."""
    folder = tmp_path_factory.mktemp("collapsed")
    update = Stepper.update

    def collapse(self):
        scalars = update(self)
        with torch.no_grad():
            request.param(self.params)
        return scalars

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Stepper, "update", collapse)
        train(CONFIG, Options(store=folder, threads=1, quiet=True, device="cpu"))
    store = open_store(folder)
    yield RunView(store.run(CONFIG.run_id()), Cache())
    store.close()


def sentence(run, view):
    drawing = make_drawing(run.at(run.last), view, default_selection(run), "light")
    return view.describe(drawing)


def test_every_view_says_something_and_never_nan(collapsed):
    for view in VIEWS:
        if view.missing(collapsed) is None:
            text = sentence(collapsed, view)
            assert len(text) > 10, view.id
            assert "nan" not in text, f"{view.id}: {text}"


def test_there_is_no_circle_no_wave_and_no_sparsity(collapsed):
    assert collapsed.keys == ()
    assert sentence(collapsed, get_view("embedding-circle")).startswith("W_E has no")
    assert "no circles" in sentence(collapsed, get_view("circle-quality"))
    assert "no waves" in sentence(collapsed, get_view("logit-shares"))
    assert "constant or zero" in sentence(collapsed, get_view("embedding-spectrum"))
    assert "undefined for W_E" in sentence(collapsed, get_view("gini-curves"))
