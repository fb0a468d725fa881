"""Means of the logits from pieces are those from all of them."""

import numpy as np
import pytest

from grokdash.analysis import pieces, progress
from grokdash.analysis.fibres import fibres
from grokdash.analysis.logits import band
from grokdash.analysis.parts import centred_rows
from grokdash.analysis.pieces import means_of_all, means_of_blocks


def blocks(cube, step):
    for first in range(0, len(cube), step):
        rows = slice(first, min(first + step, len(cube)))
        yield rows, cube[rows]


@pytest.mark.parametrize("operation", ["add", "multiply", "divide", "sum_of_squares"])
@pytest.mark.parametrize("step", [1, 4, 11])
def test_pieces_add_up_to_the_whole(operation, step):
    p, rng = 11, np.random.default_rng(0)
    cube = (50 + rng.standard_normal((p, p, p))).astype("f4")
    grouped = fibres(operation, p, rng.random((p, p)) < 0.4)

    whole, parts = (
        means_of_all(cube, grouped),
        means_of_blocks(blocks(cube, step), grouped, p),
    )

    np.testing.assert_allclose(parts.M, whole.M, rtol=1e-12)
    np.testing.assert_allclose(parts.M_unseen, whole.M_unseen, rtol=1e-12)
    assert parts.energy == pytest.approx(whole.energy, rel=1e-5)


def test_logits_that_do_not_vary_have_no_energy():
    p = 7
    cube = np.broadcast_to(np.arange(p, dtype="f4") * 1e3, (p, p, p))
    grouped = fibres("add", p, np.eye(p, dtype=bool))

    assert means_of_blocks(blocks(cube, 2), grouped, p).energy == 0.0
    assert means_of_all(cube, grouped).energy == 0.0


@pytest.mark.parametrize("operation", ["add", "multiply", "divide", "sum_of_squares"])
@pytest.mark.parametrize("step", [1, 4, 11])
def test_second_passes_give_what_all_at_once_gives(operation, step):
    p, rng, keys = 11, np.random.default_rng(1), (1, 3)
    cube = (5 * rng.standard_normal((p, p, p))).astype("f4")
    grouped = fibres(operation, p, rng.random((p, p)) < 0.4)
    waves = band(means_of_blocks(blocks(cube, step), grouped, p).M, keys)

    whole = pieces.without_waves_of_all(cube, grouped, keys)
    parts = pieces.without_waves(blocks(cube, step), grouped, waves, p)
    place = min(2, grouped.q - 1)
    column = pieces.class_logit(blocks(cube, step), grouped, place, p)
    confusion = pieces.confusion_by_offset(blocks(cube, step), grouped, p)

    np.testing.assert_allclose(parts.loss, whole.loss, rtol=1e-5)
    np.testing.assert_allclose(
        parts.loss, progress.excluded_losses(cube, grouped, keys), rtol=1e-5
    )
    np.testing.assert_allclose(parts.margin, whole.margin, atol=1e-4)
    np.testing.assert_allclose(column, centred_rows(cube, grouped)[:, place], atol=1e-5)
    np.testing.assert_allclose(
        confusion, progress.confusion_by_offset(cube, grouped), atol=1e-12
    )
