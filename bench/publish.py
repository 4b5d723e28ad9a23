"""How fast a publication becomes durable and can be found.

    python bench/publish.py [connectors]

SQLite with `synchronous=FULL`; every publication is acknowledged after its commit. `searchable`
is the time from sending a publication until a search for its name finds it, at 10 a second.
A bulk load is one client that sends chunks; another searches meanwhile, and before.
"""

import asyncio
import json
import sys
import time
from collections.abc import Callable
from itertools import count

import uvloop
from kit.bounds import AtLeast, AtMost, say
from kit.load import Client, Line
from kit.manifests import key, manifest, searches
from kit.marketplace import Measured, marketplace

PACE_S, SINGLES, RUSH = 0.1, 100, 400
BULK, CHUNK, IDLE = 4_000, 200, 200
CREATED, OK = 201, 200
LOOK_S = 0.002
ROUTE, TYPE = "/api/v1/connectors", "application/yaml"
BULK_ROUTE, BULK_TYPE = "/api/v1/connectors:bulk", "application/x-ndjson"


async def searchable(client: Client, first: int) -> list[float]:
    """Publish one after the other at the pace; return how long each took to be found."""
    writing, reading = await Line.open(client.url), await Line.open(client.url)
    times = []
    for n in range(first, first + SINGLES):
        began = time.perf_counter()
        await writing.exchange(client.post(ROUTE, manifest(n), TYPE))
        await found(client, reading, key(n).partition("/")[2])
        times.append(time.perf_counter() - began)
        await asyncio.sleep(max(0.0, PACE_S - times[-1]))
    writing.close()
    reading.close()
    return sorted(times)


async def found(client: Client, reading: Line, slug: str) -> None:
    """Search until the connector is there, with a short rest after each search in vain."""
    search = client.get(ROUTE, q=slug, limit=1)
    _, body = await reading.exchange(search)
    while slug.encode() not in body:
        await asyncio.sleep(LOOK_S)
        _, body = await reading.exchange(search)


def lines(first: int) -> bytes:
    """Return one chunk of a bulk load."""
    chunk = (manifest(n).decode() for n in range(first, first + CHUNK))
    return "\n".join(json.dumps({"manifest": one}) for one in chunk).encode()


async def search_until(client: Client, is_over: Callable[[int], bool]) -> float:
    """Search one after the other until it is over; return the p99 in seconds."""
    reading, times, words = await Line.open(client.url), [], searches()
    while not is_over(len(times)):
        began = time.perf_counter()
        await reading.exchange(client.get(ROUTE, q=next(words)))
        times.append(time.perf_counter() - began)
    reading.close()
    return sorted(times)[int(len(times) * 0.99)]


async def load(client: Client, first: int) -> tuple[float, float, float]:
    """Return connectors per second of a bulk load, and the p99 of searches before and in it."""
    idle = await search_until(client, lambda done: done == IDLE)
    chunks = [
        client.post(BULK_ROUTE, lines(n), BULK_TYPE) for n in range(first, first + BULK, CHUNK)
    ]
    began = time.perf_counter()
    loading = asyncio.create_task(send_all(client, chunks))
    busy = await search_until(client, lambda _: loading.done())
    await loading
    return BULK / (loading.result() - began), idle, busy


async def send_all(client: Client, chunks: list[bytes]) -> float:
    """Send one chunk after the other; return when the last was answered."""
    writing = await Line.open(client.url)
    for chunk in chunks:
        status, body = await writing.exchange(chunk)
        if status != OK or body.count(b'"result":"created"') != CHUNK:
            raise SystemExit(f"a chunk was answered with {status} {body[:300]!r}")
    writing.close()
    return time.perf_counter()


def measure(server: Measured, size: int) -> None:
    """Print all figures."""
    client = server.publisher
    numbers = count(size)
    times = uvloop.run(searchable(client, next(numbers)))
    say("publish to searchable, p50", times[len(times) // 2] * 1000, AtMost(50), "ms")
    say("publish to searchable, p99", times[int(len(times) * 0.99)] * 1000, AtMost(250), "ms")
    first = size + SINGLES
    rush = [client.post(ROUTE, manifest(n), TYPE) for n in range(first, first + RUSH)]
    before = server.cpu_s()
    answers = client.send(rush, wanted=CREATED)
    say("single publications by 8 clients", answers.per_second, AtLeast(150), "per s")
    print(f"      processor time of each: {(server.cpu_s() - before) / RUSH * 1000:.1f} ms")
    rate, idle, busy = uvloop.run(load(client, first + RUSH))
    say("bulk load by one client", rate, AtLeast(1_000), "per s")
    say("search meanwhile, p99 beside idle", busy / idle, AtMost(3))
    print(f"      p99 idle {idle * 1000:.0f} ms, meanwhile {busy * 1000:.0f} ms")


def main(size: int) -> None:
    """Fill a catalog and publish into it."""
    with marketplace(size) as server:
        measure(server, size)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
