"""The catalogue: its names and shapes for every operation, and its numbers."""

import numpy as np
import pytest

from grokdash.analysis import fourier, losses, measures, progress
from grokdash.analysis.fibres import fibres
from grokdash.analysis.forward import logits as run
from grokdash.analysis.groups import canonical
from grokdash.config import make_config
from grokdash.operations import OPERATIONS


def small(operation="add", p=7, **fields):
    return make_config(
        "nanda",
        operation=operation,
        p=p,
        d_model=12,
        n_heads=3,
        d_mlp=10,
        train_fraction=0.5,
        **fields,
    )


def mask_of(config):
    defined = config.rule.table(config.p) >= 0
    draw = np.random.default_rng(1).random(defined.shape) < 0.5
    draw.flat[np.flatnonzero(defined)[:2]] = [True, False]
    return draw & defined


@pytest.mark.parametrize(
    ("operation", "p"),
    [
        (name, p)
        for name in sorted(OPERATIONS)
        for p in (2, 3, 7)
        if p >= OPERATIONS[name].smallest_p
    ],
)
def test_every_operation_has_the_whole_catalogue(operation, p, make_params):
    config = small(operation, p)
    frame = canonical(operation, p)
    q = p if frame is None else frame.modulus

    found = measures.checkpoint_measures(make_params(config), config, mask_of(config))

    shapes = {
        "embed/power": (p,),
        "embed/power_canonical": (q,),
        "wl/power": (p,),
        "wl/power_canonical": (q,),
        "logits/M": (q, q),
        "logits/M_unseen": (q, q),
        "logits/mean": (p,),
        "logits/offset": (q,),
        "logits/sum_share": (q // 2,),
        "logits/cross_split_share": (q // 2,),
        "logits/diff_share": (q // 2,),
        "logits/G": (q, q),
        "loss/excluded2d_by_k": (q // 2, 3),
        "loss/restricted_by_k": (q // 2, 3),
        "neuron/freq": (10,),
        "neuron/frac": (10,),
        "neuron/active": (10,),
        "neuron/inert": (10,),
        "attention/score": (3, p),
        "attention/mean": (3, 3),
        "attention/std": (3, 3),
        "attention/freq": (3,),
        "attention/frac": (3,),
        "weights/sumsq": (11,),
        "frame/correct_logit": (p, p),
        "frame/loss": (p, p),
    }
    scalars = {
        f"{kind}/{part}" for kind in ("loss", "accuracy") for part in losses.SPLITS
    } | {
        "logits/lin_share",
        "logits/cross_share",
        "logits/dc_share",
        "logits/energy",
        "weights/sumsq_total",
        "gini/embed",
        "gini/wl",
        "gini/embed_additive",
        "gini/wl_additive",
        "symmetry/equivariance",
        "symmetry/commutativity",
        "pizza/symmetricity",
        "pizza/symmetricity_error",
        "pizza/irrelevance",
        "pizza/circularity",
    }
    assert {
        name: value.shape for name, value in found.items()
    } == shapes | dict.fromkeys(scalars, ())
    assert np.isfinite(found["loss/all"])


@pytest.mark.parametrize("operation", sorted(OPERATIONS))
def test_numbers_are_those_of_the_plain_definitions(operation, make_params):
    config = small(operation)
    params, mask = make_params(config), mask_of(config)
    table = config.rule.table(7)
    L = run(params, config, np.float64)

    found = measures.checkpoint_measures(params, config, mask)

    loss = losses.loss_grid(L, table)
    for part, value in zip(
        losses.SPLITS, losses.grid_means(loss, table, mask), strict=True
    ):
        assert found[f"loss/{part}"] == pytest.approx(value, rel=1e-5)
    assert found["frame/loss"] == pytest.approx(loss, rel=1e-3, nan_ok=True)
    assert found["logits/mean"] == pytest.approx(L[table >= 0].mean(axis=0), abs=1e-6)
    grouped = fibres(config.rule, 7, mask)
    rows = grouped.gather(L)
    excluded = progress.excluded_by_k(rows, grouped, grouped.mean_of_rows(rows))
    assert found["loss/excluded2d_by_k"] == pytest.approx(excluded, rel=1e-4)
    for k in range(1, grouped.q // 2 + 1):
        assert found["loss/restricted_by_k"][k - 1] == pytest.approx(
            progress.restricted_losses(found["logits/M"], grouped.counts, (k,)),
            rel=1e-5,
        )
    assert found["weights/sumsq_total"] == pytest.approx(
        sum(np.square(value).sum() for value in params.values()), rel=1e-5
    )


def test_measures_of_deeper_networks_name_every_block(make_params):
    config = small(n_layers=2, layer_norm=True, activation="gelu")

    found = measures.checkpoint_measures(make_params(config), config, mask_of(config))

    assert found["neuron/freq"].shape == (20,)
    assert found["attention/mean"].shape == (6, 3)
    assert found["attention/mean"].sum(axis=1) == pytest.approx(1, abs=1e-5)
    assert np.isfinite(found["attention/score"][:3]).all()
    assert np.isnan(found["attention/score"][3:]).all()


def test_multiplication_is_sparse_in_its_own_basis_only(make_params):
    config = small("multiply", 13)
    frame = canonical("multiply", 13)
    assert frame is not None
    params = make_params(config)
    W_E = np.zeros_like(params["W_E"])
    angle = 2 * np.pi * 5 * np.arange(12) / 12
    W_E[frame.a_order, 0], W_E[frame.a_order, 1] = np.cos(angle), np.sin(angle)
    params["W_E"] = W_E

    found = measures.checkpoint_measures(params, config, mask_of(config))

    assert found["gini/embed"] == pytest.approx(5 / 6, abs=1e-3)
    assert found["gini/embed_additive"] == pytest.approx(0, abs=1e-3)
    assert fourier.fold(found["embed/power_canonical"])[4] == pytest.approx(12)


def test_rules_without_a_group_say_so(make_params):
    config = small("quadratic")

    found = measures.checkpoint_measures(make_params(config), config, mask_of(config))

    assert np.isnan(found["logits/diff_share"]).all()
    assert np.isnan(found["symmetry/equivariance"])
    assert np.isnan(found["symmetry/commutativity"])
    assert np.isfinite(found["logits/sum_share"]).all()


def test_key_measures_of_no_keys_and_of_all(make_params):
    config = small()
    params, mask = make_params(config), mask_of(config)
    L = run(params, config, np.float64)
    grouped = fibres("add", 7, mask)

    nothing = measures.key_measures(params, config, mask, ())
    everything = measures.key_measures(params, config, mask, (1, 2, 3))

    rows = losses.cross_entropy(grouped.gather(L), grouped.label)
    full = losses.split_means(rows, grouped.train)
    assert nothing["loss/excluded2d"] == pytest.approx(full, rel=1e-5)
    assert nothing["loss/excluded3d"] == pytest.approx(full, rel=1e-5)
    assert nothing["logits/fve"] == 0
    M = grouped.mean_of_rows(grouped.gather(L))
    assert everything["loss/restricted"] == pytest.approx(
        progress.table_scores(M, grouped.counts).loss, rel=1e-5
    )
