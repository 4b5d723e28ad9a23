"""What was told is kept over restarts, for one month."""

from datetime import date
from pathlib import Path

from cost_monitor.told import Told

NOVEMBER, DECEMBER = date(2026, 11, 10), date(2026, 12, 1)


def test_what_was_told_is_not_new_after_a_restart(tmp_path: Path) -> None:
    Told(tmp_path).add(["spent 80 %"], NOVEMBER)
    Told(tmp_path).add(["spent 100 %"], NOVEMBER)

    assert Told(tmp_path).new(["spent 80 %", "spent 100 %", "forecast"], NOVEMBER) == [
        "forecast"
    ]


def test_a_new_month_begins_anew(tmp_path: Path) -> None:
    told = Told(tmp_path)
    told.add(["spent 80 %"], NOVEMBER)

    assert told.new(["spent 80 %"], DECEMBER) == ["spent 80 %"]


def test_nothing_but_one_file_is_left(tmp_path: Path) -> None:
    told = Told(tmp_path)
    told.add(["spent 80 %"], NOVEMBER)
    told.add(["spent 80 %"], DECEMBER)

    assert [path.name for path in tmp_path.iterdir()] == ["told.json"]
