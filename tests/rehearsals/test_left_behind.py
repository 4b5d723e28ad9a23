"""A connector that leaves things behind, where nothing contains it, fails with their names."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from connectory.gates import traces
from connectory.rehearsals.rules import RUN, Thing, sorted_out
from demos import live_demo
from trials import MANIFEST, Trials

SHARED = Path("/dev/shm")  # noqa: S108  where a connector should leave nothing
MESSY = Path(__file__).with_name("messy.py").read_bytes()


@pytest.fixture(scope="module")
def trials(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trials]:
    place = tmp_path_factory.mktemp("messy") / "data"
    with live_demo(place, local_sandbox="off") as live:
        yield Trials(live)


def test_what_is_left_behind_is_named(trials: Trials, tmp_path: Path) -> None:
    shared = SHARED / f"connectory-{tmp_path.parent.name}-{tmp_path.name}"
    files = {"src/messy.py": MESSY, "examples/all.json": b"{}"}
    published = trials.publish(MANIFEST.replace("SHARED", str(shared)), files)
    assert published.status_code == 201, published.text

    operation = trials.rehearsed("messy/versions/1.0.0")
    shared.unlink()

    assert operation["error"] is None, operation
    certificate = trials.certificate("messy/versions/1.0.0")
    found = {(one["kind"], one["name"]) for one in certificate["findings"]}
    processes = [name for kind, name in found if kind == "process"]
    assert {
        ("file", "cache"),
        ("file", "cache/leads.db"),
        ("file", str(shared)),
        ("subscription", "crm: http://127.0.0.1:1/left"),
    } <= found
    assert "time.sleep(60)" in processes[0]
    assert certificate["retained"] == [{"kind": "file", "name": "cache/kept.txt"}]
    assert certificate["clean"] is False
    assert trials.left_over() == []
    assert traces.processes(trials.live.state.settings.data / "throwaways") == ()


def test_a_thing_is_retained_by_its_whole_name_or_its_last_part() -> None:
    left = [Thing("file", "a/b.txt"), Thing("file", "c.txt"), Thing("hook", "b.txt-more")]

    retained, findings = sorted_out(left, ["b.txt", RUN])

    assert retained == (left[0],)
    assert findings == (left[1], left[2])
