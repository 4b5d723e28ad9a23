"""A backup taken while many publish, restored where nothing is: row R12 of the threat model.

The oracle is a ledger outside: who published what, when the request began and when it was
acknowledged. A backup is good if one moment explains it: everything acknowledged before is in
it, nothing that began after, and what is in it is as it was acknowledged, byte for byte.
"""

import io
import random
import shutil
import sqlite3
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import pytest

from connectory.backends.targets.local.target import LocalTarget
from connectory.gates import archive
from connectory.kernel.digest import digest_of
from marketplaces import wait_until
from processes import COMMAND, MarketplaceProcess, environment, marketplace_process

pytestmark = pytest.mark.journey

BRIEF = (Path(__file__).parents[1] / "manifest/examples/brief.yaml").read_text()
LEADS = "/api/v1/teams/payments/instances/leads"
ASKED = {"connector": "crm-to-slack-v1", "inputs": {"slack_channel": "#leads"}}
PUBLISHERS = ("amber", "birch", "cedar", "denim")
BEFORE, AFTER = 12, 12  # publishes to wait for before the backup begins and after it has ended
UNCHANGING = (
    "SELECT * FROM connector",
    "SELECT * FROM connector_version",
    "SELECT * FROM manifest",
    "SELECT * FROM package",
    "SELECT * FROM package_pin",
    "SELECT * FROM event WHERE position IS NOT NULL",
)


@dataclass(frozen=True)
class Entry:
    """One acknowledged publish, with the clock before the request and after the answer."""

    connector: str
    version: str
    digest: str
    package: bytes
    began: float
    acknowledged: float


@dataclass
class Load:
    """Threads that publish one version after the other, and the ledger of what was said."""

    served: MarketplaceProcess
    ledger: list[Entry] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    _enough: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def start(self) -> None:
        self._threads = [threading.Thread(target=self._run, args=(n,)) for n in PUBLISHERS]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._enough.set()
        for thread in self._threads:
            thread.join(30)

    def wait_for(self, more: int) -> None:
        wanted = len(self.ledger) + more
        wait_until(lambda: len(self.ledger) >= wanted or bool(self.failures), 60)

    def _run(self, name: str) -> None:
        seeded = random.Random(name)  # noqa: S311  repeatable bytes
        headers = dict(self.served.client.headers)
        with httpx2.Client(base_url=self.served.ready["url"], headers=headers) as client:
            number = 0
            while not self._enough.is_set():
                number += 1
                self._publish(client, name, f"1.0.{number}", seeded.randbytes(40_000))

    def _publish(self, client: httpx2.Client, name: str, version: str, body: bytes) -> None:
        text = BRIEF.replace("crm-to-slack-v1", f"{name}-load-v1").replace("1.2.0", version)
        package = io.BytesIO()
        archive.pack({"manifest.yaml": text.encode(), "sample.bin": body}, package)
        files = {
            "manifest": ("manifest.yaml", text.encode(), "application/octet-stream"),
            "package": ("package.tar.gz", package.getvalue(), "application/gzip"),
        }
        began = time.monotonic()
        answer = client.post("/api/v1/connectors", files=files, timeout=30)
        if answer.status_code != 201:
            self.failures.append(answer.text)
            self._enough.set()
            return
        said = answer.json()
        kept = (said["id"], version, said["digest"], package.getvalue())
        self.ledger.append(Entry(*kept, began, time.monotonic()))


@dataclass
class Story:
    """A marketplace that was backed up under load, with the ledger and what came later."""

    served: MarketplaceProcess
    load: Load
    file: Path
    window: tuple[float, float]
    later: Path  # the data directory as it was at the end


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    folder = tmp_path_factory.mktemp("backup")
    with marketplace_process(folder / "machine") as served:
        served.start(rate_write_per_minute="0")
        operation = served.client.put(LEADS, json=ASKED).json()["operation"]
        assert served.ended(operation)["state"] == "succeeded"
        load = Load(served)
        load.start()
        load.wait_for(BEFORE)
        began = time.monotonic()
        file = folder / "backup.tar.gz"
        command("create", "--data", str(served.data), "--to", str(file), "--with-keys")
        window = (began, time.monotonic())
        load.wait_for(AFTER)
        load.stop()
        served.stop()
        end_instances(served.data)
        yield Story(served, load, file, window, lose(served, folder / "lost"))


def test_one_moment_explains_what_is_in_the_backup(story: Story, tmp_path: Path) -> None:
    command("restore", str(story.file), "--data", str(tmp_path / "data"))

    kept = {
        digest for (digest,) in rows(tmp_path / "data", "SELECT digest FROM connector_version")
    }
    inside = [entry for entry in story.load.ledger if entry.digest in kept]
    outside = [entry for entry in story.load.ledger if entry.digest not in kept]
    assert story.load.failures == []
    assert len(inside) >= BEFORE
    assert len(outside) >= AFTER - len(PUBLISHERS)
    began, ended = story.window
    assert all(entry.acknowledged > began for entry in outside)
    assert all(entry.began < ended for entry in inside)
    assert max(e.began for e in inside) <= min(e.acknowledged for e in outside)


def test_rows_and_blobs_are_those_that_were_acknowledged(story: Story, tmp_path: Path) -> None:
    data = tmp_path / "data"
    command("restore", str(story.file), "--data", str(data))

    for query in UNCHANGING:
        kept, live = (set(rows(at, query)) for at in (data, story.later))
        assert kept, query
        assert kept <= live, query
    stored = {digest for (digest,) in rows(data, "SELECT digest FROM package")}
    acknowledged = {digest_of(entry.package): entry.package for entry in story.load.ledger}
    blobs = {f"sha256:{path.parent.name}{path.name}": path for path in blob_files(data)}
    assert set(blobs) == stored
    for digest, path in blobs.items():
        assert digest_of(path.read_bytes()) == digest
    ours = stored & set(acknowledged)
    assert len(ours) >= BEFORE
    assert all(blobs[digest].read_bytes() == acknowledged[digest] for digest in ours)


def test_a_restored_marketplace_goes_on(story: Story) -> None:
    served = story.served
    command("restore", str(story.file), "--data", str(served.data))
    shutil.copytree(story.later / "standins", served.data / "standins")  # the outside world

    served.start()

    assert served.get("/api/v1/audit/verify")["state"] == "intact"
    shown = {
        version["digest"]
        for connector in {entry.connector for entry in story.load.ledger}
        for version in served.get(f"/api/v1/connectors/bizops/{connector}/versions")["items"]
    }
    early = {e.digest for e in story.load.ledger if e.acknowledged < story.window[0]}
    assert early <= shown <= {entry.digest for entry in story.load.ledger}
    assert served.client.post("/api/v1/teams/payments/secrets/crm_api_key:test").json()[
        "readable"
    ]
    wait_until(lambda: served.get(f"{LEADS}")["health"]["status"] == "healthy", 60)
    served.create_lead("Ada Lovelace")
    wait_until(lambda: any("Ada Lovelace" in text for text in served.posted()), 20)


def test_the_same_content_gives_the_same_bytes(story: Story, tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("one.tar.gz", "two.tar.gz")]
    for file in files:
        command("create", "--data", str(story.later), "--to", str(file))

    first, second = (file.read_bytes() for file in files)

    assert first == second
    assert files[0].stat().st_mode & 0o777 == 0o600


def command(*arguments: str, code: int = 0) -> str:
    """Run `connectory backup`; return what it said."""
    done = subprocess.run(
        [COMMAND, "backup", *arguments],
        env=environment({}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def end_instances(data: Path) -> None:
    """End what the lost machine ran."""
    target = LocalTarget(data)
    for instance in (data / "instances").glob("inst_*/"):
        target.remove(instance.name)


def lose(served: MarketplaceProcess, to: Path) -> Path:
    """Take the data directory away from its machine."""
    return served.data.rename(to)


def rows(data: Path, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(f"file:{data}/connectory.db?mode=ro", uri=True)) as db:
        return db.execute(sql).fetchall()


def blob_files(data: Path) -> list[Path]:
    return [path for path in (data / "blobs").glob("??/*") if path.is_file()]
