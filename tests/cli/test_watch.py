"""Operations that do not end well, played by a server that says so."""

import json

from stubs import Reply, Stub

STEPS = [
    {"name": "bind", "title": "Bind secrets", "state": "undone"},
    {"name": "start", "title": "Start the process", "state": "running"},
    {"name": "check", "title": "Wait until it is healthy", "state": "failed"},
    {"name": "later", "title": "Not begun", "state": "waiting"},
]
TIMES = {
    "started": "2026-11-24T07:00:00.000Z",
    "ended": "2026-11-24T07:00:01.500Z",
    "detail": "channel_not_found",
}


def operation(**other: object) -> dict:
    return {
        "id": "op_1",
        "kind": "install",
        "state": "undone",
        "instance": "payments/leads",
        "team": "payments",
        "usable": False,
        "error": {
            "code": "health-failed",
            "message": "it is not healthy",
            "hint": "use #sales",
        },
        "created_at": "2026-11-24T07:00:00.000Z",
        "ended_at": "2026-11-24T07:00:02.000Z",
        "by": "max",
        "steps": [{**TIMES, **step} for step in STEPS],
        **other,
    }


def event(body: dict) -> Reply:
    return Reply(body=f"id: 1\nevent: operation\ndata: {json.dumps(body)}\n\n")


def follow(offline, body: dict, *more: str):
    with Stub(lambda _: event(body)) as stub:
        return offline("operations", "show", "op_1", "--follow", "--url", stub.url, *more)


def test_a_failed_operation_exits_1_with_its_error_and_hint(offline) -> None:
    done = follow(offline, operation())

    assert done.code == 1
    assert "error: it is not healthy" in done.err
    assert "hint: use #sales" in done.err


def test_failed_and_undone_steps_are_shown_with_what_they_took(offline) -> None:
    done = follow(offline, operation())

    assert "  undone: Bind secrets   1.5 s   channel_not_found" in done.err
    assert "  FAIL Wait until it is healthy" in done.err
    assert "Not begun" not in done.err


def test_a_failed_operation_is_the_one_json_document(offline) -> None:
    done = follow(offline, operation(), "--json")

    assert done.code == 1
    assert done.json["error"]["code"] == "health-failed"


def test_a_cancelled_operation_exits_1(offline) -> None:
    done = follow(offline, operation(state="cancelled", error=None))

    assert done.code == 1
    assert "error: op_1 was cancelled" in done.err


def test_an_operation_that_does_not_end_in_time_exits_8_and_is_named(offline) -> None:
    done = follow(offline, operation(state="running"), "--timeout", "0.5")

    assert done.code == 8
    assert "hint: watch it with `connectory operations show op_1 --follow`" in done.err


def test_a_broken_audit_log_exits_1_and_names_the_place(offline) -> None:
    broken = {"position": 17, "event": "evt_1", "reason": "the hash differs"}
    body = {"state": "broken", "entries": 20, "head": 20, "chain": "ab", "broken": broken}
    with Stub(lambda _: Reply(body=body)) as stub:
        done = offline("audit", "verify", "--url", stub.url)

    assert done.code == 1
    assert "FAIL the chain is broken at evt_1 (position 17): the hash differs" in done.out
