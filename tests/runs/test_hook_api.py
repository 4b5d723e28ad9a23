"""Calls from outside: stored before they are answered, and never a 500."""

import random
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from connectory.backends.targets import Answer
from connectory.runs import hook_api
from marketplaces import wait_until

LONG = (pytest.mark.full, pytest.mark.timeout(3600))


def test_a_call_is_stored_before_it_is_answered(line, leads) -> None:
    line.shop.state.stopping.set()  # nothing is delivered by this process any more

    answer = line.hook(leads, "&a=1", json={"id": 7})

    run = line.run(answer.json()["run"])
    assert (answer.status_code, run["state"], run["trigger"]) == (202, "waiting", "webhook")
    assert run["input"] == {
        "body": '{"id":7}',
        "query": {"a": "1"},
        "content_type": "application/json",
    }


def test_who_waits_gets_the_answer_of_the_connector(line, leads) -> None:
    line.books.answer = lambda _: Answer(200, "text/html", b'{"challenge": "x"}')

    answer = asked_while_delivering(line, lambda: line.hook(leads, "&wait=10", json={}))

    assert (answer.status_code, answer.json()) == (200, {"challenge": "x"})
    assert answer.headers["Content-Type"] == "application/json"


def test_a_refusal_is_answered_to_who_prefers_to_wait(line, leads) -> None:
    line.answer(422)
    preferring = {"Prefer": "respond-async, wait=5"}

    answer = asked_while_delivering(line, lambda: line.hook(leads, json={}, headers=preferring))

    assert answer.status_code == 422


def test_who_waits_for_too_long_is_told_which_run_it_is(line, leads) -> None:
    line.answer(500)

    answer = line.hook(leads, "&wait=0.1", json={})

    assert (answer.status_code, line.run(answer.json()["run"])["trigger"]) == (202, "webhook")


def test_a_wait_that_is_none_is_refused(line, leads) -> None:
    for wait in ("11", "-1", "nan", "x", "1e9"):
        assert line.hook(leads, f"&wait={wait}", json={}).status_code in {400, 422}


def test_a_preference_that_is_no_wait_is_ignored(line, leads) -> None:
    for header in ("wait", "wait=", "wait=x", "return=minimal", "wait=1" * 50):
        assert line.hook(leads, headers={"Prefer": header}).status_code == 202


def test_the_hook_of_an_instance_that_is_being_removed_is_gone(line, leads) -> None:
    line.shop.client.delete("/api/v1/teams/payments/instances/leads", headers=line.by("max"))

    assert line.hook(leads).status_code == 404


def test_events_that_come_together_are_all_stored(line, leads) -> None:
    with ThreadPoolExecutor(8) as callers:
        answers = list(callers.map(lambda n: line.hook(leads, json={"n": n}), range(24)))
    wait_until(lambda: line.deliver() or len(line.books.calls) == 24)

    runs = {answer.json()["run"] for answer in answers}
    assert runs == {call.headers["Connectory-Run"] for call in line.books.calls}


def test_a_full_disk_is_told_to_the_caller_who_keeps_the_event(line, leads) -> None:
    line.shop.state.reserve.is_spent = True

    assert line.hook(leads).status_code == 507


@pytest.mark.parametrize("calls", [60, pytest.param(20_000, marks=LONG)])
def test_no_malformed_call_is_a_500_and_no_good_one_is_lost(line, leads, calls: int) -> None:
    dice, good = random.Random(7), set()  # noqa: S311  the same noise each time
    line.shop.state.limits.hooks.most = 0

    for n in range(calls):
        if n % 10 == 0:
            good.add(line.hook(leads, json={"n": n}).json()["run"])
            continue
        answer = malformed(line, leads, dice)
        assert answer.status_code < 500, answer.text
        if answer.status_code == 202:  # bytes of any kind are an event
            good.add(answer.json()["run"])
        if n % 50 == 1:
            line.deliver()
    wait_until(lambda: line.deliver() or delivered(line) >= good, 600)

    assert delivered(line) == good


def malformed(line, leads: str, dice: random.Random):
    """Send a call that has something wrong with it."""
    key = line.books.given[leads]["CONNECTORY_HOOK_KEY"]
    noise = dice.randbytes(dice.randrange(1, 300))
    text = noise.decode("latin-1")
    path = dice.choice(["lead", "lead/", "run", "%00", "..%2frun", "lead%0d%0a", "\u2603"])
    query = dice.choice(
        [f"key={key}", "key=", "key=%ff%fe", f"key={key}&wait=x", f"key={key}&a=%00%ff"]
    )
    headers = dice.choice(
        [
            {},
            {"Content-Type": "a/b; c=" + "x" * 300},
            {"Content-Type": "text/\xff"},
            {"X-Connectory-Hook-Key": "wrong"},
            {"Prefer": "wait=-1"},
            {"Content-Encoding": "gzip"},
        ]
    )
    body = dice.choice([noise, text.encode(), b"", b"{" * 1000, b'{"a": NaN}'])
    sent = {name: value.encode("latin-1") for name, value in headers.items()}
    return line.shop.client.post(
        f"/hooks/payments/leads/{path}?{query}", content=body, headers=sent
    )


def delivered(line) -> set[str]:
    return {call.headers["Connectory-Run"] for call in line.books.calls}


def asked_while_delivering(line, ask):
    """Ask, while another thread does what the loops of a server do."""
    done = threading.Event()

    def deliver() -> None:
        while not done.wait(0.01):
            line.shop.state.deliverer.turn()

    with ThreadPoolExecutor(1) as other:
        other.submit(deliver)
        try:
            return ask()
        finally:
            done.set()


def test_a_wait_is_read_from_a_preference() -> None:
    read = hook_api._preferred

    assert [read("wait=3"), read("a, wait = 4; b"), read("Wait=99"), read("await=3")] == [
        3,
        4,
        10,
        0,
    ]
