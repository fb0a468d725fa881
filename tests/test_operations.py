"""What each operation answers, and where it has no answer."""

import numpy as np
import pytest

from grokdash.errors import ConfigError
from grokdash.operations import OPERATIONS, UNDEFINED, get_operation, is_prime

PYTHON_RULES = {
    "add": lambda a, b, p: (a + b) % p,
    "subtract": lambda a, b, p: (a - b) % p,
    "multiply": lambda a, b, p: (a * b) % p,
    "divide": lambda a, b, p: a * pow(b, -1, p) % p if b else UNDEFINED,
    "sum_of_squares": lambda a, b, p: (a**2 + b**2) % p,
    "quadratic": lambda a, b, p: (a**2 + a * b + b**2) % p,
    "cubic": lambda a, b, p: (a**3 + a * b) % p,
}


@pytest.mark.parametrize("name", list(OPERATIONS))
@pytest.mark.parametrize("p", [5, 13])
def test_table_is_the_rule_in_plain_arithmetic(name, p):
    table = get_operation(name).table(p)

    expected = [[PYTHON_RULES[name](a, b, p) for b in range(p)] for a in range(p)]

    np.testing.assert_array_equal(table, expected)


def test_division_undoes_multiplication():
    p = 13
    quotient = get_operation("divide").table(p)
    a, b = np.meshgrid(np.arange(p), np.arange(1, p), indexing="ij")

    np.testing.assert_array_equal(quotient[a, b] * b % p, a)


def test_division_by_zero_makes_no_pair():
    pairs = get_operation("divide").pairs(7)

    assert len(pairs) == 7 * 6
    assert 0 not in pairs[:, 1]


def test_pairs_come_in_lexicographic_order():
    pairs = get_operation("add").pairs(3)

    assert pairs.tolist() == [[a, b] for a in range(3) for b in range(3)]


def test_unknown_operation_names_those_there_are():
    with pytest.raises(ConfigError, match="expected one of add, subtract"):
        get_operation("plus")


def test_primes_below_thirty():
    assert [n for n in range(30) if is_prime(n)] == [2, 3, 5, 7, 11, 13, 17, 19, 23, 29]
