"""schedules: when an instance runs by itself, against a server that says what a test wants."""

from stubs import Asked, Reply, Stub

ITEM = {
    "name": "0 7 * * * Europe/Berlin",
    "cron": "0 7 * * *",
    "timezone": "Europe/Berlin",
    "words": "at 07:00 every day",
    "jitter_s": 300,
    "misfire": "once",
    "next": [{"at": "2026-11-25T06:00:00.000Z", "local": "Wed 2026-11-25 07:00 CET"}],
    "starts_at": "2026-11-25T06:02:11.000Z",
    "last_run": "run_1",
    "skipped": [
        {
            "first": "2026-11-23T06:00:00.000Z",
            "last": "2026-11-24T06:00:00.000Z",
            "reason": "paused",
        }
    ],
}


def answer(asked: Asked) -> Reply:
    if asked.method == "POST":
        return Reply(202, {"run": "run_2"})
    is_bare = "/bare/" in asked.path
    return Reply(200, {"items": [] if is_bare else [ITEM]})


def test_the_next_times_and_what_had_no_run_are_shown(offline) -> None:
    with Stub(answer) as stub:
        done = offline(
            "schedules",
            "payments/costs",
            closed=True,
            CONNECTORY_URL=stub.url,
            CONNECTORY_TOKEN="t",
        )

    assert done.code == 0, done.err
    assert "0 7 * * * Europe/Berlin  at 07:00 every day, up to 5 min later" in done.out
    assert "  Wed 2026-11-25 07:00 CET\n" in done.out
    assert "one run makes up" in done.out
    assert "paused  2026-11-23T06:00:00.000Z to 2026-11-24T06:00:00.000Z" in done.out


def test_a_schedule_is_run_now(offline) -> None:
    with Stub(answer) as stub:
        server = {"CONNECTORY_URL": stub.url, "CONNECTORY_TOKEN": "t"}
        named = ("--schedule", "0 7 * * * Europe/Berlin")
        done = offline("schedules", "payments/costs", "--now", *named, "--json", **server)
        dry = offline("schedules", "payments/costs", "--now", "--dry-run", **server)

    assert done.json["run"] == "run_2"
    assert dry.code == 0
    (sent,) = stub.asked
    assert sent.path == "/api/v1/teams/payments/instances/costs/schedules:run"
    assert b"0 7 * * * Europe/Berlin" in sent.body


def test_an_instance_without_schedules_says_so(offline) -> None:
    with Stub(answer) as stub:
        done = offline(
            "schedules", "payments/bare", CONNECTORY_URL=stub.url, CONNECTORY_TOKEN="t"
        )

    assert (done.code, done.out) == (0, "")
    assert "payments/bare has no schedules" in done.err


def test_a_schedule_is_named_only_to_run_it(offline) -> None:
    done = offline("schedules", "payments/costs", "--schedule", "@daily UTC")

    assert done.code == 2
    assert "--schedule goes with --now" in done.err
