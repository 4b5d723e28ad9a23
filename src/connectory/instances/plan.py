"""What an install would do, before anything is done.

A plan is computed from what is true now; what is kept of it is the question and the digest of
the answer. Installing a plan computes it again and refuses when the answer has changed.
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from connectory.access import read as access
from connectory.access.edge import Opener
from connectory.access.rules import Actor
from connectory.backends.secrets import Secrets
from connectory.catalog import read as catalog
from connectory.catalog.read import Version
from connectory.catalog.rules import Name
from connectory.costs.book import PriceBook
from connectory.costs.estimate import estimate
from connectory.costs.rules import Estimate
from connectory.instances import limits, rules, settings, store, team_store
from connectory.instances.rules import (
    Place,
    PlanMissingError,
    PlanOutdatedError,
    TargetUnknownError,
)
from connectory.instances.settings import Offered, SecretNeed, Setting
from connectory.instances.store import PlanRow
from connectory.kernel.digest import canonical_json, digest_of
from connectory.kernel.errors import Problem
from connectory.kernel.ids import new_id
from connectory.manifest.coming import Coming, coming
from connectory.manifest.model import Manifest
from connectory.manifest.permissions import Permissions, in_words
from connectory.manifest.ticks import in_words as in_words_of
from connectory.policies import deciding
from connectory.policies.deciding import Judged
from connectory.policy.document import DEPLOY, Circumstances
from connectory.work import Work


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody wants to install, and where."""

    connector: str  # `bizops/crm-to-slack-v1`, or the bare id where that is enough
    team: str
    name: str = ""  # of the instance; empty means after the connector
    version: str = catalog.LATEST
    environment: str = "dev"
    target: str = "local"
    inputs: Mapping[str, object] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Creation:
    """One thing that an install creates and a removal deletes."""

    kind: str
    name: str
    detail: str


@dataclass(frozen=True, slots=True)
class Plan:
    """The answer: everything an install would do, and what keeps it from happening."""

    request: Request  # with everything that was open filled in
    version: Version
    place: Place
    settings: tuple[Setting, ...]
    secrets: tuple[SecretNeed, ...]
    permissions: Permissions
    cost: Estimate
    creates: tuple[Creation, ...]
    removal: tuple[str, ...]
    schedules: tuple[Coming, ...]  # with the times that would come next
    containment: str  # how far the target keeps the connector to all this
    policy: Judged
    problems: tuple[Problem, ...]

    @property
    def is_ready(self) -> bool:
        """Whether it can be installed as it is."""
        return not self.problems

    def content(self) -> str:
        """Return the digest of what the plan promises; two equal plans do the same thing."""
        promised = {
            "release": self.version.release.digest,
            "place": dataclasses.asdict(self.place),
            "settings": {one.name: one.value for one in self.settings},
            "secrets": {one.name: one.path for one in self.secrets},
            "policy": self.policy.verdict,
            "cost": [str(self.cost.low.amount), str(self.cost.high.amount)],
            "instance": [self.request.team, self.request.name],
        }
        return digest_of(canonical_json(promised).encode())


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a plan needs to know of the marketplace: where secrets are, where targets stand."""

    secrets: Secrets
    regions: Mapping[str, str]  # target -> region
    containment: Mapping[str, str]  # target -> how far it keeps a connector to its word
    book: PriceBook


def make(work: Work, request: Request, actor: Actor, around: Surroundings) -> Plan:
    """Compute a plan. Everything that keeps it from being installed is in its `problems`.

    Raises:
        ConnectorMissingError, ConnectorAmbiguousError, VersionMissingError: If there is nothing
            to plan.
        TargetUnknownError: If there is no such target.
        TeamMissingError: If there is no such team.
    """
    access.require_team(work, request.team)
    connector = catalog.resolve(work, request.connector, actor)
    version = _version(work, connector, request.version, actor)
    manifest = version.manifest
    request = dataclasses.replace(
        request,
        connector=connector.key,
        version=version.release.version,
        name=request.name or connector.id,
        secrets=settings.own_paths(request.secrets, request.team),
    )
    if request.target not in around.regions:
        raise TargetUnknownError(request.target, around.regions)
    place = Place(request.target, around.regions[request.target], request.environment)
    defaults = team_store.defaults(work, request.team, request.environment)
    joined = settings.settings_of(manifest, request.inputs, defaults)
    needs = settings.secrets_of(manifest, request.secrets, _offered(work, request, around))
    policy = _judged(work, version, place, request)
    return Plan(
        request=request,
        version=version,
        place=place,
        settings=joined,
        secrets=needs,
        permissions=in_words(manifest),
        cost=_cost(manifest, place, joined, around.book),
        creates=_creates(request, version),
        removal=removal_of(version),
        schedules=coming(manifest, work.now),
        containment=around.containment[place.target],
        policy=policy,
        problems=(
            *(_gate(version, place) or rules.policy_problems(policy.decision)),
            *rules.name_problems(request.name),
            *settings.setting_problems(joined, request.inputs),
            *settings.secret_problems(needs, request.secrets, request.team),
        ),
    )


def _gate(version: Version, place: Place) -> tuple[Problem, ...]:
    release, manifest = version.release, version.manifest
    return rules.gate(release.label, release.status, release.package_digest, manifest, place)


def _judged(work: Work, version: Version, place: Place, request: Request) -> Judged:
    where = (place.environment, place.region, place.target)
    about = Circumstances(DEPLOY, *where, request.team, request.name, work.now)
    return deciding.judged(work, version, about)


def _offered(work: Work, request: Request, around: Surroundings) -> Offered:
    return Offered(
        team=request.team,
        environment=request.environment,
        instance=request.name,
        mapped=team_store.references(work, request.team),
        stored=frozenset(e.path for e in around.secrets.entries(f"teams/{request.team}/")),
    )


def _cost(
    manifest: Manifest, place: Place, joined: tuple[Setting, ...], book: PriceBook
) -> Estimate:
    return estimate(
        manifest,
        target=place.target,
        region=place.region,
        book=book,
        inputs={one.name: one.value for one in joined if one.value is not None},
    )


def keep(work: Work, plan: Plan, *, minutes: int) -> PlanRow:
    """Keep a plan for a while, so that exactly it can be installed by its id."""
    row = PlanRow(
        id=new_id("plan"),
        team=plan.request.team,
        request=dataclasses.asdict(plan.request),
        content=plan.content(),
        expires_at=work.now + timedelta(minutes=minutes),
    )
    store.add_plan(work, row)
    deciding.keep(work, plan.policy)
    return row


def note_refusal(opener: Opener, plan: Plan) -> None:
    """Keep what policy says against a plan, in a transaction that the refusal does not undo."""
    if any(one.code == rules.DENIED for one in plan.problems):
        with opener.write() as work:
            deciding.refuse(work, plan.policy, plan.request.team)


def kept(work: Work, plan_id: str, actor: Actor, around: Surroundings) -> tuple[PlanRow, Plan]:
    """Return a kept plan, computed again.

    Raises:
        PlanMissingError: If there is none, or the actor is not in its team.
        PlanOutdatedError: If it expired, or would do something else by now.
    """
    row = kept_row(work, plan_id, actor)
    if row.is_upgrade:
        raise PlanOutdatedError(plan_id, "it is the plan of an upgrade")
    plan = make(work, Request(**row.request), actor, around)  # type: ignore[arg-type]  # as kept
    if plan.content() != row.content:
        raise PlanOutdatedError(plan_id, "version, settings, secrets or prices have changed")
    return row, plan


def kept_row(work: Work, plan_id: str, actor: Actor) -> PlanRow:
    """Return a kept plan as it was asked for, of an install or an upgrade.

    Raises:
        PlanMissingError: If there is none, or the actor is not in its team.
        PlanOutdatedError: If it expired.
    """
    row = store.plan(work, plan_id)
    if row is None or not (actor.is_admin or row.team in actor.teams):
        raise PlanMissingError(plan_id)
    if _is_over(row.expires_at, work.now):
        raise PlanOutdatedError(plan_id, "it has expired")
    return row


def _is_over(expires_at: datetime, now: datetime) -> bool:
    return expires_at <= now


def _version(work: Work, connector: Name, wanted: str, actor: Actor) -> Version:
    """Return the version asked for; without an approved one, `latest` is the one shown."""
    if wanted != catalog.LATEST:
        return catalog.version(work, connector, wanted, actor)
    try:
        return catalog.version(work, connector, wanted, actor)
    except catalog.VersionMissingError:
        return catalog.shown(work, connector, actor)


def _creates(request: Request, version: Version) -> tuple[Creation, ...]:
    label = f"{request.team}/{request.name}"
    allowed = limits.in_words(limits.limits(version.manifest, version.deploy, request.target))
    hooks = [t for t in version.manifest.triggers if t.type == "webhook"]
    return (
        Creation(
            "service account",
            rules.service_account(request.team, request.name),
            "used by this instance alone",
        ),
        *(
            Creation("secret binding", need.name, "handed to this instance alone")
            for need in version.manifest.secrets
        ),
        Creation("process", label, f"on target {request.target}, limited to {allowed}"),
        *(
            Creation("hook", f"/hooks/{label}{hook.path}", "protected by a key of its own")
            for hook in hooks
        ),
        *(
            Creation("schedule", each.schedule, in_words_of(each.cron))
            for each in version.manifest.triggers
            if each.cron and each.schedule
        ),
    )


def removal_of(version: Version) -> tuple[str, ...]:
    """Say what goes with an instance of this version, and what stays."""
    kept_after = version.manifest.removal.retain if version.manifest.removal else ()
    by_itself = "schedules, " if any(t.cron for t in version.manifest.triggers) else ""
    ended = (
        f"its process, files, log, runs, {by_itself}hooks, hook key and service account are "
        "deleted"
    )
    left = f"it leaves behind: {', '.join(kept_after)}" if kept_after else "nothing is left"
    return (ended, left, "the team's own secrets stay with the team")
