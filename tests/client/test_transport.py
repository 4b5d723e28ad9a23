"""What the client makes of servers that do not behave."""

import json
from itertools import islice

import pytest

from connectory.client import Client
from connectory.client.errors import (
    RedirectedError,
    RefusedError,
    ServerSilentError,
    ServerUnreachableError,
    UnexpectedAnswerError,
)
from connectory.client.transport import path_of
from connectory.kernel.errors import Kind
from connectory.kernel.secret import Secret
from stubs import Asked, Reply, Stub

ME = {"account": "ana", "admin": False, "teams": [], "reviewer": [], "via": "tok_1"}
TOKEN = Secret("cty_canary")


def event(number: int, state: str = "running") -> str:
    return f"id: {number}\nevent: operation\ndata: {json.dumps({'state': state})}\n\n"


def test_the_token_is_sent_as_a_bearer_credential() -> None:
    with Stub(lambda _: Reply(body=ME)) as stub, Client(stub.url, TOKEN) as client:
        client.access.me()

    assert stub.asked[0].headers["authorization"] == "Bearer cty_canary"


def test_a_redirect_is_refused_and_the_token_goes_nowhere_else() -> None:
    with Stub(lambda _: Reply(body=ME)) as thief:
        moved = Reply(status=307, headers={"Location": f"{thief.url}/api/v1/me"})
        with (
            Stub(lambda _: moved) as stub,
            Client(stub.url, TOKEN) as client,
            pytest.raises(RedirectedError) as refused,
        ):
            client.access.me()

    assert thief.url in refused.value.message
    assert thief.asked == []


def test_a_proxy_never_sees_calls_to_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    with Stub(lambda _: Reply(body={})) as proxy, Stub(lambda _: Reply(body=ME)) as stub:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        with Client(stub.url, TOKEN) as client:
            client.access.me()

    assert proxy.asked == []


def test_nobody_there_is_unavailable() -> None:
    with pytest.raises(ServerUnreachableError) as failed:
        Client("http://127.0.0.1:9").access.me()

    assert failed.value.kind is Kind.UNAVAILABLE
    assert failed.value.message == "cannot reach http://127.0.0.1:9: connection refused"


def test_no_answer_in_time_is_timed_out_because_the_work_may_go_on() -> None:
    with (
        Stub(lambda _: Reply(wait_s=5)) as stub,
        pytest.raises(ServerSilentError) as failed,
    ):
        Client(stub.url, timeout_s=0.2).access.me()

    assert failed.value.kind is Kind.TIMED_OUT


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"<html>", "it is not JSON"),
        ([], "it is not a JSON object"),
        ({"account": "ana"}, "it lacks admin, reviewer, teams, via"),
    ],
)
def test_an_answer_of_another_shape_is_named(body: object, said: str) -> None:
    with (
        Stub(lambda _: Reply(body=body)) as stub,
        Client(stub.url) as client,
        pytest.raises(UnexpectedAnswerError, match=said),
    ):
        client.access.me()


def test_a_refusal_keeps_code_kind_hint_and_request() -> None:
    problem = {
        "code": "plan-blocked",
        "kind": "blocked",
        "detail": "it is not approved",
        "hint": "ask a reviewer",
        "request_id": "req_1",
        "errors": [{"code": "not-approved", "message": "no", "hint": "", "line": 3}],
    }
    with (
        Stub(lambda _: Reply(409, problem)) as stub,
        Client(stub.url) as client,
        pytest.raises(RefusedError) as refused,
    ):
        client.access.me()

    error = refused.value
    assert (error.kind, error.code, error.request_id) == (Kind.BLOCKED, "plan-blocked", "req_1")
    assert (error.message, error.hint) == ("it is not approved", "ask a reviewer")
    assert error.problems[0].line == 3


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, Kind.MALFORMED),
        (401, Kind.NOT_SIGNED_IN),
        (404, Kind.NOT_FOUND),
        (409, Kind.CONFLICT),
        (418, Kind.USAGE),
        (500, Kind.FAILED),
        (503, Kind.UNAVAILABLE),
    ],
)
def test_the_status_says_the_kind_where_the_document_does_not(status: int, kind: Kind) -> None:
    problem = {"code": "some-code", "detail": "no"}
    with (
        Stub(lambda _: Reply(status, problem)) as stub,
        Client(stub.url) as client,
        pytest.raises(RefusedError) as refused,
    ):
        client.access.me()

    assert refused.value.kind is kind


def test_a_gateway_without_its_server_is_unavailable() -> None:
    with (
        Stub(lambda _: Reply(502, b"<html>")) as stub,
        Client(stub.url) as client,
        pytest.raises(ServerUnreachableError, match="what stands before it answers 502"),
    ):
        client.access.me()


def test_a_refusal_that_explains_nothing_is_named() -> None:
    with (
        Stub(lambda _: Reply(500, b"oops")) as stub,
        Client(stub.url) as client,
        pytest.raises(UnexpectedAnswerError, match="status 500"),
    ):
        client.access.me()


def test_a_list_is_read_to_its_end() -> None:
    def answer(asked: Asked) -> Reply:
        second = "cursor=c2" in asked.path
        slug = "b" if second else "a"
        return Reply(
            body={"items": [{"slug": slug, "title": ""}], "next": None if second else "c2"}
        )

    with Stub(answer) as stub, Client(stub.url) as client:
        found = [team["slug"] for team in client.teams.list()]

    assert found == ["a", "b"]


def test_a_list_is_read_only_as_far_as_it_is_wanted() -> None:
    page = {"items": [{"slug": "a", "title": ""}], "next": "more"}
    with Stub(lambda _: Reply(body=page)) as stub, Client(stub.url) as client:
        list(islice(client.teams.list(), 2))

    assert len(stub.asked) == 2


def test_names_are_quoted_whole() -> None:
    assert path_of("teams", "a/../b", "leads:run") == "/teams/a%2F..%2Fb/leads:run"


def test_a_broken_stream_goes_on_where_it_was_left() -> None:
    def answer(asked: Asked) -> Reply:
        resumed = asked.headers.get("last-event-id") == "2"
        return Reply(body=event(3, "succeeded") if resumed else event(1) + event(2))

    with Stub(answer) as stub, Client(stub.url) as client:
        states = [seen["state"] for seen in client.operations.follow("op_1", timeout_s=20)]

    assert states == ["running", "running", "succeeded"]
    assert [asked.headers.get("last-event-id") for asked in stub.asked] == [None, "2"]


def test_a_stream_ends_when_the_time_is_over() -> None:
    with Stub(lambda _: Reply(body=event(1))) as stub, Client(stub.url) as client:
        states = [seen["state"] for seen in client.operations.follow("op_1", timeout_s=0.5)]

    assert set(states) == {"running"}


def test_a_refused_stream_is_a_refusal() -> None:
    problem = {"code": "operation-missing", "detail": "there is none"}
    with (
        Stub(lambda _: Reply(404, problem)) as stub,
        Client(stub.url) as client,
        pytest.raises(RefusedError, match="there is none"),
    ):
        next(client.operations.follow("op_1", timeout_s=5))


def test_a_stream_that_nobody_opens_is_unavailable() -> None:
    with pytest.raises(ServerUnreachableError):
        next(Client("http://127.0.0.1:9").operations.follow("op_1", timeout_s=30))


def test_the_exchange_is_told_without_the_token() -> None:
    told: list[str] = []
    with (
        Stub(lambda _: Reply(body=ME)) as stub,
        Client(stub.url, TOKEN, tell=told.append) as one,
    ):
        one.access.me()

    assert told[:2] == [f"> GET {stub.url}/api/v1/me", "> authorization: Bearer ***"]
    assert told[2] == "< 200 OK"
    assert "cty_canary" not in "\n".join(told)
