"""The channel against a server that plays Slack."""

from collections.abc import Iterator

import pytest
from slack_alerts.channel import Channel, escaped

from connectory.standins import SLACK_TOKEN
from connectory.standins.serving import Server
from connectory.standins.slack import Slack
from connectory_sdk import Health, RefusedError, Secret, TryLaterError


@pytest.fixture
def slack() -> Slack:
    return Slack()


@pytest.fixture
def api_url(slack: Slack) -> Iterator[str]:
    server = Server(slack, 0)
    yield f"{server.url}/api"
    server.stop()


def test_a_message_is_posted_and_health_is_good(slack: Slack, api_url: str) -> None:
    health = Health()
    health.fail("slack", "earlier trouble")

    Channel("#ops", api_url, Secret(SLACK_TOKEN), health).post("hello")

    assert [message["text"] for message in slack.received()] == ["hello"]
    assert health.reasons() == {}


def test_an_unknown_channel_is_named_by_health(api_url: str) -> None:
    health = Health()

    with pytest.raises(TryLaterError, match="channel_not_found"):
        Channel("#missing", api_url, Secret(SLACK_TOKEN), health).post("hello")

    assert "channel_not_found for #missing" in health.reasons()["slack"]


def test_a_text_that_slack_will_never_take_is_refused(api_url: str) -> None:
    channel = Channel("#ops", api_url, Secret(SLACK_TOKEN), Health())

    with pytest.raises(RefusedError, match="msg_too_long"):
        channel.post("x" * 50_000)


def test_an_unknown_token_is_found_by_the_check(api_url: str) -> None:
    with pytest.raises(TryLaterError, match="invalid_auth"):
        Channel("#ops", api_url, Secret("wrong"), Health()).check()


def test_markup_is_escaped() -> None:
    assert escaped("<!here> & <@U1>") == "&lt;!here&gt; &amp; &lt;@U1&gt;"
