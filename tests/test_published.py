"""benchmarks/published.py measures what it says, and docs/measured.md quotes it."""

import importlib.util
import re
from dataclasses import astuple
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from grokdash.analysis import fourier, logits, losses
from grokdash.analysis.forward import forward
from grokdash.analysis.measures import checkpoint_measures
from grokdash.config import make_config
from grokdash.store import CheckpointData, RunWriter, open_store, train_mask
from grokdash.store.schema import param_shapes

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "measured.md"
SMALL = {"p": 11, "train_fraction": 0.5, "d_model": 8, "d_mlp": 12, "n_heads": 2}


def load_script():
    path = ROOT / "benchmarks" / "published.py"
    spec = importlib.util.spec_from_file_location("published", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


published = load_script()


def adding_network(config, rng):
    """Add on the circle of frequency 2: the phase of a neuron's output is doubled.

    Attention is even; ReLU(cos(w a − φ) + cos(w b − φ)), weighted by cos and sin of 2φ
    and summed over φ, is a wave in a + b.
    """
    params = {
        name: 0.01 * rng.standard_normal(shape, dtype=np.float32)
        for name, shape in param_shapes(config).items()
    }
    angle = 2 * np.pi * 2 * np.arange(config.p) / config.p
    phase = 2 * np.pi * np.arange(config.d_mlp) / config.d_mlp
    circle, half = (np.stack([np.cos(x), np.sin(x)]) for x in (angle, phase))
    params["W_E"][: config.p, :2] += circle.T
    params["blocks/0/W_V"][0, [0, 1], [0, 1]] += 3
    params["blocks/0/W_O"][0, [0, 1], [0, 1]] += 1
    params["blocks/0/W_in"][:2] += half
    params["blocks/0/W_out"][:, 2:4] += np.stack(
        [np.cos(2 * phase), np.sin(2 * phase)]
    ).T
    params["W_U"][2:4, : config.p] += circle
    return params


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """A store with one run: a random network, then one that adds."""
    path = tmp_path_factory.mktemp("published")
    config = make_config(**SMALL, epochs=20)
    rng = np.random.default_rng(3)
    mask = train_mask(config)
    start = {
        name: rng.standard_normal(shape, dtype=np.float32)
        for name, shape in param_shapes(config).items()
    }
    with RunWriter.create(path, config) as writer:
        for step, params in ((0, start), (20, adding_network(config, rng))):
            measures = checkpoint_measures(params, config, mask)
            writer.commit(CheckpointData(step=step, params=params, measures=measures))
        writer.finish()
    return path


@pytest.fixture(scope="module")
def checkpoint(store):
    run = published.choose(store, None)
    return published.Checkpoint(run, 20)


def rows(store):
    run = published.choose(store, None)
    c = published.Checkpoint(run, 20)
    parts = [row for section in published.SECTIONS for row in section(c)]
    return [*parts, *published.curve_rows(run)]


def page_cells():
    lines = re.findall(r"^\| (.*) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    return [tuple(cell.strip() for cell in line.split(" | ")) for line in lines]


def test_without_a_store_it_explains_itself_and_succeeds(capsys):
    assert published.main([]) == 0

    assert "--preset nanda" in capsys.readouterr().out


def test_a_store_without_a_fitting_run_is_an_error(tmp_path, capsys):
    with RunWriter.create(tmp_path, make_config(**SMALL, operation="subtract")):
        pass

    assert published.main([str(tmp_path)]) == 2

    assert "found none" in capsys.readouterr().err


def test_tables_are_printed_whole(store, capsys):
    assert published.main([str(store)]) == 0

    lines = capsys.readouterr().out.splitlines()
    cells = [line.count(" | ") for line in lines if line.startswith("|")]
    assert len(cells) == len(rows(store)) + 3 * 2
    assert set(cells) == {3, len(published.DRIFT) - 1}


def test_network_that_adds_on_one_circle_is_read_as_such(store):
    ours = {row.quantity: row.ours for row in rows(store)}

    assert ours["key frequencies"] == "1: 2"
    assert ours["neurons of one frequency"] == "12 of 12 (100.0 %)"
    assert ours["neurons per frequency"] == "2: 12"
    assert ours["W_L outside the key rows"].startswith("0.0")
    assert ours["phases end at"].startswith("20 / 20 / ")
    complement = ours["neurons projected on the complement"]
    assert float(complement) == pytest.approx(np.log(11), abs=0.05)


def test_loss_of_the_table_is_the_stored_one(store, checkpoint):
    (ours,) = [r.ours for r in rows(store) if r.quantity == "loss, all pairs"]

    stored = open_store(store).run(checkpoint.run.id).measure("loss/all", 20)
    assert ours == published.number(float(stored))
    assert checkpoint.loss == pytest.approx(float(stored), rel=1e-6)


def test_page_quotes_the_published_numbers_of_the_script(store):
    quoted = {cells[:2] for cells in page_cells() if len(cells) == 4}

    missing = [astuple(row)[:2] for row in rows(store)]
    assert [pair for pair in missing if pair not in quoted] == []


def test_links_of_the_page_lead_somewhere():
    targets = re.findall(r"\]\(([^)#\s]+)", PAGE.read_text(encoding="utf-8"))
    local = [target for target in targets if not target.startswith("http")]

    assert local
    assert [t for t in local if not (PAGE.parent / t).exists()] == []


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (2.4122e-7, "2.41e-7"),
        (5.274, "5.27"),
        (0.0243, "0.0243"),
        (0.002, "2.00e-3"),
        (0.0, "0"),
        (26.61, "26.6"),
    ],
)
def test_number_is_written_with_three_digits(value, text):
    assert published.number(value) == text


def test_change_is_written_against_the_loss_of_the_whole(checkpoint):
    loss = checkpoint.loss

    assert checkpoint.versus(loss / 2).endswith("(−50 %)")
    assert checkpoint.versus(1.25 * loss).endswith("(+25 %)")
    assert "%" not in checkpoint.versus(1000 * loss)


def test_first_below_is_an_interval_of_evaluated_epochs():
    steps, loss = np.array([10, 20, 40, 80]), np.array([5.0, 3.0, 0.5, 0.1])

    assert published.first_below(steps, loss, 1.0) == "20–40"
    assert published.first_below(steps, loss, 9.0) == "by 10"
    assert published.first_below(steps, loss, 0.01) == "not yet"


def test_removed_waves_leave_every_other_direction(checkpoint):
    c, k = checkpoint, 2
    changed = published.without_waves(c, k)["blocks/0/neurons"](c.N)

    before, after = c.fibres.mean(c.N), c.fibres.mean(changed)
    waves = logits.band(before, (k,))
    a, b = 3, 9
    np.testing.assert_allclose(logits.band(after, (k,)), 0, atol=1e-5)
    np.testing.assert_allclose(after, before - waves, atol=1e-5)
    np.testing.assert_allclose((c.N - changed)[a, b], waves[(a + b) % c.p], atol=1e-5)


def test_removed_terms_leave_the_mean_and_other_blocks(checkpoint):
    c, k = checkpoint, 2
    changed = published.without_terms(c, k)["blocks/0/neurons"](c.N)

    before, after = (fourier.transform2(X.astype(float)) for X in (c.N, changed))
    gone = np.zeros((c.p, c.p), dtype=bool)
    gone[np.ix_([0, 3, 4], [0, 3, 4])] = True
    gone[0, 0] = False
    np.testing.assert_allclose(after[gone], 0, atol=1e-4)
    np.testing.assert_allclose(after[~gone], before[~gone], atol=1e-4)


def test_edits_reach_the_loss(checkpoint):
    c = checkpoint
    edits = published.without_waves(c, 2)

    edited = forward(c.params, c.config, edits=edits).logits
    grid = losses.loss_grid(edited, c.config.rule.table(c.p))
    assert c.edited(edits) == pytest.approx(float(grid.mean()), rel=1e-6)
    assert c.edited(edits) != pytest.approx(c.loss, rel=1e-3)


def test_one_wave_explains_all_of_a_neuron_that_is_one(checkpoint):
    """A neuron cos(w_k(a+b)), read along u_k, is that cosine and no sine."""

    p = checkpoint.p
    waves = fourier.basis(p)[[3, 4]]
    on_sum = np.moveaxis(waves[:, np.add.outer(np.arange(p), np.arange(p)) % p], 0, -1)
    ideal = SimpleNamespace(
        p=p, keys=(2,), fibres=checkpoint.fibres, N=on_sum, W_L=waves
    )
    crossed = SimpleNamespace(**{**vars(ideal), "N": on_sum[..., ::-1]})

    single, both = published.wave_fits(ideal)
    np.testing.assert_allclose(single, [[1, 1]])
    np.testing.assert_allclose(both, [[1, 1]])
    single, both = published.wave_fits(crossed)
    np.testing.assert_allclose(single, [[0, 0]], atol=1e-12)
    np.testing.assert_allclose(both, [[1, 1]])


def test_outside_rank_is_what_the_svd_leaves():
    W = np.diag([4.0, 3.0, 0.0])

    assert published.outside_rank(W, 1) == pytest.approx(0.6)
    assert published.outside_rank(W, 2) == pytest.approx(0)


def test_difference_share_counts_the_half_as_explained():
    """½ + e·(cos a − cos b) is explained whole; a constant off ½ is not."""
    p, e = 11, 0.2
    wave = np.cos(2 * np.pi * 3 * np.arange(p) / p)
    fit = 0.5 + e * (wave[:, None] - wave[None, :])
    other = np.cos(2 * np.pi * np.arange(p) / p)
    other = e / 2 * other[:, None] * np.ones(p)

    share = published.difference_share(np.stack([fit, fit + other, fit + 0.1]))

    energy = 0.25 + e**2
    expected = 1 - (e**2 / 8) / (energy + e**2 / 8)
    shifted = 1 - 0.01 / (0.36 + e**2)
    np.testing.assert_allclose(share, [1, expected, shifted], atol=1e-9)
