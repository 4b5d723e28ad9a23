"""Delivery: at least once, each in its turn, until it is done or given up."""

import threading

from connectory.backends.targets import Answer, InstanceUnreachableError
from connectory.runs import queue_store
from marketplaces import wait_until


def test_a_run_that_succeeds_keeps_what_came_back(line, leads) -> None:
    line.answer(200)
    run = line.add(leads, b'{"id": 1}')

    line.deliver()

    seen = line.run(run)
    assert (seen["state"], seen["status"], seen["attempts"]) == ("succeeded", 200, 1)
    assert (seen["answer"], seen["input"]["body"]) == ('{"said": 1}', '{"id": 1}')
    assert seen["duration_ms"] >= 0


def test_a_refusal_is_a_dead_letter_at_once(line, leads) -> None:
    line.answer(422)
    run = line.add(leads)

    line.deliver()
    line.make_due()
    line.deliver()

    seen = line.run(run)
    assert (seen["state"], seen["attempts"], len(line.books.calls)) == ("refused", 1, 1)
    assert seen["error"] == "the connector answered 422"


def test_a_failure_is_tried_again_until_it_succeeds(line, leads) -> None:
    line.answer(500, 200)
    run = line.add(leads)

    line.deliver()
    failed = line.run(run)
    line.deliver()
    early = len(line.books.calls)
    line.make_due()
    line.deliver()

    assert (failed["state"], failed["due_at"] > failed["ended_at"]) == ("failed", True)
    assert early == 1
    assert (line.run(run)["state"], line.run(run)["attempts"]) == ("succeeded", 2)
    attempts = [call.headers["Connectory-Attempt"] for call in line.books.calls]
    assert (attempts, {c.headers["Connectory-Run"] for c in line.books.calls}) == (
        ["1", "2"],
        {run},
    )


def test_what_keeps_failing_becomes_a_dead_letter(line, leads) -> None:
    line.answer(500)
    run = line.add(leads)

    for _ in range(10):
        line.deliver()
        line.make_due()

    most = line.shop.state.settings.run_attempts
    assert (line.run(run)["state"], len(line.books.calls)) == ("dead", most)


def test_a_connector_that_does_not_answer_is_tried_again(line, leads) -> None:
    def unreachable(called):
        raise InstanceUnreachableError(called.instance, "it is busy")

    line.books.answer = unreachable
    run = line.add(leads)

    line.deliver()

    assert line.run(run)["state"] == "failed"
    assert "it is busy" in line.run(run)["error"]


def test_a_worker_that_dies_between_claim_and_outcome_leaves_its_run_to_the_next(
    line, leads
) -> None:
    run = line.add(leads)
    state = line.shop.state
    with state.works.note() as work:  # a process that dies here never comes back
        (taking,) = state.deliverer._takers(work, [leads])
        (lost,) = queue_store.take(work, taking, [run], state.deliverer.lease)

    line.deliver()
    before = len(line.books.calls)
    line.make_due()
    line.deliver()

    assert (before, len(line.books.calls)) == (0, 1)
    assert (line.run(run)["state"], line.run(run)["attempts"]) == ("succeeded", 2)
    with state.works.note() as work:  # it was thought dead, and wakes up
        late = state.deliverer.caller._failed(lost, "late")
        assert queue_store.end(work, lost, late) is False


def test_an_instance_gets_no_more_calls_at_once_than_it_takes(line, leads) -> None:
    with Slow(line, leads) as slow:
        for _ in range(20):
            line.add(leads)
        line.shop.state.deliverer.turn()
        line.shop.state.deliverer.turn()
        wait_until(lambda: slow.inside == 8)

        assert slow.inside == 8

    wait_until(lambda: line.deliver() or len(line.books.calls) == 20)


def test_one_slow_instance_does_not_stop_the_others(line, leads) -> None:
    other = line.install("others")
    with Slow(line, leads):
        for _ in range(200):
            line.add(leads)
        line.shop.state.deliverer.turn()
        run = line.add(other)

        line.shop.state.deliverer.turn()
        wait_until(
            lambda: (
                line.shop.state.deliverer.turn()
                or line.run(run, "others")["state"] == "succeeded"
            )
        )

    line.remove("leads")


def test_runs_are_taken_in_the_order_of_their_arrival(line, leads) -> None:
    runs = [line.add(leads) for _ in range(5)]

    with line.shop.state.works.note() as work:
        due = queue_store.due(work, leads, 3)

    assert due == runs[:3]


def test_runs_of_a_paused_instance_wait_and_then_go_on(line, leads) -> None:
    line.post("/leads:pause")
    line.shop.turn()
    run = line.add(leads)

    line.deliver()
    waiting = line.run(run)
    line.post("/leads:resume")
    line.shop.turn()
    line.deliver()

    assert (waiting["state"], waiting["attempts"]) == ("waiting", 0)
    assert line.run(run)["state"] == "succeeded"


def test_a_secret_in_an_answer_is_not_kept(line, leads) -> None:
    secret = line.books.given[leads]["SECRET_CRM_API_KEY"]
    line.books.answer = lambda _: Answer(200, "text/plain", f"key {secret}!".encode())
    run = line.add(leads)

    line.deliver()

    assert line.run(run)["answer"] == "key ***!"


def test_runs_end_with_their_instance(line, leads) -> None:
    line.answer(500)
    line.add(leads)
    line.deliver()

    removal = line.remove("leads")

    details = [step["detail"] for step in removal["steps"]]
    assert "closed; what waited is given up: 1 event" in details
    with line.shop.state.works.read() as work:
        for table in ("run", "run_input"):
            assert work.db.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar() == 0  # noqa: S608


class Slow:
    """Connectors of one instance do not answer until the block ends; the others do."""

    def __init__(self, line, instance: str) -> None:
        self.inside = 0
        self._lock = threading.Lock()
        self._go = threading.Event()

        def answer(called):
            if called.instance == instance:
                with self._lock:
                    self.inside += 1
                self._go.wait(60)
            return Answer(200, "application/json", b"{}")

        line.books.answer = answer

    def __enter__(self):
        return self

    def __exit__(self, *_: object) -> None:
        self._go.set()
