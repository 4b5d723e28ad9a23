"""Ask all instances for their numbers, in turn, and keep what they say."""

import json
import logging
import zlib
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from connectory.backends.targets import Target
from connectory.instances import read
from connectory.instances.crew import Crew
from connectory.instances.read import Health, HealthWord, Instance, Wanted
from connectory.instances.rules import InstanceState
from connectory.instances.watch import Watch
from connectory.kernel.errors import ConnectoryError
from connectory.monitoring import exposition, store, thinning
from connectory.monitoring.exposition import Report, Sample
from connectory.monitoring.points import COUNTER
from connectory.monitoring.prometheus import own_samples
from connectory.monitoring.store import Numbers, Row, Series
from connectory.settings import Settings
from connectory.work import Work

LOG = logging.getLogger("connectory.scraper")
ASKERS = 4
ANSWER_S = 3.0
PAGE = 500  # instances read at once
RUNS, OUTCOME = "connector_runs_total", "outcome"
ERRORS = frozenset({"failed", "timed-out"})
ERRORS_TIME = timedelta(minutes=5)
MOST_ERRORS = 0.05  # of the runs, for an instance that is well
LONGEST_SERIES = 500  # characters of a name with its labels
NOTHING = Health(HealthWord.UNKNOWN, None, "", 0)


@dataclass(frozen=True, slots=True)
class Seen:
    """An instance with what is known of its health and what it reported; None is silence."""

    instance: Instance
    health: Health
    report: Report | None

    def samples(self) -> list[Sample]:
        """Return the platform's own numbers of the instance, and then its own."""
        own = own_samples(self.instance, self.health, self.report)
        return own + (self.report.samples if self.report is not None else [])


@dataclass(slots=True)
class Known:
    """What one server remembers of an instance between two turns."""

    due: float  # seconds since 1970
    series: dict[tuple[str, str], Series]
    runs: deque[tuple[datetime, float, float]] = field(default_factory=deque)  # failed, all


@dataclass(slots=True)
class Scraper:
    """Asks each instance once in `settings.metrics_seconds`, spread over that time.

    A few threads ask for all; what was heard in a turn is one insert.
    """

    crew: Crew
    watch: Watch
    settings: Settings
    clock: Callable[[], datetime]
    tell: Callable[[list[Seen]], None]
    _known: dict[str, Known] = field(default_factory=dict)
    _has_begun: bool = False
    _window: int = 0  # of time, in which numbers were last summed up
    _asked: dict[str, tuple[Instance, Future[Report | None]]] = field(default_factory=dict)
    _askers: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(ASKERS, "scraper")
    )

    def turn(self) -> None:
        """Ask those whose time has come; keep what is heard, thin out what is old."""
        now = self.clock()
        with self.crew.works.read() as work:
            living = _living(work)
            running = [one for one in living if one.state is InstanceState.RUNNING]
            gone = store.instances(work) - {one.id for one in living}
            self._recall(work, running)
            health = read.kept_health(work, running)
        self._ask(running, now)
        wait([answer for _, answer in self._asked.values()], timeout=ANSWER_S)
        seen = [Seen(one, health.get(one.id, NOTHING), report) for one, report in self._heard()]
        for each in seen:
            self._note_errors(each, now)
        window = int(now.timestamp()) // thinning.FINE
        if seen or gone or window != self._window:
            self._write(seen, gone, now)
            self._window = window
        if seen:
            self.tell(seen)

    def stop(self) -> None:
        """Ask nobody any more; do not wait for those who are being asked."""
        self._askers.shutdown(wait=False, cancel_futures=True)

    def _recall(self, work: Work, running: list[Instance]) -> None:
        """Begin with what is known of new instances; forget those that do not run."""
        names = {one.id for one in running}
        for gone in self._known.keys() - names:
            del self._known[gone]
        new = names - self._known.keys()
        kept = store.series(work, new) if new else {}
        now = self.clock().timestamp()
        for instance in new:
            series = {(one.name, one.labels): one for one in kept.get(instance, [])}
            self._known[instance] = Known(now + self._spread(instance), series)
        self._has_begun = True

    def _spread(self, instance: str) -> int:
        """Return how long to wait at first: what runs when the server starts is spread out."""
        if not self._has_begun:
            return zlib.crc32(instance.encode()) % self.settings.metrics_seconds
        return 0

    def _ask(self, running: list[Instance], now: datetime) -> None:
        most = self.settings.metrics_series
        for one in running:
            known = self._known[one.id]
            if known.due > now.timestamp() or one.id in self._asked:
                continue
            known.due = max(known.due + self.settings.metrics_seconds, now.timestamp())
            asked = self._askers.submit(ask, self.crew.target(one), one.id, most)
            self._asked[one.id] = one, asked

    def _heard(self) -> list[tuple[Instance, Report | None]]:
        done = [key for key, (_, answer) in self._asked.items() if answer.done()]
        return [(one, answer.result()) for one, answer in map(self._asked.pop, done)]

    def _write(self, seen: list[Seen], gone: frozenset[str], now: datetime) -> None:
        """Keep what was heard in one transaction, or remember nothing of it."""
        is_kept = False
        try:
            with self.crew.works.begin() as db:
                work = Work(db, now)
                self._keep(work, seen, int(now.timestamp()))
                store.forget(work, gone)
                thinning.thin(work, self.settings)
            is_kept = True
        finally:
            if not is_kept:
                self._known.clear()  # some of its series may not be in the table

    def _keep(self, work: Work, seen: list[Seen], at: int) -> None:
        new: list[tuple[str, Series]] = []
        rows = []
        for each in seen:
            instance = each.instance.id
            if instance not in self._known:  # it was stopped while it was asked
                continue
            series, most = self._known[instance].series, self.settings.metrics_series
            numbers, more = _numbers(each.samples(), series, most)
            new += [(instance, one) for one in more]
            rows.append(Row(instance, 0, at, numbers))
        store.add_series(work, new)
        store.add_rows(work, rows)

    def _note_errors(self, each: Seen, now: datetime) -> None:
        """Tell the watch of an instance of whose runs too many fail."""
        if each.report is None or each.instance.id not in self._known:
            return
        runs = self._known[each.instance.id].runs
        failed, total = _run_numbers(each.report.samples)
        if runs and total < runs[-1][2]:  # its process began anew
            runs.clear()
        runs.append((now, failed, total))
        while now - runs[0][0] > ERRORS_TIME:
            runs.popleft()
        self.watch.note_errors(each.instance.id, _trouble(runs))


def ask(target: Target, instance: str, most: int) -> Report | None:
    """Ask an instance for its numbers; None if it does not answer."""
    try:
        answer = target.call(instance, "GET", "/metrics", within_s=ANSWER_S)
    except ConnectoryError as silence:
        LOG.info("%s", silence.message, extra={"instance": instance})
        return None
    return exposition.read(answer.body.decode("utf-8", "replace"), most=most)


def _living(work: Work) -> list[Instance]:
    after, found = ("", ""), list[Instance]()
    while page := read.instances(work, Wanted(after=after, limit=PAGE)):
        found += page
        after = (page[-1].team, page[-1].name)
    return found


def _numbers(
    samples: Iterable[Sample], known: dict[tuple[str, str], Series], most: int
) -> tuple[Numbers, list[Series]]:
    """Return the values by the numbers of their series, and the series that are new.

    Buckets of histograms are not kept: their sum and count are.
    """
    numbers: Numbers = {}
    new = []
    for one in samples:
        key = one.name, json.dumps(dict(sorted(one.labels.items())), ensure_ascii=False)
        if one.is_bucket or len(key[0]) + len(key[1]) > LONGEST_SERIES:
            continue
        if key not in known and len(known) < most:
            kind = COUNTER if one.is_counter else "gauge"
            known[key] = Series(len(known) + 1, *key, kind)
            new.append(known[key])
        if key in known:
            numbers[known[key].number] = one.value
    return numbers, new


def _run_numbers(samples: Iterable[Sample]) -> tuple[float, float]:
    """Return how many runs failed, and how many there were."""
    runs = [one for one in samples if one.name == RUNS]
    failed = sum(one.value for one in runs if one.labels.get(OUTCOME) in ERRORS)
    return failed, sum(one.value for one in runs)


def _trouble(runs: deque[tuple[datetime, float, float]]) -> str:
    """Say how many of the last runs failed, if they are too many."""
    failed, total = runs[-1][1] - runs[0][1], runs[-1][2] - runs[0][2]
    if total <= 0 or failed / total <= MOST_ERRORS:
        return ""
    minutes = ERRORS_TIME.seconds // 60
    return f"{failed:g} of {total:g} runs failed in the last {minutes} minutes"
