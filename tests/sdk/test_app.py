import json
import threading
from collections.abc import Iterator

import pytest

from connectory_sdk import App, Event, RefusedError, TryLaterError
from connectory_sdk.logs import Log
from connectory_sdk.runs import RUNS, Reply
from connectory_sdk.server import Request


@pytest.fixture
def app() -> Iterator[App]:
    hooks = threading.excepthook
    yield App(environment={"SECRET_KEY": "value-of-the-key"}, deadline_s=5)
    threading.excepthook = hooks


def post(app: App, path: str, body: bytes = b"") -> Reply:
    return app.answer(Request("POST", path, {"from": "test"}, body))


def content(reply: Reply) -> object:
    return json.loads(reply.body)


def test_a_webhook_gets_body_query_and_deadline_and_its_return_is_the_answer(app: App) -> None:
    @app.webhook("/alert")
    def alert(event: Event) -> dict[str, object]:
        return {
            "trigger": event.trigger,
            "body": event.body,
            "from": event.query["from"],
            "soon": 0 < event.remaining_s() <= 5,
        }

    reply = post(app, "/alert", b'{"a": [1]}')

    assert reply.status == 200
    assert content(reply) == {
        "trigger": "/alert",
        "body": {"a": [1]},
        "from": "test",
        "soon": True,
    }


def test_a_handler_that_returns_nothing_is_answered_with_done(app: App) -> None:
    app.manual(lambda _event: None)

    assert content(post(app, "/run")) == {"status": "done"}


@pytest.mark.parametrize("body", [b"{", b"\xff", b"NaN", b"[" * 100_000])
def test_a_body_that_is_not_json_is_refused(app: App, body: bytes) -> None:
    app.manual(lambda _event: None)

    assert post(app, "/run", body).status == 400


def test_refusing_an_event_gives_the_reason_without_secrets(app: App) -> None:
    @app.manual
    def run(_event: Event) -> None:
        raise RefusedError("value-of-the-key is wrong")

    reply = post(app, "/run")

    assert reply.status == 422
    assert content(reply) == {"error": "unprocessable-entity", "message": "*** is wrong"}


def test_putting_an_event_off_says_when_to_come_back(app: App) -> None:
    @app.manual
    def run(_event: Event) -> None:
        raise TryLaterError("Slack is busy", after_s=7)

    reply = post(app, "/run")

    assert reply.status == 503
    assert reply.headers["Retry-After"] == "7"


def test_a_bug_is_a_500_that_says_nothing_of_its_inside_but_is_counted(app: App) -> None:
    @app.webhook("/bug")
    def bug(_event: Event) -> None:
        raise KeyError("inside")

    reply = post(app, "/bug")

    assert reply.status == 500
    assert b"inside" not in reply.body
    assert RUNS.value(trigger="/bug", outcome="failed") == 1


def test_a_run_that_takes_too_long_is_answered_and_keeps_its_slot() -> None:
    app = App(environment={}, deadline_s=0.05, concurrency=1)
    release = threading.Event()
    app.manual(lambda _event: release.wait(10) and None)

    late = post(app, "/run")
    busy = post(app, "/run")
    release.set()

    assert late.status == 504
    assert busy.status == 503
    assert busy.headers["Retry-After"] == "1"


def test_what_nobody_registered_is_not_found(app: App) -> None:
    assert post(app, "/run").status == 404
    assert post(app, "/other").status == 404


def test_another_method_is_told_which_one_works(app: App) -> None:
    app.manual(lambda _event: None)

    reply = app.answer(Request("GET", "/run", {}, b""))

    assert reply.status == 405
    assert reply.headers["Allow"] == "POST"


@pytest.mark.parametrize("path", ["/run", "/healthz", "/metrics", "/taken", "lead"])
def test_a_webhook_cannot_have_a_reserved_or_taken_path(app: App, path: str) -> None:
    app.webhook("/taken")(lambda _event: None)

    with pytest.raises(ValueError, match="cannot be the path"):
        app.webhook(path)


def test_health_names_each_part_that_fails_without_secrets(app: App) -> None:
    app.health.fail("slack", "refused value-of-the-key")

    failing = app.answer(Request("GET", "/healthz", {}, b""))
    app.health.clear("slack")
    fine = app.answer(Request("GET", "/healthz", {}, b""))

    assert failing.status == 503
    assert content(failing) == {"status": "failing", "reasons": ["slack: refused ***"]}
    assert fine.status == 200
    assert content(fine) == {"status": "ok"}


def test_metrics_are_served_as_prometheus_text(app: App) -> None:
    app.webhook("/seen")(lambda _event: None)
    post(app, "/seen")

    reply = app.answer(Request("GET", "/metrics", {}, b""))

    assert reply.content_type.startswith("text/plain; version=0.0.4")
    assert b'connector_runs_total{trigger="/seen",outcome="done"} 1\n' in reply.body
    assert b'connector_run_seconds_count{trigger="/seen"} 1\n' in reply.body


def test_removal_calls_each_hook_and_says_when_one_fails(app: App) -> None:
    undone: list[str] = []
    app.on_remove(lambda: undone.append("first"))

    removed = post(app, "/lifecycle/remove")
    app.on_remove(lambda: {}["nothing"])
    failed = post(app, "/lifecycle/remove")

    assert removed.status == 200
    assert undone == ["first", "first"]
    assert failed.status == 500


def test_a_field_of_the_body_must_be_there_and_have_its_type() -> None:
    event = Event("manual", {"text": "hi", "n": 2, "flag": True, "empty": ""})

    assert event.field("text", str) == "hi"
    assert event.field("n", int) == 2
    assert event.field("severity", str, "info") == "info"
    for name, kind in (("absent", str), ("n", str), ("flag", int), ("empty", str)):
        with pytest.raises(RefusedError, match=f"{name} must be a {kind.__name__}"):
            event.field(name, kind)


def test_a_body_that_is_no_object_has_no_fields() -> None:
    with pytest.raises(RefusedError, match="JSON object"):
        Event("manual", [1]).field("text", str)


def test_an_event_says_which_run_it_is_and_its_log_lines_do_too(app: App) -> None:
    seen: list[tuple[str, int]] = []
    lines: list[bytes] = []
    log = Log(write=lines.append)

    @app.webhook("/in")
    def handle(event: Event) -> None:
        seen.append((event.run, event.attempt))
        log.info("at work")

    app.answer(Request("POST", "/in", {}, b"{}", "run_1", 2))
    app.answer(Request("POST", "/in", {}, b"{}"))

    assert seen == [("run_1", 2), ("", 1)]
    assert [json.loads(line).get("run") for line in lines] == ["run_1", None]


def test_a_schedule_gets_the_time_it_was_planned_for(app: App) -> None:
    @app.schedule
    def daily(event: Event) -> dict[str, object]:
        planned = event.planned.isoformat() if event.planned else ""
        return {"trigger": event.trigger, "planned": planned, "of": event.body["schedule"]}

    reply = post(
        app,
        "/run/schedule",
        b'{"schedule": "0 7 * * * UTC", "planned": "2026-11-24T07:00:00.000Z"}',
    )

    assert reply.status == 200
    assert content(reply) == {
        "trigger": "schedule",
        "planned": "2026-11-24T07:00:00+00:00",
        "of": "0 7 * * * UTC",
    }


@pytest.mark.parametrize(
    "body", [b"{}", b"[]", b'{"planned": 7}', b'{"planned": "2026-11-24T07:00:00"}']
)
def test_a_schedule_without_a_planned_time_is_refused(app: App, body: bytes) -> None:
    app.schedule(lambda _event: None)

    assert post(app, "/run/schedule", body).status == 422


def test_without_a_function_for_schedules_nothing_answers(app: App) -> None:
    app.manual(lambda _event: None)

    assert post(app, "/run/schedule", b"{}").status == 404
