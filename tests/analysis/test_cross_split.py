"""Shares and losses in which no pair is judged by its own logits: lookup tables."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from grokdash.analysis import cross_split, logits, measures, progress
from grokdash.analysis.fibres import fibres
from grokdash.analysis.forward import forward
from grokdash.config import make_config
from grokdash.operations import OPERATIONS

HEIGHT = 30.0


class Read:
    """Everything that is said of logits, with the split they come with."""

    def __init__(self, operation, L, mask):
        self.fibres = fibres(operation, len(L), mask)
        rows = self.rows = self.fibres.gather(L)
        self.M = self.fibres.mean_of_rows(rows)
        self.M_unseen = cross_split.unseen_means(rows, self.fibres)
        self.counts = self.fibres.counts
        self.means = cross_split.split_means(
            self.M, self.M_unseen, self.fibres.seen_counts
        )
        energy = float(np.square(logits.gauge_fix(rows), dtype=np.float64).sum())
        self.share = cross_split.shares(self.means, energy)
        self.published = logits.sum_shares(self.M, energy, self.fibres.sizes)
        self.keys = cross_split.key_frequencies(self.share, self.published, self.fibres)
        self.every = tuple(range(1, self.fibres.q // 2 + 1))

    def loss(self, keys):
        return cross_split.loss(self.means, keys)

    def restricted(self, keys):
        return progress.restricted_losses(self.M, self.counts, keys)


def lookup(operation, p, fraction, elsewhere, seed=0, *, mirrors=False):
    """A table that is right on its training pairs, and random or flat elsewhere.

    With ``mirrors`` it answers (a, b) and (b, a) alike, whichever was trained.
    """
    rng = np.random.default_rng(seed)
    answers = OPERATIONS[operation].table(p)
    defined = np.flatnonzero(answers >= 0)
    mask = np.zeros(p * p, dtype=bool)
    mask[rng.permutation(defined)[: int(fraction * len(defined))]] = True
    mask = mask.reshape(p, p)
    right = mask | mask.T if mirrors else mask
    guesses = rng.integers(0, p, (p, p))
    guesses = np.tril(guesses) + np.tril(guesses, -1).T if mirrors else guesses
    said = np.where(right, answers, guesses)
    a, b = np.nonzero(answers >= 0 if elsewhere == "random" else right)
    L = np.zeros((p, p, p), dtype=np.float32)
    L[a, b, said[a, b]] = HEIGHT
    return Read(operation, L, mask)


@pytest.mark.parametrize(
    ("p", "fraction", "elsewhere", "fooled"),
    [
        (59, 0.6, "random", 29),
        (59, 0.6, "flat", 29),
        (59, 0.45, "random", 0),
        (59, 0.45, "flat", 29),
        (113, 0.3, "random", 0),
        (113, 0.3, "flat", 0),
    ],
)
def test_a_lookup_table_has_no_keys_though_the_published_rule_finds_them(
    p, fraction, elsewhere, fooled
):
    table = lookup("add", p, fraction, elsewhere)
    noise = cross_split.sampling_error(table.fibres)

    assert len(logits.key_frequencies(table.published)) == fooled
    assert table.keys == ()
    assert np.abs(table.share).max() < 4 * noise < 0.007
    if elsewhere == "random":
        expected = cross_split.memorised_shares(table.counts)
        assert table.published.mean() == pytest.approx(expected.mean(), rel=0.03)
    else:
        assert table.published == pytest.approx(fraction / (p // 2), rel=0.2)


@pytest.mark.parametrize("elsewhere", ["random", "flat"])
def test_a_table_of_pairs_and_their_mirror_images_has_no_keys_either(elsewhere):
    """Plain test pairs would make keys of it: part of them are mirror images."""
    table = lookup("add", 59, 0.6, elsewhere, mirrors=True)
    plain = replace(table.fibres, seen=table.fibres.train)
    energy = float(np.square(logits.gauge_fix(table.rows), dtype=np.float64).sum())
    unseen = cross_split.unseen_means(table.rows, plain)
    fooled = cross_split.split_means(table.M, unseen, plain.seen_counts)

    assert len(logits.key_frequencies(table.published)) == 29
    found = cross_split.shares(fooled, energy)
    assert len(cross_split.key_frequencies(found, table.published, plain)) > 20
    assert cross_split.loss(fooled, table.every) < 1
    assert table.keys == ()
    assert np.abs(table.share).max() < 4 * cross_split.sampling_error(table.fibres)
    assert table.loss(table.every) > np.log(59) - 0.05


@pytest.mark.parametrize("elsewhere", ["random", "flat"])
@pytest.mark.parametrize(("p", "fraction", "fooled"), [(59, 0.6, 0.01), (113, 0.3, 1)])
def test_a_lookup_table_answers_test_pairs_by_the_published_waves_alone(
    p, fraction, fooled, elsewhere
):
    table = lookup("add", p, fraction, elsewhere)

    assert table.restricted(table.every)[1] < fooled
    assert table.loss(table.every) > np.log(p) - 0.05
    assert table.loss(()) == pytest.approx(np.log(p), abs=0.02)
    assert cross_split.is_memorising((), 0.1, p)
    assert cross_split.is_memorising((3,), np.log(p) + 0.1, p)
    assert not cross_split.is_memorising((3,), 0.1, p)


@pytest.mark.parametrize(
    ("operation", "p", "mirrors"),
    [
        ("add", 11, True),
        ("multiply", 13, True),
        ("subtract", 7, False),
        ("cubic", 13, False),
    ],
)
def test_chance_makes_a_key_of_one_table_in_a_hundred(operation, p, mirrors):
    tables = [
        lookup(operation, p, 0.4, "random", seed, mirrors=mirrors)
        for seed in range(200)
    ]
    noise = [cross_split.sampling_error(one.fibres) for one in tables]
    pairs = np.array([one.share[: (one.fibres.q - 1) // 2] for one in tables])

    assert pairs.mean() == pytest.approx(0, abs=0.1 * float(np.mean(noise)))
    assert pairs.std() == pytest.approx(np.mean(noise), rel=0.15)
    assert sum(one.keys != () for one in tables) <= 7
    assert all(logits.key_frequencies(one.published) == one.every for one in tables[:9])


def test_the_alternating_wave_has_half_the_published_share_and_less_noise():
    tables = [lookup("add", 12, 0.5, "random", seed) for seed in range(200)]
    expected = cross_split.memorised_shares(tables[0].counts)

    assert expected[-1] == expected[0] / 2
    found = np.mean([one.published for one in tables], axis=0)
    assert found == pytest.approx(expected, rel=0.15)
    spread = np.std([one.share for one in tables], axis=0)
    assert spread[-1] / spread[:-1].mean() == pytest.approx(1 / np.sqrt(2), rel=0.15)


@pytest.mark.parametrize("q", [2, 3, 6, 7])
def test_what_memorising_gives_adds_up_over_frequencies(q):
    counts = np.tile([2, 3], (q, 1))

    found = cross_split.memorised_shares(counts)

    assert found.sum() == pytest.approx(0.4**2 + 0.6 / q)


@pytest.mark.parametrize(("p", "percent"), [(59, 0.73), (43, 1.03), (31, 1.47)])
def test_findings_quote_what_memorising_gives(p, percent):
    counts = lookup("add", p, 0.45, "flat").counts

    found = 100 * cross_split.memorised_shares(counts)
    assert found == pytest.approx(percent, abs=0.005)
    page = Path(__file__).parents[2] / "docs/findings/index.md"
    assert f"{percent} %" in page.read_text(encoding="utf-8")


def test_the_threshold_is_one_percent_where_chance_stays_below_it():
    thresholds = {
        p: cross_split.key_threshold(lookup("add", p, 0.5, "flat").fibres)
        for p in (2, 7, 13, 23, 31, 59)
    }

    assert thresholds[59] == 0.01 < thresholds[31] < thresholds[23] < 0.03
    assert 0.03 < thresholds[13] < 0.15 < thresholds[7] < 0.3
    assert thresholds[2] > 1


def test_a_key_holds_a_part_of_all_pairs_too():
    """What a large key leaks into others, where few pairs are unseen, is no key."""
    grouped = lookup("add", 29, 0.8, "flat").fibres
    leaking, published = np.full(14, 0.2), np.where(np.arange(14) == 10, 0.9, 0.001)

    assert cross_split.key_frequencies(leaking, published, grouped) == (11,)
    assert cross_split.key_frequencies(leaking / 100, published, grouped) == ()


@pytest.mark.parametrize(("q", "fraction"), [(12, 0.3), (29, 0.3), (29, 0.7)])
def test_a_pure_clock_has_the_published_shares_and_loss(q, fraction, make_cube):
    keys = (2, 5, q // 2)
    cube = make_cube(q, keys, (3.0, 4.0, 5.0))
    mask = np.random.default_rng(0).random((q, q)) < fraction
    found = Read("add", cube, mask)
    complete = bool(found.means.judged.all())

    assert complete == (fraction == 0.3)
    assert found.keys == logits.key_frequencies(found.published) == keys
    if complete:
        assert found.share == pytest.approx(found.published, abs=1e-12)
        assert found.loss(keys) == pytest.approx(found.restricted(keys)[0], rel=1e-9)
    else:
        assert found.share == pytest.approx(found.published, abs=0.1)


def test_the_hand_built_network_has_the_published_shares_and_loss(
    network, network_activations, half_mask
):
    found = Read("add", network_activations.logits, half_mask)

    assert found.keys == network.keys
    assert found.share == pytest.approx(found.published, abs=2e-3)
    published = found.restricted(network.keys)[0]
    assert found.loss(network.keys) == pytest.approx(published, rel=0.05)


@pytest.mark.parametrize("operation", ["cubic", "quadratic", "sum_of_squares"])
def test_a_function_of_the_label_is_its_own_cross_split_where_fibres_differ(operation):
    p = 37
    rng = np.random.default_rng(3)
    mask = rng.random((p, p)) < 0.3
    grouped = fibres(operation, p, mask)
    table = rng.normal(size=(p, p))
    L = np.zeros((p * p, p))
    L[grouped.order] = table[grouped.label]

    found = Read(operation, L.reshape(p, p, p), mask)

    assert len(np.unique(grouped.sizes)) > 1
    assert found.means.judged.all()
    assert found.share == pytest.approx(found.published, abs=1e-9)
    for keys in ((), (2, 3), found.every):
        seen = progress.restricted_losses(found.M, found.fibres.seen_counts, keys)[0]
        assert found.loss(keys) == pytest.approx(seen, rel=1e-9)


def test_answers_without_a_training_or_a_test_pair_are_left_out(make_cube):
    q, keys = 23, (4, 9)
    cube = make_cube(q, keys, (6.0, 5.0))
    i = np.arange(q)
    answer = (i[:, None] + i) % q
    mask = (np.random.default_rng(1).random((q, q)) < 0.5) | (answer == 7)
    mask &= answer != 11
    whole = Read("add", cube, mask)
    cube[answer == 7] = cube[answer == 11] = 50 * np.eye(q)[3]

    found = Read("add", cube, mask)

    assert np.isnan(found.M_unseen[7]).all()
    assert np.isnan(found.means.seen[11]).all()
    assert np.flatnonzero(~found.means.judged).tolist() == [7, 11]
    assert found.loss(keys) == whole.loss(keys) < 0.5
    assert found.restricted(keys)[0] != pytest.approx(whole.restricted(keys)[0])
    both = found.share[[k - 1 for k in keys]]
    assert both[0] / both[1] == pytest.approx(36 / 25, rel=0.2)
    assert both.min() > 20 * np.abs(np.delete(found.share, [k - 1 for k in keys])).max()


@pytest.mark.parametrize("answers", [0, 1])
def test_without_two_answers_to_judge_nothing_is_claimed(answers, make_cube):
    q = 7
    mask = np.ones((q, q), dtype=bool)
    mask[0, :answers] = False

    found = Read("add", make_cube(q, (2,), (5.0,)), mask)

    assert np.isnan(found.share).all()
    assert found.keys == ()
    assert np.isnan(found.loss((2,)))
    assert cross_split.is_memorising((), found.loss(()), q)


@pytest.mark.parametrize("operation", sorted(OPERATIONS))
@pytest.mark.parametrize("p", [2, 3, 5])
def test_tiny_moduli_are_refused_or_judged_but_never_fail(operation, p):
    for fraction in (0.3, 0.5, 0.9):
        found = lookup(operation, p, fraction, "random")

        assert found.share.shape == (found.fibres.q // 2,)
        assert found.keys == ()
        assert cross_split.memorised_shares(found.counts).shape == found.share.shape


def test_what_is_stored_is_enough(make_params):
    """Seen means follow from those of all pairs and of unseen ones, in float32."""
    config, mask = _small()
    params = make_params(config)
    stored = measures.checkpoint_measures(params, config, mask)
    counts = fibres("add", config.p, mask).seen_counts
    exact = Read("add", forward(params, config).logits, mask)

    means = cross_split.split_means(
        stored["logits/M"], stored["logits/M_unseen"], counts
    )

    np.testing.assert_allclose(means.seen, exact.means.seen, atol=1e-5)
    assert stored["logits/cross_split_share"] == pytest.approx(exact.share, rel=1e-4)
    by_keys = measures.key_measures(params, config, mask, (1, 4))
    assert by_keys["loss/cross_split"] == pytest.approx(exact.loss((1, 4)), rel=1e-6)


def test_the_means_are_over_the_pairs_they_name():
    rng = np.random.default_rng(2)
    mask, L = rng.random((11, 11)) < 0.3, rng.normal(size=(11, 11, 11))
    i = np.arange(11)
    answer = (i[:, None] + i) % 11

    means = Read("add", L, mask).means

    for s in range(11):
        here, seen = answer == s, mask | mask.T
        np.testing.assert_allclose(means.seen[s], L[seen & here].mean(axis=0))
        np.testing.assert_allclose(means.unseen[s], L[~seen & here].mean(axis=0))


def _small():
    config = make_config("nanda", p=11, d_model=12, n_heads=3, d_mlp=10)
    return config, np.random.default_rng(1).random((11, 11)) < 0.5


@pytest.mark.parametrize(
    ("keys", "rule", "memorising", "told"),
    [
        ((3, 5), cross_split.RULE, False, "3 5"),
        ((3, 5), cross_split.RULE, True, f"3 5: {cross_split.MEMORISING}"),
        ((), cross_split.RULE, True, f"none: {cross_split.MEMORISING}"),
        ((3, 5), cross_split.PUBLISHED, False, "3 5 (published rule)"),
        ((), cross_split.PUBLISHED, False, "none (published rule)"),
    ],
)
def test_a_cell_says_what_must_be_said_of_keys(keys, rule, memorising, told):
    assert cross_split.keys_text(keys, rule, memorising=memorising) == told
