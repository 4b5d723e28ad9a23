"""connectory publish."""

from pathlib import Path

import click

from connectory.cli.bundle import read_source
from connectory.cli.comparing import say_similar
from connectory.cli.packing import completed
from connectory.cli.pieces import GOOD, WARN, bold, dim, one_line
from connectory.cli.publish_many import parts_of, publish_many
from connectory.cli.reports import problem_line
from connectory.cli.session import Session
from connectory.cli.submitted import submitted
from connectory.cli.verbs import Verb
from connectory.client.catalog import Published, Reference
from connectory.client.refusals import ProblemBody, problem
from connectory.client.transport import Part

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(cls=Verb)
@click.argument(
    "paths", type=click.Path(exists=True, path_type=Path), nargs=-1, metavar="[PATH]..."
)
@click.option("--package", type=FILE, help="Upload this package instead of packing one.")
@click.option("--dry-run", is_flag=True, help="Let the server check it and keep nothing.")
@click.option("--wait", is_flag=True, help="Wait for its review; exits 1 if not approved.")
@click.pass_obj
def publish(
    session: Session,
    paths: tuple[Path, ...],
    package: Path | None,
    *,
    dry_run: bool,
    wait: bool,
) -> None:
    r"""Publish the version at each PATH: a manifest, a folder with one, or a package.

    A folder with src/ is packed as `connectory package` does and goes with its README.md and
    runbook.md; a manifest goes alone unless --package is given. Publishing the same bytes again
    changes nothing. Of a version that goes to review you are told who has to sign it.

    Of several paths each is published or refused on its own; with a token for `bulk` their
    manifests go many at a time.

    \b
    Example:
        connectory publish connectors/crm-to-slack
        connectory publish connectors/*
    """
    if len(paths) > 1:
        if package or dry_run or wait:
            raise click.UsageError("--package, --dry-run and --wait go with one PATH")
        publish_many(session, paths)
        return
    source = read_source(paths[0] if paths else Path())
    source = source if package else completed(source)
    session.document = source.manifest_name
    parts = parts_of(source, package.read_bytes() if package else source.package)
    for name, (file, content, _) in parts.items():
        session.out.say(dim(f"  {name:9} {file}  {len(content):,} bytes"))
    if dry_run:
        _validate(session, parts)
        return
    _publish(session, parts, wait=wait)


def _publish(session: Session, parts: dict[str, Part], *, wait: bool) -> None:
    done = session.client.catalog.publish(parts)
    if not session.out.as_json:
        _show(session, done)
    if done["created"]:
        published = Reference(done["id"], done["namespace"])
        say_similar(session, session.client.catalog.similar(published)["items"])
    is_waiting = wait or (done["created"] and not session.out.as_json)
    review = submitted(session, done, wait=wait) if is_waiting else None
    if session.out.as_json:
        session.out.document({**done, "review": review} if wait else done)
    if review is None:
        session.out.next(f"connectory show {done['id']}@{done['version']}")
    if wait and (review is None or review["state"] != "approved"):
        raise click.exceptions.Exit(1)


def _validate(session: Session, parts: dict[str, Part]) -> None:
    found = session.client.catalog.validate(parts)
    if session.out.as_json:
        session.out.document(found)
    else:
        _problems(session, [*found["problems"], *found["warnings"]])
        session.out.show("It would be accepted" if found["valid"] else "It would be refused")
        say_similar(session, found["similar"])
    if not found["valid"]:
        raise click.exceptions.Exit(1)


def _show(session: Session, done: Published) -> None:
    label = f"{done['namespace']}/{done['id']} {done['version']}"
    status = done["status"]
    verb = "Published " if done["created"] else "Already there, byte for byte: "
    session.out.show(GOOD, " ", verb, bold(label), f" as {status['effective']}")
    session.out.show(dim(f"  {done['digest']}"))
    if status["missing"]:
        missing = ", ".join(status["missing"])
        claim = f"  its manifest claims {status['claimed']}; still missing: {missing}"
        session.out.show(WARN, one_line(claim))
    _problems(session, done["warnings"])


def _problems(session: Session, problems: list[ProblemBody]) -> None:
    for one in problems:
        session.out.show("  ", *problem_line(problem(one), session.document))
