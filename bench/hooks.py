"""What the marketplace adds between the caller of a hook and the connector.

python bench/hooks.py [events]

A connector notes how long each event took to reach its handler: directly, as the platform calls
it, and through the hook at 50 events a second, each stored before it is answered.
"""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import uvloop
from kit.bounds import AtMost, say
from kit.load import Answers, Client, Line

from connectory.backends.targets.local.sandbox import find
from connectory.backends.targets.local.target import LocalTarget

PER_SECOND = 50
CONNECTIONS = 8
ACCEPTED = 202
SETTLE_S = 30.0
COMMAND = str(Path(sys.executable).with_name("connectory"))
INSTANCE = "payments/probe"
CONNECTOR = '''"""Notes how long each event was on its way."""

import time

from connectory_sdk import App, Event

app = App()
took: list[float] = []


@app.webhook("/greet")
def note(event: Event) -> None:
    """Note one event; `sent` is the monotonic clock of this machine."""
    took.append(time.monotonic() - event.field("sent", float))


@app.manual
def tell(event: Event) -> dict[str, object]:
    """Give out what was noted, and begin anew."""
    seen = list(took)
    took.clear()
    return {"took": seen}


if __name__ == "__main__":
    app.serve()
'''


@dataclass(frozen=True, slots=True)
class Probe:
    """A marketplace with the connector installed."""

    client: Client
    hook: str  # path and key
    target: LocalTarget
    instance: str

    def noted(self, wanted: int) -> Answers:
        """Return how long events took, once all have arrived."""
        times: list[float] = []
        end = time.monotonic() + SETTLE_S
        while len(times) < wanted and time.monotonic() < end:
            answer = self.target.call(self.instance, "POST", "/run")
            times += json.loads(answer.body)["took"]
        if len(times) != wanted:
            raise SystemExit(f"{wanted} events were sent and {len(times)} arrived")
        return Answers(times)


def event() -> bytes:
    """Return an event that says when it was sent."""
    return json.dumps({"sent": time.monotonic()}).encode()


@contextmanager
def probe(folder: Path) -> Iterator[Probe]:
    """Start the product, write the connector, publish and install it."""
    data, token = folder / "data", folder / "token"
    own = {k: v for k, v in os.environ.items() if not k.startswith("CONNECTORY_")}
    flags = ("--port", "0", "--data", str(data), "--admin-token-file", str(token))
    with subprocess.Popen(
        (COMMAND, "up", "--demo", "--no-browser", "--json", *flags),
        env=own | {"CONNECTORY_RATE_HOOK_PER_MINUTE": "0"},
        stdout=subprocess.PIPE,
    ) as server:
        try:
            if server.stdout is None or not (line := server.stdout.readline()):
                raise SystemExit("the server did not start; its messages are above")
            url, key = json.loads(line)["url"], token.read_text().strip()
            known = {"CONNECTORY_URL": url, "CONNECTORY_TOKEN": key, "HOME": str(folder)}
            run = partial(command, folder, own | known)
            install(folder, run)
            hook = run("hooks", INSTANCE).strip().removeprefix(url)
            instance = json.loads(run("status", INSTANCE, "--json"))["id"]
            yield Probe(Client(url, key), hook, LocalTarget(data, sandbox=find()), instance)
            run("uninstall", INSTANCE, "--yes", "--confirm", "probe")
        finally:
            server.terminate()
            server.wait(20)


def command(folder: Path, environment: dict[str, str], *arguments: str) -> str:
    """Run a command of the product in a folder; return what it printed."""
    return subprocess.run(
        (COMMAND, *arguments),
        cwd=folder,
        env=environment,
        check=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout


def install(folder: Path, run: Callable[..., str]) -> None:
    """Write the connector as an author does, and bring it to the team payments."""
    made = ("--template", "blank", "--owner", "ana@example.com", "--namespace", "bizops")
    run("new", "probe", *made)
    (folder / "probe/src/probe/__main__.py").write_text(CONNECTOR)
    run("publish", "probe")
    version = "/api/v1/connectors/bizops/probe/versions/0.1.0/status"
    run("api", "PATCH", version, "-f", "status=approved", "-f", "message=measured")
    run("install", "probe", "--team", "payments", "--yes")


def direct(place: Probe, events: int) -> Answers:
    """Call the connector as the platform does, with nothing in between."""
    for _ in range(events):
        place.target.call(place.instance, "POST", "/greet", event())
    return place.noted(events)


async def through_hooks(place: Probe, events: int) -> float:
    """Send events at an even pace; return how late the last one was sent, in seconds."""
    lines = [await Line.open(place.client.url) for _ in range(CONNECTIONS)]
    free: asyncio.Queue[Line] = asyncio.Queue()
    for line in lines:
        free.put_nowait(line)
    began = time.monotonic()
    sending: set[asyncio.Task[None]] = set()
    for n in range(events):
        await asyncio.sleep(max(0.0, began + n / PER_SECOND - time.monotonic()))
        sending.add(asyncio.create_task(send(place, free)))
    late = time.monotonic() - began - events / PER_SECOND
    await asyncio.gather(*sending)
    for line in lines:
        line.close()
    return late


async def send(place: Probe, free: "asyncio.Queue[Line]") -> None:
    """Send one event over a connection that is free."""
    line = await free.get()
    status, body = await line.exchange(
        place.client.post(place.hook, event(), "application/json")
    )
    free.put_nowait(line)
    if status != ACCEPTED:
        raise SystemExit(f"a hook answered {status}: {body[:300]!r}")


def main(events: int) -> None:
    """Compare the way through the hook with the direct one."""
    with tempfile.TemporaryDirectory() as folder, probe(Path(folder)) as place:
        direct(place, 20)
        before = direct(place, events // 4)
        uvloop.run(through_hooks(place, events // 10))
        place.noted(events // 10)
        uvloop.run(through_hooks(place, events))
        hooks = place.noted(events)
        usual = before.percentile(0.5)
        for name, seen in (("directly", before), ("through the hook", hooks)):
            half, most = (seen.percentile(share) * 1000 for share in (0.5, 0.99))
            print(
                f"an event reaches the connector {name}: p50 {half:.1f} ms, p99 {most:.1f} ms"
            )
        over = [(hooks.percentile(share) - usual) * 1000 for share in (0.5, 0.99)]
        say(f"hook to connector at {PER_SECOND}/s, overhead, p50", over[0], AtMost(20), "ms")
        say(f"hook to connector at {PER_SECOND}/s, overhead, p99", over[1], AtMost(20), "ms")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2_000)
