"""connectory export, import: the instances of a team as a file, and the file made true."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import click

from connectory.cli import known
from connectory.cli.pieces import GOOD, Piece, bold, dim, one_line
from connectory.cli.plan_view import in_words, show_problems
from connectory.cli.session import Session
from connectory.cli.verbs import Verb
from connectory.cli.watch import failure_of, watch
from connectory.client.errors import RefusedError
from connectory.client.instances import Instance, UpgradePlan
from connectory.client.plans import Plan, PlanRequest
from connectory.kernel.errors import ConnectoryError, Kind
from connectory.manifest import declared
from connectory.manifest.declared import Declared, DeclaredInstance

CHOSEN = "you"  # the source of a setting that came with the request
READY = "ready"
INSTALL, CHANGE, SAME, UNDECLARED = "install", "change", "same", "undeclared"
SIGNS = {
    INSTALL: Piece("+", "good"),
    CHANGE: Piece("~", "warn"),
    SAME: Piece("=", "dim"),
    UNDECLARED: Piece("?", "dim"),
}


class DeclarationBlockedError(ConnectoryError):
    """What a file declares cannot be made true as a whole, so nothing was begun."""

    kind: ClassVar[Kind] = Kind.BLOCKED
    code: ClassVar[str] = "declaration-blocked"

    def __init__(self, labels: Sequence[str]) -> None:
        super().__init__(
            f"nothing was changed, because of {', '.join(labels)}",
            hint="correct what is marked above, or take it out of the file",
        )


class InstanceDiffersError(ConnectoryError):
    """An instance is of another connector, environment or target than its declaration."""

    kind: ClassVar[Kind] = Kind.CONFLICT
    code: ClassVar[str] = "instance-differs"

    def __init__(self, label: str, part: str, there: str, wanted: str) -> None:
        super().__init__(
            f"{label} has the {part} {there} and is declared with {wanted}",
            hint=f"rename it in the file, or remove it first: connectory uninstall {label}",
        )


@dataclass(frozen=True, slots=True)
class Step:
    """What has to be done about one instance; `plan` is None where that is nothing."""

    name: str
    todo: str
    plan: Plan | UpgradePlan | None = None
    differences: tuple[str, ...] = ()
    grown: tuple[str, ...] = ()

    @property
    def is_blocked(self) -> bool:
        """Whether the server would refuse it."""
        return self.plan is not None and self.plan["state"] != READY

    def as_json(self) -> dict[str, object]:
        """Return it for `--json`."""
        return {
            "instance": self.name,
            "todo": self.todo,
            "differences": list(self.differences),
            "grown": list(self.grown),
            "problems": self.plan["problems"] if self.plan else [],
        }


@click.command(cls=Verb)
@click.option("--team", shell_complete=known.teams, help="Whose; your only team if left out.")
@click.pass_obj
def export(session: Session, team: str | None) -> None:
    r"""Write the instances of a team as a file that `connectory import` makes true again.

    It holds versions, settings that somebody chose, and where secrets are; no secret.

    \b
    Example:
        connectory export --team payments > instances.yaml
    """
    slug = session.team(team)
    cards = session.client.instances.list(slug)
    found = [session.client.instances.show(slug, card["name"]) for card in cards]
    file = Declared(team=slug, instances=tuple(_declared(one) for one in found))
    if session.out.as_json:
        session.out.document(file.model_dump(mode="json", exclude_none=True))
    else:
        click.echo(file.as_yaml(), nl=False)


@click.command("import", cls=Verb)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--accept-permissions", is_flag=True, help="Agree to what they may do more.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@click.option("--dry-run", is_flag=True, help="Only say what differs.")
@click.pass_obj
def import_(
    session: Session, file: Path, *, accept_permissions: bool, yes: bool, dry_run: bool
) -> None:
    r"""Install and change instances until they are as a file says.

    Nothing is begun unless all of it can be done. Instances that the file does not name, and
    settings that it does not name, stay as they are.

    \b
    Example:
        connectory import instances.yaml --dry-run
    """
    wanted = declared.load(file.read_bytes(), file=str(file))
    steps = list(_steps(session, wanted))
    if not session.out.as_json:
        _show(session, wanted.team, steps)
    blocked = [step.name for step in steps if step.is_blocked]
    todo = [step for step in steps if step.plan is not None]
    if dry_run or blocked or not todo:
        if session.out.as_json:
            session.out.document({"items": [step.as_json() for step in steps]})
        if blocked:
            raise DeclarationBlockedError(blocked)
        return
    question = f"Make {len(todo)} changes to {wanted.team}?"
    hint = f"add --yes, or look first: connectory import {file} --dry-run"
    session.confirm(question, yes=yes, hint=hint)
    _carry_out(session, wanted.team, steps, accept=accept_permissions or not yes)


def _declared(one: Instance) -> DeclaredInstance:
    connector = one["connector"]
    return DeclaredInstance(
        name=one["name"],
        connector=f"{connector['namespace']}/{connector['id']}",
        version=connector["version"],
        environment=one["environment"],
        target=one["target"],
        inputs={
            each["name"]: each["value"]
            for each in one["settings"]
            if each["source"] == CHOSEN and each["value"] is not None
        },
        secrets={each["name"]: each["path"] for each in one["secrets"]},
    )


def _steps(session: Session, wanted: Declared) -> Iterator[Step]:
    there = {card["name"] for card in session.client.instances.list(wanted.team)}
    for one in wanted.instances:
        if one.name in there:
            yield _changing(session, wanted.team, one)
        else:
            yield _installing(session, wanted.team, one)
    for name in sorted(there - {one.name for one in wanted.instances}):
        yield Step(name, UNDECLARED)


def _installing(session: Session, team: str, one: DeclaredInstance) -> Step:
    request = PlanRequest(
        connector=one.connector,
        team=team,
        version=one.version,
        environment=one.environment or "",
        name=one.name,
        target=one.target or "",
        inputs=one.inputs,
        secrets=one.secrets,
    )
    what = f"{one.connector} {one.version}"
    return Step(one.name, INSTALL, session.client.plans.make(request), (what,))


def _changing(session: Session, team: str, one: DeclaredInstance) -> Step:
    """Plan an upgrade to what is declared.

    Raises:
        InstanceDiffersError: If an upgrade does not lead there.
    """
    now = session.client.instances.show(team, one.name)
    _must_fit(now, one)
    plan = session.client.instances.plan_upgrade(
        team, one.name, version=one.version, inputs=one.inputs, secrets=one.secrets
    )
    paths = {each["name"]: each["path"] for each in now["secrets"]}
    moved = [
        f"secret {name}: {paths.get(name, 'none')} -> {path}"
        for name, path in one.secrets.items()
        if paths.get(name) != path
    ]
    settings = [
        f"{each['path']}: {in_words(each['old'])} -> {in_words(each['new'])}"
        for each in plan["setting_changes"]
    ]
    version = [f"{plan['from_version']} -> {one.version}"]
    differences = (*(version if plan["from_version"] != one.version else ()), *settings, *moved)
    if not differences:
        return Step(one.name, SAME)
    return Step(one.name, CHANGE, plan, differences, tuple(plan["grown"]))


def _must_fit(now: Instance, one: DeclaredInstance) -> None:
    connector = now["connector"]
    names = {connector["id"], f"{connector['namespace']}/{connector['id']}"}
    label = f"{now['team']}/{now['name']}"
    if one.connector not in names:
        raise InstanceDiffersError(label, "connector", max(names, key=len), one.connector)
    for part, there, wanted in (
        ("environment", now["environment"], one.environment),
        ("target", now["target"], one.target),
    ):
        if wanted not in {None, there}:
            raise InstanceDiffersError(label, part, there, f"{wanted}")


def _show(session: Session, team: str, steps: Sequence[Step]) -> None:
    out = session.out
    for step in steps:
        told = "   " + ", ".join(map(one_line, step.differences)) if step.differences else ""
        note = dim("   not in the file, left alone") if step.todo == UNDECLARED else ""
        out.show(SIGNS[step.todo], " ", bold(f"{team}/{step.name}"), told, note)
        for more in step.grown:
            out.show("    ", Piece("+", "warn"), f" it may do more: {one_line(more)}")
        if step.plan is not None:
            show_problems(out, step.plan["problems"])
    if all(step.plan is None for step in steps):
        out.show(GOOD, f" {team} is as the file says")


def _carry_out(session: Session, team: str, steps: Sequence[Step], *, accept: bool) -> None:
    """Do one step after the other; the first that fails is the last."""
    items = []
    failure: RefusedError | None = None
    for step in steps:
        item = step.as_json()
        if step.plan is not None and failure is None:
            plan, instances = step.plan["id"], session.client.instances
            if step.todo == INSTALL:
                accepted = instances.install(team, step.name, plan)
            else:
                accepted = instances.upgrade(team, step.name, plan, accept=accept)
            session.out.say(bold(accepted["operation"]), f"  {team}/{step.name}")
            operation = watch(session, accepted["operation"])
            failure = failure_of(operation)
            item["operation"] = operation
        items.append(item)
    if session.out.as_json:
        session.out.document({"items": items})
    if failure is not None:
        raise failure
    if not session.out.as_json:
        session.out.show(GOOD, f" {team} is as the file says")
    session.out.next(f"connectory list --team {team}")
