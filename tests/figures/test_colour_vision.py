"""What has one colour each is told apart by those who lack a kind of cone.

How colours look to them: Machado, Oliveira and Fernandes, "A physiologically-based
model for simulation of color vision deficiency", IEEE Transactions on Visualization
and Computer Graphics 15(6), 2009, the matrices of severity 1.0 for linear RGB.
Distances are CIE 1976 ΔE in CIELAB, of which about 2.3 are just noticed side by side.
"""

from itertools import combinations

import numpy as np
import pytest

from grokdash.figures.colours import (
    KEYS,
    MATRICES,
    OPERANDS,
    OUTCOMES,
    RUNS,
    SPLITS,
    WAVES,
)
from tests.figures.test_colours import MODES, lab, linear

SEEN = {
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}
LEAST = {
    "splits": (tuple(SPLITS.values()), 36.0),
    "operands": (tuple(OPERANDS.values()), 20.0),
    "first keys": (KEYS[:6], 12.5),
    "keys": (KEYS, 10.0),
    "runs": (RUNS, 12.5),
    "matrices": (tuple(MATRICES.values()), 10.0),
    "waves": (tuple(WAVES.values()), 9.0),
    "outcomes": (tuple(OUTCOMES.values()), 8.5),
}
"""What stands beside each other, and the least ΔE between two of them. An outcome has
a mark of its own besides."""


def least(pairs, mode, matrix):
    """Give the least distance between two colours as they look through a matrix."""
    seen = [
        lab(np.clip(np.asarray(matrix) @ linear(pair[mode]), 0.0, 1.0))
        for pair in pairs
    ]
    return min(float(np.linalg.norm(a - b)) for a, b in combinations(seen, 2))


@MODES
@pytest.mark.parametrize("kind", SEEN)
def test_what_stands_beside_each_other_is_told_apart(mode, kind):
    found = {
        name: (least(pairs, mode, SEEN[kind]), wanted)
        for name, (pairs, wanted) in LEAST.items()
    }

    assert {name: one for name, one in found.items() if one[0] < one[1]} == {}


def test_the_matrices_leave_greys_alone():
    """What has no hue loses none: the rows of each matrix add up to one."""
    for matrix in SEEN.values():
        np.testing.assert_allclose(np.sum(matrix, axis=1), 1.0, atol=2e-6)


def test_a_pair_that_is_confused_is_found():
    confused = (("#0aa076", "#56e4ba"), ("#e8268b", "#ff67d1"))

    assert least(confused, 0, np.eye(3)) > 100
    assert least(confused, 0, SEEN["deuteranopia"]) < 8
