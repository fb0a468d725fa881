"""Matrix products on one core each."""

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from grokdash.threads import keep_products_on_one_core


def blas_threads():
    return [
        one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas"
    ]


def test_a_matrix_product_uses_one_core():
    assert np.eye(2).shape == (2, 2)  # NumPy's BLAS is loaded
    with threadpool_limits(2, user_api="blas"):
        if blas_threads() != [2]:
            pytest.skip("NumPy's BLAS here has no threads to choose")

        keep_products_on_one_core()

        assert blas_threads() == [1]
