"""Connectors that want more than they declared, in the sandbox of the local target.

One connector runs whatever code a test posts to it, so each test is what a hostile author could
write. The whole file runs as root and as an ordinary user.
"""

import base64
import dataclasses
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from connectory.backends.targets import InstanceSpec, Phase, Resources
from connectory.backends.targets.local import sandbox
from connectory.backends.targets.local.target import LocalTarget
from connectory.gates.archive import pack
from connectory.kernel.digest import digest_of
from connectory.kernel.ids import new_id
from connectory.kernel.secret import Secret
from marketplaces import wait_until

CODE = (Path(__file__).parent / "hostile/connector.py").read_bytes()
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

    def do(self, code: str) -> str:
        """Let the connector run code and return what that printed."""
        return self.target.call(self.spec.instance, "POST", "/", code.encode()).body.decode()

    def log(self) -> list[str]:
        return [line.message for line in self.target.logs(self.spec.instance, after=-500)]


@pytest.fixture(scope="module")
def prison(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prison]:
    place = tmp_path_factory.mktemp("prison")
    with (
        socket.create_server(("127.0.0.1", 0)) as allowed,
        socket.create_server(("127.0.0.1", 0)) as other,
    ):
        threading.Thread(target=greet, args=(allowed,), daemon=True).start()
        open_port = allowed.getsockname()[1]
        target = LocalTarget(
            place / "data",
            sandbox=sandbox.find(),
            private=(f"127.0.0.1:{open_port}", f"localhost:{open_port}"),
        )
        spec = hostile(place)
        (place / "data/keys").mkdir(parents=True)
        (place / "data/keys/secrets").write_text("key of the server")
        start(target, spec)
        yield Prison(target, spec, place / "data", open_port, other.getsockname()[1])
        target.remove(spec.instance)


def hostile(place: Path) -> InstanceSpec:
    bundle = place / "hostile.tar.gz"
    with bundle.open("wb") as into:
        pack({"src/connector.py": CODE}, into)
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


def start(target: LocalTarget, spec: InstanceSpec) -> None:
    target.apply(spec)
    wait_until(lambda: target.observe(spec.instance).phase is Phase.RUNNING)


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

    for path in (other / "notes", prison.data / "keys/secrets", "/etc/shadow", "/root/.ssh"):
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


def test_memory_without_end_stops_at_a_limit(prison: Prison) -> None:
    assert "MemoryError" in prison.do("bytearray(4_000_000_000)")


def test_temporary_files_stop_at_a_limit(prison: Prison) -> None:
    said = prison.do("for n in range(200): open(f'/tmp/{n}', 'wb').write(bytes(1_000_000))\n")
    prison.do(
        "import glob, os\nfor f in glob.glob('/tmp/*'):\n    os.path.isfile(f) and os.unlink(f)"
    )

    assert "No space left" in said


def test_a_link_in_its_home_leads_nowhere(prison: Prison) -> None:
    key = prison.data / "keys/secrets"
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
