"""Spectra of logits against closed forms, and what must leave them alone."""

import numpy as np
import pytest

from grokdash.analysis import fourier, logits, variation
from grokdash.analysis.fibres import fibres


def unit(q, k):
    i = np.arange(q)
    return 2 * np.pi * k * i / q


@pytest.mark.parametrize("shape", [(5, 4), (3, 5, 4)])
def test_the_gauge_takes_both_means_away_and_no_more(shape):
    waves = np.random.default_rng(2).normal(size=shape)
    flat = waves.reshape(-1, shape[-1])
    flat -= flat.mean(axis=1, keepdims=True)
    flat -= flat.mean(axis=0)
    of_pair = np.random.default_rng(3).normal(size=(*shape[:-1], 1))
    of_class = np.random.default_rng(4).normal(size=shape[-1])

    fixed = logits.gauge_fix(waves + 7 * of_pair + 9 * of_class)

    np.testing.assert_allclose(fixed, waves, atol=1e-13)
    assert logits.gauge_fixed_energy(waves + of_class) == pytest.approx(
        np.square(waves).sum()
    )


@pytest.mark.parametrize(("part", "kept"), [(4, True), (0.25, False)])
def test_what_pairs_share_is_rounding_below_a_share_of_all(part, kept):
    """Logits of float32 that differ between classes, and hardly between pairs."""
    rounding = variation.ROUNDING[np.dtype(np.float32)]
    of_class = np.resize([3.0, -3.0], 4)
    of_pair = np.resize([1.0, -1.0], 64)[:, None] * np.array([1, 1, -1, -1])
    between = np.sqrt(part * rounding) * 3

    energy = logits.gauge_fixed_energy((of_class + between * of_pair).astype("f4"))

    assert (energy > 0) == kept


def test_shares_of_the_pure_network(pure):
    spectrum = logits.spectrum(pure.cube)
    squares = np.square(pure.alpha)

    keys = np.array(pure.keys) - 1
    assert spectrum.sum_share[keys] == pytest.approx(squares / squares.sum())
    assert spectrum.diff_share == pytest.approx(0, abs=1e-20)
    assert spectrum.lin_share == pytest.approx(0, abs=1e-20)
    assert spectrum.cross_share == pytest.approx(0, abs=1e-12)
    assert spectrum.energy == pytest.approx(squares.sum() * 113**3 / 2)
    assert logits.key_frequencies(spectrum.sum_share) == pure.keys


def test_pure_network_has_twenty_bright_cells(pure):
    G = logits.spectrum(pure.cube).G

    assert np.count_nonzero(G > 1e-6) == 20
    for k, alpha in zip(pure.keys, pure.alpha, strict=True):
        block = G[2 * k - 1 : 2 * k + 1, 2 * k - 1 : 2 * k + 1]
        assert block == pytest.approx(alpha * 113**1.5 / (2 * np.sqrt(2)), abs=1e-8)


def test_difference_waves_are_told_from_sum_waves(make_cube):
    spectrum = logits.spectrum(make_cube(13, (3,), (1.0,), sign=-1))

    assert spectrum.diff_share[2] == pytest.approx(1)
    assert spectrum.sum_share == pytest.approx(0, abs=1e-20)


@pytest.mark.parametrize("q", [2, 3, 6, 7, 12])
def test_all_shares_add_up_to_one(q):
    spectrum = logits.spectrum(np.random.default_rng(0).normal(size=(q, q, q)))

    parts = spectrum.sum_share.sum() + spectrum.diff_share.sum()
    assert parts + spectrum.lin_share + spectrum.cross_share == pytest.approx(1)
    assert spectrum.cross_share >= -1e-12
    assert 0 < spectrum.dc_share < 1


def test_cross_share_counts_the_mixed_frequency_blocks():
    q = 13
    wave = np.cos(unit(q, 2))[:, None] * np.cos(unit(q, 5))[None, :]
    classes = np.cos(unit(q, 1))

    spectrum = logits.spectrum(wave[:, :, None] * classes)

    assert spectrum.cross_share == pytest.approx(1)


def test_sum_and_difference_energies_are_those_of_the_fft():
    q = 7
    X = np.random.default_rng(1).normal(size=(q, q, q))
    X -= X.mean(axis=2, keepdims=True)
    spectrum = logits.spectrum(X)
    energy = np.square(np.abs(np.fft.fft2(X, axes=(0, 1), norm="ortho"))).sum(axis=2)

    k = np.arange(1, 4)
    assert spectrum.sum_share * spectrum.energy == pytest.approx(2 * energy[k, k])
    assert spectrum.diff_share * spectrum.energy == pytest.approx(2 * energy[k, -k])


@pytest.mark.parametrize("q", [6, 7])
def test_fibre_means_give_the_same_sum_shares(q, fibre_mean):
    cube = np.random.default_rng(2).normal(size=(q, q, q))
    spectrum = logits.spectrum(cube)

    shares = logits.sum_shares(fibre_mean(cube), spectrum.energy)

    assert shares == pytest.approx(spectrum.sum_share)


def test_random_logits_have_no_key_frequencies():
    cube = np.random.default_rng(0).normal(size=(113, 113, 113))

    spectrum = logits.spectrum(cube)

    assert logits.key_frequencies(spectrum.sum_share) == ()
    assert np.sort(spectrum.sum_share)[-5:].sum() == pytest.approx(10 / 113**2, rel=0.5)


def test_untrained_network_has_no_key_frequencies_and_no_circles(make_params):
    from grokdash.analysis.embedding import circle
    from grokdash.analysis.forward import logits as run
    from grokdash.config import make_config

    config = make_config("nanda")
    params = make_params(config)

    spectrum = logits.spectrum(run(params, config))

    assert logits.key_frequencies(spectrum.sum_share) == ()
    shares = [circle(params["W_E"][:113], k).share for k in range(1, 57)]
    assert max(shares) < 0.04
    assert sum(shares) == pytest.approx(1, abs=1e-5)


def test_constant_logits_have_unknown_shares():
    spectrum = logits.spectrum(np.ones((5, 5, 5)))

    assert np.isnan(spectrum.sum_share).all()
    assert np.isnan(spectrum.dc_share)
    assert logits.key_frequencies(spectrum.sum_share) == ()


def test_coefficients_of_the_pure_network(pure, fibre_mean):
    f = logits.offset_profile(fibre_mean(pure.cube))

    alpha = logits.cosine_coefficients(f)

    expected = np.zeros(56)
    expected[np.array(pure.keys) - 1] = pure.alpha
    assert alpha == pytest.approx(expected, abs=1e-10)
    energy = logits.spectrum(pure.cube).energy
    assert logits.fve(f, pure.keys, energy) == pytest.approx(1)
    assert logits.fve(f, pure.keys[::-1], energy) == pytest.approx(1)
    assert logits.equivariance_share(f, energy) == pytest.approx(1)
    assert logits.offset_margin(f) == pytest.approx(3.942033519690302)


def test_the_alternating_wave_has_a_coefficient_too(make_cube, fibre_mean):
    cube = make_cube(6, (2, 3), (1.5, 0.5))
    f = logits.offset_profile(fibre_mean(cube))
    energy = logits.spectrum(cube).energy

    assert logits.cosine_coefficients(f) == pytest.approx([0, 1.5, 0.5], abs=1e-12)
    assert logits.fve(f, (2, 3), energy) == pytest.approx(1)
    assert logits.cosine_table(np.array([0, 1.5, 0.5]), (2, 3), 6) == pytest.approx(
        fibre_mean(cube)
    )


def test_offset_profile_is_the_mean_over_all_triples_of_that_offset(fibre_mean):
    q = 6
    cube = np.random.default_rng(3).normal(size=(q, q, q))
    a, b, c = np.ix_(np.arange(q), np.arange(q), np.arange(q))

    f = logits.offset_profile(fibre_mean(cube))

    for t in range(q):
        assert f[t] == pytest.approx(cube[(a + b - c) % q == t].mean())


@pytest.mark.parametrize("q", [1, 2, 6, 7])
def test_bands_and_the_mean_make_up_the_table(q):
    M = np.random.default_rng(4).normal(size=(q, 3))

    waves = logits.bands(M)

    assert waves.sum(axis=0) + M.mean(axis=0) == pytest.approx(M)
    for k in range(1, q // 2 + 1):
        assert logits.band(M, (k,)) == pytest.approx(waves[k - 1])
    assert logits.band(M, ()) == pytest.approx(0)
    assert logits.band(M, tuple(range(1, q // 2 + 1))) == pytest.approx(
        M - M.mean(axis=0)
    )


@pytest.mark.parametrize("q", [1, 2, 6, 7])
def test_products_of_bands_need_no_bands(q):
    one, two = np.random.default_rng(4).normal(size=(2, q, 3))
    weights = np.arange(1.0, q + 1)

    found = logits.band_products(one, two, weights)

    bands = logits.bands(one), logits.bands(two)
    expected = np.einsum("ksc,ksc,s->k", *bands, weights)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)


def test_mirror_images_and_order_of_keys_do_not_matter(pure, fibre_mean):
    M = fibre_mean(pure.cube)
    mirrored = tuple(113 - k for k in reversed(pure.keys))

    assert logits.band(M, mirrored) == pytest.approx(logits.band(M, pure.keys))


def test_gauge_and_shift_leave_all_shares(pure):
    rng = np.random.default_rng(5)
    cube = pure.cube + rng.normal(size=pure.cube.shape)
    reference = logits.spectrum(cube)

    gauged = logits.spectrum(cube + rng.normal(size=(113, 113, 1)))
    shifted = logits.spectrum(np.roll(cube, (3, 3), axis=(0, 2)))

    for other in (gauged, shifted):
        assert other.sum_share == pytest.approx(reference.sum_share, abs=1e-12)
        assert other.diff_share == pytest.approx(reference.diff_share, abs=1e-12)
        assert other.lin_share == pytest.approx(reference.lin_share, abs=1e-12)


def test_automorphism_maps_keys_and_keeps_shares(pure):
    u = 5
    order = pow(u, -1, 113) * np.arange(113) % 113
    spectrum = logits.spectrum(pure.cube[np.ix_(order, order, order)])

    mapped = fourier.fold_keys([pow(u, -1, 113) * k for k in pure.keys], 113)

    assert logits.key_frequencies(spectrum.sum_share) == mapped
    assert np.sort(spectrum.sum_share) == pytest.approx(
        np.sort(logits.spectrum(pure.cube).sum_share)
    )


def test_swapping_the_operands_transposes_the_spectrum():
    cube = np.random.default_rng(6).normal(size=(7, 7, 7))

    swapped = logits.spectrum(cube.transpose(1, 0, 2))

    assert pytest.approx(logits.spectrum(cube).G.T) == swapped.G
    assert swapped.sum_share == pytest.approx(logits.spectrum(cube).sum_share)


def test_commutativity_defect_of_known_cubes(pure):
    rng = np.random.default_rng(7)
    X = rng.normal(size=(7, 7, 7))

    assert logits.commutativity_defect(pure.cube) == pytest.approx(0, abs=1e-25)
    assert logits.commutativity_defect(X - X.transpose(1, 0, 2)) == pytest.approx(1)


def test_unequal_fibres_weigh_by_size():
    p = 7
    grouped = fibres("sum_of_squares", p, np.zeros((p, p), dtype=bool))
    table = np.random.default_rng(8).normal(size=(p, p))
    L = np.empty((p, p, p))
    L.reshape(p * p, p)[grouped.order] = table[grouped.label]
    M = grouped.mean_of_rows(grouped.gather(L))
    assert pytest.approx(table) == M

    energy = float(np.square(logits.gauge_fix(L)).sum())
    shares = logits.sum_shares(M, energy, grouped.sizes)

    centred = table - table.mean(axis=1, keepdims=True)
    expected = [
        (grouped.sizes @ np.square(logits.band(centred, (k,))).sum(axis=1)) / energy
        for k in (1, 2, 3)
    ]
    assert shares == pytest.approx(expected)
