"""From weights to every panel: networks written down by hand, all numbers known."""

import numpy as np
import pytest

from grokdash.analysis import (
    ablations,
    attention,
    cross_split,
    fourier,
    keys,
    logits,
    losses,
    measures,
    neurons,
    pizza,
    progress,
)
from grokdash.analysis.fibres import fibres
from grokdash.analysis.forward import neuron_logit_map

FVE = 0.810622


@pytest.fixture(scope="module")
def stored(network, half_mask):
    return measures.checkpoint_measures(network.params, network.config, half_mask)


def test_logits_are_the_formula(network, network_activations):
    i = np.arange(113)
    a, b, c = np.ix_(i, i, i)
    expected = sum(
        alpha
        * np.abs(np.cos(np.pi * k * (a - b) / 113))
        * np.cos(2 * np.pi * k * (a + b - c) / 113)
        for k, alpha in zip(network.keys, network.alpha, strict=True)
    )

    error = np.abs(network_activations.logits - expected).max()

    assert error < 1.5e-4 * sum(network.alpha)


def test_it_adds(stored):
    assert stored["accuracy/all"] == 1
    assert stored["loss/all"] < np.log(113) / 2


def test_keys_are_found_by_every_rule(network, stored, half_mask):
    grouped = fibres("add", 113, half_mask)
    f, energy = stored["logits/offset"], float(stored["logits/energy"])

    rules = keys.compare_rules(
        stored["logits/sum_share"],
        stored["embed/power_canonical"].astype(np.float64),
        stored["wl/power_canonical"].astype(np.float64),
        stored["neuron/freq"],
        keys.cosine_similarities(f, energy),
        cross_split=cross_split.key_frequencies(
            stored["logits/cross_split_share"], stored["logits/sum_share"], grouped
        ),
    )

    assert rules.cross_split == network.keys

    assert rules.sum_directions == network.keys
    assert rules.embedding == network.keys
    assert rules.neuron_logit == network.keys
    assert rules.neurons == network.keys
    assert rules.cosine == network.keys


def test_cosines_explain_eight_over_pi_squared(network, stored):
    f, energy = stored["logits/offset"], float(stored["logits/energy"])

    assert logits.fve(f, network.keys, energy) == pytest.approx(FVE, abs=1e-5)
    assert stored["symmetry/equivariance"] == pytest.approx(FVE, abs=1e-4)
    assert stored["symmetry/commutativity"] == pytest.approx(0, abs=1e-10)


def test_embedding_power_is_p_at_every_key(network, stored):
    folded = fourier.fold(stored["embed/power"])

    expected = np.zeros(56)
    expected[np.array(network.keys) - 1] = 113
    assert folded == pytest.approx(expected, abs=1e-4)
    assert stored["gini/embed"] == pytest.approx(51 / 56, abs=1e-3)


def test_neuron_logit_map_has_rank_ten_and_key_rows_only(network):
    W_L = neuron_logit_map(network.params, network.config)

    power = fourier.fold(fourier.component_power(W_L.T))

    assert np.linalg.matrix_rank(W_L) == 10
    others = np.delete(power, np.array(network.keys) - 1)
    assert others.sum() / power.sum() == pytest.approx(0, abs=1e-20)


def test_every_neuron_has_the_frequency_it_was_given(network, stored):
    working = network.frequency > 0

    assert np.array_equal(stored["neuron/freq"], network.frequency)
    assert stored["neuron/frac"][working] == pytest.approx(0.962, abs=2e-3)
    assert np.array_equal(stored["neuron/inert"], ~working)
    assert np.isnan(stored["neuron/frac"][~working]).all()


def test_phases_add_up(network):
    params, config = network.params, network.config
    pushed = attention.ov_tables(params, config).sum(axis=0) / 3
    inputs = pushed @ params["blocks/0/W_in"]
    W_L = neuron_logit_map(params, config)

    found = neurons.neuron_phases(inputs, inputs, W_L.T, network.frequency)

    working = network.frequency > 0
    assert found.defect[working] == pytest.approx(0, abs=1e-9)


def test_read_directions_carry_the_sum_wave(network, network_activations):
    """|cos(w(a − b)/2)|cos(w(a + b)) has 8/π² of its variance on cos(w(a + b))."""
    W_L = neuron_logit_map(network.params, network.config)

    found = neurons.read_direction_fve(
        network_activations.neurons[0], W_L, network.keys
    )

    assert found.shape == (5, 2)
    assert found == pytest.approx(FVE, abs=1e-3)


def test_attention_is_uniform_and_varies_with_nothing(stored):
    assert stored["attention/mean"] == pytest.approx(1 / 3, abs=1e-6)
    assert stored["attention/std"] == pytest.approx(0, abs=1e-6)
    assert (stored["attention/freq"] == -1).all()
    assert stored["attention/score"] == pytest.approx(0)


def test_correct_logit_ignores_the_sum(network, network_activations):
    table = network.config.rule.table(113)
    correct = losses.correct_logit_grid(network_activations.logits, table)

    assert pizza.distance_irrelevance(correct) < 1e-3


def test_restricted_logits_are_a_pure_clock(network, network_activations, half_mask):
    """Averaging over the fibre leaves α_k·mean|cos| of every cosine."""
    grouped = fibres("add", 113, half_mask)
    rows = grouped.gather(network_activations.logits)
    M = grouped.mean_of_rows(rows)
    d = np.arange(113)
    f = sum(
        alpha
        * np.abs(np.cos(np.pi * k * d / 113)).mean()
        * np.cos(2 * np.pi * k * d / 113)
        for k, alpha in zip(network.keys, network.alpha, strict=True)
    )
    expected = np.log(np.exp(f).sum()) - f[0]

    restricted = progress.restricted_losses(M, grouped.counts, network.keys)
    W_L = neuron_logit_map(network.params, network.config)
    by_neurons = progress.restricted_neuron_scores(
        grouped.mean(network_activations.neurons[0]),
        W_L,
        M,
        grouped.counts,
        network.keys,
    )

    assert restricted == pytest.approx(expected, abs=1e-3)
    assert by_neurons.loss == pytest.approx(restricted, abs=1e-9)


def test_key_measures_agree_with_their_definitions(network, stored, half_mask):
    grouped = fibres("add", 113, half_mask)
    found = measures.key_measures(
        network.params, network.config, half_mask, network.keys
    )
    from_store = measures.stored_key_measures(
        stored["logits/M"],
        stored["logits/M_unseen"],
        grouped,
        float(stored["logits/energy"]),
        network.keys,
    )

    assert found["logits/fve"] == pytest.approx(FVE, abs=1e-4)
    for name, value in from_store.items():
        assert found[name] == pytest.approx(value, rel=1e-4)
    assert (found["loss/excluded2d"] > np.log(113) / 2).all()


def test_quadratic_network_of_nine_neurons_per_key_is_exact(fibre_mean):
    """Gromov 2023 (arXiv:2301.02679): squares of two phases make an exact clock."""
    q, k = 113, 42
    w = 2 * np.pi * k * np.arange(q) / q
    phase = 2 * np.pi * np.arange(3) / 3
    cube = np.zeros((q, q, q))
    for phi in phase:
        for psi in phase:
            pre = np.cos(w + phi)[:, None] + np.cos(w + psi)[None, :]
            cube += np.square(pre)[:, :, None] * np.cos(w + phi + psi)

    a, b, c = np.ix_(w, w, w)
    np.testing.assert_allclose(cube, 4.5 * np.cos(a + b - c), atol=1e-10)
    f = logits.offset_profile(fibre_mean(cube))
    assert logits.cosine_coefficients(f)[k - 1] == pytest.approx(4.5)
    assert logits.fve(f, (k,), logits.spectrum(cube).energy) == pytest.approx(1)


class TestAblations:
    def loss(self, network, half_mask, edits=None):
        return ablations.score(network.params, network.config, half_mask, edits).loss[2]

    def test_what_is_unused_costs_nothing(
        self, network, half_mask, network_activations
    ):
        reference = self.loss(network, half_mask)
        act = network_activations
        unused = (
            ablations.without_heads(0, [1, 2, 3]),
            ablations.fixed_attention(0, [0]),
            ablations.without_equals_attention(0),
            ablations.without_mlp_skip(act, 0),
            ablations.without_attention_skip(network.params, network.config, act, 0),
            ablations.without_neurons(0, network.frequency < 0),
        )

        for edits in unused:
            assert self.loss(network, half_mask, edits) == pytest.approx(
                reference, abs=1e-5
            )

    def test_without_the_working_head_nothing_is_left(self, network, half_mask):
        edits = ablations.without_heads(0, [0])

        assert self.loss(network, half_mask, edits) == pytest.approx(np.log(113))

    def test_all_neurons_gone_is_chance(self, network, half_mask):
        edits = ablations.without_neurons(0, network.frequency > 0)

        assert self.loss(network, half_mask, edits) == pytest.approx(np.log(113))

    def test_read_directions_are_all_that_counts(self, network, half_mask):
        reference = self.loss(network, half_mask)
        W_L = neuron_logit_map(network.params, network.config)
        rows = [r for k in network.keys for r in fourier.frequency_rows(k, 113)]
        directions = fourier.basis(113)[rows] @ W_L.T

        kept = ablations.projected_neurons(0, directions)
        rest = ablations.projected_neurons(0, directions, complement=True)

        assert self.loss(network, half_mask, kept) == pytest.approx(reference, abs=1e-5)
        assert self.loss(network, half_mask, rest) == pytest.approx(np.log(113))

    def test_fitted_neurons_are_a_pure_clock(self, network, stored, half_mask):
        """The 9 terms of ReLU(cos + cos) keep the mean of |cos| on the sum wave."""
        edits = ablations.fitted_neurons(network.config, 0, network.frequency)

        fitted = ablations.score(network.params, network.config, half_mask, edits)

        restricted = progress.restricted_losses(
            stored["logits/M"], fibres("add", 113, half_mask).counts, network.keys
        )
        assert fitted.accuracy[2] == 1
        assert fitted.loss == pytest.approx(restricted, rel=1e-3)
        assert fitted.loss[2] < 0.75 * self.loss(network, half_mask)
