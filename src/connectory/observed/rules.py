"""What a version declares beside what its instances used. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from connectory.backends.targets import Traffic
from connectory.manifest.model import Manifest
from connectory.manifest.narrow import Less

ENOUGH = timedelta(days=7)
"""How long one instance has to have run before what it did not use counts as never used."""
HEADROOM = 1.5  # of the memory that was used at most
STEP, LEAST_STEPS = 16 * 1024 * 1024, 4  # memory is proposed in whole steps: 64Mi and more
MEBIBYTE = 1024 * 1024
NO_TRAFFIC = Traffic(0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Record:
    """What one generation of one instance used, as it was last seen."""

    instance: str
    generation: int
    since: datetime
    seen_at: datetime
    starts: int
    running_s: float
    cpu_s: float
    memory_peak: int
    cold_start_ms: int | None
    hosts: Mapping[str, Traffic] | None
    refused: Mapping[str, int]
    secrets: frozenset[str] | None
    outputs: frozenset[str] | None


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen of a version, over all records of it.

    `hosts`, `secrets` and `outputs` are what was used; the `is_…` say whether all of it is
    known, because otherwise nothing can be said to be unused.
    """

    instances: int = 0
    since: datetime | None = None
    seen_at: datetime | None = None
    longest: timedelta = timedelta()  # that one instance ran
    running_s: float = 0.0
    cpu_s: float = 0.0
    memory_peak: int = 0
    cold_start_ms: int | None = None  # the longest
    hosts: Mapping[str, Traffic] = field(default_factory=dict)
    refused: Mapping[str, int] = field(default_factory=dict)
    secrets: frozenset[str] = frozenset()
    outputs: frozenset[str] = frozenset()
    is_every_host: bool = False
    is_every_secret: bool = False
    is_every_output: bool = False

    @property
    def is_enough(self) -> bool:
        """Whether it was watched long enough to say "never"."""
        return self.longest >= ENOUGH


class Verdict(StrEnum):
    """What became of something that is declared, or was wanted."""

    USED = "used"
    NEVER = "never used"
    NOT_YET = "not used yet"
    UNKNOWN = "not known"
    REFUSED = "used but refused"


@dataclass(frozen=True, slots=True)
class Item:
    """One thing and what became of it. `what` is host, secret or output."""

    what: str
    name: str
    verdict: Verdict
    detail: str = ""


def together(records: Iterable[Record]) -> Seen:
    """Add up records of one version."""
    found = tuple(records)
    if not found:
        return Seen()
    ran: dict[str, float] = {}
    for one in found:
        ran[one.instance] = ran.get(one.instance, 0.0) + one.running_s
    return Seen(
        instances=len(ran),
        since=min(one.since for one in found),
        seen_at=max(one.seen_at for one in found),
        longest=timedelta(seconds=max(ran.values())),
        running_s=sum(ran.values()),
        cpu_s=sum(one.cpu_s for one in found),
        memory_peak=max(one.memory_peak for one in found),
        cold_start_ms=max(one.cold_start_ms or 0 for one in found) or None,
        hosts=_traffic(found),
        refused=_times(found),
        secrets=frozenset().union(*(one.secrets or () for one in found)),
        outputs=frozenset().union(*(one.outputs or () for one in found)),
        is_every_host=all(one.hosts is not None for one in found),
        is_every_secret=all(one.secrets is not None for one in found),
        is_every_output=all(one.outputs is not None for one in found),
    )


def items(manifest: Manifest, seen: Seen) -> tuple[Item, ...]:
    """Return what is declared with what became of it, then what was refused."""
    return (*_hosts(manifest, seen), *_names(manifest, seen), *_refused(seen))


def less(manifest: Manifest, seen: Seen, *, early: bool = False) -> Less:
    """Return what need not be declared; nothing before it was watched for long enough.

    Args:
        manifest: Of the version.
        seen: Of the version.
        early: Takes what was not used yet for what is never used.
    """
    if not (seen.is_enough or (early and seen.instances)):
        return Less()
    unused = {Verdict.NEVER, Verdict.NOT_YET}
    found = [one for one in items(manifest, seen) if one.verdict in unused]
    return Less(
        hosts=frozenset(one.name for one in found if one.what == "host"),
        secrets=frozenset(one.name for one in found if one.what == "secret"),
        memory=_memory(manifest, seen),
    )


def _hosts(manifest: Manifest, seen: Seen) -> Iterator[Item]:
    for declared in manifest.hosts:
        traffic = _to(declared, seen.hosts)
        detail = ""
        if traffic.connections:
            detail = f"{traffic.connections:,} connections"
        elif traffic.lookups:
            detail = "its name was asked for"
        verdict = _verdict(seen, is_used=bool(detail), is_known=seen.is_every_host)
        yield Item("host", declared, verdict, detail)


def _names(manifest: Manifest, seen: Seen) -> Iterator[Item]:
    for secret in manifest.secrets:
        is_used = secret.name in seen.secrets
        verdict = _verdict(seen, is_used=is_used, is_known=seen.is_every_secret)
        yield Item("secret", secret.name, verdict)
    for output in manifest.outputs:
        is_used = output.name in seen.outputs
        verdict = _verdict(seen, is_used=is_used, is_known=seen.is_every_output)
        yield Item("output", output.name, verdict)


def _refused(seen: Seen) -> Iterator[Item]:
    for host, times in sorted(seen.refused.items()):
        yield Item("host", host, Verdict.REFUSED, f"{times:,} times")


def _verdict(seen: Seen, *, is_used: bool, is_known: bool) -> Verdict:
    if is_used:
        return Verdict.USED
    if not is_known or not seen.instances:
        return Verdict.UNKNOWN
    return Verdict.NEVER if seen.is_enough else Verdict.NOT_YET


def _to(declared: str, hosts: Mapping[str, Traffic]) -> Traffic:
    """Return what went to a declared host; its name may have been asked for without a port."""
    name, _, port = declared.partition(":")
    keys = [declared] if port else [f"{name}:443", f"{name}:80"]
    return _sum(hosts.get(key, NO_TRAFFIC) for key in {name, *keys})


def _traffic(records: Iterable[Record]) -> dict[str, Traffic]:
    found: dict[str, list[Traffic]] = {}
    for record in records:
        for host, traffic in (record.hosts or {}).items():
            found.setdefault(host, []).append(traffic)
    return {host: _sum(each) for host, each in found.items()}


def _sum(found: Iterable[Traffic]) -> Traffic:
    rows = tuple(found)
    return Traffic(
        lookups=sum(one.lookups for one in rows),
        connections=sum(one.connections for one in rows),
        sent=sum(one.sent for one in rows),
        received=sum(one.received for one in rows),
    )


def _times(records: Iterable[Record]) -> dict[str, int]:
    found: dict[str, int] = {}
    for record in records:
        for host, times in record.refused.items():
            found[host] = found.get(host, 0) + times
    return found


def _memory(manifest: Manifest, seen: Seen) -> str:
    """Return less memory that is enough, in words of a manifest; empty if there is none."""
    declared = manifest.runtime.resources.memory_bytes
    if declared is None or not seen.memory_peak:
        return ""
    steps = max(LEAST_STEPS, -int(-seen.memory_peak * HEADROOM // STEP))
    wanted = steps * STEP
    return f"{wanted // MEBIBYTE}Mi" if wanted < declared else ""
