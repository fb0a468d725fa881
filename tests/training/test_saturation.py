"""Which rows a softmax in float32 would round away, against PyTorch's own gradient."""

import numpy as np
import pytest
import torch
from torch.nn.functional import cross_entropy

from grokdash.training.saturation import float32_saturation


def one_by_one(logits, labels):
    """Add the float32 terms in any order for rows in which no order matters."""
    weights = np.exp(logits - logits.max(-1, keepdims=True))
    total = weights.sum(-1, dtype=np.float32, keepdims=True)
    gradient = weights / total - np.eye(logits.shape[-1], dtype=np.float32)[labels]
    return (total == 1).mean(), (gradient == 0).all(-1).mean()


def test_terms_that_are_lost_one_by_one_count_although_their_sum_would_not():
    # 3 e^−17 = 1.24e-7 is more than the 2⁻²⁴ = 6.0e-8 that float32 can add to 1, but
    # none of its terms, 4.1e-8, is. e^−16 = 1.13e-7 is kept by itself.
    logits = torch.tensor([[17.0, 0.0, 0.0, 0.0], [16.0, 0.0, -99.0, -99.0]])
    labels = torch.tensor([0, 0])

    collapsed, zero = float32_saturation(logits, labels)

    exact = torch.log_softmax(logits.double(), -1).amax(-1)
    assert float(exact[0]) < -(2.0**-24)
    assert float(collapsed) == 0.5
    assert float(zero) == 0


def test_only_the_gradient_of_the_right_logit_vanishes_in_a_collapsed_row():
    logits = torch.tensor([[20.0, 0.0, 0.0]], requires_grad=True)
    labels = torch.tensor([0])
    (gradient,) = torch.autograd.grad(cross_entropy(logits, labels), logits)

    collapsed, zero = float32_saturation(logits, labels)

    assert gradient[0, 0] == 0
    assert (gradient[0, 1:] > 0).all()
    assert (float(collapsed), float(zero)) == (1, 0)


def test_a_row_far_enough_apart_teaches_nothing_if_it_is_right():
    # e^−110 = 1.7e-48 is below the smallest float32, 1.4e-45.
    logits = torch.tensor([[110.0, 0.0], [110.0, 0.0]])
    labels = torch.tensor([0, 1])

    collapsed, zero = float32_saturation(logits, labels)

    assert (float(collapsed), float(zero)) == (1, 0.5)


@pytest.mark.parametrize("runs", [(), (3,)])
def test_shares_are_those_of_a_second_implementation(runs):
    generator = torch.Generator().manual_seed(0)
    logits = 40 * torch.randn(*runs, 500, 2, generator=generator)
    labels = torch.randint(0, 2, (*runs, 500), generator=generator)

    found = float32_saturation(logits, labels)

    rows = zip(
        logits.view(-1, 500, 2).numpy(), labels.view(-1, 500).numpy(), strict=True
    )
    expected = np.array([one_by_one(*run) for run in rows]).T
    assert 0 < expected.min() < expected.max() < 1
    np.testing.assert_allclose(
        np.stack([one.numpy().ravel() for one in found]), expected, atol=1e-7
    )
