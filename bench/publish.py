"""How fast a publication becomes durable and can be found.

    python bench/publish.py [connectors]

SQLite with `synchronous=FULL`; every publication is acknowledged after its commit. `searchable`
is the time from sending a publication until a search for its name finds it, at 10 a second.
"""

import asyncio
import sys
import time
from itertools import count

import uvloop
from kit.bounds import AtLeast, AtMost, say
from kit.load import Client, Line
from kit.manifests import key, manifest
from kit.marketplace import Measured, marketplace

PACE_S, SINGLES, RUSH = 0.1, 100, 400
CREATED = 201
LOOK_S = 0.002
ROUTE, TYPE = "/api/v1/connectors", "application/yaml"


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


def main(size: int) -> None:
    """Fill a catalog and publish into it."""
    with marketplace(size) as server:
        measure(server, size)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
