"""A network trained past grokking has the published structure; others have none."""

import numpy as np
import pytest

from grokdash.analysis import cross_split, fourier, logits, pizza
from grokdash.analysis.embedding import circle
from grokdash.analysis.measures import checkpoint_measures
from grokdash.cache import Cache
from grokdash.config import make_config
from grokdash.course.glossary import terms
from grokdash.snapshot import RunView
from grokdash.store import open_store, train_mask
from grokdash.store.schema import param_shapes
from grokdash.story.facts import ROUND, Facts
from grokdash.story.notes import notes
from grokdash.story.telling import Term
from grokdash.story.tour import TITLES, tell
from grokdash.training.train import Options, train
from grokdash.views import get_view
from grokdash.views.core.render import make_drawing
from grokdash.views.core.selection import default_selection
from grokdash.written import percent

CONFIG = make_config(
    p=29,
    train_fraction=0.8,
    d_model=64,
    d_mlp=128,
    lr=2e-3,
    epochs=1200,
    checkpoint_every=100,
    dense_every=100,
    dense_until=0,
    grids=0,
)


@pytest.fixture(scope="module")
def grokked(tmp_path_factory):
    """Train for some ten seconds; every test below reads this one run."""
    folder = tmp_path_factory.mktemp("grokked")
    train(CONFIG, Options(store=folder, threads=1, quiet=True, device="cpu"))
    store = open_store(folder)
    yield RunView(store.run(CONFIG.run_id()), Cache())
    store.close()


def sentence(run, view_id, step):
    view = get_view(view_id)
    drawing = make_drawing(run.at(step), view, default_selection(run), "light")
    return view.describe(drawing)


def random_params(scale=1.0):
    rng = np.random.default_rng(3)
    return {
        name: (scale * rng.normal(size=shape) / np.sqrt(shape[-1])).astype(np.float32)
        for name, shape in param_shapes(CONFIG).items()
    }


@pytest.mark.slow
def test_it_memorises_first_and_generalises_later(grokked):
    train_accuracy = grokked.series("accuracy/train")
    test_accuracy = grokked.series("accuracy/test")
    grok = grokked.grok()

    memorised = grokked.steps[int(np.argmax(train_accuracy >= 0.99))]
    assert grok.state == "grokked"
    assert grok.until > memorised
    assert test_accuracy[-1] == 1.0
    assert "generalises" in sentence(grokked, "loss-curves", grokked.last)


@pytest.mark.slow
def test_a_few_key_frequencies_carry_the_logits(grokked):
    share = grokked.stored.measure("logits/sum_share", grokked.last)
    keys = grokked.keys

    assert grokked.keys_final
    assert 1 <= len(keys) <= 6
    assert keys == logits.key_frequencies(share)
    honest = grokked.stored.measure("logits/cross_split_share", grokked.last)
    assert keys == cross_split.key_frequencies(honest, share, grokked.fibres)
    at_keys = [k - 1 for k in keys]  # 4 % of the pairs are unseen: a rough estimate
    assert honest[at_keys] == pytest.approx(share[at_keys], abs=0.2)
    assert share[[k - 1 for k in keys]].sum() > 0.9
    assert grokked.stored.measure("logits/fve", grokked.last) >= 0.9


@pytest.mark.slow
def test_only_the_keys_are_needed_and_nothing_works_without_them(grokked):
    last = grokked.last
    full = float(grokked.stored.measure("loss/all", last))
    restricted = float(grokked.stored.measure("loss/restricted", last)[2])
    excluded = float(grokked.stored.measure("loss/excluded2d", last)[2])
    accuracy = float(grokked.stored.measure("accuracy/restricted", last)[2])

    assert restricted < full < 1e-3
    assert accuracy == 1.0
    assert excluded > np.log(CONFIG.p)
    assert excluded > 1e4 * full


@pytest.mark.slow
def test_what_is_left_without_memorised_answers_falls_later_and_ends_alike(grokked):
    published = grokked.series("loss/restricted")[:, 0]
    honest = grokked.series("loss/cross_split")
    before = (grokked.steps > 0) & (grokked.steps < grokked.grok().until)

    assert (honest[before] > published[before]).all()
    assert honest[0] == pytest.approx(np.log(CONFIG.p), abs=0.1)
    assert grokked.fibres.seen_counts[:, 1].sum() <= 40  # few: a bound
    assert published[-1] < honest[-1] < 1e-2
    assert not cross_split.is_memorising(grokked.keys, float(honest[-1]), CONFIG.p)


@pytest.mark.slow
def test_restricted_loss_falls_before_the_test_loss(grokked):
    restricted = grokked.series("loss/restricted")[:, 2]
    test = grokked.series("loss/test")

    first = int(np.argmax(restricted < 0.5))
    assert first < int(np.argmax(test < 0.5))


@pytest.mark.slow
def test_the_tokens_lie_on_circles_at_the_keys_alone(grokked):
    W_E = grokked.at(grokked.last).W_E
    other = [k for k in range(1, CONFIG.p // 2 + 1) if k not in grokked.keys]

    strongest = max(grokked.keys, key=lambda k: circle(W_E, k).share)
    found = circle(W_E, strongest)
    radius = np.hypot(found.x, found.y)
    assert found.share > 0.15
    assert radius.std() / radius.mean() < 0.15
    assert found.residual < 0.05
    assert all(circle(W_E, k).share < found.share / 2 for k in other)
    assert grokked.series("gini/embed")[-1] > grokked.series("gini/embed")[0] + 0.2


@pytest.mark.slow
def test_the_views_say_so(grokked):
    last = grokked.last

    assert "100.0 % of all others" in sentence(grokked, "margin-grid", last)
    assert "no confusion" in sentence(grokked, "confusion-offset", last)
    names = ", ".join(map(str, grokked.keys))
    assert f"Key frequencies {names}" in sentence(grokked, "progress-measures", last)


@pytest.mark.slow
def test_before_grokking_the_same_run_shows_none_of_it(grokked):
    start = grokked.at(0)

    share = start.measure("logits/sum_share")
    assert logits.key_frequencies(share) == ()
    assert float(start.measure("gini/embed")) < 0.1
    assert pizza.circularity(start.W_E) < 0.5
    for k in grokked.keys:
        assert circle(start.W_E, k).share < 0.15


@pytest.mark.parametrize("seed", range(3))
def test_a_random_embedding_shows_no_circle(seed):
    W_E = np.random.default_rng(seed).normal(size=(113, 128))

    for k in (1, 14, 56):
        found = circle(W_E, k)
        assert found.share < 0.03
        assert found.residual > 0.3
    assert pizza.circularity(W_E) < 0.2
    assert fourier.spectrum_gini(fourier.component_power(W_E)) < 0.05


def test_an_untrained_network_shows_no_key_frequencies():
    found = checkpoint_measures(random_params(), CONFIG, train_mask(CONFIG))

    assert logits.key_frequencies(found["logits/sum_share"].astype(float)) == ()
    assert found["symmetry/equivariance"] < 0.01
    assert np.nanmax(found["neuron/frac"]) < 0.85


@pytest.mark.parametrize("scale", [0.0, 1e-12])
def test_a_collapsed_network_does_not_look_sparse(scale):
    """All weights (nearly) zero: shares are undefined or flat, never one peak."""
    found = checkpoint_measures(random_params(scale), CONFIG, train_mask(CONFIG))

    assert logits.key_frequencies(found["logits/sum_share"].astype(float)) == ()
    for name in ("gini/embed", "gini/wl"):
        value = float(found[name])
        assert not value > 0.2
    assert not np.nanmax(found["neuron/frac"], initial=0.0) > 0.85
    assert (found["neuron/freq"] <= 0).all() or scale > 0


def test_a_network_that_always_says_the_same_is_no_circuit():
    """A class bias depends on no operand: the collapsed runs of high learning rates."""
    params = random_params()
    params["W_E"][: CONFIG.p] = params["W_E"][0]
    found = checkpoint_measures(params, CONFIG, train_mask(CONFIG))

    assert logits.key_frequencies(found["logits/sum_share"].astype(float)) == ()
    assert not float(found["gini/embed"]) > 0.2


@pytest.mark.slow
def test_the_tour_says_of_it_what_its_arrays_say(grokked):
    told = {}
    for number, title in enumerate(TITLES, 1):
        parts = [
            one for one in tell(grokked, number).step.paragraphs if type(one) is list
        ]
        told[title] = "".join(getattr(p, "text", p) for part in parts for p in part)
        named = {p.name for part in parts for p in part if isinstance(p, Term)}
        assert named <= set(terms())
    last, facts = grokked.last, Facts(grokked)
    k, learned = facts.k, facts.moments.learned

    W = grokked.at(last).W_E.astype(float)
    power = np.square(np.abs(np.fft.rfft(W, axis=0))[1:]).sum(axis=1)
    share = sum(power[key - 1] for key in grokked.keys) / power.sum()
    assert f"is {percent(share, 0)} now" in told["A few frequencies grow"]
    assert power[k - 1] == max(power[key - 1] for key in grokked.keys)

    ring = circle(W, k)
    assert (
        f"{percent(ring.residual)} of the points" in told["One frequency is one clock"]
    )
    since = facts.round_since[k]
    rings = [circle(grokked.at(int(e)).W_E, k).residual for e in grokked.steps]
    assert max(rings[list(grokked.steps).index(since) :]) <= ROUND

    at_last = grokked.at(last)
    follow = np.isin(at_last.measure("neuron/freq"), grokked.keys).sum()
    alive = (at_last.measure("neuron/inert") == 0).sum()
    assert f"and {follow} of {alive} do at epoch {last:,}" in told["One neuron"]

    a, b = facts.pair
    said = [grokked.at(e).logits[a, b].argmax() for e in (learned, last)]
    assert f"highest at {said[0]}, which is wrong" in told["All of it on one question"]
    assert f"at {said[1]}, which is right" in told["All of it on one question"]
    assert not grokked.train_mask[a, b]
    assert a + b >= CONFIG.p


@pytest.mark.slow
def test_the_notes_on_its_curve_hold_from_their_epochs_on(grokked):
    told = {note.text: note.epoch for note in notes(grokked)}
    steps, facts = grokked.steps, Facts(grokked)

    def epoch(beginning):
        return next(at for text, at in told.items() if beginning in text)

    rises, groks = epoch("begins to rise"), epoch("Grokked")
    accuracy = grokked.series("accuracy/test")
    assert accuracy[steps >= rises].min() >= 0.1 > accuracy[steps < rises][-1]
    assert accuracy[steps >= groks].min() >= 0.99 > accuracy[steps < groks][-1]

    settled = epoch("The key frequenc")
    found = [grokked.at(int(at)).key_shares for at in steps]
    keys = [
        cross_split.key_frequencies(
            one["cross_split"], one["published"], grokked.fibres
        )
        for one in found
    ]
    same = [tuple(sorted(one)) == facts.keys for one in keys]
    place = list(steps).index(settled)
    assert all(same[place:])
    assert not same[place - 1]

    first = min(facts.round_since, key=lambda k: facts.round_since[k])
    assert f"The circle of k = {first} is round from here on" in " ".join(told)
