"""Runs over HTTP: list, show, run again, redeliver, discard."""

from datetime import timedelta

import pytest

from connectory.access import accounts
from connectory.access.rules import Role
from connectory.runs import read
from connectory.runs.prune import prune


def test_runs_are_listed_page_by_page_newest_first(line, leads) -> None:
    runs = [line.add(leads) for _ in range(5)]

    seen, cursor = [], ""
    while cursor is not None:
        page = line.get(f"/leads/runs?limit=2&cursor={cursor}")
        seen += [one["id"] for one in page["items"]]
        cursor = page["next"]

    assert seen == runs[::-1]


def test_runs_are_listed_by_state_and_trigger(line, leads) -> None:
    line.answer(422, 200)
    refused = line.add(leads)
    line.deliver()
    manual = line.post("/leads:run", event={"a": 1}).json()["run"]

    def ids(query: str) -> list[str]:
        return [one["id"] for one in line.get(f"/leads/runs?{query}")["items"]]

    assert (ids("state=refused"), ids("trigger=manual")) == ([refused], [manual])
    assert line.get("/leads/runs?state=odd")["status"] in {400, 422}


def test_a_viewer_sees_that_it_ran_but_not_what_went_through(line, leads) -> None:
    run = line.add(leads, b'{"name": "Ada"}')
    line.deliver()
    with line.shop.state.works.write() as work:
        accounts.set_member(work, "payments", "zoe", Role.VIEWER)

    seen = line.run(run, by="zoe")

    assert (seen["state"], seen["input"], seen["answer"], seen["log"]) == (
        "succeeded",
        None,
        None,
        [],
    )


@pytest.mark.usefixtures("leads")
def test_a_run_of_another_instance_is_not_shown(line) -> None:
    run = line.add(line.install("others"))

    assert line.get(f"/leads/runs/{run}")["code"] == "run-missing"
    assert line.post(f"/leads/runs/{run}:again").json()["code"] == "run-missing"
    assert line.post(f"/leads/runs/{run}:discard").json()["code"] == "run-missing"


def test_running_again_is_a_new_run_with_the_same_input(line, leads) -> None:
    run = line.add(leads, b"same", query={"a": "b"}, key="once")
    line.deliver()

    answer = line.post(f"/leads/runs/{run}:again")
    line.deliver()

    again = line.run(answer.json()["id"])
    assert (answer.status_code, again["again_of"], again["state"]) == (202, run, "succeeded")
    assert again["input"] == line.run(run)["input"]
    assert len({call.headers["Connectory-Run"] for call in line.books.calls}) == 2


def test_a_dead_letter_is_redelivered_as_the_same_run(line, leads) -> None:
    line.answer(422, 200)
    run = line.add(leads)
    line.deliver()

    answer = line.post(f"/leads/runs/{run}:redeliver")
    line.deliver()
    once_more = line.post(f"/leads/runs/{run}:redeliver")

    assert (answer.status_code, line.run(run)["state"]) == (202, "succeeded")
    assert {call.headers["Connectory-Run"] for call in line.books.calls} == {run}
    assert (once_more.status_code, once_more.json()["code"]) == (409, "run-state")


def test_all_dead_letters_are_redelivered_at_once(line, leads) -> None:
    line.answer(422)
    runs = [line.add(leads) for _ in range(3)]
    line.deliver()
    line.answer(200)

    answer = line.post("/leads/runs:redeliver")
    line.deliver()

    assert answer.json() == {"redelivered": 3}
    assert {line.run(run)["state"] for run in runs} == {"succeeded"}


def test_a_discarded_run_is_not_delivered(line, leads) -> None:
    run = line.add(leads)

    discarded = line.post(f"/leads/runs/{run}:discard")
    line.deliver()
    again = line.post(f"/leads/runs/{run}:discard")

    assert discarded.json()["state"] == "cancelled"
    assert (line.books.calls, again.json()["code"]) == ([], "run-state")


@pytest.mark.usefixtures("leads")
def test_a_manual_run_that_fails_is_not_tried_again_by_itself(line) -> None:
    line.answer(500)

    answer = line.post("/leads:run", event={"a": 1})
    line.make_due()
    line.deliver()

    run = line.run(answer.json()["run"])
    assert (answer.json()["status"], run["state"], run["attempts"]) == (500, "dead", 1)
    assert (run["path"], run["input"]["body"]) == ("/run", '{"a": 1}')


def test_old_runs_are_deleted_unless_they_wait(line, leads) -> None:
    done = line.add(leads)
    line.deliver()
    line.post("/leads:pause")
    line.shop.turn()
    waiting = line.add(leads)

    with line.shop.state.works.write() as work:
        later = type(work)(work.db, work.now + timedelta(days=31))
        assert prune(later, days=30) is False

    assert [one["id"] for one in line.get("/leads/runs")["items"]] == [waiting]
    assert line.run(done)["code"] == "run-missing"


def test_others_are_told_how_many_runs_ended_how(line, leads) -> None:
    line.answer(422, 200)
    for _ in range(3):
        line.add(leads)
        line.deliver()

    with line.shop.state.works.read() as work:
        counted = read.counts(work, [leads], work.now - timedelta(hours=1))

    assert counted == {leads: {"refused": 1, "succeeded": 2}}
