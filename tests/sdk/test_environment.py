from dataclasses import dataclass, field

import pytest

from connectory_sdk import MissingSecretError, SettingsError, hook_url, read_settings, secret
from connectory_sdk.masking import MASKER


@dataclass(frozen=True)
class Settings:
    channel: str
    limit: int = 5
    ratio: float = 0.5
    loud: bool = False
    names: list[str] = field(default_factory=list)
    note: str | None = None


def test_settings_are_read_by_the_type_of_their_field() -> None:
    given = {
        "INPUT_CHANNEL": "#ops",
        "INPUT_LIMIT": "7",
        "INPUT_RATIO": "0.25",
        "INPUT_LOUD": "true",
        "INPUT_NAMES": '["a", "b"]',
        "INPUT_NOTE": "hello",
    }

    assert read_settings(Settings, environment=given) == Settings(
        "#ops", limit=7, ratio=0.25, loud=True, names=["a", "b"], note="hello"
    )


def test_a_setting_that_is_not_given_has_its_default() -> None:
    assert read_settings(Settings, environment={"INPUT_CHANNEL": "#x"}) == Settings("#x")


def test_a_setting_can_have_an_environment_name_of_its_own() -> None:
    given = {"CHANNEL": "#ops"}

    assert (
        read_settings(Settings, env={"channel": "CHANNEL"}, environment=given).channel == "#ops"
    )


def test_all_wrong_settings_are_named_at_once() -> None:
    given = {"INPUT_LIMIT": "many", "INPUT_LOUD": "maybe", "INPUT_NAMES": "{}"}

    with pytest.raises(SettingsError) as caught:
        read_settings(Settings, environment=given)

    message = str(caught.value)
    assert "channel is not set (INPUT_CHANNEL)" in message
    assert "limit (INPUT_LIMIT): expected a whole number" in message
    assert "loud (INPUT_LOUD): expected true or false" in message
    assert "names (INPUT_NAMES): expected JSON" in message


def test_a_secret_is_read_by_its_name_and_masked_from_then_on() -> None:
    token = secret("api_key", environment={"SECRET_API_KEY": "first-of-two-keys"})

    assert token.reveal() == "first-of-two-keys"
    assert MASKER.clean("sent first-of-two-keys") == "sent ***"


@pytest.mark.parametrize("given", [{}, {"SECRET_API_KEY": ""}])
def test_a_missing_or_empty_secret_stops_the_connector(given: dict[str, str]) -> None:
    with pytest.raises(MissingSecretError, match="SECRET_API_KEY"):
        secret("api_key", environment=given)


def test_the_hook_address_has_the_path_and_the_key() -> None:
    given = {"CONNECTORY_HOOK_URL": "http://host/hooks/t/i/", "CONNECTORY_HOOK_KEY": "k&=1"}

    assert hook_url("/lead", environment=given) == "http://host/hooks/t/i/lead?key=k%26%3D1"


def test_a_hook_address_without_a_key_is_refused() -> None:
    with pytest.raises(SettingsError, match="CONNECTORY_HOOK_KEY"):
        hook_url("/lead", environment={"CONNECTORY_HOOK_URL": "http://host"})
