"""Runs as they are written down."""

import pytest

from connectory.runs.enqueue import InstanceGoneError


def test_a_run_is_delivered_with_its_body_query_and_number(line, leads) -> None:
    run = line.add(leads, b'{"id": 1}', query={"a": "b c"})

    line.deliver()

    (call,) = line.books.calls
    assert (call.path, call.body) == ("/lead?a=b+c", b'{"id": 1}')
    assert (call.headers["Connectory-Run"], call.headers["Connectory-Attempt"]) == (run, "1")


def test_the_same_key_twice_is_one_run(line, leads) -> None:
    first = line.add(leads, key="tick-1")
    again = line.add(leads, key="tick-1")
    other = line.add(leads, key="tick-2")

    line.deliver()

    assert first == again != other
    assert len(line.books.calls) == 2


def test_a_run_that_was_delivered_is_not_delivered_again(line, leads) -> None:
    line.add(leads)
    line.deliver()

    line.deliver()

    assert len(line.books.calls) == 1


def test_an_instance_that_is_being_removed_takes_no_runs(line, leads) -> None:
    line.shop.client.delete("/api/v1/teams/payments/instances/leads", headers=line.by("max"))

    with pytest.raises(InstanceGoneError):
        line.add(leads)
