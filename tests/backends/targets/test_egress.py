"""What a contained connector may reach, decided outside its sandbox."""

import socket

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
