"""Connectors that want more than they declared, in the sandbox of the local target.

One connector runs whatever code a test posts to it, so each test is what a hostile author could
write. These files run as root and as an ordinary user. Meanwhile a server on the same data
directory is asked whether it is ready, and so is an innocent neighbour.
"""

import base64
import io
import os
import shutil
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from connectory.backends.targets import (
    TargetFailedError,
)
from connectory.backends.targets.local import sandbox
from connectory.gates.archive import pack
from marketplaces import wait_until
from prisons import (
    SECRET,
    Prison,
    dial,
    hostile,
    usage,
)
from wheels import wheel

pytestmark = pytest.mark.skipif(sandbox.find() is None, reason="bubblewrap does not work here")


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


def test_server_and_neighbour_answered_throughout(prison: Prison) -> None:
    assert prison.watch.wrong == []
    assert prison.watch.asked > 10
    assert prison.watch.slowest_s < 10


def test_it_still_serves_after_all_that(prison: Prison) -> None:
    now = prison.target.observe(prison.spec.instance)
    assert now.restarts == prison.restarts, "\n".join(prison.log()[-40:])
    assert prison.do("print('alive')").strip() == "alive"


def test_all_of_this_holds_for_an_ordinary_user() -> None:
    """Root becomes an ordinary user who owns the same files, and runs these files again."""
    if os.getuid() != 0:
        return  # it just did
    user = ("unshare", "--user", "--map-user=1000", "--map-group=1000", "--")
    files = map(str, Path(__file__).parent.glob("test_hostile*.py"))
    tests = ("-m", "pytest", "-q", "-p", "no:cacheprovider", *files)
    # Linux does not count the processes of the machine's root, whatever he calls himself.
    but = ("-k", "not forks_without_end")
    again = subprocess.run(
        [*user, sys.executable, *tests, *but],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )

    assert again.returncode == 0, again.stdout[-9000:]
    assert "passed" in again.stdout
