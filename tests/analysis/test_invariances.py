"""What must not change any measure: symmetries of the weights, the task and the words.

Two networks that compute the same function, or the same up to renaming the numbers,
must be told to be the same by the whole catalogue, not only by the function they were
first checked with.
"""

import numpy as np
import pytest

from grokdash.analysis import fourier, measures
from grokdash.config import make_config

P = 11
KEYS = (2, 5)


def small(**fields):
    sizes = {"p": P, "d_model": 12, "n_heads": 3, "d_mlp": 10, "train_fraction": 0.5}
    return make_config("nanda", **(sizes | fields))


@pytest.fixture
def mask():
    return np.random.default_rng(2).random((P, P)) < 0.5


def measured(params, config, mask):
    """Measure the catalogue and what needs keys."""
    mask = mask & (config.rule.table(config.p) >= 0)
    return {
        **measures.checkpoint_measures(params, config, mask),
        **measures.key_measures(params, config, mask, KEYS),
    }


def assert_same(one, two, apart=()):
    assert one.keys() == two.keys()
    for name, value in one.items():
        if name.startswith(apart):
            continue
        near = {"rel": 5e-3, "abs": 5e-3} if "frame/" in name else {"rel": 2e-4}
        scale = float(np.abs(np.nan_to_num(value)).max(initial=0.0))
        near.setdefault("abs", 2e-5 * scale + 1e-9)
        assert two[name] == pytest.approx(value, nan_ok=True, **near), name


def block(layer, *names):
    return [f"blocks/{layer}/{name}" for name in names]


@pytest.mark.parametrize(
    "fields",
    [{}, {"n_layers": 2}, {"operation": "divide"}, {"operation": "quadratic"}],
    ids=str,
)
def test_rotating_the_residual_stream_changes_no_measure(fields, mask, make_params):
    config = small(**fields)
    params = make_params(config)
    Q = np.linalg.qr(np.random.default_rng(0).normal(size=(12, 12)))[0]
    turned = {name: params[name] @ Q for name in ("W_E", "W_pos")}
    turned["W_U"] = Q.T @ params["W_U"]
    for layer in range(config.n_layers):
        for name in block(layer, "W_Q", "W_K", "W_V", "W_in"):
            turned[name] = Q.T @ params[name]
        for name in block(layer, "W_O", "W_out", "b_out"):
            turned[name] = params[name] @ Q

    one = measured(params, config, mask)
    two = measured(params | turned, config, mask)

    assert_same(one, two)


def test_renumbering_neurons_renumbers_neurons_only(mask, make_params):
    config = small()
    params = make_params(config)
    order = np.random.default_rng(1).permutation(10)
    (W_in, b_in, W_out) = block(0, "W_in", "b_in", "W_out")
    moved = {
        W_in: params[W_in][:, order],
        b_in: params[b_in][order],
        W_out: params[W_out][order],
    }

    one = measured(params, config, mask)
    two = measured(params | moved, config, mask)

    assert_same(one, two, apart=("neuron/",))
    for name in ("freq", "frac", "active", "inert"):
        assert two[f"neuron/{name}"] == pytest.approx(
            one[f"neuron/{name}"][order], nan_ok=True, rel=1e-4
        )


def test_rescaling_a_relu_neuron_changes_its_weights_only(mask, make_params):
    config = small()
    params = make_params(config)
    scale = np.random.default_rng(1).uniform(0.5, 2, size=10)
    (W_in, b_in, W_out) = block(0, "W_in", "b_in", "W_out")
    scaled = {
        W_in: params[W_in] * scale,
        b_in: params[b_in] * scale,
        W_out: params[W_out] / scale[:, None],
    }

    one = measured(params, config, mask)
    two = measured(params | scaled, config, mask)

    assert_same(one, two, apart=("weights/", "wl/", "gini/wl"))
    before = fourier.basis(P) @ (params[W_out] @ params["W_U"][:, :P]).T
    after = fourier.basis(P) @ (scaled[W_out] @ params["W_U"][:, :P]).T
    assert after * scale == pytest.approx(before, abs=1e-5)
    assert two["wl/power"] == pytest.approx(np.square(after).sum(axis=1), rel=1e-4)


def test_renumbering_heads_renumbers_heads_only(mask, make_params):
    config = small()
    params = make_params(config)
    order = [2, 0, 1]
    moved = {n: params[n][order] for n in block(0, "W_Q", "W_K", "W_V", "W_O")}

    one = measured(params, config, mask)
    two = measured(params | moved, config, mask)

    assert_same(one, two, apart=("attention/",))
    for name in ("score", "mean", "std", "freq", "frac"):
        assert two[f"attention/{name}"] == pytest.approx(
            one[f"attention/{name}"][order], rel=1e-4, abs=1e-6
        )


def test_what_every_class_gets_changes_no_measure_but_the_raw_means(mask, make_params):
    """A column added to all of W_U adds g(a, b) to the logits: a softmax is blind."""
    config = small()
    params = make_params(config)
    column = np.random.default_rng(4).normal(size=(12, 1)).astype(np.float32)

    one = measured(params, config, mask)
    two = measured(params | {"W_U": params["W_U"] + column}, config, mask)

    raw = ("logits/M", "logits/mean", "logits/offset", "wl/power", "weights/")
    # It is made of gradients of single logits, which are not relative to others.
    assert_same(one, two, apart=(*raw, "pizza/symmetricity"))
    f, g = one["logits/offset"], two["logits/offset"]
    assert g - g.mean() == pytest.approx(f - f.mean(), abs=1e-5)
    assert two["wl/power"][1:] == pytest.approx(one["wl/power"][1:], rel=1e-4)


@pytest.mark.parametrize("u", [2, 7])
def test_multiplying_all_numbers_by_u_maps_frequencies(u, mask, make_params):
    """The automorphism (a, b, c) → (ua, ub, uc): a frequency k becomes k/u."""
    config = small()
    params = make_params(config)
    order = pow(u, -1, P) * np.arange(P) % P
    tokens, classes = np.append(order, P), np.append(order, P)
    moved = {"W_E": params["W_E"][tokens], "W_U": params["W_U"][:, classes]}
    keys = fourier.fold_keys([pow(u, -1, P) * k for k in KEYS], P)

    one = measured(params, config, mask)
    other = mask[np.ix_(order, order)]
    two = measures.checkpoint_measures(params | moved, config, other)
    key_two = measures.key_measures(params | moved, config, other, keys)

    same = [
        name
        for name in one
        if name.split("/")[0] in ("loss", "accuracy", "gini", "weights", "symmetry")
        and not name.endswith("by_k")
    ]
    both = two | key_two
    assert_same({n: one[n] for n in same}, {n: both[n] for n in same})
    place = [
        fourier.fold_keys([u * (k + 1)], P)[0] - 1 for k in range(P // 2)
    ]  # the old frequency that stands at k + 1 now
    for name in ("logits/sum_share", "logits/diff_share", "loss/excluded2d_by_k"):
        assert two[name] == pytest.approx(one[name][place], rel=1e-3), name
    for name in ("embed/power", "wl/power"):
        folded = fourier.fold(one[name].astype(float))
        assert fourier.fold(two[name].astype(float)) == pytest.approx(
            folded[place], rel=1e-4
        ), name


def test_shifting_the_numbers_leaves_every_power(mask, make_params):
    """With a → a + s and b → b + s the answer moves by 2s."""
    config, s = small(), 3
    params = make_params(config)
    tokens = np.append((np.arange(P) + s) % P, P)
    classes = np.append((np.arange(P) + 2 * s) % P, P)
    moved = {"W_E": params["W_E"][tokens], "W_U": params["W_U"][:, classes]}

    one = measured(params, config, mask)
    two = measured(params | moved, config, np.roll(mask, (-s, -s), axis=(0, 1)))

    apart = ("frame/", "logits/M", "logits/mean", "attention/score", "embed/power",
             "wl/power", "logits/G",
             "pizza/symmetricity")  # fmt: skip  # of a hundred triples, other ones now
    assert_same(one, two, apart=apart)
    for name in ("embed/power", "wl/power"):
        assert fourier.fold(two[name]) == pytest.approx(fourier.fold(one[name]))


def test_swapping_the_operands_transposes_the_grids(mask, make_params):
    config = small()
    params = make_params(config)
    swapped = params | {"W_pos": params["W_pos"][[1, 0, 2]]}

    one = measured(params, config, mask)
    two = measured(swapped, config, mask.T)

    for name in ("frame/loss", "frame/correct_logit", "logits/G"):
        assert two[name] == pytest.approx(one[name].T, rel=5e-3, abs=5e-3), name
    # Symmetricity is that of a hundred triples, which are other ones now.
    apart = ("frame/", "logits/G", "attention/", "pizza/symmetricity")
    assert_same(one, two, apart=apart)
    assert two["attention/mean"] == pytest.approx(
        one["attention/mean"][:, [1, 0, 2]], rel=1e-4
    )


def test_mirror_images_and_the_order_of_keys_are_the_same_keys(mask, make_params):
    config = small()
    params = make_params(config)

    one = measures.key_measures(params, config, mask, (2, 5))
    two = measures.key_measures(params, config, mask, (P - 5, P - 2))

    assert_same(one, two)


def test_a_constant_added_to_the_embedding_changes_its_constant_only(make_params):
    config = small()
    W_E = make_params(config)["W_E"][:P]
    constant = np.random.default_rng(5).normal(size=12)

    one = fourier.component_power(W_E)
    two = fourier.component_power(W_E + constant)

    assert two[1:] == pytest.approx(one[1:])
    assert two[0] != pytest.approx(one[0])
    assert fourier.spectrum_gini(two) == pytest.approx(fourier.spectrum_gini(one))
