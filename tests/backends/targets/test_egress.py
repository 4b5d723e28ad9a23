"""What a contained connector may reach, decided outside its sandbox."""

import json
import os
import socket
import threading
from collections.abc import Iterator

import pytest

from connectory.backends.targets.local.shim import egress


def test_a_host_means_its_usual_ports_and_a_port_only_that_one() -> None:
    ways = egress.plan(["slack.com", "db.corp.example:5432"], [])

    assert [(way.host, way.port) for way in ways.forwards] == [
        ("slack.com", 443),
        ("slack.com", 80),
        ("db.corp.example", 5432),
    ]
    assert ways.names == {"slack.com": "127.0.1.1", "db.corp.example": "127.0.1.2"}


def test_loopback_of_the_admin_keeps_its_address_and_has_no_name() -> None:
    ways = egress.plan([], ["127.0.0.1:8123"])

    assert [way.inside for way in ways.forwards] == [("127.0.0.1", 8123)]
    assert ways.names == {}


def test_a_name_with_an_address_that_is_not_public_is_refused() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        with pytest.raises(OSError, match="is not a public one"):
            egress.connect("localhost", port)
        with egress.connect("localhost", port, trusted={("localhost", port)}) as connected:
            assert connected.getpeername()[1] == port


@pytest.fixture
def reports() -> Iterator[tuple[int, int]]:
    ours, theirs = os.pipe()
    yield ours, theirs
    os.close(ours)
    os.close(theirs)


def test_what_passed_and_what_was_refused_is_reported_by_host(reports: tuple[int, int]) -> None:
    ours, theirs = reports
    tally = egress.Tally(theirs)
    tally.asked("slack.com")
    tally.opened("slack.com:443")
    tally.closed("slack.com:443", 10, 20)
    tally.refused("evil.example")
    tally.refused("evil.example")

    tally.flush()

    counts = [json.loads(line) for line in os.read(ours, 10_000).splitlines()]
    assert {(one["count"], one["is_passed"]): one["numbers"] for one in counts} == {
        ("slack.com", True): [1, 0, 0, 0],
        ("slack.com:443", True): [0, 1, 10, 20],
        ("evil.example", False): [2],
    }
    assert tally.idle_s() is None


def test_names_without_end_are_counted_as_one(reports: tuple[int, int]) -> None:
    ours, theirs = reports
    tally = egress.Tally(theirs)
    for n in range(150):
        tally.refused(f"{n}.tunnel.example")
    tally.refused("\x1b[31m\n")

    tally.flush()

    counts = [json.loads(line) for line in os.read(ours, 100_000).splitlines()]
    times = {one["count"]: one["numbers"][0] for one in counts}
    assert len(times) == egress.MOST_COUNTED + 1
    assert times[egress.OTHERS] == 51


def test_threads_are_kept_for_what_comes_next_and_made_for_what_comes_at_once() -> None:
    hands, seen = egress.Hands(), set[int]()
    for _ in range(100):
        done = threading.Event()
        hands.do(lambda done=done: (seen.add(threading.get_ident()), done.set()))
        assert done.wait(30)
    together = threading.Barrier(40)

    for _ in range(39):
        hands.do(lambda: together.wait(30))
    together.wait(30)

    assert len(seen) <= 2 * egress.MOST_FREE


def test_a_host_that_is_not_public_is_refused_and_one_that_is_silent_is_not() -> None:
    with pytest.raises(egress.NotPublicError):
        egress.connect("localhost", 9)
    with pytest.raises(OSError, match="refused") as failure:
        egress.connect("localhost", 9, trusted={("localhost", 9)})
    assert not isinstance(failure.value, egress.NotPublicError)
