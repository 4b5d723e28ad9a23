"""connectory sync [NAME], and sync add, list, show, log, sign-off, remove."""

from itertools import islice
from typing import Any, cast

import click

from connectory.cli import known
from connectory.cli.pieces import BAD, GOOD, WARN, Piece, bold, dim, one_line
from connectory.cli.session import Session
from connectory.cli.verbs import Noun, dry_run_option
from connectory.client.errors import RefusedError
from connectory.client.sources import Entry, SignOff, SourceMade, Sync, SyncLog, Wish
from connectory.kernel.errors import Kind

WAIT_S = 300.0
SHOWN = 10
MARKS = {
    "published": GOOD,
    "unchanged": Piece("=", "dim"),
    "refused": BAD,
    "skipped": Piece("-", "dim"),
}
ROLE = click.Choice(["architect", "ops", "product"])  # security looks for itself
PERSON = "The account of whom the host, or commits, call NAME."
TONES = {"done": "good", "failed": "bad"}


class SyncNoun(Noun):
    """The group whose first word may be the name of a source: `sync market` runs it."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the command `run` in front of what is none of the other commands."""
        if not args or (args[0] not in self.commands and args[0] != "--help"):
            args = ["run", *args]
        return super().parse_args(ctx, args)


@click.group(cls=SyncNoun)
def sync(**_: Any) -> None:  # noqa: ANN401  a group has no arguments of its own
    r"""Publish what was merged into a repository.

    `connectory sync NAME` is short for `connectory sync run NAME`.

    \b
    Example:
        connectory sync market --follow
    """


@sync.command()
@click.argument("name", required=False, shell_complete=known.sources)
@click.option("-f", "--follow", is_flag=True, help="Wait for its end and show the log.")
@click.option("--anew", is_flag=True, help="Look at folders that have not changed, too.")
@dry_run_option
@click.pass_obj
def run(session: Session, name: str | None, *, follow: bool, anew: bool) -> None:
    r"""Pull a source now; without NAME the only one of your teams.

    With --follow, exits 1 if the repository could not be read or a connector was refused.

    \b
    Example:
        connectory sync market --follow
    """
    wanted = name or _only(session)
    started = session.client.sources.start(wanted, anew=anew)
    if not follow:
        if session.out.as_json:
            session.out.document(started)
        else:
            session.out.show(GOOD, " ", bold(started["id"]), f" pulls {wanted}")
        session.out.next(f"connectory sync log {wanted} {started['id']}")
        return
    timeout_s = session.flags.timeout or WAIT_S
    _tell(session, session.client.sources.follow(wanted, started["id"], timeout_s=timeout_s))


@sync.command()
@click.argument("name")
@click.argument("repository", metavar="URL")
@click.option("--team", required=True, shell_complete=known.teams, help="Who owns it.")
@click.option("--branch", default="main", show_default=True, help="What is published.")
@click.option("--folder", default="connectors", show_default=True, help="Where connectors are.")
@click.option("--namespace", default="", help="Where it publishes; else the team's own.")
@click.option("--secret", default="", help="Name of the team's secret that opens it.")
@dry_run_option
@click.pass_obj
def add(session: Session, /, repository: str, **wish: Any) -> None:  # noqa: ANN401  of a wish
    r"""Publish what is merged into the repository at URL from now on.

    Shows the address and the secret for the repository's webhook, the secret this once.

    \b
    Example:
        connectory sync add market https://git.example.com/market.git --team bizops
    """
    made = session.client.sources.add(cast(Wish, {"url": repository, **wish}))
    if session.out.as_json:
        session.out.document(made)
        return
    session.out.show(GOOD, " Added ", bold(made["name"]))
    _show_hook(session, made)
    session.out.next(f"connectory sync {made['name']} --follow")


@sync.command("list")
@click.pass_obj
def list_(session: Session) -> None:
    r"""List the repositories that are pulled for your teams.

    \b
    Example:
        connectory sync list
    """
    found = list(session.client.sources.list())
    if session.out.as_json:
        session.out.document({"items": found})
        return
    session.out.table(
        ["SOURCE", "REPOSITORY", "BRANCH", "NAMESPACE", "LAST", "REFUSED"],
        [
            [
                bold(one["name"]),
                one["url"],
                one["branch"],
                one["namespace"],
                _state(one["last"]),
                str(one["last"]["counts"]["refused"]) if one["last"] else "",
            ]
            for one in found
        ],
    )
    if not found:
        session.out.next("connectory sync add NAME URL --team TEAM")


@sync.command()
@click.argument("name", shell_complete=known.sources)
@click.pass_obj
def show(session: Session, name: str) -> None:
    r"""Show a source and its last pulls.

    \b
    Example:
        connectory sync show market
    """
    found = session.client.sources.show(name)
    syncs = list(islice(session.client.sources.syncs(name, SHOWN), SHOWN))
    if session.out.as_json:
        session.out.document({**found, "syncs": syncs})
        return
    session.out.pairs(
        [
            ("source", bold(name)),
            ("repository", found["url"]),
            ("branch", found["branch"]),
            ("folder", found["folder"]),
            ("publishes as", f"{found['namespace']} of {found['team']}"),
            ("opened by", found["secret"]),
            ("webhook", found["hook_url"]),
            ("a merge signs for", ", ".join(found.get("sign_offs", [])) or "nobody"),
        ]
    )
    session.out.table(
        ["SYNC", "STATE", "BEGUN", "BY", "PUBLISHED", "REFUSED"],
        [
            [
                bold(one["id"]),
                _state(one),
                one["asked_at"],
                one["asked_by"],
                str(one["counts"]["published"]),
                str(one["counts"]["refused"]),
            ]
            for one in syncs
        ],
    )


@sync.command()
@click.argument("name", shell_complete=known.sources)
@click.argument("sync_id", metavar="[SYNC]", required=False)
@click.pass_obj
def log(session: Session, name: str, sync_id: str | None) -> None:
    r"""Show what became of each folder in a pull, the last one without SYNC.

    \b
    Example:
        connectory sync log market
    """
    last = next(session.client.sources.syncs(name, 1), None) if sync_id is None else None
    wanted = sync_id or (last["id"] if last else "")
    if not wanted:
        session.out.next(f"connectory sync {name} --follow")
        return
    found = session.client.sources.log(name, wanted)
    if session.out.as_json:
        session.out.document(found)
    else:
        _show(session, found)


@sync.command()
@click.argument("name", shell_complete=known.sources)
@dry_run_option
@click.pass_obj
def remove(session: Session, name: str) -> None:
    r"""Pull a repository no more; what it published stays.

    \b
    Example:
        connectory sync remove market
    """
    session.client.sources.remove(name)
    if session.out.as_json:
        session.out.document({"name": name, "removed": True})
        return
    session.out.show(GOOD, " Removed ", bold(name))


@sync.command("sign-off")
@click.argument("name", shell_complete=known.sources)
@click.option("--role", "roles", multiple=True, type=ROLE, help="For whom a merge signs.")
@click.option("--person", "people", multiple=True, metavar="NAME=ACCOUNT", help=PERSON)
@click.option("--off", is_flag=True, help="Let merges count for nobody.")
@dry_run_option
@click.pass_obj
def sign_off(
    session: Session, name: str, *, roles: tuple[str, ...], people: tuple[str, ...], off: bool
) -> None:
    r"""Let a merge count as the sign-off of a role that who merged has.

    It renews the secret of the webhook, which says who merged, and shows it this once.

    \b
    Example:
        connectory sync sign-off market --role architect --role product
    """
    if off is bool(roles):
        raise click.UsageError("give --role, once or more, or --off")
    if off:
        session.client.sources.stop_counting(name)
        if session.out.as_json:
            session.out.document({"name": name, "sign_offs": []})
        else:
            session.out.show(GOOD, " Merges count for nobody in ", bold(name))
        return
    made = session.client.sources.count_merges(name, roles, dict(map(_person, people)))
    if session.out.as_json:
        session.out.document(made)
        return
    session.out.show(GOOD, f" A merge signs for {', '.join(roles)} in ", bold(name))
    _show_hook(session, made)


def _person(said: str) -> tuple[str, str]:
    name, _, account = said.partition("=")
    if not (name and account):
        raise click.UsageError(f"`{said}` is not NAME=ACCOUNT")
    return name, account


def _show_hook(session: Session, made: SourceMade) -> None:
    session.out.pairs([("webhook", made["hook_url"]), ("its secret", made["hook_secret"])])
    session.out.say("Give both to the repository as a webhook for pushes, as JSON.")


def _only(session: Session) -> str:
    names = [one["name"] for one in session.client.sources.list()]
    if len(names) != 1:
        known_ones = ", ".join(names) or "none yet; see `connectory sync add --help`"
        raise click.UsageError(f"say which source: {known_ones}")
    return names[0]


def _tell(session: Session, found: SyncLog) -> None:
    """Write a log that is complete, and end with 1 if something is wrong in it."""
    if session.out.as_json:
        session.out.document(found)
    else:
        _show(session, found)
    if found["error"]:
        error = found["error"]
        raise RefusedError(
            error["message"], hint=error["hint"], kind=Kind.FAILED, code=error["code"]
        )
    if found["counts"]["refused"]:
        raise click.exceptions.Exit(1)


def _show(session: Session, found: SyncLog) -> None:
    for one in found["items"]:
        _show_entry(session, one)
    counts = ", ".join(f"{number} {what}" for what, number in found["counts"].items() if number)
    commit = f" at {found['commit'][:12]}" if found["commit"] else ""
    told = "" if found["error"] else f": {counts or 'nothing to publish'}"
    session.out.show(bold(found["id"]), " ", _state(found), f"{commit}{told}")
    if found["error"]:
        session.out.show(WARN, " ", one_line(found["error"]["message"]))


def _show_entry(session: Session, one: Entry) -> None:
    what = f"  {one['version']}" if one["version"] else ""
    session.out.show(
        MARKS[one["outcome"]], " ", bold(one["folder"]), f"  {one['outcome']}{what}"
    )
    if counted := one.get("sign_off"):
        session.out.show("    ", _sign_off(counted))
    if one["error"]:
        session.out.show("    ", one_line(one["error"]["message"]))
        for problem in one["problems"]:
            session.out.show("    ", one_line(problem))
        session.out.show(dim(f"    hint: {one_line(one['error']['hint'])}"))


def _sign_off(counted: SignOff) -> Piece:
    roles, why = ", ".join(counted["roles"]), one_line(counted["reason"])
    if not roles:
        return dim(f"its merge signs for nobody: {why}")
    said = f"merged by {one_line(counted['by'])}, who signs for {roles}"
    return dim(f"{said}; {why}" if why else said)


def _state(one: Sync | None) -> Piece:
    return Piece(one["state"], TONES.get(one["state"], "")) if one else Piece("never", "dim")
