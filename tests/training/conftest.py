import pytest

from grokdash.config import make_config


@pytest.fixture(scope="session")
def tiny():
    """A network that trains 40 epochs in a blink, with a checkpoint every five."""
    return make_config(
        "quick",
        p=7,
        d_model=8,
        d_mlp=12,
        n_heads=2,
        epochs=40,
        dense_until=0,
        checkpoint_every=5,
        grids=3,
    )
