"""connectory vet: what a server would say, said on this machine."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import click

from connectory.cli.bundle import Source, read_source
from connectory.cli.pieces import BAD, GOOD, Piece, bold, dim
from connectory.cli.reports import problem_body, problem_line
from connectory.cli.session import Session
from connectory.cli.verbs import Verb
from connectory.kernel.errors import ConnectoryError, Problem
from connectory.manifest import deploy, loader
from connectory.manifest.errors import ManifestError
from connectory.manifest.model import Manifest
from connectory.scaffold.layout import DEPLOY, LOCK, README, RUNBOOK, SOURCES, WHEELS

PINNED = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==([^ ;\\]+)", re.MULTILINE)
SKIPPED = Piece("-", "dim")


@dataclass(frozen=True, slots=True)
class Check:
    """What one check found. `skipped` says why it did not run; then it found nothing."""

    name: str
    problems: tuple[Problem, ...] = ()
    file: str = ""
    skipped: str = ""

    @property
    def state(self) -> str:
        """`passed`, `failed` or `skipped`."""
        if self.skipped:
            return "skipped"
        return "failed" if any(p.severity == "error" for p in self.problems) else "passed"


@click.command(cls=Verb)
@click.argument("path", type=click.Path(exists=True, path_type=Path), default=".")
@click.pass_obj
def vet(session: Session, path: Path) -> None:
    r"""Check the connector at PATH, a folder, a manifest or a package. Uploads nothing.

    Exits 1 when something would be refused. Warnings are worth a look and do not count.

    \b
    Example:
        connectory vet connectors/crm-to-slack
    """
    source = read_source(path)
    manifest, checks = _checks(source)
    failed = [check for check in checks if check.state == "failed"]
    if session.out.as_json:
        session.out.document(_document(source, manifest, checks))
    else:
        if manifest is not None:
            session.out.show(
                "Vetting ",
                bold(f"{manifest.id} {manifest.version}"),
                dim("   (local, nothing uploaded)"),
            )
        for check in checks:
            _show(session, check)
        session.out.show(f"{len(failed)} of {len(checks)} checks failed")
    if failed:
        raise click.exceptions.Exit(1)
    session.out.next(f"connectory publish {path}")


def _checks(source: Source) -> tuple[Manifest | None, list[Check]]:
    try:
        loaded = loader.load(source.manifest)
    except ConnectoryError as refused:
        problems = refused.problems or (
            Problem(refused.code, refused.message, refused.hint, refused.field),
        )
        skipped = [Check(name, skipped="the manifest is refused") for name in CHECKS]
        return None, [Check("manifest", problems, source.manifest_name), *skipped]
    checks = [check(source, loaded.manifest) for check in CHECKS.values()]
    return loaded.manifest, [Check("manifest", loaded.warnings, source.manifest_name), *checks]


def _deploy(source: Source, manifest: Manifest) -> Check:
    raw = source.text(DEPLOY)
    if raw is None:
        return Check("deploy", skipped=f"no {DEPLOY}")
    file = str(source.path / DEPLOY)
    try:
        deploy.load(raw, manifest)
    except ManifestError as refused:
        return Check("deploy", refused.problems, file)
    return Check("deploy", file=file)


def _layout(source: Source, manifest: Manifest) -> Check:
    if source.package is None:
        return Check("layout", skipped=f"no {SOURCES}/, so nothing to install")
    found = [*_entrypoint(source, manifest), *_wheels(source), *_papers(source)]
    return Check("layout", tuple(found), str(source.path))


CHECKS: Mapping[str, Callable[[Source, Manifest], Check]] = {
    "deploy": _deploy,
    "layout": _layout,
}
"""The checks beside that of the manifest itself."""


def _entrypoint(source: Source, manifest: Manifest) -> Iterator[Problem]:
    module = manifest.runtime.entrypoint
    if not module:
        yield Problem(
            "entrypoint-missing",
            "the manifest does not say which module to start",
            "add `runtime.entrypoint` with the name of a module in src/",
            "runtime.entrypoint",
        )
        return
    stem = f"{SOURCES}/{module.replace('.', '/')}"
    if not {f"{stem}.py", f"{stem}/__main__.py"} & source.names:
        yield Problem(
            "entrypoint-missing",
            f"`runtime.entrypoint` is {module} and there is no {stem}.py",
            f"add {stem}.py or {stem}/__main__.py, or name another module",
            "runtime.entrypoint",
        )


def _wheels(source: Source) -> Iterator[Problem]:
    lock = (source.text(LOCK) or b"").decode("utf-8", "replace")
    there = {
        _normal(name.removeprefix(f"{WHEELS}/").split("-")[0])
        for name in source.names
        if name.startswith(f"{WHEELS}/")
    }
    for name, version in PINNED.findall(lock):
        if _normal(name) not in there:
            yield Problem(
                "wheel-missing",
                f"{LOCK} pins {name} {version} and {WHEELS}/ has no wheel of it",
                "`connectory package` and `connectory publish` fetch it into the package",
                severity="warning",
            )


def _papers(source: Source) -> Iterator[Problem]:
    for name, why in ((README, "people decide by it"), (RUNBOOK, "on-call people need it")):
        if name not in source.names:
            yield Problem(
                "document-missing", f"there is no {name}", f"add it: {why}", severity="warning"
            )


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _show(session: Session, check: Check) -> None:
    mark = {"passed": GOOD, "failed": BAD, "skipped": SKIPPED}[check.state]
    warnings = sum(problem.severity == "warning" for problem in check.problems)
    counted = f"{warnings} {'warning' if warnings == 1 else 'warnings'}" if warnings else ""
    session.out.show(mark, f" {check.name:10}", dim(check.skipped or counted))
    for problem in check.problems:
        session.out.show("    ", *problem_line(problem, check.file))


def _document(
    source: Source, manifest: Manifest | None, checks: list[Check]
) -> dict[str, object]:
    return {
        "path": str(source.path),
        "id": manifest.id if manifest else None,
        "version": manifest.version if manifest else None,
        "passed": all(check.state != "failed" for check in checks),
        "checks": [
            {
                "name": check.name,
                "state": check.state,
                "skipped": check.skipped,
                "problems": [
                    {**problem_body(problem), "file": check.file} for problem in check.problems
                ],
            }
            for check in checks
        ],
    }
