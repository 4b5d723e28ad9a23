"""What a shim counts of its connector."""

import json
import os
from pathlib import Path

import pytest

from connectory.backends.targets.local.shim.contract import Config
from connectory.backends.targets.local.shim.meter import MOST_HOSTS, Meter, held_bytes


@pytest.fixture
def meter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Meter:
    monkeypatch.chdir(tmp_path)
    return Meter(config())


def config(generation: int = 1) -> Config:
    return Config("payments/leads", generation, [], {}, 1, 1, is_contained=True)


def count(host: str, *numbers: int, is_passed: bool = True) -> bytes:
    return json.dumps({"count": host, "is_passed": is_passed, "numbers": numbers}).encode()


def test_counts_of_hosts_add_up_and_other_lines_are_for_the_log(meter: Meter) -> None:
    assert meter.counted(count("slack.com:443", 0, 1, 5, 6))
    assert meter.counted(count("slack.com:443", 0, 2, 5, 6))
    assert meter.counted(count("evil.example", 3, is_passed=False))
    assert not meter.counted(b'{"msg": "evil.example is not among its allowed hosts"}')
    assert not meter.counted(b"text")

    assert meter.used.hosts == {"slack.com:443": [0, 3, 10, 12]}
    assert meter.used.refused == {"evil.example": [3]}


def test_hosts_have_a_most(meter: Meter) -> None:
    for n in range(MOST_HOSTS + 50):
        meter.counted(count(f"{n}.example", 1, is_passed=False))

    assert len(meter.used.refused) == MOST_HOSTS


def test_counts_outlive_the_shim_but_not_the_generation(meter: Meter) -> None:
    meter.counted(count("slack.com", 1, 0, 0, 0))
    meter.save()

    assert Meter(config()).used == meter.used
    assert Meter(config(generation=2)).used.hosts == {}


@pytest.mark.parametrize("said", ["no list", '"text"', "[1, null]", '["\\u001b", "a b", ""]'])
def test_names_that_are_none_are_not_taken(meter: Meter, said: str) -> None:
    meter.heard({"msg": "", "secrets_read": said})

    assert meter.used.secrets == []


def test_files_are_held_by_name_or_by_an_open_handle(tmp_path: Path) -> None:
    (tmp_path / "named").write_bytes(bytes(100_000))
    with (tmp_path / "unnamed").open("wb") as unnamed:
        unnamed.write(bytes(200_000))
        unnamed.flush()
        (tmp_path / "unnamed").unlink()
        both = held_bytes([tmp_path], [os.getpid()], 10**9)
    named = held_bytes([tmp_path], [os.getpid()], 10**9)

    assert 100_000 <= named < 150_000
    assert both - named >= 200_000
