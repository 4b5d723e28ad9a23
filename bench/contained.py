"""What containment costs: starting, the way out, installing again, memory, the server at rest.

python bench/contained.py [instances]
"""

import dataclasses
import http.server
import socketserver
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from kit.bounds import AtLeast, AtMost, say
from kit.load import median
from kit.marketplace import marketplace

from connectory.backends.targets import InstanceSpec, InstanceUnreachableError, Phase, Resources
from connectory.backends.targets.local import sandbox
from connectory.backends.targets.local.target import LocalTarget
from connectory.gates.archive import pack
from connectory.kernel.digest import digest_of
from connectory.kernel.ids import new_id

ROUNDS = 7
BULK_BYTES, BULK_PIECE = 1 << 30, 1 << 18
REQUESTS = 2000
REST_S = 10.0
WHEELS = Path(__file__).parents[1] / "src/connectory/wheels"
MINIMAL = b"from connectory_sdk import App\nApp().serve()\n"
CALLER = b"""\
import http.client, http.server, json, os, socket, time

class Answers(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send(b"ok")

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        began = time.perf_counter()
        globals()[asked["what"]](asked["port"], asked["count"])
        self.send(json.dumps(time.perf_counter() - began).encode())

    def send(self, body):
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass

def bulk(port, count):
    with socket.create_connection(("127.0.0.1", port)) as made:
        into = memoryview(bytearray(1 << 18))
        while count > 0:
            size = made.recv_into(into)
            if not size:
                break
            count -= size

def small(port, count):
    made = http.client.HTTPConnection("127.0.0.1", port)
    for _ in range(count):
        made.request("GET", "/")
        made.getresponse().read()

def apart(port, count):
    for _ in range(count):
        made = http.client.HTTPConnection("127.0.0.1", port)
        made.request("GET", "/")
        made.getresponse().read()
        made.close()

http.server.HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Answers).serve_forever()
"""


class Small(http.server.BaseHTTPRequestHandler):
    """Answers each request with two bytes and keeps the connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """Answer."""
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Bulk(socketserver.BaseRequestHandler):
    """Sends a gibibyte to whoever connects."""

    def handle(self) -> None:
        """Send."""
        piece = bytes(BULK_PIECE)
        for _ in range(BULK_BYTES // BULK_PIECE):
            self.request.sendall(piece)


@contextmanager
def serving(server: socketserver.BaseServer) -> Iterator[int]:
    """Serve on a free port for the length of a block."""
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_address[1]  # type: ignore[misc]  # of IPv4
    finally:
        server.shutdown()
        server.server_close()


def package(folder: Path, code: bytes, *, sdk: bool) -> InstanceSpec:
    """Return what runs a module of one file, with the SDK as its only wheel or without."""
    files = {"src/main.py": code}
    if sdk:
        [wheel] = WHEELS.glob("connectory_sdk-*.whl")
        content = wheel.read_bytes()
        version = wheel.name.split("-")[1]
        digest = digest_of(content)
        lock = f"connectory-sdk=={version} --hash={digest}\n".encode()
        files |= {f"wheels/{wheel.name}": content, "requirements.lock": lock}
    bundle = folder / f"{new_id('pack')}.tar.gz"
    with bundle.open("wb") as into:
        pack(files, into)
    return InstanceSpec(
        instance=new_id("inst"),
        label="bench/one",
        generation=1,
        digest=digest_of(bundle.read_bytes()),
        bundle=bundle,
        entrypoint="main",
        environment={},
        secrets={},
        resources=Resources(timeout_s=120),
    )


def until_healthy(target: LocalTarget, spec: InstanceSpec) -> float:
    """Start an instance and return the seconds until it answers its health check."""
    began = time.perf_counter()
    target.apply(spec)
    while True:
        try:
            if target.call(spec.instance, "GET", "/healthz").status == 200:  # noqa: PLR2004
                return time.perf_counter() - began
        except InstanceUnreachableError:
            time.sleep(0.005)


def starts(folder: Path, inside: LocalTarget, outside: LocalTarget) -> None:
    """Compare starts in the sandbox and without, in turns, the environments being built."""
    spec = package(folder, MINIMAL, sdk=True)
    times: dict[LocalTarget, list[float]] = {inside: [], outside: []}
    for target in times:
        target.prepare(spec)
    for _ in range(ROUNDS):
        for target, taken in times.items():
            one = dataclasses.replace(spec, instance=new_id("inst"))
            taken.append(until_healthy(target, one))
            target.remove(one.instance)
    print(f"without a sandbox it takes {median(times[outside]) * 1000:.0f} ms")
    say(
        "start to healthy beside no sandbox",
        median(times[inside]) / median(times[outside]),
        AtMost(1.2),
    )
    # Nothing of this asks a network: wheels come with the package, and are there already.
    say("second install of a package to healthy", median(times[inside]), AtMost(1.5), "s")


def egress(
    folder: Path, inside: Callable[[int, int], LocalTarget], outside: LocalTarget
) -> None:
    """Compare what goes through the way out with what goes straight, in turns."""
    many = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Small)
    big = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Bulk)
    with serving(many) as small, serving(big) as bulk:
        spec = package(folder, CALLER, sdk=False)
        targets = {True: inside(small, bulk), False: outside}
        for target in targets.values():
            until_healthy(target, spec)
        cases = {
            "bulk": (bulk, BULK_BYTES, "bulk through egress beside straight"),
            "small": (small, REQUESTS, "small requests through egress beside straight"),
            "apart": (small, REQUESTS // 4, "the same, each on a connection of its own"),
        }
        for what, (port, count, name) in cases.items():
            ratios = []
            for _ in range(3):
                taken = {
                    way: asked(target, spec, what, port, count)
                    for way, target in targets.items()
                }
                ratios.append(taken[False] / taken[True])
            say(name, median(ratios), AtLeast(0.5))
        for target in targets.values():
            target.remove(spec.instance)


def asked(target: LocalTarget, spec: InstanceSpec, what: str, port: int, count: int) -> float:
    """Let the connector call a server and return the seconds that it took."""
    body = f'{{"what": "{what}", "port": {port}, "count": {count}}}'.encode()
    return float(target.call(spec.instance, "POST", "/", body).body)


def memory(folder: Path, target: LocalTarget, count: int) -> None:
    """Run many instances and add up what their runners need beside the connectors."""
    spec = package(folder, MINIMAL, sdk=True)
    specs = [dataclasses.replace(spec, instance=new_id("inst")) for _ in range(count)]
    for one in specs:
        target.apply(one)
    for one in specs:
        while target.observe(one.instance).phase is not Phase.RUNNING:
            time.sleep(0.05)
    time.sleep(1)
    kinds = {"runner": 0, "connector": 0}
    for one in processes_of(folder):
        kinds["connector" if is_connector(one) else "runner"] += pss(one)
    own = kinds["connector"] / count / 1e6
    print(f"{count} instances: each connector itself has {own:.1f} MB")
    say(
        "memory (PSS) of what runs an instance", kinds["runner"] / count / 1e6, AtMost(12), "MB"
    )
    for one in specs:
        target.remove(one.instance)


def processes_of(folder: Path) -> list[Path]:
    """Return all processes of the instances below a folder, which they all know."""
    known = bytes(folder / "inside/instances")
    return [one for one in Path("/proc").glob("[0-9]*") if known in said(one)]


def said(process: Path) -> bytes:
    """Return the command of a process with its environment."""
    try:
        return (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
    except OSError:  # it has ended
        return b""


def is_connector(process: Path) -> bool:
    """Whether it is the connector itself, not its shim, its sandbox or its network."""
    words = (process / "cmdline").read_bytes().split(b"\0")
    return words[-3:-1] == [b"-m", b"main"] and not words[0].endswith(b"bwrap")


def pss(process: Path) -> int:
    """Return its share of memory in bytes."""
    try:
        lines = (process / "smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))


def rest() -> None:
    """Measure what a server does while nobody asks it for anything."""
    with marketplace(0) as server:
        time.sleep(3)
        before, began = server.cpu_s(), time.perf_counter()
        time.sleep(REST_S)
        share = (server.cpu_s() - before) / (time.perf_counter() - began)
    say("processor of the server at rest, share of a core", share, AtMost(0.03))


def main(count: int) -> None:
    """Measure everything in one folder."""
    found = sandbox.required()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        inside = LocalTarget(folder / "inside", sandbox=found)
        outside = LocalTarget(folder / "outside")
        starts(folder, inside, outside)
        memory(folder, inside, count)

        def open_to(*ports: int) -> LocalTarget:
            private = [f"127.0.0.1:{port}" for port in ports]
            return LocalTarget(folder / "open", sandbox=found, private=private)

        egress(folder, open_to, outside)
    rest()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100)
