"""What starting costs: the server, its memory, the command line, the first page.

python bench/start.py [connectors]
"""

import gzip
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from kit.bounds import AtMost, say
from kit.load import median
from kit.marketplace import Measured, marketplace

ROUNDS = 7
COMMAND = str(Path(sys.executable).with_name("connectory"))
LINKED = re.compile(rb'(?:src|href)="([^"]+\.(?:css|js|svg|woff2)[^"]*)"')
ELSEWHERE = re.compile(rb'(?:src|href)="(?:https?:)?//')


def seconds(*command: str) -> float:
    """Return how long a command takes; its modules are compiled, as those of a wheel are."""
    own = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    began = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, env=own)
    return time.perf_counter() - began


def command_line(server: Measured) -> None:
    """Compare commands with an empty Python, in turns."""
    search = (COMMAND, "search", "slack", "--url", server.client.url)
    seconds(*search)  # compiles
    empty, overview, asked = [], [], []
    for _ in range(ROUNDS):
        empty.append(seconds(sys.executable, "-c", "pass"))
        overview.append(seconds(COMMAND, "--help") / empty[-1])
        asked.append(seconds(*search) / empty[-1])
    print(f"an empty Python takes {median(empty) * 1000:.0f} ms")
    say("connectory --help beside an empty Python", median(overview), AtMost(6))
    say("connectory search beside an empty Python", median(asked), AtMost(10))


def first_page(server: Measured) -> None:
    """Fetch the home page and everything it links to, compressed as a proxy would."""
    page = fetched(f"{server.client.url}/")
    parts = {part.decode() for part in LINKED.findall(page)}
    bodies = [page, *(fetched(server.client.url + part) for part in parts)]
    size = sum(len(gzip.compress(body)) for body in bodies)
    say("first page with its files, gzipped", size / 1000, AtMost(150), "kB")
    outside = sum(len(ELSEWHERE.findall(body)) for body in bodies)
    say("requests to other servers", outside, AtMost(0))


def fetched(url: str) -> bytes:
    """Return the body of an answer."""
    with urllib.request.urlopen(url) as answer:  # noqa: S310  our own server
        body: bytes = answer.read()
    return body


def main(size: int) -> None:
    """Fill a catalog, then start a second server on it."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        with marketplace(size, data) as server:
            command_line(server)
            first_page(server)
        began = time.perf_counter()
        with marketplace(0, data) as server:
            server.client.ask(server.client.get("/api/v1/connectors", q="slack"))
            say(
                "restart until a search is answered",
                time.perf_counter() - began,
                AtMost(2),
                "s",
            )
            say(f"memory with {size:,} connectors", server.memory_mb(), AtMost(200), "MB")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
