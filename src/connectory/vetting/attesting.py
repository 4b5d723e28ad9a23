"""Signing what happened to versions: one statement for each sealed event that decides.

The log is followed, so a statement says nothing that is not in the log, and a signer that dies
goes on where it was. One that is signed twice would be the same.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from connectory.attestations import bundle, verify
from connectory.attestations.statement import About, Statement
from connectory.catalog import read as catalog
from connectory.catalog.add import VersionPublished
from connectory.catalog.decide import VersionStatusChanged
from connectory.kernel.clock import rfc3339
from connectory.vetting import attestation_store, store
from connectory.vetting.approved import ReviewApproved
from connectory.vetting.attestation_store import Attestation
from connectory.vetting.deciding import ReviewDecided
from connectory.vetting.examine import VersionChecked
from connectory.vetting.opening import SignOffCarried
from connectory.work import Work, Works, log, seal
from connectory.work.log import Row

EVENTS = 100  # that are signed in one transaction: publishers wait for it

Facts = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs with the key of the server."""

    works: Works
    key: Ed25519PrivateKey

    def turn(self) -> bool:
        """Sign what waits the longest; say whether there may be more."""
        with self.works.read() as work:
            if store.position(work, store.SIGNER) >= seal.head(work.db).position:
                return False
        with self.works.note() as work:
            return self._sign_some(work)

    def _sign_some(self, work: Work) -> bool:
        """Sign what comes next; say whether there may be more."""
        before, head = store.position(work, store.SIGNER), seal.head(work.db).position
        events = log.sealed_after(work.db, before, EVENTS, kinds=list(PREDICATES))
        attestation_store.add(work, list(self._signed(work, events)))
        is_more = len(events) == EVENTS
        reached = events[-1].position if is_more else head
        store.follow_to(work, reached or head, store.SIGNER)
        return is_more

    def _signed(self, work: Work, events: Sequence[Row]) -> Iterator[Attestation]:
        """Yield a statement for each event whose version still has the bytes it had then."""
        releases = catalog.labelled(work, {event.subject for event in events})
        numbers = attestation_store.counts(work, releases.keys())
        for event in events:
            release = releases.get(event.subject)
            if release is None or release.digest != event.facts["digest"]:
                continue
            kind, predicate = PREDICATES[event.kind]
            numbers[release.label] += 1
            made = Statement(
                kind,
                About(
                    release.label,
                    release.manifest_digest,
                    release.package_digest,
                    str(event.facts.get("sbom") or "") or None,
                ),
                numbers[release.label],
                {**_circumstances(event), **predicate(event)},
            )
            signed = bundle.sign(made.written(), self.key)
            yield Attestation(release.label, made.number, event.id, signed)


def _circumstances(event: Row) -> Facts:
    return {
        "event": event.id,
        "position": event.position,
        "at": rfc3339(event.at),
        "by": event.actor,
    }


def _facts(event: Row) -> Facts:
    return event.facts


def _decision(event: Row) -> Facts:
    return {**event.facts, "account": event.actor}


def _approval(event: Row) -> Facts:
    columns = {
        "sign_offs": ("role", "account"),
        "checks": ("check", "state"),
        "waivers": ("check", "waiver", "expires_at", "reason"),
    }
    return {
        **event.facts,
        **{name: _rows(event.facts[name], columns[name]) for name in columns},
    }


def _rows(lines: object, names: tuple[str, ...]) -> list[dict[str, str]]:
    """Take lines apart into named words; the last name has all the words that are left."""
    if not isinstance(lines, list):
        raise TypeError
    return [dict(zip(names, line.split(" ", len(names) - 1), strict=True)) for line in lines]


PREDICATES: Mapping[str, tuple[str, Callable[[Row], Facts]]] = {
    VersionPublished.__name__: (verify.PUBLICATION, _facts),
    VersionChecked.__name__: (verify.CHECKED, _facts),
    ReviewDecided.__name__: (verify.DECISION, _decision),
    SignOffCarried.__name__: (verify.CARRIED, _facts),
    ReviewApproved.__name__: (verify.APPROVAL, _approval),
    VersionStatusChanged.__name__: (verify.STATUS, _facts),
}
"""Which events are signed, as what kind of statement, and what the statement says."""
