"""connectory review: list, show, status, decide, comment; delegating is a module of its own."""

import re
import time
from collections.abc import Callable
from itertools import islice

import click

from connectory.cli import delegating, known
from connectory.cli.pieces import GOOD, WARN, bold, one_line
from connectory.cli.review_view import (
    HEADS,
    label,
    row,
    show_permissions,
    show_review,
    show_since,
    show_state,
)
from connectory.cli.reviewers import ROLES
from connectory.cli.session import Session
from connectory.cli.verbs import Noun, dry_run_option
from connectory.client.catalog import Reference
from connectory.client.errors import StillUnderReviewError
from connectory.client.reviews import PREFIX, Review

STATES = ("open", "changes-requested", "rejected", "approved", "vetoed", "closed")
WAITS = "open"  # the one state in which others have to do something
DIGEST = re.compile(r"(?:sha256:)?([0-9a-f]{6,64})")
LOOK_S = 2.0
INTERRUPTED = 130

id_argument = click.argument("review_id", metavar="ID", shell_complete=known.reviews)


@click.group(cls=Noun)
def review() -> None:
    r"""Review versions: sign them off, ask for changes, talk about them.

    ID is that of a review, or a version such as bizops/crm-to-slack@1.4.0.

    \b
    Example:
        connectory review list --mine
    """


@review.command("list")
@click.option("--role", type=click.Choice(ROLES), help="Only what this role has yet to sign.")
@click.option("--state", type=click.Choice(STATES), help="Only in this state; else undecided.")
@click.option("--mine", is_flag=True, help="Only what your sign-off is missing.")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True)
@click.pass_obj
def list_(
    session: Session, role: str | None, state: str | None, limit: int, *, mine: bool
) -> None:
    r"""List reviews, those that wait longest first.

    \b
    Example:
        connectory review list --role security
    """
    found = list(islice(session.client.reviews.list(role=role, state=state, mine=mine), limit))
    if session.out.as_json:
        session.out.document({"items": found})
        return
    if found:
        session.out.table(HEADS, [row(one) for one in found])
        session.out.next(f"connectory review show {found[0]['id']}")
        return
    whose = f"the sign-off of {role}" if role else "your sign-off" if mine else "a sign-off"
    session.out.say(f"no review is {state}" if state else f"nothing waits for {whose}")
    if role or mine or state:
        session.out.next("connectory review list")


@review.command()
@id_argument
@click.option(
    "--diff",
    type=click.Choice(("permissions", "since-last-seen")),
    help="Only what grew, or what changed since you looked.",
)
@click.pass_obj
def show(session: Session, review_id: str, diff: str | None) -> None:
    r"""Show a review: what grew, what is missing, what was decided and said.

    What changed is told since the last version that you decided or wrote something about, else
    since the submission before.

    \b
    Example:
        connectory review show rev_7QK2 --diff permissions
    """
    found = find(session, review_id)
    if session.out.as_json:
        session.out.document(found)
    elif diff == "permissions":
        show_permissions(session.out, found)
    elif diff:
        show_since(session.out, found["since_last_seen"])
        if found["since_last_seen"] is None:
            session.out.say("nothing was submitted before that you know")
    else:
        show_review(session.out, found)
        if found["missing"]:
            chosen = f"--role {found['missing'][0]} --digest {found['digest'][7:19]}"
            session.out.next(f"connectory review approve {found['id']} {chosen}")


@review.command()
@id_argument
@click.option("-f", "--follow", is_flag=True, help="Wait until it needs nobody else.")
@click.pass_obj
def status(session: Session, review_id: str, *, follow: bool) -> None:
    r"""Say how far a review is, its place in the queue and how long one usually takes.

    With --follow, exits 1 if the version was not approved.

    \b
    Example:
        connectory review status rev_7QK2 --follow
    """
    found = find(session, review_id)
    if follow:
        found = wait_for(session, found)
    if session.out.as_json:
        session.out.document(found)
    else:
        show_state(session.out, found)
    if follow and found["state"] != "approved":
        raise click.exceptions.Exit(1)


def _deciding(command: Callable[..., None]) -> Callable[..., None]:
    """Add what every decision needs."""
    for option in (
        dry_run_option,
        click.option("-m", "--message", default="", help="Why; the author reads it."),
        click.option("--digest", required=True, help="What you looked at, at least 6 digits."),
        click.option("--role", required=True, type=click.Choice(ROLES), help="You sign as."),
        id_argument,
    ):
        command = option(command)
    return command


@review.command()
@_deciding
@click.pass_obj
def approve(session: Session, /, **said: str) -> None:
    r"""Sign off the bytes with a digest in one role. The last sign-off approves the version.

    \b
    Example:
        connectory review approve rev_7QK2 --role security --digest b17e90 -m "scopes minimal"
    """
    _decide(session, "approve", "Approved", **said)


@review.command("request-changes")
@_deciding
@click.pass_obj
def request_changes(session: Session, /, **said: str) -> None:
    r"""Ask the author for another version, and say why.

    \b
    Example:
        connectory review request-changes rev_7QK2 --role ops --digest b17e90 -m "no runbook"
    """
    _decide(session, "request-changes", "Asked for changes", **said)


@review.command()
@_deciding
@click.pass_obj
def reject(session: Session, /, **said: str) -> None:
    r"""Say no to a version, and why.

    \b
    Example:
        connectory review reject rev_7QK2 --role security --digest b17e90 -m "reads all mail"
    """
    _decide(session, "reject", "Rejected", **said)


@review.command()
@_deciding
@click.pass_obj
def abstain(session: Session, /, **said: str) -> None:
    r"""Take back what you said in a role; its sign-off is missing again.

    \b
    Example:
        connectory review abstain rev_7QK2 --role security --digest b17e90
    """
    _decide(session, "abstain", "Took back what was said", **said)


@review.command()
@_deciding
@click.pass_obj
def veto(session: Session, /, **said: str) -> None:
    r"""Stop a version for security, whatever was signed: it is quarantined everywhere.

    Only `connectory quarantine --lift` of a security reviewer ends it.

    \b
    Example:
        connectory review veto rev_7QK2 --role security --digest b17e90 -m "leaks leads"
    """
    _decide(session, "veto", "Vetoed", **said)


@review.command()
@id_argument
@click.option("-m", "--message", required=True, help="What to say; Markdown.")
@dry_run_option
@click.pass_obj
def comment(session: Session, review_id: str, message: str) -> None:
    r"""Add to the discussion of a review. A comment cannot be changed.

    \b
    Example:
        connectory review comment rev_7QK2 -m "Which scope is for what?"
    """
    found = find(session, review_id)
    done = session.client.reviews.comment(found["id"], message)
    if session.out.as_json:
        session.out.document(done)
        return
    session.out.show(GOOD, f" Comment {len(done['comments'])} of ", bold(done["id"]))


for command in (delegating.delegate, delegating.delegations, delegating.undelegate):
    review.add_command(command)


def find(session: Session, wanted: str) -> Review:
    """Return a review by its id, or that of a version such as `ns/id@1.0.0`."""
    if wanted.startswith(PREFIX):
        return session.client.reviews.show(wanted)
    reference = Reference.parse(wanted)
    if not reference.namespace or not reference.version:
        version = session.client.catalog.version(reference)
        reference = Reference(version["id"], version["namespace"], version["version"])
    return session.client.reviews.of_version(
        reference.namespace, reference.id, reference.version
    )


def wait_for(session: Session, found: Review) -> Review:
    """Look again until a review waits for nobody but its author, or is over.

    Raises:
        StillUnderReviewError: If that takes longer than the `--timeout` of the command.
        click.exceptions.Exit: With 130, if the person stops watching; the review goes on.
    """
    limit_s = session.flags.timeout
    until = None if limit_s is None else time.monotonic() + limit_s
    try:
        while found["state"] == WAITS:
            if until is not None and time.monotonic() > until:
                raise StillUnderReviewError(found["id"], found["missing"])
            left = ", ".join(found["missing"]) or "its checks"
            session.out.live(f"{label(found)} waits for {left}")
            time.sleep(LOOK_S)
            found = session.client.reviews.show(found["id"])
    except KeyboardInterrupt:
        look = f"connectory review status {found['id']} --follow"
        session.out.complain(WARN, f" stopped watching; the review goes on: {look}")
        raise click.exceptions.Exit(INTERRUPTED) from None
    finally:
        session.out.settle()
    return found


def _decide(
    session: Session, decision: str, done: str, *, review_id: str, role: str, **said: str
) -> None:
    given = DIGEST.fullmatch(said["digest"])
    if given is None:
        raise click.UsageError("--digest takes at least 6 hexadecimal digits of the digest")
    found = find(session, review_id)
    digest = f"sha256:{given[1]}"
    after = session.client.reviews.decide(
        found["id"],
        decision,
        role=role,
        # the server compares the whole digest once more with what is under review then
        digest=found["digest"] if found["digest"].startswith(digest) else digest,
        comment=said["message"],
    )
    if session.out.as_json:
        session.out.document(after)
        return
    session.out.show(GOOD, f" {done} as {role} for ", bold(label(after)), f"  {digest[:19]}")
    if after["state"] == "approved":
        session.out.show(GOOD, " ", bold(label(after)), " is approved")
    for point in after["open_points"]:
        session.out.show("  still missing: ", one_line(point))
