"""Addresses of servers."""

import pytest

from connectory.client.address import BadUrlError, is_loopback, normal_url


@pytest.mark.parametrize(
    ("given", "normal"),
    [
        ("http://127.0.0.1:7600/", "http://127.0.0.1:7600"),
        ("HTTPS://Connectory.Example", "https://connectory.example"),
        (" https://x.example/base/ ", "https://x.example/base"),
        ("http://[::1]:7600", "http://[::1]:7600"),
    ],
)
def test_an_address_has_one_form(given: str, normal: str) -> None:
    assert normal_url(given) == normal


@pytest.mark.parametrize(
    "given",
    [
        "127.0.0.1:7600",
        "ftp://x.example",
        "http://",
        "http://user:pw@x.example",
        "http://x.example?q=1",
        "http://x.example:port",
    ],
)
def test_what_cannot_be_called_is_refused(given: str) -> None:
    with pytest.raises(BadUrlError) as refused:
        normal_url(given)

    assert "pw" not in refused.value.message


def test_this_machine_is_recognised() -> None:
    assert is_loopback("http://localhost:7600")
    assert is_loopback("http://[::1]")
    assert not is_loopback("http://127.0.0.1.example.com")
