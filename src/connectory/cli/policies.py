"""connectory policy test | show | input | impact | activate | replay: the rules in force."""

import io
import json
from pathlib import Path
from typing import Any

import click

from connectory.checks.policy import bases_of
from connectory.checks.subject import Vetted
from connectory.cli import policy_impact
from connectory.cli.bundle import read_source
from connectory.cli.pieces import BAD, GOOD, bold, dim, one_line
from connectory.cli.session import Session
from connectory.cli.verbs import Noun, dry_run_option
from connectory.cli.vet import subject_of
from connectory.client.catalog import Reference
from connectory.client.policies import Rule
from connectory.gates import archive
from connectory.manifest import loader
from connectory.policy import bundle, engine, telling, trial
from connectory.policy.document import DEPLOY, REVIEW, Circumstances, document
from connectory.policy.telling import Told

EXISTING = click.Path(exists=True, file_okay=False, path_type=Path)


@click.group(cls=Noun)
def policy() -> None:
    r"""Rules of the organisation, written in Rego.

    \b
    Example:
        connectory policy test policies
    """


@policy.command()
@click.argument("folder", type=EXISTING, default=bundle.SHIPPED, metavar="[FOLDER]")
@click.pass_obj
def test(session: Session, folder: Path) -> None:
    r"""Run the tests and fixtures in FOLDER; without one, those of the shipped rules.

    Every rule that denies needs a file in fixtures/bad that it denies. Exits 1 if something
    does not hold; a marketplace activates only what passes.

    \b
    Example:
        connectory policy test policies
    """
    tried = trial.run(folder, engine.shared())
    rules = len(tried.bundle.rules)
    if session.out.as_json:
        session.out.document(
            {
                "bundle": tried.bundle.digest,
                "rules": rules,
                "tests": tried.tests,
                "fixtures": tried.cases,
                "faults": list(tried.faults),
                "passed": not tried.faults,
            }
        )
    else:
        counts = {"rule": rules, "test": tried.tests, "fixture": tried.cases}
        told = ", ".join(f"{n} {word}{'s' * (n != 1)}" for word, n in counts.items())
        session.out.show(BAD if tried.faults else GOOD, f" {told}")
        for fault in tried.faults:
            session.out.show("    ", one_line(fault))
    if tried.faults:
        raise click.exceptions.Exit(1)


@policy.command()
@click.argument("folder", type=EXISTING, required=False)
@click.option("--active", is_flag=True, help="Show those in force on the server.")
@click.pass_obj
def show(session: Session, folder: Path | None, *, active: bool) -> None:
    r"""Say in words what the rules in FOLDER ask for; without one, the shipped rules.

    \b
    Example:
        connectory policy show
        connectory policy show --active
    """
    if active:
        in_force = session.client.policies.show()
        digest, rules = in_force["bundle"], in_force["items"]
    else:
        made = bundle.read(folder or bundle.SHIPPED, engine.shared())
        digest, rules = made.digest, [_rule(one) for one in telling.rules(made)]
    if session.out.as_json:
        session.out.document({"bundle": digest, "items": rules})
        return
    for one in rules:
        session.out.show(bold(one["title"]), dim(f"  {one['rule']}"))
        controls = ", ".join(one["controls"])
        for label, told in (("why", one["reason"]), ("fix", one["fix"]), ("for", controls)):
            if told:
                session.out.show(f"    {label}  ", one_line(told))


def _rule(one: Told) -> Rule:
    return {
        "rule": one.rule,
        "denies": one.denies,
        "title": one.title,
        "reason": one.reason,
        "fix": one.fix,
        "controls": list(one.controls),
    }


@policy.command("input")
@click.argument("connector", metavar="PATH|CONNECTOR")
@click.option(
    "--action",
    type=click.Choice([REVIEW, DEPLOY]),
    default=REVIEW,
    show_default=True,
    help="What is to be decided.",
)
@click.option("--environment", default="", help="Where it would be deployed to.")
@click.option("--region", default="", help="Where it would run, if it does not say.")
@click.option("--target", default="", help="What it would run on, such as local.")
@click.option("--team", default="", help="For which team.")
@click.option("--instance", default="", help="The name that it would have there.")
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write it to this file.",
)
@click.pass_obj
def input_(session: Session, /, connector: str, output: Path | None, **about: str) -> None:
    r"""Write what policies judge: `input` in Rego, for conftest and opa.

    A folder, a manifest or a package is read here; anything else is a connector of the server,
    with the status that it has there.

    \b
    Example:
        connectory policy input connectors/crm-to-slack > input.json
        connectory policy input bizops/crm-to-slack-v1@1.3.0 --action deploy
    """
    path = Path(connector)
    given = _read(path, about) if path.exists() else _asked(session, connector, about)
    text = json.dumps(given, indent=2)
    if output is None:
        session.out.show(text)
        return
    try:
        output.write_text(f"{text}\n", "utf-8")
    except OSError as failure:
        raise click.FileError(str(output), failure.strerror) from failure


def _read(path: Path, about: dict[str, Any]) -> dict[str, Any]:
    with subject_of(read_source(path)) as subject:
        vetted = Vetted(subject, loader.load(subject.manifest))
        return document(vetted.loaded, Circumstances(**about), bases=bases_of(vetted))


def _asked(session: Session, connector: str, about: dict[str, Any]) -> dict[str, Any]:
    named = Reference.parse(connector)
    asked = {"connector": named.name, "version": named.version, **about}
    return session.client.policies.evaluate(**asked)["input"]


@policy.command()
@click.argument("folder", type=EXISTING)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "markdown"]),
    default="text",
    show_default=True,
    help="For people, scripts or a comment on a merge request.",
)
@click.pass_obj
def impact(session: Session, folder: Path, form: str) -> None:
    r"""Say what the rules in FOLDER would change on the server (admins); nothing is kept.

    Every version and every instance is judged by them. Exits 1 if something that is allowed
    now would be denied, or could not be judged.

    \b
    Example:
        connectory policy impact policies
        connectory policy impact policies --format markdown
    """
    found = session.client.policies.impact(_packed(folder))
    if session.out.as_json or form == "json":
        session.out.document({**found})
    elif form == "markdown":
        session.out.show(policy_impact.markdown(found))
    else:
        policy_impact.show(session, found)
    if policy_impact.hurts(found):
        raise click.exceptions.Exit(1)
    session.out.next(f"connectory policy activate {folder}")


@policy.command()
@click.argument("folder", type=EXISTING)
@dry_run_option
@click.pass_obj
def activate(session: Session, folder: Path) -> None:
    r"""Let the server judge by the rules in FOLDER (admins).

    They are uploaded, and in force if their tests hold and they deny their known-bad cases;
    else the rules before stay. See what they change first: connectory policy impact.

    \b
    Example:
        connectory policy activate policies
    """
    policies = session.client.policies
    kept = policies.upload(_packed(folder))
    now = policies.activate(kept["digest"])
    if session.out.as_json:
        session.out.document({**now})
        return
    session.out.show(GOOD, f" {len(now['items'])} rules are in force  ", dim(now["bundle"]))
    session.out.next("connectory policy show --active")


@policy.command()
@click.argument("decision")
@click.pass_obj
def replay(session: Session, decision: str) -> None:
    r"""Make DECISION again: the same rules are asked the same. Plans name their decisions.

    Exits 1 if the answer is another one.

    \b
    Example:
        connectory policy replay dec_4f1c0b7e9a25d8836b0c1d2e
    """
    again = session.client.policies.replay(decision)
    if session.out.as_json:
        session.out.document({**again})
    else:
        before = again["decision"]
        said = "allowed" if again["allowed"] else "not allowed"
        session.out.show(
            GOOD if again["same"] else BAD,
            f" {before['connector']}@{before['version']} is {said}, ",
            "as before" if again["same"] else "and the answer was another one",
            dim(f"  {again['engine']}, then {before['engine']}"),
        )
    if not again["same"]:
        raise click.exceptions.Exit(1)


def _packed(folder: Path) -> bytes:
    into = io.BytesIO()
    archive.pack({name: text.encode() for name, text in trial.texts(folder).items()}, into)
    return into.getvalue()
