"""Driven by Slack's own client, which knows what the real one answers."""

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler

from connectory.standins import SLACK_TOKEN, StandIns
from connectory.standins.serving import Call
from connectory.standins.slack import SLACK_TOKEN_WITHOUT_SCOPES, Slack


def client(standins: StandIns, token: str | None = SLACK_TOKEN) -> WebClient:
    return WebClient(token=token, base_url=standins.inputs["slack_api_url"])


def test_a_message_is_received_with_text_channel_and_time(standins: StandIns, ask) -> None:
    posted = client(standins).chat_postMessage(channel="#leads", text="Ada <b>")
    client(standins).chat_postMessage(channel="#ops", text="second")

    _, _, received = ask("GET", standins.urls["slack"] + "/_received")

    assert posted["ok"] is True
    assert [(message["channel"], message["text"]) for message in received] == [
        ("#leads", "Ada <b>"),
        ("#ops", "second"),
    ]
    assert received[0]["at"].endswith("Z")
    assert received[0]["ts"] == posted["ts"]


def test_what_was_received_can_be_forgotten(standins: StandIns, ask) -> None:
    client(standins).chat_postMessage(channel="#leads", text="hello")

    status, _, _ = ask("DELETE", standins.urls["slack"] + "/_received")

    assert status == 204
    assert ask("GET", standins.urls["slack"] + "/_received")[2] == []


def test_a_form_is_as_good_as_json(standins: StandIns) -> None:
    answer = client(standins, token=None).api_call(
        "chat.postMessage", params={"token": SLACK_TOKEN, "channel": "leads", "text": "hello"}
    )

    assert answer["message"]["text"] == "hello"


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"channel": "#missing-one", "text": "hi"}, "channel_not_found"),
        ({"channel": "#Not A Channel", "text": "hi"}, "channel_not_found"),
        ({"channel": "#leads", "text": ""}, "no_text"),
        ({"channel": "", "text": "hi"}, "invalid_arguments"),
        ({"channel": "#leads", "text": "x" * 40_001}, "msg_too_long"),
    ],
)
def test_a_message_that_slack_refuses_is_refused(
    standins: StandIns, arguments: dict[str, str], error: str
) -> None:
    with pytest.raises(SlackApiError) as caught:
        client(standins).api_call("chat.postMessage", json=arguments)

    assert caught.value.response["error"] == error


@pytest.mark.parametrize(
    ("token", "error"),
    [
        (None, "not_authed"),
        ("xoxb-wrong", "invalid_auth"),
        (SLACK_TOKEN_WITHOUT_SCOPES, "missing_scope"),
    ],
)
def test_a_token_must_be_known_and_have_the_scope(
    standins: StandIns, token: str | None, error: str
) -> None:
    with pytest.raises(SlackApiError) as caught:
        client(standins, token).chat_postMessage(channel="#leads", text="hi")

    assert caught.value.response["error"] == error


def test_a_token_without_scopes_can_still_say_who_it_is(standins: StandIns) -> None:
    assert client(standins, SLACK_TOKEN_WITHOUT_SCOPES).auth_test()["team"] == "Demo"


def test_channels_come_in_pages(standins: StandIns) -> None:
    pages = [
        [channel["name"] for channel in page["channels"]]
        for page in client(standins).conversations_list(limit=3)
    ]

    assert [len(page) for page in pages] == [3, 3, 1]
    assert "leads" in pages[0]


def test_a_listed_channel_can_be_named_by_its_id(standins: StandIns) -> None:
    first = client(standins).conversations_list(limit=1)["channels"][0]

    posted = client(standins).chat_postMessage(channel=first["id"], text="hi")

    assert posted["channel"] == first["id"]


@pytest.mark.parametrize(
    ("arguments", "error"),
    [({"limit": 0}, "invalid_limit"), ({"cursor": "x"}, "invalid_cursor")],
)
def test_a_page_that_does_not_exist_is_refused(
    standins: StandIns, arguments: dict[str, object], error: str
) -> None:
    with pytest.raises(SlackApiError) as caught:
        client(standins).api_call("conversations.list", params=arguments)

    assert caught.value.response["error"] == error


def test_an_unknown_method_is_named(standins: StandIns) -> None:
    with pytest.raises(SlackApiError) as caught:
        client(standins).api_call("chat.delete")

    assert caught.value.response["error"] == "unknown_method"


def test_too_many_calls_are_told_when_to_come_back() -> None:
    slack = Slack(calls_per_s=1)
    call = Call("POST", "/api/auth.test", {}, {"authorization": f"Bearer {SLACK_TOKEN}"}, b"")

    first, second = slack.answer(call), slack.answer(call)

    assert first.status == 200
    assert second.status == 429
    assert second.headers["Retry-After"] == "1"
    assert second.content == {"ok": False, "error": "ratelimited"}


def test_it_fails_as_often_as_it_was_told(standins: StandIns, ask) -> None:
    fail = {"status": 429, "times": 1, "retry_after": 0}
    ask("POST", standins.urls["slack"] + "/_fail", fail)
    patient = client(standins)
    patient.retry_handlers.append(RateLimitErrorRetryHandler(max_retry_count=1))

    assert patient.auth_test()["ok"] is True


@pytest.mark.parametrize(
    ("body", "kind", "error"),
    [
        (b"{", "application/json", "invalid_json"),
        (b"[]", "application/json; charset=utf-8", "json_not_object"),
        (b"\xff", "application/x-www-form-urlencoded", "invalid_form_data"),
    ],
)
def test_a_body_that_cannot_be_read_is_refused(
    standins: StandIns, ask, body: bytes, kind: str, error: str
) -> None:
    url = standins.urls["slack"] + "/api/auth.test"

    status, _, content = ask("POST", url, body, Content_Type=kind)

    assert status == 200
    assert content == {"ok": False, "error": error}
