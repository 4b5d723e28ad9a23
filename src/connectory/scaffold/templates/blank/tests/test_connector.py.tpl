"""The connector as the platform runs it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from connectory_sdk.testing import Running, running

SOURCE = Path(__file__).parents[1] / "src"


@pytest.fixture
def connector() -> Iterator[Running]:
    with running("<<module>>", SOURCE, {"INPUT_GREETING": "Welcome"}) as process:
        process.wait_until_healthy()
        yield process


def test_it_greets_by_name(connector: Running) -> None:
    answer = connector.post("/greet", {"name": "Grace"})

    assert (answer.status, answer.json()) == (200, {"said": "Welcome, Grace!"})


def test_a_manual_run_does_the_same(connector: Running) -> None:
    assert connector.post("/run", {"name": "Ada"}).json() == {"said": "Welcome, Ada!"}


def test_without_a_name_it_refuses(connector: Running) -> None:
    assert connector.post("/greet", {}).status == 422
