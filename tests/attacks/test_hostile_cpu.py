"""A connector that burns all the CPU it can get, where the machine limits that."""

import dataclasses
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from connectory.backends.targets import InstanceUnreachableError, Resources
from connectory.backends.targets.local import groups, sandbox
from connectory.backends.targets.local.target import LocalTarget
from marketplaces import wait_until
from prisons import Prison, hostile, start, usage

pytestmark = [
    pytest.mark.skipif(sandbox.find() is None, reason="bubblewrap does not work here"),
    pytest.mark.skipif(groups.find() is None, reason="no control groups can be made here"),
]

CPU = 0.2
PERIOD_S = 0.1
BURN = (
    "import os, threading, time\n"
    "def burn():\n"
    "    while True: pass\n"
    "if os.fork() == 0: burn()\n"
    "threading.Thread(target=burn, daemon=True).start()"
)
PERIODS = 15


@pytest.fixture
def burning(prison: Prison, tmp_path: Path) -> Iterator[Prison]:
    spec = dataclasses.replace(hostile(tmp_path), resources=Resources(cpu=CPU, timeout_s=10))
    start(prison.target, spec)
    yield dataclasses.replace(prison, spec=spec)
    prison.target.remove(spec.instance)


def counted(prison: Prison) -> dict[str, int]:
    """Periods in which the group ran, periods in which it had to wait, and more."""
    lines = (group(prison) / "cpu.stat").read_text().splitlines()
    return {name: int(number) for name, number in map(str.split, lines)}


def group(prison: Prison) -> Path:
    found = groups.find()
    assert found is not None
    return found / prison.spec.instance


def test_cpu_without_end_stops_at_the_limit_of_the_connector(burning: Prison) -> None:
    wait_until(lambda: usage(burning).cold_start_ms is not None, 60)
    with suppress(InstanceUnreachableError):
        burning.do(BURN)
    wait_until(lambda: counted(burning)["nr_throttled"] > 3, 60)
    before, used_before = counted(burning)["nr_periods"], usage(burning).cpu_s

    wait_until(lambda: counted(burning)["nr_periods"] >= before + PERIODS, 60)

    used_s = usage(burning).cpu_s - used_before
    periods = counted(burning)["nr_periods"] - before
    assert 0 < used_s <= 1.5 * CPU * PERIOD_S * (periods + 2)


def test_the_group_of_a_removed_connector_is_gone(burning: Prison) -> None:
    assert group(burning).is_dir()

    burning.target.remove(burning.spec.instance)

    assert not group(burning).exists()


def test_a_target_says_whether_it_limits_cpu(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limited = LocalTarget(tmp_path, sandbox=sandbox.find())
    assert limited.is_cpu_limited
    assert "as much CPU as it may use" in limited.containment

    monkeypatch.setattr(groups, "find", lambda: None)

    assert not limited.is_cpu_limited
    assert "Its CPU is not limited on this machine" in limited.containment
