"""A prison for each file of tests of hostile connectors."""

import dataclasses
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from prisons import Prison, Watch, greet, hostile, served, start


@pytest.fixture(scope="module")
def prison(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prison]:
    place = tmp_path_factory.mktemp("prison")
    with (
        socket.create_server(("127.0.0.1", 0)) as allowed,
        socket.create_server(("127.0.0.1", 0)) as other,
    ):
        threading.Thread(target=greet, args=(allowed,), daemon=True).start()
        open_port = allowed.getsockname()[1]
        with served(place / "data", open_port) as (target, client):
            spec, neighbour = hostile(place), hostile(place)
            (place / "data/keys/other").write_text("key of the server")
            start(target, spec, neighbour)
            watch = Watch(client, target, neighbour.instance)
            watch.start()
            closed_port = other.getsockname()[1]
            restarts = target.observe(spec.instance).restarts
            ports = open_port, closed_port
            yield Prison(target, spec, place / "data", *ports, watch, restarts)
            watch.stop()
            for one in (spec, neighbour):
                target.remove(one.instance)


@pytest.fixture
def doomed(prison: Prison, tmp_path: Path) -> Iterator[Prison]:
    """A hostile connector of its own, which does not survive what it does."""
    spec = hostile(tmp_path)
    start(prison.target, spec)
    yield dataclasses.replace(prison, spec=spec)
    prison.target.remove(spec.instance)
