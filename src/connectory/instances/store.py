"""The tables of instances, plans and what teams bring along, and every query on them."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime

from sqlalchemy import (
    Column,
    Index,
    Integer,
    Row,
    Table,
    Text,
    and_,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.exc import IntegrityError

from connectory.catalog.rules import Name
from connectory.instances.rules import InstanceState, Setup
from connectory.work import Work
from connectory.work.tables import METADATA, UtcTime, insert_new, put_row

IS_LIVE = text("state <> 'removed'")

INSTANCES = Table(
    "instance",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("team", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("namespace", Text, nullable=False),
    Column("connector", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("package_digest", Text, nullable=False),
    Column("environment", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("region", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("generation", Integer, nullable=False),
    Column("settings", Text, nullable=False),
    Column("secrets", Text, nullable=False),
    Column("content", Text, nullable=False),
    Column("former", Text),
    Column("wanted", Text),
    Column("tried", Text),
    Column("created_at", UtcTime, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("removed_at", UtcTime),
    Index(
        "uq_instance_live",
        "team",
        "name",
        unique=True,
        sqlite_where=IS_LIVE,
        postgresql_where=IS_LIVE,
    ),
)
SERVICE_ACCOUNTS = Table(
    "service_account",
    METADATA,
    Column("instance", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("created_at", UtcTime, nullable=False),
)
PLANS = Table(
    "plan",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("team", Text, nullable=False),
    Column("request", Text, nullable=False),
    Column("content", Text, nullable=False),
    Column("expires_at", UtcTime, nullable=False, index=True),
)
# Built once: every event for a connector asks for these.
AMONG = select(INSTANCES).where(
    and_(INSTANCES.c.id.in_(bindparam("ids", expanding=True)), IS_LIVE)
)
STATE = (
    select(INSTANCES.c.state)
    .where(INSTANCES.c.id == bindparam("instance"))
    .with_for_update(read=True)
)


@dataclass(frozen=True, slots=True)
class Instance:
    """One installed connector of one team. `settings` are name -> (value, source).

    `former` is what it ran before its last upgrade. `wanted` is what an upgrade leads to, and
    once the upgrade has switched, what it would be undone to. `tried` is what an upgrade led
    to that was undone; nothing of it is kept but these words, for another try.
    """

    id: str
    team: str
    name: str
    connector: Name
    version: str
    digest: str
    package_digest: str
    environment: str
    target: str
    region: str
    state: InstanceState
    generation: int
    settings: Mapping[str, tuple[object, str]]
    secrets: Mapping[str, str]  # requirement -> path
    content: str
    created_at: datetime
    created_by: str
    former: Setup | None = None
    wanted: Setup | None = None
    tried: Setup | None = None

    @property
    def label(self) -> str:
        """The instance as people name it: `payments/leads`."""
        return f"{self.team}/{self.name}"

    @property
    def setup(self) -> Setup:
        """What it runs now."""
        return Setup(**{each.name: getattr(self, each.name) for each in fields(Setup)})

    @property
    def packages(self) -> frozenset[str]:
        """The packages that it runs, or may be changed to at any moment."""
        setups = (self.setup, self.former, self.wanted)
        return frozenset(one.package_digest for one in setups if one is not None)

    def with_setup(self, other: Setup) -> "Instance":
        """Return the instance as it would be with another setup."""
        return replace(self, **{each.name: getattr(other, each.name) for each in fields(Setup)})


def add(work: Work, new: Instance) -> bool:
    """Insert an instance; return False, and do nothing, if its team has one of its name."""
    row = {
        "id": new.id,
        "team": new.team,
        "name": new.name,
        "namespace": new.connector.namespace,
        "connector": new.connector.id,
        "environment": new.environment,
        "target": new.target,
        "region": new.region,
        "state": new.state,
        "created_at": new.created_at,
        "created_by": new.created_by,
        **_changing(new),
    }
    return insert_new(work.db, INSTANCES, row)


def live(work: Work, team: str, name: str, *, lock: bool = False) -> Instance | None:
    """Return the team's instance of this name, unless it was removed.

    With `lock`, whoever else wants to change it waits until this transaction ends.
    """
    query = select(INSTANCES).where(
        and_(INSTANCES.c.team == team, INSTANCES.c.name == name, IS_LIVE)
    )
    row = work.db.execute(query.with_for_update() if lock else query).first()
    return instance_of(row) if row else None


def by_id(work: Work, instance_id: str) -> Instance | None:
    """Return an instance by its id, removed or not."""
    row = work.db.execute(select(INSTANCES).where(INSTANCES.c.id == instance_id)).first()
    return instance_of(row) if row else None


def among(work: Work, ids: Iterable[str]) -> list[Instance]:
    """Return the live instances among some ids."""
    return [instance_of(row) for row in work.db.execute(AMONG, {"ids": list(ids)})]


def standing(work: Work, states: Iterable[InstanceState]) -> dict[str, str]:
    """Return the digests of the instances in some states, by their ids."""
    query = select(INSTANCES.c.id, INSTANCES.c.digest)
    found = work.db.execute(query.where(INSTANCES.c.state.in_(sorted(states))))
    return {row.id: row.digest for row in found}


def is_staying(work: Work, instance_id: str) -> bool:
    """Whether an instance is there and is not being removed, until this transaction ends."""
    state = work.db.execute(STATE, {"instance": instance_id}).scalar()
    return state not in {None, InstanceState.REMOVING, InstanceState.REMOVED}


def locked(work: Work, instance_id: str) -> Instance:
    """Return an instance that there is or was, locked until the transaction ends."""
    query = select(INSTANCES).where(INSTANCES.c.id == instance_id).with_for_update()
    return instance_of(work.db.execute(query).one())


def set_state(work: Work, instance_id: str, state: InstanceState) -> None:
    """Give an instance another state."""
    ended = work.now if state is InstanceState.REMOVED else None
    change = update(INSTANCES).where(INSTANCES.c.id == instance_id)
    work.db.execute(change.values(state=state, removed_at=ended))


def revive(work: Work, instance_id: str, state: InstanceState) -> bool:
    """Let a removed instance live again; return False if its name belongs to another one.

    A look before it cannot see an instance that is not committed; the index does.
    """
    change = update(INSTANCES).where(INSTANCES.c.id == instance_id)
    try:
        with work.db.begin_nested():
            work.db.execute(change.values(state=state, removed_at=None))
    except IntegrityError:
        return False
    return True


def change_setup(work: Work, instance: Instance) -> None:
    """Store what an instance runs, ran and is wanted to run, and its generation."""
    change = update(INSTANCES).where(INSTANCES.c.id == instance.id)
    work.db.execute(change.values(**_changing(instance)))


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which live instances to list. `teams` None means all; `after` is (team, name)."""

    teams: frozenset[str] | None = None
    states: frozenset[InstanceState] = frozenset()
    after: tuple[str, str] = ("", "")
    limit: int = 50


def instances(work: Work, wanted: Wanted) -> list[Instance]:
    """Return live instances by team and name."""
    team, name = wanted.after
    behind = or_(
        INSTANCES.c.team > team, and_(INSTANCES.c.team == team, INSTANCES.c.name > name)
    )
    query = select(INSTANCES).where(and_(IS_LIVE, behind))
    if wanted.teams is not None:
        query = query.where(INSTANCES.c.team.in_(sorted(wanted.teams)))
    if wanted.states:
        query = query.where(INSTANCES.c.state.in_(sorted(wanted.states)))
    order = query.order_by(INSTANCES.c.team, INSTANCES.c.name).limit(wanted.limit)
    return [instance_of(row) for row in work.db.execute(order)]


def teams_running(work: Work, digest: str) -> list[str]:
    """Return the teams that have live instances with this digest, by name."""
    query = select(INSTANCES.c.team).where(and_(IS_LIVE, INSTANCES.c.digest == digest))
    return list(work.db.execute(query.distinct().order_by(INSTANCES.c.team)).scalars())


def teams_per_connector(work: Work, names: Iterable[Name]) -> dict[Name, int]:
    """Return how many teams have a live instance of each connector; absent means none."""
    keys = [
        and_(INSTANCES.c.namespace == n.namespace, INSTANCES.c.connector == n.id) for n in names
    ]
    if not keys:
        return {}
    query = (
        select(
            INSTANCES.c.namespace,
            INSTANCES.c.connector,
            func.count(INSTANCES.c.team.distinct()).label("teams"),
        )
        .where(and_(IS_LIVE, or_(*keys)))
        .group_by(INSTANCES.c.namespace, INSTANCES.c.connector)
    )
    return {Name(row.namespace, row.connector): row.teams for row in work.db.execute(query)}


def most_reused(work: Work, limit: int) -> list[tuple[Name, int]]:
    """Return the connectors of most teams that have a live instance, with their number."""
    teams = func.count(INSTANCES.c.team.distinct())
    key = (INSTANCES.c.namespace, INSTANCES.c.connector)
    query = select(*key, teams.label("teams")).where(IS_LIVE).group_by(*key)
    found = work.db.execute(query.order_by(teams.desc(), *key).limit(limit))
    return [(Name(row.namespace, row.connector), row.teams) for row in found]


def package_digests(work: Work, *, without: str = "") -> frozenset[str]:
    """Return the packages of all live instances, leaving one instance out of account."""
    used = select(INSTANCES).where(and_(IS_LIVE, INSTANCES.c.id != without))
    return frozenset().union(*(instance_of(row).packages for row in work.db.execute(used)))


def set_service_account(work: Work, instance_id: str, name: str) -> None:
    """Give an instance its service account."""
    row = {"instance": instance_id, "name": name, "created_at": work.now}
    put_row(work.db, SERVICE_ACCOUNTS, row)


def delete_service_account(work: Work, instance_id: str) -> None:
    """End the service account of an instance."""
    gone = delete(SERVICE_ACCOUNTS).where(SERVICE_ACCOUNTS.c.instance == instance_id)
    work.db.execute(gone)


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A plan as it was asked for; `content` is the digest of everything it promised."""

    id: str
    team: str
    request: Mapping[str, object]
    content: str
    expires_at: datetime

    @property
    def is_upgrade(self) -> bool:
        """Whether it is for an instance that is there, not for a new one."""
        return "connector" not in self.request


def add_plan(work: Work, new: PlanRow) -> None:
    """Insert a plan and forget those that expired."""
    work.db.execute(delete(PLANS).where(PLANS.c.expires_at < work.now))
    row = {**asdict(new), "request": json.dumps(dict(new.request))}
    work.db.execute(insert(PLANS).values(**row))


def plan(work: Work, plan_id: str) -> PlanRow | None:
    """Return a plan by its id."""
    row = work.db.execute(select(PLANS).where(PLANS.c.id == plan_id)).first()
    if row is None:
        return None
    return PlanRow(row.id, row.team, json.loads(row.request), row.content, row.expires_at)


def handed(work: Work, team: str) -> list[tuple[str, list[str]]]:
    """Return the names of a team's live instances with the paths of their secrets."""
    query = select(INSTANCES.c.name, INSTANCES.c.secrets).where(
        and_(INSTANCES.c.team == team, IS_LIVE)
    )
    found = work.db.execute(query.order_by(INSTANCES.c.name))
    return [(row.name, list(json.loads(row.secrets).values())) for row in found]


def using_path(work: Work, team: str, path: str) -> list[Instance]:
    """Return the live instances of a team that were handed the secret at a path."""
    query = select(INSTANCES).where(and_(INSTANCES.c.team == team, IS_LIVE))
    return [i for i in map(instance_of, work.db.execute(query)) if path in i.secrets.values()]


def _changing(one: Instance) -> dict[str, object]:
    """Return the columns that an upgrade changes."""
    return {
        "generation": one.generation,
        "version": one.version,
        "digest": one.digest,
        "package_digest": one.package_digest,
        "settings": json.dumps(dict(one.settings)),
        "secrets": json.dumps(dict(one.secrets)),
        "content": one.content,
        "former": one.former.as_text() if one.former else None,
        "wanted": one.wanted.as_text() if one.wanted else None,
        "tried": one.tried.as_text() if one.tried else None,
    }


def instance_of(row: Row[tuple[object, ...]]) -> Instance:
    """Return the instance that a row of `INSTANCES` is."""
    return Instance(
        id=row.id,
        team=row.team,
        name=row.name,
        connector=Name(row.namespace, row.connector),
        version=row.version,
        digest=row.digest,
        package_digest=row.package_digest,
        environment=row.environment,
        target=row.target,
        region=row.region,
        state=InstanceState(row.state),
        generation=row.generation,
        settings={name: tuple(pair) for name, pair in json.loads(row.settings).items()},
        secrets=json.loads(row.secrets),
        content=row.content,
        created_at=row.created_at,
        created_by=row.created_by,
        former=Setup.from_text(row.former) if row.former else None,
        wanted=Setup.from_text(row.wanted) if row.wanted else None,
        tried=Setup.from_text(row.tried) if row.tried else None,
    )
