"""A marketplace of its own, in which connectors are contained where this machine can."""

from collections.abc import Iterator

import pytest

from demos import live_demo
from trials import Trials


@pytest.fixture(scope="module")
def trials(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trials]:
    with live_demo(tmp_path_factory.mktemp("trials") / "data") as live:
        yield Trials(live)
