"""The network of a sandbox, which is named before it is ready."""

import subprocess
import sys
from pathlib import Path

import pytest

from connectory.backends.targets.local import sandbox

pytestmark = pytest.mark.skipif(sandbox.find() is None, reason="bubblewrap does not work here")

EMPTY = """\
import fcntl, socket, struct
print("there", flush=True)
input()
with socket.socket() as device:
    up = struct.pack("16sh14x", b"lo", 1)
    fcntl.ioctl(device, 0x8914, up)  # SIOCSIFFLAGS: the loopback device gets up
input()
"""
JOIN = """\
import sys
from connectory.backends.targets.local.shim import egress, inside
inside.UP_S = float(sys.argv[2])
inside.join(inside.network_of(int(sys.argv[1])))
print(len(inside.open_ways(egress.NAMES, [("127.0.1.1", 443)])))
"""


def python(code: str, *arguments: str, before: tuple[str, ...] = ()) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        (*before, sys.executable, "-c", code, *arguments),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parent,
    )


def test_a_network_whose_loopback_is_not_up_yet_is_waited_for() -> None:
    """Its process is named first: who was quick found no address to listen on."""
    alone = ("unshare", "--user", "--map-root-user", "--net", "--")
    with python(EMPTY, before=alone) as network:
        assert network.stdin is not None
        assert network.stdout is not None
        assert network.stdout.readline() == "there\n"
        patient = python(JOIN, str(network.pid), "30")
        hasty = python(JOIN, str(network.pid), "0")

        assert "has no loopback" in hasty.communicate()[1]
        network.stdin.write("up\n")
        network.stdin.flush()
        assert patient.communicate() == ("2\n", "")
        network.stdin.close()
