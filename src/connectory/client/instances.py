"""Plans, and the instances that come out of them."""

import builtins
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NotRequired, TypedDict, cast

from connectory.client.plans import Coming, ConnectorName, Cost, Plan
from connectory.client.refusals import ProblemBody
from connectory.client.transport import Transport, path_of
from connectory.kernel.clock import rfc3339


class Health(TypedDict):
    """Whether an instance does its work."""

    status: str
    since: str | None
    reason: str
    restarts: int


class Stop(TypedDict):
    """Why an instance is stopped by policy; `lifted` says that it may be resumed."""

    version: str
    reason: str
    by: str
    at: str
    lifted: bool
    next: str


class InstanceSetting(TypedDict):
    """A setting of an instance and where its value is from."""

    name: str
    value: object
    source: str


class InstanceSecret(TypedDict):
    """A secret of an instance and where it is stored."""

    name: str
    path: str


class LastOperation(TypedDict):
    """The last operation of an instance."""

    id: str
    kind: str
    state: str


class InstanceCard(TypedDict):
    """One installed connector in a list."""

    id: str
    team: str
    name: str
    connector: ConnectorName
    environment: str
    target: str
    region: str
    state: str
    newer: str | None
    former: str | None
    last_operation: LastOperation | None
    url: str


class Instance(InstanceCard):
    """One installed connector of a team."""

    health: Health
    settings: list[InstanceSetting]
    secrets: list[InstanceSecret]
    hook_urls: list[str]
    stop: NotRequired[Stop | None]  # older servers know none


class Accepted(TypedDict):
    """An operation that was begun, or found to have done the same before."""

    operation: str
    instance: InstanceCard


class Change(TypedDict):
    """A difference between two manifests."""

    path: str
    kind: str
    old: object
    new: object


class Preview(TypedDict):
    """What a change would do. A rollback also has what differs."""

    action: str
    team: str
    instance: str
    state: str
    effect: str
    steps: list[str]
    setting_changes: NotRequired[list[Change]]
    changes: NotRequired[list[Change]]
    grown: NotRequired[list[str]]
    problems: NotRequired[list[ProblemBody]]


class UpgradePlan(Plan):
    """What an upgrade would do, and what differs from the installed version."""

    from_version: str
    changes: list[Change]
    setting_changes: list[Change]
    grown: list[str]
    cost_before: Cost


class LogLine(TypedDict):
    """A line that an instance wrote."""

    offset: int
    ts: str
    level: str
    message: str
    facts: dict[str, object]


class LogPage(TypedDict):
    """Lines of a log; `next` is the offset of the last one that was looked at."""

    items: list[LogLine]
    next: int


class RunResult(TypedDict):
    """What a manual run answered."""

    run: str
    status: int
    output: object


class Skipped(TypedDict):
    """Times of a schedule that had no run, and why."""

    first: str
    last: str
    reason: str


class Schedule(Coming):
    """A schedule of an instance, and what came of its last times."""

    starts_at: str | None
    last_run: str | None
    skipped: list[Skipped]


class Schedules(TypedDict):
    """The schedules of an instance."""

    items: list[Schedule]


class ScheduledRun(TypedDict):
    """A run that was put in line."""

    run: str


class Hooks(TypedDict):
    """Hook addresses with their key."""

    urls: list[str]


class Number(TypedDict):
    """A number that an instance reports."""

    name: str
    labels: dict[str, str]
    value: float
    help: str
    type: str


class Series(TypedDict):
    """A number over time: pairs of seconds since 1970 and value; of a counter a rate."""

    name: str
    labels: dict[str, str]
    kind: str
    points: list[tuple[int, float]]


class Numbers(TypedDict):
    """What an instance reports now, and what was kept of it."""

    items: list[Number]
    refused: int
    series: list[Series]


class Alert(TypedDict):
    """An alert, as the manifest words it and in PromQL."""

    name: str
    when: str
    severity: str
    summary: str
    expr: str
    lasting: str


class NotTranslated(TypedDict):
    """An alert of the manifest that no rule could be made of."""

    name: str
    when: str
    reason: str


class Alerts(TypedDict):
    """The alerts of an instance."""

    items: list[Alert]
    not_translated: list[NotTranslated]
    runbook: str
    oncall: str


LOG_PAGE = 1000  # lines, the most that a server sends at once


@dataclass(frozen=True, slots=True)
class Instances:
    """The routes of plans and instances. Every method raises what `Transport.send` raises."""

    http: Transport

    def install(self, team: str, name: str, plan_id: str) -> Accepted:
        """Begin what a plan says."""
        return self.http.send(Accepted, "PUT", _path(team, name), body={"plan": plan_id})

    def list(self, team: str = "", *, outdated: bool = False) -> Iterator[InstanceCard]:
        """List the instances of a team, or all that the caller may see.

        Args:
            team: Whose; empty means of all teams of the caller.
            outdated: Only those for which there is a newer approved version.
        """
        path = path_of("teams", team, "instances") if team else "/instances"
        wanted = {"outdated": "true"} if outdated else {}
        return self.http.pages(InstanceCard, path, **wanted)

    def show(self, team: str, name: str) -> Instance:
        """Show an instance."""
        return self.http.get(Instance, _path(team, name))

    def remove(self, team: str, name: str) -> Accepted:
        """Begin to remove an instance."""
        return self.http.send(Accepted, "DELETE", _path(team, name))

    def turn(self, team: str, name: str, change: str) -> Accepted:
        """Begin to `pause`, `resume`, `restart` or `rotate` an instance."""
        return self.http.send(Accepted, "POST", _path(team, f"{name}:{change}"))

    def preview(self, team: str, name: str, change: str) -> Preview:
        """Say what a change would do, also a `rollback`; nothing is changed."""
        path = _path(team, f"{name}:{change}")
        return self.http.send(Preview, "POST", path, body={"dry_run": True})

    def plan_upgrade(
        self,
        team: str,
        name: str,
        *,
        version: str,
        inputs: Mapping[str, object],
        secrets: Mapping[str, str],
    ) -> UpgradePlan:
        """Work out what an upgrade would do, by default to the newest version."""
        wanted: dict[str, object] = {"inputs": dict(inputs), "secrets": dict(secrets)}
        body = {**wanted, "dry_run": True, **({"version": version} if version else {})}
        return self.http.send(UpgradePlan, "POST", _path(team, f"{name}:upgrade"), body=body)

    def upgrade(self, team: str, name: str, plan_id: str, *, accept: bool) -> Accepted:
        """Begin the upgrade that a plan says; `accept` agrees to permissions that grow."""
        body = {"plan": plan_id, "accept_permissions": accept}
        return self.http.send(Accepted, "POST", _path(team, f"{name}:upgrade"), body=body)

    def roll_back(self, team: str, name: str) -> Accepted:
        """Begin to go back to the version and settings before the last upgrade."""
        return self.http.send(Accepted, "POST", _path(team, f"{name}:rollback"))

    def run(self, team: str, name: str, event: Mapping[str, object]) -> RunResult:
        """Let an instance do its work once, on the event given."""
        path = _path(team, f"{name}:run")
        return self.http.send(RunResult, "POST", path, body={"event": dict(event)})

    def schedules(self, team: str, name: str) -> builtins.list[Schedule]:
        """Show when an instance runs by itself."""
        return self.http.get(Schedules, f"{_path(team, name)}/schedules")["items"]

    def run_schedule(self, team: str, name: str, schedule: str) -> ScheduledRun:
        """Run an instance as its schedule would, now; empty where it has only one."""
        path = f"{_path(team, name)}/schedules:run"
        return self.http.send(ScheduledRun, "POST", path, body={"schedule": schedule})

    def hooks(self, team: str, name: str) -> Hooks:
        """Show the hook addresses with their key; the audit log records it."""
        return self.http.send(Hooks, "POST", _path(team, f"{name}:hooks"))

    def metrics(self, team: str, name: str, *, since: datetime | None = None) -> Numbers:
        """Read the numbers of an instance, and how they were since a moment."""
        moment = rfc3339(since) if since is not None else None
        return self.http.get(Numbers, f"{_path(team, name)}/metrics", since=moment)

    def alerts(self, team: str, name: str) -> Alerts:
        """Show the alerts of an instance."""
        return self.http.get(Alerts, f"{_path(team, name)}/alerts")

    def logs(
        self, team: str, name: str, *, after: int = 0, level: str | None = None
    ) -> Iterator[LogLine]:
        """Read the kept log of an instance, oldest line first.

        Args:
            team: Whose instance it is.
            name: The instance.
            after: Offset to begin behind: 0 is the beginning, -n the last n lines.
            level: Smallest level; None is all.
        """
        path = f"{_path(team, name)}/logs"
        while True:
            page = self.http.get(LogPage, path, after=after, limit=LOG_PAGE, level=level)
            yield from page["items"]
            if page["next"] in {after, 0}:
                return
            after = page["next"]

    def follow_logs(
        self, team: str, name: str, *, after: str = "", timeout_s: float | None = None
    ) -> Iterator[LogLine]:
        """Read the log of an instance as it is written."""
        path = f"{_path(team, name)}/logs/events"
        for event in self.http.events(path, after=after, timeout_s=timeout_s):
            if event.name == "line":
                yield cast(LogLine, json.loads(event.data))


def _path(team: str, name: str) -> str:
    return path_of("teams", team, "instances", name)
