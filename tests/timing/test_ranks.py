"""The rank test itself, on samples of which the answer is known."""

import random

import pytest

from tests.timing.ranks import compare, ranks_of

chance = random.Random(7)


def sample(middle, size=60):
    return [chance.gauss(middle, 1) for _ in range(size)]


def test_equal_values_share_their_place():
    assert ranks_of([3, 1, 3, 2]) == [3.5, 1, 3.5, 2]


def test_of_one_kind():
    found = compare(sample(10), sample(10))
    assert not found.tells
    assert abs(found.effect) < 0.33


def test_of_two_kinds():
    found = compare(sample(12), sample(10))
    assert found.tells
    assert found.effect > 0.7


def test_the_order_alone_counts():
    slow = sample(10)
    slow[:3] = [1000, 2000, 3000]
    assert not compare(slow, sample(10)).tells


def test_against_a_textbook():
    """Every first one shorter: U is 0, z is -4.8 for 20 and 20 without ties."""
    found = compare(list(range(20)), list(range(100, 120)))
    assert found.effect == -1
    assert found.p == pytest.approx(6.3e-8, rel=0.05)


def test_all_the_same():
    assert compare([1.0] * 20, [1.0] * 20).p == 1
