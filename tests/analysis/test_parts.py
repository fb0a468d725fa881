"""The logits in parts, on cosines whose parts are known."""

import numpy as np
import pytest

from grokdash.analysis import parts, progress
from grokdash.analysis.fibres import fibres
from grokdash.analysis.forward import forward
from grokdash.config import make_config
from grokdash.store.pair_split import train_mask
from grokdash.store.schema import param_shapes

P = 13
KEYS = {2: 3.0, 5: 1.5}


def wave(k, size, rule="add"):
    a, b, c = np.ix_(np.arange(P), np.arange(P), np.arange(P))
    s = a + b if rule == "add" else a - b
    return size * np.cos(2 * np.pi * k * (s - c) / P)


def mask(seed=0):
    return np.random.default_rng(seed).random((P, P)) < 0.4


@pytest.mark.parametrize("rule", ["add", "subtract"])
def test_restricted_and_excluded_divide_the_cosines(rule):
    cube = sum(wave(k, size, rule) for k, size in KEYS.items())
    groups = fibres(rule, P, mask())

    full, restricted, excluded = parts.class_parts(cube, groups, (2,), 4)

    assert full == pytest.approx(cube[:, :, 4], abs=1e-5)
    assert restricted == pytest.approx(wave(2, 3.0, rule)[:, :, 4], abs=1e-5)
    assert excluded == pytest.approx(wave(5, 1.5, rule)[:, :, 4], abs=1e-5)


def test_the_gauge_does_not_matter():
    rng = np.random.default_rng(1)
    cube = rng.normal(size=(P, P, P))
    shifted = cube + rng.normal(size=(P, P, 1))
    groups = fibres("add", P, mask())

    for part in (
        lambda x: parts.class_parts(x, groups, (3,), 0),
        lambda x: parts.excluded_margin(x, groups, (3,)),
    ):
        assert part(cube) == pytest.approx(part(shifted), abs=1e-5)


def test_restricted_parts_have_the_restricted_loss():
    cube = np.random.default_rng(2).normal(size=(P, P, P))
    groups = fibres("add", P, mask())
    M = groups.mean(cube)

    table = parts.waves(M, groups.counts, (1, 4)).restricted

    expected = progress.restricted_losses(M, groups.counts, (1, 4))
    found = progress.table_scores(table, groups.counts).loss
    assert found == pytest.approx(expected, rel=1e-12)


def test_without_keys_nothing_is_excluded():
    cube = np.random.default_rng(3).normal(size=(P, P, P))
    groups = fibres("add", P, mask())

    full, restricted, excluded = parts.class_parts(cube, groups, (), 6)

    assert np.array_equal(full, excluded)
    assert np.ptp(restricted) == pytest.approx(0, abs=1e-6)


def test_excluding_the_only_wave_leaves_no_margin():
    """All that is left are ties: the best wrong class is as good as the answer."""
    cube = wave(3, 10.0)

    margin = parts.excluded_margin(cube, fibres("add", P, mask()), (3,))

    assert margin == pytest.approx(np.zeros((P, P)), abs=1e-9)


def test_what_is_memorised_stays_when_the_keys_go():
    train = mask()
    a, b = np.nonzero(train)
    cube = wave(3, 2.0)
    cube[a, b, (a + b) % P] += 9.0

    margin = parts.excluded_margin(cube, fibres("add", P, train), (3,))

    assert margin[train].min() > 3
    assert margin[~train].max() < 0


def test_pairs_and_classes_outside_a_multiplicative_frame_are_missing():
    cube = np.random.default_rng(4).normal(size=(P, P, P))
    groups = fibres("multiply", P, mask())

    inside = parts.class_parts(cube, groups, (1,), 5)
    outside = parts.class_parts(cube, groups, (1,), 0)

    assert np.isnan(inside[:, 0]).all()
    assert np.isnan(inside[:, :, 0]).all()
    assert np.isfinite(inside[:, 1:, 1:]).all()
    assert np.isnan(outside).all()


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"n_layers": 2, "layer_norm": True},
        {
            "tied_unembedding": True,
            "causal_mask": False,
            "attention_bias": True,
            "unembedding_bias": True,
        },
    ],
    ids=["one layer", "two layers with norm", "tied without mask"],
)
def test_one_pair_has_the_logits_of_the_whole_grid(fields):
    config = make_config(p=7, d_model=8, d_mlp=6, n_heads=2, **fields)
    rng = np.random.default_rng(5)
    params = {
        name: rng.normal(size=shape).astype(np.float32)
        for name, shape in param_shapes(config).items()
    }
    whole = forward(params, config).logits

    for a, b in ((0, 0), (2, 5), (6, 3)):
        one = parts.pair_logits(params, config, a, b)
        assert one == pytest.approx(whole[a, b], rel=1e-4, abs=1e-4)


def test_the_table_by_sum_and_difference_is_a_bijection_for_odd_moduli():
    grid = np.arange(49.0).reshape(7, 7)

    table = parts.sum_difference_table(grid)

    assert sorted(table.ravel()) == list(range(49))
    for i, j in ((0, 0), (3, 5), (6, 1)):
        assert table[(i + j) % 7, (i - j) % 7] == grid[i, j]


def test_an_even_modulus_leaves_unequal_parities_empty():
    grid = np.arange(36.0).reshape(6, 6)

    table = parts.sum_difference_table(grid)

    s, t = np.indices((6, 6))
    assert np.array_equal(np.isnan(table), (s + t) % 2 == 1)
    assert table[3, 1] == (grid[2, 1] + grid[5, 4]) / 2


@pytest.mark.parametrize("q", [2, 3, 4, 6, 7, 30])
def test_sum_and_difference_explain_what_is_made_of_them(q):
    """Of c·f(i + j) + g(i − j) with one energy each, c²/(c² + 1) is the sum's.

    f and g without their parity means, which an even q counts for both.
    """
    rng = np.random.default_rng(q)
    f, g = (_without_parity(rng.normal(size=q)) for _ in range(2))
    i, j = np.indices((q, q))
    parity = (-1.0) ** (i + j) if q % 2 == 0 else np.zeros((q, q))

    found = parts.sum_difference_shares(3 * f[(i + j) % q] + g[(i - j) % q] + parity)

    made = q > 2
    total = 10 * made + (q % 2 == 0)
    assert found.both == pytest.approx((q % 2 == 0) / total)
    assert found.sums == pytest.approx(9 * made / total + found.both)
    assert found.differences == pytest.approx(made / total + found.both)


def _without_parity(values):
    """Take the mean over each parity (over all for odd q) off; unit deviation."""
    step = 2 if len(values) % 2 == 0 else 1
    for start in range(step):
        values[start::step] -= values[start::step].mean()
    return values / (values.std() or 1.0)


def test_a_table_that_does_not_vary_has_no_shares():
    found = parts.sum_difference_shares(np.full((4, 4), 2.0))

    assert np.isnan([found.sums, found.differences, found.both]).all()


def test_masks_of_the_store_fit():
    config = make_config(p=P, d_model=8, d_mlp=6, n_heads=2)

    groups = fibres(config.rule, P, train_mask(config))

    assert groups.counts.sum(axis=0)[0] == config.n_train
