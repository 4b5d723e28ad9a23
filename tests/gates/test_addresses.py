import pytest

from connectory.gates.addresses import is_loopback, is_public, parsed


@pytest.mark.parametrize(
    "text", ["8.8.8.8", "93.184.215.14", "2606:4700::1111", "2a00:1450::1"]
)
def test_addresses_of_the_internet_are_public(text: str) -> None:
    assert is_public(parsed(text))


@pytest.mark.parametrize(
    "text",
    [
        "192.88.99.1",
        "192.0.0.192",
        "198.19.0.1",
        "240.0.0.1",
        "2001:db8::1",
        "3fff::1",
        "::",
        "5f00::1",
    ],
)
def test_special_addresses_are_not(text: str) -> None:
    assert not is_public(parsed(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("::ffff:127.0.0.1", False)],
)
def test_loopback_is_written_in_its_own_family(text: str, *, expected: bool) -> None:
    assert is_loopback(parsed(text)) is expected


def test_a_zone_is_not_part_of_an_address() -> None:
    assert str(parsed("fe80::1%eth0")) == "fe80::1"
