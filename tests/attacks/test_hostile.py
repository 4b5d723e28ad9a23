"""Connectors that want more than they declared, in the sandbox of the local target.

One connector runs whatever code a test posts to it, so each test is what a hostile author could
write. The whole file runs as root and as an ordinary user. Meanwhile a server on the same data
directory is asked whether it is ready, and so is an innocent neighbour.
"""

import base64
import dataclasses
import hashlib
import io
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from anyio.from_thread import start_blocking_portal
from starlette.testclient import TestClient

from connectory.app.build import build, inner
from connectory.backends.db import open_engine
from connectory.backends.targets import (
    InstanceSpec,
    InstanceUnreachableError,
    Phase,
    Resources,
    TargetFailedError,
    Usage,
)
from connectory.backends.targets.local import sandbox
from connectory.backends.targets.local.target import LocalTarget
from connectory.gates.archive import pack
from connectory.kernel.digest import digest_of
from connectory.kernel.ids import new_id
from connectory.kernel.secret import Secret
from connectory.settings import Settings
from demos import migrated
from marketplaces import wait_until
from wheels import wheel

CODE = (Path(__file__).parent / "hostile/connector.py").read_bytes()
DISK_MB = 20
SECRET = "s3cret-9f27c4e1d0"
pytestmark = pytest.mark.skipif(sandbox.find() is None, reason="bubblewrap does not work here")


@dataclasses.dataclass
class Prison:
    """A running hostile connector, and what is around it on this machine."""

    target: LocalTarget
    spec: InstanceSpec
    data: Path
    open_port: int
    closed_port: int
    watch: "Watch"

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
        yield inner(app).state.crew.targets["local"], client
    engine.dispose()


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
            yield Prison(target, spec, place / "data", open_port, closed_port, watch)
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


def test_what_the_admin_allows_is_reached(prison: Prison) -> None:
    assert "hello" in prison.do(dial("127.0.0.1", prison.open_port))
    assert "hello" in prison.do(dial("localhost", prison.open_port))


@pytest.mark.parametrize(
    "host",
    [
        pytest.param("127.0.0.1", id="loopback"),
        pytest.param("169.254.169.254", id="metadata"),
        pytest.param("10.0.0.1", id="private"),
        pytest.param("1.1.1.1", id="public"),
        pytest.param("::ffff:169.254.169.254", id="mapped"),
        pytest.param("fd00:ec2::254", id="metadata by IPv6"),
    ],
)
def test_no_address_is_reached_past_the_names(prison: Prison, host: str) -> None:
    said = prison.do(dial(host, prison.closed_port))

    assert "OSError" in said or "ConnectionRefusedError" in said


def test_the_sockets_of_the_server_are_not_there(prison: Prison) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        said = prison.do(dial("127.0.0.1", server.getsockname()[1]))

    assert "ConnectionRefusedError" in said


def test_a_host_that_is_not_declared_has_no_address(prison: Prison) -> None:
    said = prison.do("import socket; socket.getaddrinfo('evil.example', 443)")

    assert "gaierror" in said
    wait_until(lambda: any("evil.example is not among its" in one for one in prison.log()))


def test_a_redirect_leads_no_further_than_a_name(prison: Prison) -> None:
    """What a declared host answers may name any other; it is looked up and reached like any."""
    said = prison.do(
        "import http.server, threading, urllib.request\n"
        "class Redirect(http.server.BaseHTTPRequestHandler):\n"
        "    def do_GET(self):\n"
        "        self.send_response(302)\n"
        "        self.send_header('Location', 'http://169.254.169.254/latest/meta-data/')\n"
        "        self.end_headers()\n"
        "made = http.server.HTTPServer(('127.0.0.1', 0), Redirect)\n"
        "threading.Thread(target=made.serve_forever, daemon=True).start()\n"
        "url = f'http://127.0.0.1:{made.server_port}'\n"
        "print(urllib.request.urlopen(url, timeout=3).read())"
    )

    assert "URLError" in said


def test_names_carry_nothing_out(prison: Prison) -> None:
    """The only server for names is ours, and it asks nobody about names it does not know."""
    said = prison.do(
        "import socket\n"
        "for n in range(300):\n"
        "    try: socket.gethostbyname(f'{n}.tunnel.example')\n"
        "    except OSError as failure: last = failure\n"
        "print(last)"
    )

    assert "not known" in said
    assert sum("tunnel.example" in line for line in prison.log()) <= 200
    wait_until(lambda: sum(usage(prison).refused.values()) >= 300)
    assert len(usage(prison).refused) <= 101


def test_a_declared_port_is_the_only_one(prison: Prison) -> None:
    assert "Refused" in prison.do(dial("db.partner.example", 443))


def test_malformed_questions_for_names_do_no_harm(prison: Prison) -> None:
    prison.do(
        "import os, socket\n"
        "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
        "for n in range(200): s.sendto(os.urandom(n), ('127.0.0.1', 53))\n"
        "for n in (192, 63, 1): s.sendto(bytes(12) + bytes([n]) * 40, ('127.0.0.1', 53))"
    )

    assert "hello" in prison.do(dial("localhost", prison.open_port))


def test_files_of_the_server_and_of_other_instances_are_not_there(prison: Prison) -> None:
    other = prison.data / "instances/inst_OTHER/home"
    other.mkdir(parents=True)
    (other / "notes").write_text("theirs")

    for path in (other / "notes", prison.data / "keys/other", "/etc/shadow", "/root/.ssh"):
        assert "FileNotFoundError" in prison.do(f"open({str(path)!r})"), path

    shutil.rmtree(other.parent)


def test_its_own_configuration_is_not_there(prison: Prison) -> None:
    folder = prison.data / "instances" / prison.spec.instance

    said = prison.do(f"import os; print(sorted(os.listdir({str(folder)!r})))")

    assert said.strip() == "['home']"


def test_other_processes_are_not_there(prison: Prison) -> None:
    said = prison.do("import os; print(len([p for p in os.listdir('/proc') if p.isdigit()]))")

    assert int(said) <= 4


def test_code_and_system_cannot_be_changed(prison: Prison) -> None:
    code = prison.do("import connector; print(connector.__file__)") or ""
    package = prison.do("import sys; print([p for p in sys.path if 'package' in p][0])").strip()

    for path in (f"{package}/connector.py", "/usr/lib/x", "/etc/hosts", "/dev/x"):
        said = prison.do(f"open({path!r}, 'w')")
        assert "Read-only" in said or "Permission" in said, (path, said, code)


def test_it_has_no_rights_over_the_machine(prison: Prison) -> None:
    status = prison.do("print(open('/proc/self/status').read())")
    rights = {line.split()[1] for line in status.splitlines() if line.startswith("Cap")}

    assert rights == {"0" * 16}
    assert "NoNewPrivs:\t1" in status


def test_forks_without_end_stop_at_a_limit(prison: Prison) -> None:
    said = prison.do(
        "import os, signal, time\n"
        "made = []\n"
        "try:\n"
        "    for _ in range(5000):\n"
        "        pid = os.fork()\n"
        "        if pid == 0: time.sleep(60)\n"
        "        made.append(pid)\n"
        "except OSError as failure: print(type(failure).__name__, len(made))\n"
        "for pid in made: os.kill(pid, signal.SIGKILL)\n"
        "for pid in made: os.waitpid(pid, 0)"
    )

    assert said.startswith("BlockingIOError")
    assert int(said.split()[1]) < sandbox.PROCESSES


def test_memory_of_many_processes_counts_together(doomed: Prison) -> None:
    with suppress(InstanceUnreachableError):
        doomed.do(
            "import os, time\n"
            "for _ in range(8):\n"
            "    if os.fork() == 0: kept = bytearray(b'x' * 64) * 1_000_000; time.sleep(60)\n"
            "time.sleep(8)"
        )

    wait_until(lambda: ended(doomed, "of memory, more than its 256 MB"))


def test_files_without_end_stop_at_a_limit(doomed: Prison) -> None:
    with suppress(InstanceUnreachableError):
        doomed.do(
            "import time\n"
            "for n in range(30): open(str(n), 'wb').write(bytes(1_000_000))\n"
            "time.sleep(8)"
        )

    wait_until(lambda: ended(doomed, f"more than the {DISK_MB} MB they may have"))
    assert doomed.target.observe(doomed.spec.instance).restarts <= 2


def test_deleted_files_that_are_open_count_too(doomed: Prison) -> None:
    with suppress(InstanceUnreachableError):
        doomed.do(
            "import os, time\n"
            "kept = open('big', 'wb'); os.unlink('big')\n"
            "for _ in range(30): kept.write(bytes(1_000_000))\n"
            "kept.flush(); time.sleep(8)"
        )

    wait_until(lambda: ended(doomed, f"more than the {DISK_MB} MB they may have"))


def test_files_in_a_folder_that_is_closed_are_seen_or_not_allowed(doomed: Prison) -> None:
    with suppress(InstanceUnreachableError):
        doomed.do(
            "import os, time\n"
            "os.mkdir('closed')\n"
            "for n in range(30): open(f'closed/{n}', 'wb').write(bytes(1_000_000))\n"
            "os.chmod('closed', 0)\n"
            "time.sleep(8)"
        )

    seen, unseen = f"more than the {DISK_MB} MB they may have", "that nobody can look into"
    wait_until(lambda: ended(doomed, seen) or ended(doomed, unseen))


def test_a_flood_of_its_log_keeps_the_last_of_it(doomed: Prison) -> None:
    doomed.do(
        "import os\n"
        "line = b'x' * 999 + b'\\n'\n"
        "for _ in range(300): os.write(1, line * 100)\n"
        "os.write(1, b'the end\\n')"
    )
    wait_until(lambda: doomed.log()[-1] == "the end", seconds=60)

    logs = doomed.data / "instances" / doomed.spec.instance / "log"
    assert sum(one.stat().st_size for one in logs.iterdir()) < 17_000_000


def test_memory_without_end_stops_at_a_limit(prison: Prison) -> None:
    assert "MemoryError" in prison.do("bytearray(4_000_000_000)")


def test_temporary_files_stop_at_a_limit(prison: Prison) -> None:
    said = prison.do("for n in range(200): open(f'/tmp/{n}', 'wb').write(bytes(1_000_000))\n")
    prison.do(
        "import glob, os\nfor f in glob.glob('/tmp/*'):\n    os.path.isfile(f) and os.unlink(f)"
    )

    assert "No space left" in said


def test_a_link_in_its_home_leads_nowhere(prison: Prison) -> None:
    key = prison.data / "keys/other"
    prison.do(f"import os; os.symlink({str(key)!r}, 'log'); os.symlink('/', 'root')")

    assert "key of the server" not in "".join(prison.log())
    assert "FileNotFoundError" in prison.do("open('log').read()")


def test_secrets_in_its_log_are_masked(prison: Prison) -> None:
    encoded = [base64.b64encode((pad + SECRET).encode()).decode() for pad in ("", "x", "xy")]
    prison.do(
        f"import sys\nfor text in {[SECRET, *encoded, SECRET.encode().hex()]!r}:\n"
        "    print('leak', text, file=sys.__stdout__, flush=True)"
    )
    wait_until(lambda: sum(line.startswith("leak") for line in prison.log()) == 5)

    whole = "\n".join(prison.log())
    assert SECRET not in whole
    assert not [one for one in encoded if one[4:-4] in whole]
    assert SECRET.encode().hex() not in whole


def test_a_secret_in_pieces_is_not_found(prison: Prison) -> None:
    """What is masked is the whole in its usual forms; nobody can know all others."""
    half = len(SECRET) // 2
    pieces = (SECRET[:half], SECRET[half:], SECRET[::-1])
    prison.do(
        f"import sys\nfor text in {pieces!r}:\n"
        "    print('piece', text, file=sys.__stdout__, flush=True)"
    )
    wait_until(lambda: sum(line.startswith("piece") for line in prison.log()) == 3)

    assert SECRET not in "\n".join(prison.log())


def test_a_hostile_wheel_runs_in_the_sandbox_alone(prison: Prison, tmp_path: Path) -> None:
    mark = tmp_path / "it-ran"
    line = f"import os; open('/tmp/x', 'w'); os.system('touch {mark}; kill -9 -1')\n"
    content = wheel({"hostile.pth": line.encode()})

    with suppress(TargetFailedError):  # it may well end its own build
        prison.target.prepare(hostile(tmp_path, wheels=content))

    assert not mark.exists()


def test_a_hostile_sdist_is_never_built(prison: Prison, tmp_path: Path) -> None:
    mark = tmp_path / "it-ran"
    source = io.BytesIO()
    pack({"greeting-1.0/setup.py": f"open({str(mark)!r}, 'w')".encode()}, source)

    with pytest.raises(TargetFailedError, match="its wheels cannot be installed"):
        prison.target.prepare(
            hostile(tmp_path, wheels=source.getvalue(), name="greeting-1.0.tar.gz")
        )

    assert not mark.exists()


def test_ports_that_it_opens_are_not_ports_of_the_machine(prison: Prison) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    said = prison.do(
        "import socket\n"
        f"made = socket.create_server(('0.0.0.0', {port})); print('listening')\n"
        "globals()['kept'] = made"
    )

    assert "listening" in said
    with pytest.raises(OSError, match="refused"), socket.create_connection(("127.0.0.1", port)):
        pass


def test_what_double_forks_away_ends_with_it(prison: Prison, tmp_path: Path) -> None:
    spec = hostile(tmp_path)
    start(prison.target, spec)
    inside = dataclasses.replace(prison, spec=spec)
    inside.do(
        "import os, signal, time\n"
        "if os.fork() == 0:\n"
        "    os.setsid()\n"
        "    signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "    if os.fork() == 0: time.sleep(600)\n"
        "    os._exit(0)\n"
    )
    mark = f"HOME={prison.data}/instances/{spec.instance}/home".encode()

    prison.target.remove(spec.instance)

    assert not [one for one in Path("/proc").glob("[0-9]*") if mark in environment_of(one)]
    assert not (prison.data / "instances" / spec.instance).exists()


def test_what_ignores_sigterm_is_killed(prison: Prison, tmp_path: Path) -> None:
    spec = hostile(tmp_path)
    start(prison.target, spec)
    dataclasses.replace(prison, spec=spec).do(
        "import ctypes; ctypes.CDLL(None).signal(15, ctypes.c_void_p(1))"
    )
    began = time.monotonic()

    prison.target.stop(spec.instance)

    assert time.monotonic() - began < 15
    assert prison.target.observe(spec.instance).phase is Phase.STOPPED
    prison.target.remove(spec.instance)


def test_server_and_neighbour_answered_throughout(prison: Prison) -> None:
    assert prison.watch.wrong == []
    assert prison.watch.asked > 10
    assert prison.watch.slowest_s < 10


def test_it_still_serves_after_all_that(prison: Prison) -> None:
    assert prison.target.observe(prison.spec.instance).restarts == 0
    assert prison.do("print('alive')").strip() == "alive"


def test_all_of_this_holds_for_an_ordinary_user() -> None:
    """Root becomes an ordinary user who owns the same files, and runs this file again."""
    if os.getuid() != 0:
        return  # it just did
    user = ("unshare", "--user", "--map-user=1000", "--map-group=1000", "--")
    tests = ("-m", "pytest", "-q", "-p", "no:cacheprovider", __file__)
    # Linux does not count the processes of the machine's root, whatever he calls himself.
    but = ("-k", "not forks_without_end")
    again = subprocess.run(
        [*user, sys.executable, *tests, *but],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )

    assert again.returncode == 0, again.stdout[-3000:]
    assert "passed" in again.stdout


def environment_of(process: Path) -> bytes:
    try:
        return (process / "environ").read_bytes()
    except OSError:
        return b""
