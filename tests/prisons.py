"""A place for hostile connectors: a server, the sandbox of its target, a neighbour."""

import dataclasses
import hashlib
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from anyio.from_thread import start_blocking_portal
from starlette.testclient import TestClient

from connectory.app.build import build, inner
from connectory.backends.db import open_engine
from connectory.backends.targets import (
    InstanceSpec,
    InstanceUnreachableError,
    Phase,
    Resources,
    Usage,
)
from connectory.backends.targets.local.target import LocalTarget
from connectory.gates.archive import pack
from connectory.kernel.digest import digest_of
from connectory.kernel.ids import new_id
from connectory.kernel.secret import Secret
from connectory.settings import Settings
from demos import migrated
from marketplaces import wait_until

CODE = (Path(__file__).parent / "attacks/hostile/connector.py").read_bytes()
DISK_MB = 20
SECRET = "s3cret-9f27c4e1d0"


@dataclasses.dataclass
class Prison:
    """A running hostile connector, and what is around it on this machine."""

    target: LocalTarget
    spec: InstanceSpec
    data: Path
    open_port: int
    closed_port: int
    watch: "Watch"
    restarts: int  # before anything was tried: a busy machine may need a second start

    def do(self, code: str) -> str:
        """Let the connector run code and return what that printed."""
        return self.target.call(self.spec.instance, "POST", "/", code.encode()).body.decode()

    def log(self) -> list[str]:
        return [line.message for line in self.target.logs(self.spec.instance, after=-500)]


class Watch(threading.Thread):
    """Asks a server and an innocent instance how they are, until stopped."""

    def __init__(self, client: TestClient, target: LocalTarget, neighbour: str) -> None:
        super().__init__(daemon=True)
        self._client, self._target, self._neighbour = client, target, neighbour
        self._over = threading.Event()
        self.asked, self.slowest_s, self.wrong = 0, 0.0, list[str]()

    def run(self) -> None:
        while not self._over.wait(0.05):
            began = time.monotonic()
            ready = self._client.get("/readyz")
            if ready.status_code != 200:
                self.wrong.append(ready.text)
            try:
                self._target.call(self._neighbour, "GET", "/healthz")
            except InstanceUnreachableError as failure:
                self.wrong.append(str(failure))
            self.slowest_s = max(self.slowest_s, time.monotonic() - began)
            self.asked += 1

    def stop(self) -> None:
        self._over.set()
        self.join()


@contextmanager
def served(data: Path, open_port: int) -> Iterator[tuple[LocalTarget, TestClient]]:
    """A server without background work on a data directory, and its target."""
    private = f"127.0.0.1:{open_port},localhost:{open_port}"
    data.mkdir(mode=0o700)
    settings = Settings(data=data, local_private=private, local_disk_mb=DISK_MB)
    migrated(settings.database_url)
    engine = open_engine(settings.database_url)
    app = build(settings, engine)
    client = TestClient(app, base_url=settings.url)
    with start_blocking_portal() as client.portal:
        assert client.get("/readyz").status_code == 200  # before threads change warnings
        yield inner(app).state.crew.targets["local"], client
    engine.dispose()


def usage(prison: Prison) -> Usage:
    found = prison.target.usage(prison.spec.instance)
    assert found is not None
    return found


def hostile(
    place: Path, *, wheels: bytes = b"", name: str = "greeting-1.0-py3-none-any.whl"
) -> InstanceSpec:
    bundle = place / "hostile.tar.gz"
    files = {"src/connector.py": CODE}
    if wheels:
        lock = f"greeting==1.0 --hash=sha256:{hashlib.sha256(wheels).hexdigest()}\n"
        files |= {f"wheels/{name}": wheels, "requirements.lock": lock.encode()}
    with bundle.open("wb") as into:
        pack(files, into)
    return InstanceSpec(
        instance=new_id("inst"),
        label="payments/hostile",
        generation=1,
        digest=digest_of(bundle.read_bytes()),
        bundle=bundle,
        entrypoint="connector",
        environment={},
        secrets={"SECRET_TOKEN": Secret(SECRET)},
        resources=Resources(timeout_s=10),
        allowed_hosts=frozenset(
            {"api.partner.example", "localhost", "db.partner.example:5432"}
        ),
    )


def start(target: LocalTarget, *specs: InstanceSpec) -> None:
    for spec in specs:
        target.apply(spec)
    for spec in specs:
        wait_until(lambda one=spec: target.observe(one.instance).phase is Phase.RUNNING)


def ended(prison: Prison, because: str) -> bool:
    """Whether the connector was ended, and its log says why."""
    return any(because in line for line in prison.log())


def greet(listener: socket.socket) -> None:
    with suppress(OSError):
        while True:
            connection, _ = listener.accept()
            with connection:
                connection.sendall(b"hello")


def dial(host: str, port: int) -> str:
    address = (host, port)
    return f"import socket; print(socket.create_connection({address!r}, timeout=3).recv(9))"
