"""Versions are ordered as their own package managers order them."""

import itertools

import pytest

from connectory.advisories.versions import key

DEBIAN = [
    *("0", "1-2-3", "1.0~rc1-1", "1.0", "1.0-1~bpo1", "1.0-1", "1.0-1.1", "1.0-a", "1.0a~"),
    *("1.0a", "1.0+b1", "1.0.1", "2.36-9", "2.36-9+deb12u4", "2.36-9+deb12u10", "1:0.9"),
]
"""As `dpkg --compare-versions` has them."""
ALPINE = [
    *("0.06-r1", "0.1-r0", "1.0_alpha", "1.0_alpha1", "1.0_beta", "1.0_rc1", "1.0", "1.0-r1"),
    *("1.0_p1", "1.0a", "1.0.0", "1.0.01", "1.0.1", "1.1", "1.10", "2"),
]


@pytest.mark.parametrize(("ecosystem", "order"), [("Debian", DEBIAN), ("Alpine", ALPINE)])
def test_versions_are_in_the_order_of_their_system(ecosystem: str, order: list[str]) -> None:
    for one, other in itertools.pairwise(order):
        assert key(ecosystem, one) < key(ecosystem, other), (one, other)


@pytest.mark.parametrize(("one", "other"), [("1.0", "1.0-0"), ("1.00", "1.0"), ("0:1", "1")])
def test_two_spellings_of_a_version_of_debian_are_equal(one: str, other: str) -> None:
    assert key("Debian", one) == key("Debian", other)
