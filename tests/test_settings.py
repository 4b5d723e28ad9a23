"""Settings are read strictly: what a setting cannot be is refused at the start."""

import pytest

from connectory.settings import BadSettingError, Settings, load


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("PORT", "70000"),
        ("PORT", "-1"),
        ("PORT", "http"),
        ("LEASE_SECONDS", "0"),
        ("TOKEN_DAYS", "9" * 5000),
        ("LOG_LEVEL", "loud"),
        ("DEMO", "perhaps"),
        ("TRUSTED_PROXIES", "10.0.0.0/8, proxy.example"),
        ("TRUSTED_PROXIES", "10.0.0.1/8"),
    ],
)
def test_a_value_that_the_setting_cannot_be_is_refused(name: str, text: str) -> None:
    with pytest.raises(BadSettingError):
        load({f"CONNECTORY_{name}": text})


def test_no_limit_is_a_limit_that_can_be_set() -> None:
    assert load({"CONNECTORY_RATE_READ_PER_MINUTE": "0"}).rate_read_per_minute == 0


def test_flags_win_over_the_environment() -> None:
    assert load({"CONNECTORY_PORT": "1"}, port=0).port == 0


def test_the_address_of_an_ipv6_host_has_brackets() -> None:
    assert Settings(host="::1", port=80).url == "http://[::1]:80"
