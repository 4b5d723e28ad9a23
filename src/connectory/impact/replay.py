"""Judging everything that there is by two bundles."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from connectory.access import read as access
from connectory.access.edge import Opener
from connectory.access.rules import Actor
from connectory.catalog import read as catalog
from connectory.catalog.rules import Name, Status
from connectory.impact.rules import Impact, Subject, compare
from connectory.instances import read as instances
from connectory.instances.read import Wanted
from connectory.policies import asking
from connectory.policies import read as policies
from connectory.policy import engine
from connectory.policy.bundle import Bundle
from connectory.policy.document import DEPLOY, Circumstances
from connectory.policy.judge import judge
from connectory.work import Work

MOST = 2_000  # versions that are judged, and as many instances
Judged = tuple[Subject, dict[str, Any]]


def of(opener: Opener, proposed: Bundle, by: Actor) -> Impact:
    """Judge every version that is no draft, and every instance, by both rules.

    Raises:
        PolicyEngineError: If the engine does not survive one of them.
    """
    with opener.read() as work:
        former = policies.active_bundle(work)
        versions, more_versions = _some(_versions(work, by))
        installed, more_installed = _some(_instances(work))
    judged = (*versions, *installed)
    changed = [
        compare(
            subject,
            judge(former, document, engine.shared()),
            judge(proposed, document, engine.shared()),
        )
        for subject, document in judged
    ]
    return Impact(
        former=former.digest,
        proposed=proposed.digest,
        judged=len(judged),
        left_out=more_versions + more_installed,
        changed=tuple(sorted(filter(None, changed), key=lambda one: _order(one.subject))),
    )


def _order(subject: Subject) -> tuple[str, str, str]:
    return subject.team, subject.kind, subject.label


def _some(found: Iterator[Judged]) -> tuple[list[Judged], int]:
    return list(islice(found, MOST)), sum(1 for _ in found)


def _versions(work: Work, by: Actor) -> Iterator[Judged]:
    after, about = "", Circumstances(at=work.now)
    while keys := catalog.all_keys(work, after):
        after = keys[-1]
        names = [Name(*key.split("/")) for key in keys]
        teams = access.namespace_teams(work, {name.namespace for name in names})
        for name in names:
            for release in catalog.releases(work, name, by):
                if release.status is not Status.DRAFT:
                    subject = Subject("version", release.label, teams[name.namespace])
                    yield subject, asking.of_published(work, release, about)


def _instances(work: Work) -> Iterator[Judged]:
    after = ("", "")
    while found := instances.instances(work, Wanted(after=after, limit=500)):
        after = (found[-1].team, found[-1].name)
        for one in found:
            version = catalog.by_digest(work, one.connector, one.version, one.digest)
            if version is not None:
                place = (one.environment, one.region, one.target, one.team, one.name)
                about = Circumstances(DEPLOY, *place, work.now)
                subject = Subject("instance", one.label, one.team)
                yield subject, asking.of_published(work, version.release, about)
