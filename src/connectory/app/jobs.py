"""The background work of one process: what runs how often, in one table."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.datastructures import State

from connectory.app import blob_hold, store
from connectory.app.loops import Loop
from connectory.instances import keep
from connectory.listing.index import catch_up
from connectory.observed import collect as observed
from connectory.packages import collect as packages
from connectory.publishing import drafts
from connectory.runs.prune import prune
from connectory.schedules import read as schedules
from connectory.sources.syncing import Syncer
from connectory.vetting import reminding
from connectory.work import seal

WORKERS = 4
STOP_S = 5.0
RESTS = 3  # as long as a turn of what follows publications: people come first
HOUR_S = 3600.0
OBSERVE_S = 60.0
REMIND_S = 60.0
SCRAPE_S = 5.0  # between two turns, in each of which some instances are asked
LOOK_S = 3.0  # between two looks at all instances: a crash is seen within 5 s


@dataclass(slots=True)
class Jobs:
    """The loops of one process. A committed change wakes those that follow the log."""

    loops: list[Loop] = field(default_factory=list)
    _followers: list[Loop] = field(default_factory=list)
    _settle: Callable[[float], None] = lambda _: None

    def plan(self, state: State) -> None:
        """Set up every loop; nothing runs yet."""
        beat_s = state.settings.lease_seconds / 3
        runs = Loop("runs", 0.25, state.deliverer.turn)
        state.deliverer.wake = runs.wake
        self._settle = state.deliverer.settle
        self._followers = [
            Loop("sealer", 1.0, lambda: follow(state), rests=True),
            Loop("quarantine", 1.0, state.warden.turn),
            runs,
            Loop("syncs", 1.0, lambda: sync(state.syncer)),
            # A change wakes all; by itself one looks each second, the others more rarely.
            *(Loop(f"worker-{n}", 1.0 + n, state.engine.turn) for n in range(WORKERS)),
        ]
        self.loops = [
            *self._followers,
            Loop("leases", beat_s, state.engine.beat),
            Loop("leases of runs", beat_s, state.deliverer.beat),
            Loop("leases of syncs", beat_s, state.syncer.beat),
            Loop("schedules", 1.0, state.timekeeper.turn),
            Loop("keeper", LOOK_S, lambda: keep.keep_running(state.crew, state.watch)),
            Loop("scraper", min(SCRAPE_S, state.settings.metrics_seconds), state.scraper.turn),
            Loop("signer", 1.0, lambda: in_turns(state.signer.turn)),
            Loop("vetting", 1.0, lambda: in_turns(state.examiner.turn)),
            Loop("reminders", REMIND_S, lambda: reminding.turn(state.works)),
            Loop("observer", OBSERVE_S, lambda: observed.collect(state.crew)),
            Loop("reserve", 1.0, state.reserve.keep),
            Loop("collector", HOUR_S, lambda: collect(state)),
        ]

    def start(self) -> None:
        """Begin all loops."""
        for loop in self.loops:
            loop.start()

    def stop(self) -> None:
        """Let the loops finish their turns, but do not wait longer than `STOP_S` for all."""
        for loop in self.loops:
            loop.halt()
        end = time.monotonic() + STOP_S
        for loop in self.loops:
            loop.join(max(0.0, end - time.monotonic()))
        self._settle(max(0.0, end - time.monotonic()))

    def wake(self) -> None:
        """Tell the followers of the log that something was committed. Never blocks."""
        for loop in self._followers:
            loop.wake()


def follow(state: State) -> None:
    """Seal what was committed, then let the search index catch up with it."""
    touched = state.works.latest.touched
    while _seal(state):
        pass
    with state.works.read() as work:
        while catch_up(work, state.backends.search):
            pass
    state.works.latest.settle(touched)


def in_turns(turn: Callable[[], bool]) -> None:
    """Work as long as there is more, resting longer than that took each time.

    It is for what follows publications: whoever publishes meanwhile waits for one turn at most.
    """
    began = time.monotonic()
    while turn():
        time.sleep(RESTS * (time.monotonic() - began))
        began = time.monotonic()


def sync(syncer: Syncer) -> None:
    """Pull every source that waits."""
    while syncer.turn():
        pass


def collect(state: State) -> None:
    """Delete what nobody needs any more: keys, drafts, runs, numbers, packages."""
    with state.works.write() as work:
        store.forget(work)
        drafts.expire(work, state.settings.draft_days)
        schedules.forget(work)
        observed.forget(work)
    while _prune_runs(state):
        pass
    keep.collect(state.crew)
    with blob_hold.may_delete(state.settings.data) as may:
        while may and _collect_packages(state):
            pass


def _prune_runs(state: State) -> bool:
    """Delete some runs that are older than they are kept; return whether there may be more."""
    with state.works.note() as work:
        return prune(work, days=state.settings.run_days)


def _collect_packages(state: State) -> int:
    with state.works.write() as work:
        return len(packages.collect(work, state.backends.blobs))


def _seal(state: State) -> int:
    with state.works.read() as work:
        if not seal.is_behind(work.db):
            return 0
    with state.works.begin() as db:  # not `write`: sealing is no change to follow
        return seal.seal(db, state.audit_key, state.works.clock())
