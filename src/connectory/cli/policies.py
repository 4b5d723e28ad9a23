"""connectory policy test | show | input: rules of the organisation, on this machine."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from connectory.checks.policy import bases_of
from connectory.checks.subject import Vetted
from connectory.cli.bundle import read_source
from connectory.cli.pieces import BAD, GOOD, bold, dim, one_line
from connectory.cli.session import Session
from connectory.cli.verbs import Noun
from connectory.cli.vet import subject_of
from connectory.manifest import loader
from connectory.policy import bundle, engine, telling, trial
from connectory.policy.document import DEPLOY, REVIEW, document

FOLDER = click.argument(
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=bundle.SHIPPED,
    metavar="[FOLDER]",
)


@click.group(cls=Noun)
def policy() -> None:
    r"""Rules of the organisation, written in Rego.

    \b
    Example:
        connectory policy test policies
    """


@policy.command()
@FOLDER
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
        counted = f" {rules} rules, {tried.tests} tests, {tried.cases} fixtures"
        session.out.show(BAD if tried.faults else GOOD, counted)
        for fault in tried.faults:
            session.out.show("    ", one_line(fault))
    if tried.faults:
        raise click.exceptions.Exit(1)


@policy.command()
@FOLDER
@click.pass_obj
def show(session: Session, folder: Path) -> None:
    r"""Say in words what the rules in FOLDER ask for; without one, the shipped rules.

    \b
    Example:
        connectory policy show
    """
    made = bundle.read(folder, engine.shared())
    rules = telling.rules(made)
    if session.out.as_json:
        items = [asdict(one) for one in rules]
        session.out.document({"bundle": made.digest, "items": items})
        return
    for one in rules:
        session.out.show(bold(one.title), dim(f"  {one.rule}"))
        controls = ", ".join(one.controls)
        for label, told in (("why", one.reason), ("fix", one.fix), ("for", controls)):
            if told:
                session.out.show(f"    {label}  ", one_line(told))


@policy.command("input")
@click.argument("path", type=click.Path(exists=True, path_type=Path), metavar="PATH")
@click.option(
    "--action",
    type=click.Choice([REVIEW, DEPLOY]),
    default=REVIEW,
    show_default=True,
    help="What is to be decided.",
)
@click.option("--environment", default="", help="Where it would be deployed to.")
@click.option("--region", default="", help="Where it would run, if it does not say.")
@click.option("--status", default="", help="Its effective status; else what it claims.")
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write it to this file.",
)
@click.pass_obj
def input_(session: Session, /, path: Path, output: Path | None, **about: str) -> None:
    r"""Write what policies judge: `input` in Rego, for conftest and opa.

    PATH is a folder, a manifest or a package, as for `connectory vet`.

    \b
    Example:
        connectory policy input connectors/crm-to-slack > input.json
        conftest test --all-namespaces -p policies input.json
    """
    text = json.dumps(_document(path, about), indent=2)
    if output is None:
        session.out.show(text)
        return
    try:
        output.write_text(f"{text}\n", "utf-8")
    except OSError as failure:
        raise click.FileError(str(output), failure.strerror) from failure


def _document(path: Path, about: dict[str, str]) -> dict[str, Any]:
    with subject_of(read_source(path)) as subject:
        vetted = Vetted(subject, loader.load(subject.manifest))
        return document(vetted.loaded, bases=bases_of(vetted), **about)
