import pytest
import torch
from torch.nn.functional import cross_entropy as reference

from grokdash.training.cross_entropy import cross_entropy


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_loss_and_gradient_are_pytorchs(dtype):
    torch.manual_seed(0)
    logits = (5 * torch.randn(9, 7, dtype=torch.float64)).requires_grad_()
    labels = torch.randint(0, 7, (9,))

    loss, gradient = cross_entropy(logits, labels, dtype)
    expected = reference(logits, labels)

    assert loss.dtype == gradient.dtype == dtype
    assert float(loss) == pytest.approx(float(expected.detach()), rel=1e-5)
    (wanted,) = torch.autograd.grad(expected, logits)
    torch.testing.assert_close(gradient.double(), wanted, rtol=0, atol=1e-6)


def test_several_runs_have_a_loss_and_a_gradient_each():
    torch.manual_seed(0)
    logits, labels = torch.randn(3, 9, 7), torch.randint(0, 7, (3, 9))

    losses, gradients = cross_entropy(logits, labels, torch.float64)

    for run in range(3):
        loss, gradient = cross_entropy(logits[run], labels[run], torch.float64)
        assert losses[run] == loss
        assert torch.equal(gradients[run], gradient)


def test_float64_sees_a_loss_far_below_the_resolution_of_float32():
    logits = torch.tensor([[30.0, 0.0, 0.0]])

    loss, gradient = cross_entropy(logits, torch.tensor([0]), torch.float64)

    # −log softmax = log(1 + 2 e^−30)
    assert float(loss) == pytest.approx(1.8715245937680347e-13, rel=1e-3)
    assert float(gradient[0, 1]) == pytest.approx(9.357622968839299e-14, rel=1e-3)
