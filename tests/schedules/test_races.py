"""Two servers on one database: each tick is one run, whoever sees it first."""

import multiprocessing
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from sqlalchemy import Engine, select

from connectory.backends.db import open_engine
from connectory.kernel import clock
from connectory.runs.store import RUNS
from connectory.schedules import store, turn
from connectory.work import Work, Works
from marketplaces import racing
from timetables import START, Times, at

MINUTELY = '{type: schedule, cron: "* * * * *"}'
HOURLY = '{type: schedule, cron: "0 * * * *", jitter: 30s}'
FORKS = multiprocessing.get_context("forkserver")  # a copy of threads and locks would hang
INSTANCES = [f"inst_{n}" for n in range(20)]
MINUTES = 12


def keys_of(work: Work) -> list[tuple[str, str]]:
    return [(row.instance, row.key) for row in work.db.execute(select(RUNS))]


def on(engine: Engine) -> Times:
    """See a database as another server does, through connections of its own."""
    url = engine.url.render_as_string(hide_password=False)
    return Times(Works(open_engine(url), clock.now, lambda: None))


def test_of_two_transactions_one_fires(times) -> None:
    times.install(HOURLY)
    times.moment = at("07:00:40")
    (seen,) = times.ask(store.due)

    both = racing(times.works, lambda work: turn.fire(work, seen))

    assert sorted(both) == [False, True]
    assert len(times.ask(keys_of)) == 1


def test_two_servers_with_clocks_five_minutes_apart_fire_each_tick_once(times, engine) -> None:
    for name in INSTANCES:
        times.install(HOURLY, name=name)
    other = on(engine)
    other.version(HOURLY)
    gate = threading.Barrier(2)

    def keep_time(server: Times, ahead: timedelta) -> None:
        for minute in range(25, 95):
            server.moment = START + timedelta(minutes=minute) + ahead
            gate.wait(60)
            server.timekeeper.turn()

    with ThreadPoolExecutor(2) as threads:
        both = [
            threads.submit(keep_time, times, timedelta()),
            threads.submit(keep_time, other, timedelta(minutes=5)),
        ]
        for one in both:
            one.result()
    times.works.engine.dispose()
    other.works.engine.dispose()

    found = times.ask(keys_of)
    assert len(found) == len(set(found))
    assert {name for name, _ in found} == set(INSTANCES)


def live(url: str, begin: object, number: int) -> None:
    """What one of several server processes does while minutes pass."""
    server = Times(Works(open_engine(url), clock.now, lambda: None))
    server.version(MINUTELY)
    begin.wait(60)  # type: ignore[attr-defined]  # a barrier between processes
    for minute in range(1, MINUTES + 1):
        server.moment = START + timedelta(minutes=minute, milliseconds=number)
        server.timekeeper.turn()
        server.deliver()


def test_processes_that_share_a_database_fire_each_tick_once(times, engine) -> None:
    times.install(MINUTELY)
    engine.dispose()
    url = engine.url.render_as_string(hide_password=False)
    begin = FORKS.Barrier(3)
    servers = [FORKS.Process(target=live, args=(url, begin, n)) for n in range(3)]

    for server in servers:
        server.start()
    for server in servers:
        server.join(60)

    assert [server.exitcode for server in servers] == [0, 0, 0]
    ran = [key for _, key in times.ask(keys_of)]
    (schedule,) = times.ask(lambda work: list(store.of_instance(work, "inst_1").values()))
    skipped = sum(
        (each.last - each.first) // timedelta(minutes=1) + 1
        for each in times.ask(lambda work: store.skips(work, "inst_1", schedule.name, limit=99))
    )
    assert len(ran) == len(set(ran))
    assert len(ran) + skipped == MINUTES
    assert schedule.due == START + timedelta(minutes=MINUTES + 1)
