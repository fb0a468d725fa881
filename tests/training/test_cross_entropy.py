import pytest
import torch
from torch.nn.functional import cross_entropy as reference

from grokdash.training.cross_entropy import cross_entropy


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_loss_and_gradient_are_pytorchs(dtype):
    torch.manual_seed(0)
    logits = (5 * torch.randn(9, 7, dtype=torch.float64)).requires_grad_()
    labels = torch.randint(0, 7, (9,))

    loss = cross_entropy(logits, labels, dtype)
    expected = reference(logits, labels)

    assert float(loss.detach()) == pytest.approx(float(expected.detach()), rel=1e-5)
    (got,) = torch.autograd.grad(loss, logits)
    (wanted,) = torch.autograd.grad(expected, logits)
    assert torch.allclose(got, wanted, atol=1e-6)


def test_float64_sees_a_loss_far_below_the_resolution_of_float32():
    logits = torch.tensor([[30.0, 0.0, 0.0]], requires_grad=True)
    labels = torch.tensor([0])

    loss = cross_entropy(logits, labels, torch.float64)
    (gradient,) = torch.autograd.grad(loss, logits)

    # −log softmax = log(1 + 2 e^−30)
    assert float(loss.detach()) == pytest.approx(1.8715245937680347e-13, rel=1e-3)
    assert float(gradient[0, 1]) == pytest.approx(9.357622968839299e-14, rel=1e-3)
