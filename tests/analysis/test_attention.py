"""Scores, frequencies and contents of single heads."""

import numpy as np
import pytest

from grokdash.analysis import attention
from grokdash.analysis.forward import attention_pattern
from grokdash.analysis.groups import canonical
from grokdash.config import make_config


def sigmoid_head(k, q=113, size=0.4):
    score = size * np.cos(2 * np.pi * k * np.arange(q) / q)
    return 1 / (1 + np.exp(score[None, :] - score[:, None]))


def test_pattern_is_the_softmax_of_the_score_tables(make_params):
    config = make_config("nanda", p=7, d_model=12, n_heads=3, train_fraction=0.5)
    params = make_params(config)
    tables = attention.score_tables(params, config)
    token, position = tables.token, tables.position

    scores = np.stack(
        np.broadcast_arrays(
            (token + position[:, :1])[:, :, None],
            (token + position[:, 1:2])[:, None, :],
            tables.equals[:, None, None],
        ),
        axis=1,
    )

    expected = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    assert attention_pattern(params, config, 0) == pytest.approx(expected, abs=1e-5)


def test_a_sigmoid_head_has_its_frequency():
    heads = np.stack([sigmoid_head(35), sigmoid_head(42), np.full((113, 113), 0.5)])

    found = attention.head_frequencies(heads)

    assert found.frequency.tolist() == [35, 42, -1]
    assert (found.fraction[:2] > 0.99).all()
    assert np.isnan(found.fraction[2])


def test_difference_fit_explains_an_odd_head_only():
    q = 13
    t = 2 * np.pi * 3 * np.arange(q) / q
    odd = 0.5 + 0.2 * (np.cos(t - 1)[:, None] - np.cos(t - 1)[None, :])
    even = 0.5 + 0.2 * (np.cos(t)[:, None] + np.cos(t)[None, :])

    fit = attention.difference_fit(np.stack([odd, even]))

    assert fit.shape == (6, 2)
    assert fit[2] == pytest.approx([1, 0], abs=1e-12)


def test_undefined_pairs_do_not_enter_the_means():
    pattern = np.random.default_rng(0).dirichlet(np.ones(3), (2, 5, 5))
    pattern = np.moveaxis(pattern, -1, 1)
    defined = np.ones((5, 5), dtype=bool)
    defined[:, 0] = False

    mean, deviation = attention.source_means(pattern, defined)

    assert mean == pytest.approx(pattern[..., 1:].mean(axis=(2, 3)))
    assert deviation == pytest.approx(pattern[..., 1:].std(axis=(2, 3)))
    assert mean.sum(axis=1) == pytest.approx(1)


def test_linearised_attention_touches_the_sigmoid_at_equal_scores():
    x = np.linspace(-0.01, 0.01, 25).reshape(5, 5)
    to_a = 1 / (1 + np.exp(-x))
    pattern = np.stack([0.9 * to_a, 0.9 * (1 - to_a), np.full((5, 5), 0.1)])[None]

    result = attention.linearised(pattern)

    assert result.sum(axis=1) == pytest.approx(1)
    assert result[0, 0] == pytest.approx(0.9 * (0.5 + x / 4))
    assert result == pytest.approx(pattern, abs=1e-6)


def test_what_a_head_moves_is_its_own(network):
    tables = attention.ov_tables(network.params, network.config)

    shares = attention.folded_shares(tables)

    assert shares[0, np.array(network.keys) - 1] == pytest.approx(0.2)
    assert np.isnan(shares[1:]).all()


def test_contents_are_read_in_the_frame():
    frame = canonical("multiply", 7)
    assert frame is not None
    table = np.zeros((1, 7, 1))
    table[0, frame.a_order, 0] = np.cos(2 * np.pi * 2 * np.arange(6) / 6)

    shares = attention.folded_shares(table, frame)

    assert shares[0] == pytest.approx([0, 1, 0])


def test_permuting_heads_permutes_their_rows(make_params):
    config = make_config("nanda", p=7, d_model=12, n_heads=3, train_fraction=0.5)
    params = make_params(config)
    order = [2, 0, 1]
    changed = {
        name: value[order] if value.ndim == 3 else value
        for name, value in params.items()
    }

    first = attention.folded_shares(attention.ov_tables(params, config))
    second = attention.folded_shares(attention.ov_tables(changed, config))

    assert second == pytest.approx(first[order])
