"""A load of keep-alive connections that costs its own process little: raw HTTP over asyncio."""

import asyncio
import json
import re
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

import uvloop

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


class UnexpectedStatusError(Exception):
    """The server answered something else than what is measured."""


@dataclass(slots=True)
class Answers:
    """How long each request took (seconds), and how long all of them took together."""

    times: list[float] = field(default_factory=list)
    took: float = 0.0

    @property
    def per_second(self) -> float:
        """Requests per second."""
        return len(self.times) / self.took

    def percentile(self, share: float) -> float:
        """Return the time in seconds within which this share of the requests was answered."""
        return sorted(self.times)[min(len(self.times) - 1, int(len(self.times) * share))]


@dataclass(frozen=True, slots=True)
class Client:
    """Sends requests to one server with one token."""

    url: str
    token: str

    def get(self, path: str, **query: str | int) -> bytes:
        """Return a request as it goes over the wire."""
        asked = f"{path}?{urlencode(query)}" if query else path
        return self._head("GET", asked) + b"\r\n"

    def post(self, path: str, body: bytes, media_type: str) -> bytes:
        """Return a request with a body."""
        more = f"Content-Type: {media_type}\r\nContent-Length: {len(body)}\r\n\r\n"
        return self._head("POST", path) + more.encode() + body

    def send(self, requests: Iterable[bytes], clients: int = 8, wanted: int = 200) -> Answers:
        """Send all requests over `clients` connections, each as soon as it is free."""
        return uvloop.run(self._send(iter(requests), clients, wanted))

    def ask(self, request: bytes) -> dict[str, object]:
        """Send one request and return the JSON of its answer."""
        answer: dict[str, object] = json.loads(uvloop.run(self._ask(request)))
        return answer

    def _head(self, method: str, path: str) -> bytes:
        host = urlsplit(self.url).netloc
        authorization = f"Authorization: Bearer {self.token}"
        return f"{method} {path} HTTP/1.1\r\nHost: {host}\r\n{authorization}\r\n".encode()

    async def _send(self, requests: Iterator[bytes], clients: int, wanted: int) -> Answers:
        answers = Answers()
        lines = [await Line.open(self.url) for _ in range(clients)]
        began = time.perf_counter()
        await asyncio.gather(*(_drain(line, requests, wanted, answers) for line in lines))
        answers.took = time.perf_counter() - began
        for line in lines:
            line.close()
        return answers

    async def _ask(self, request: bytes) -> bytes:
        line = await Line.open(self.url)
        _, body = await line.exchange(request)
        line.close()
        return body


@dataclass(frozen=True, slots=True)
class Line:
    """One keep-alive connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    @classmethod
    async def open(cls, url: str) -> "Line":
        """Connect."""
        place = urlsplit(url)
        return cls(*await asyncio.open_connection(place.hostname, place.port, limit=1 << 22))

    def close(self) -> None:
        """Disconnect."""
        self.writer.close()

    async def exchange(self, request: bytes) -> tuple[int, bytes]:
        """Send a request; return the status and the body of its answer."""
        self.writer.write(request)
        head = await self.reader.readuntil(b"\r\n\r\n")
        length = LENGTH.search(head)
        body = await self.reader.readexactly(int(length[1])) if length else b""
        return int(head[9:12]), body


async def _drain(line: Line, requests: Iterator[bytes], wanted: int, answers: Answers) -> None:
    for request in requests:
        began = time.perf_counter()
        status, body = await line.exchange(request)
        answers.times.append(time.perf_counter() - began)
        if status != wanted:
            raise UnexpectedStatusError(f"{status} {body[:300]!r} to {request[:200]!r}")


def median(values: Sequence[float]) -> float:
    """Return the middle one."""
    return sorted(values)[len(values) // 2]
