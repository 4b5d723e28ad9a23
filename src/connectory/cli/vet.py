"""connectory vet: what a server would say, said on this machine."""

import importlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from connectory import settings
from connectory.advisories.mirror import FILE as MIRROR
from connectory.checks.formats import Told
from connectory.checks.rules import Result, State
from connectory.checks.run import Report, run_all
from connectory.checks.scanners import chosen
from connectory.checks.subject import Subject, Surroundings
from connectory.cli.bundle import Source, read_source
from connectory.cli.pieces import BAD, GOOD, WARN, Piece, bold, dim, one_line
from connectory.cli.reports import problem_body, problem_line
from connectory.cli.session import Session
from connectory.cli.verbs import Verb
from connectory.gates import archive

MARKS = {
    State.PASSED: GOOD,
    State.FAILED: BAD,
    State.NOT_RUN: WARN,
    State.NOT_APPLICABLE: Piece("-", "dim"),
}

WRITERS = ("sarif", "junit", "github")
"""The modules of `connectory.checks.formats`, each imported where it is asked for."""


@click.command(cls=Verb)
@click.argument(
    "paths", type=click.Path(exists=True, path_type=Path), nargs=-1, metavar="[PATH]..."
)
@click.option("--strict", is_flag=True, help="A check that could not run counts, too.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", *WRITERS]),
    default="text",
    show_default=True,
    help="For people, scripts, code hosts, test reports or annotations.",
)
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the result to this file.",
)
@click.pass_obj
def vet(
    session: Session, paths: tuple[Path, ...], form: str, output: Path | None, *, strict: bool
) -> None:
    r"""Check the connector at each PATH, a folder, a manifest or a package. Uploads nothing.

    Exits 1 when something would be refused. Warnings are worth a look and do not count.

    \b
    Example:
        connectory vet connectors/crm-to-slack
        connectory vet connectors/* --format sarif --output vet.sarif
    """
    given = paths or (Path(),)
    here = settings.load()
    around = Surroundings(here.data / MIRROR, scanners=chosen(here))
    all_told = [_vetted(path, around) for path in given]
    with _written_to(session, output):
        _write(session, all_told, form, strict=strict)
    if not all(_passes(told.report, strict=strict) for told in all_told):
        raise click.exceptions.Exit(1)
    session.out.next(f"connectory publish {' '.join(map(str, given))}")


def _vetted(path: Path, around: Surroundings) -> Told:
    with subject_of(read_source(path)) as subject:
        return Told(str(path), run_all(subject, around=around))


def _passes(report: Report, *, strict: bool) -> bool:
    return not report.failed and not (strict and report.not_run)


@contextmanager
def _written_to(session: Session, file: Path | None) -> Iterator[None]:
    """Let results go to a file for the length of the block."""
    if file is None:
        yield
        return
    usual = session.out.results
    try:
        with file.open("w", encoding="utf-8") as session.out.results:
            yield
    except OSError as failure:
        raise click.FileError(str(file), failure.strerror) from failure
    finally:
        session.out.results = usual


def _write(session: Session, all_told: Sequence[Told], form: str, *, strict: bool) -> None:
    if form in WRITERS:
        session.out.show(_writer(form)(all_told))
    elif session.out.as_json or form == "json":
        documents = [_document(told, strict=strict) for told in all_told]
        passed = all(document["passed"] for document in documents)
        is_one = len(documents) == 1
        session.out.document(documents[0] if is_one else {"items": documents, "passed": passed})
    else:
        for told in all_told:
            _show(session, told.report)


def _writer(form: str) -> Callable[[Sequence[Told]], str]:
    module = importlib.import_module(f"connectory.checks.formats.{form}")
    written: Callable[[Sequence[Told]], str] = module.written
    return written


@contextmanager
def subject_of(source: Source) -> Iterator[Subject]:
    """Give what is checked; a package is unpacked for that time."""
    subject = Subject(source.manifest, source.manifest_name, str(source.path))
    if source.path.is_dir():
        yield replace(subject, root=source.path, names=source.names)
    elif source.package is not None:
        with TemporaryDirectory(prefix="connectory-") as folder:
            root = Path(folder) / "package"
            archive.unpack(source.path, root)
            yield replace(subject, root=root, names=source.names)
    else:
        yield subject


def _show(session: Session, report: Report) -> None:
    if report.manifest is not None:
        label = f"{report.manifest.id} {report.manifest.version}"
        session.out.show("Vetting ", bold(label), dim("   (local, nothing uploaded)"))
    for result in report.results:
        _show_one(session, result)
    silent = f", {len(report.not_run)} could not run" if report.not_run else ""
    session.out.show(f"{len(report.failed)} of {len(report.results)} checks failed{silent}")


def _show_one(session: Session, result: Result) -> None:
    warnings = sum(not finding.is_error for finding in result.findings)
    counted = f"{warnings} {'warning' if warnings == 1 else 'warnings'}" if warnings else ""
    told = dim(one_line(result.reason) or counted)
    session.out.show(MARKS[result.state], f" {result.check:13}", told)
    for finding in result.findings:
        session.out.show("    ", *problem_line(finding.problem, finding.file))


def _document(told: Told, *, strict: bool) -> dict[str, object]:
    report = told.report
    manifest = report.manifest
    return {
        "path": told.path,
        "id": manifest.id if manifest else None,
        "version": manifest.version if manifest else None,
        "passed": _passes(report, strict=strict),
        "checks": [
            {
                "name": result.check,
                "state": result.state,
                "reason": result.reason,
                "problems": [
                    {**problem_body(finding.problem), "file": finding.file}
                    for finding in result.findings
                ],
            }
            for result in report.results
        ],
    }
