"""Check `layout`: the package has what starting it and running it needs."""

import re
from collections.abc import Iterator

from connectory.checks.rules import Finding, within
from connectory.checks.subject import Vetted
from connectory.kernel.errors import Problem
from connectory.scaffold.layout import LOCK, README, RUNBOOK, SOURCES, WHEELS

PINNED = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==([^ ;\\]+)", re.MULTILINE)
PAPERS = ((README, "people decide by it"), (RUNBOOK, "on-call people need it"))


def applies(vetted: Vetted) -> str:
    """Say why there is nothing to check, if there is not."""
    has_code = any(name.startswith(f"{SOURCES}/") for name in vetted.subject.names)
    return "" if has_code else f"there is no {SOURCES}/, so nothing to install"


def run(vetted: Vetted) -> Iterator[Finding]:
    """Find what is missing."""
    found = (*_entrypoint(vetted), *_wheels(vetted), *_papers(vetted))
    yield from within(vetted.subject.place, found)


def pinned(lock: str) -> list[tuple[str, str]]:
    """Return names and versions that a lock of Python packages names."""
    return [(normal(name), version) for name, version in PINNED.findall(lock)]


def normal(name: str) -> str:
    """Return the name of a Python package as the index compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _entrypoint(vetted: Vetted) -> Iterator[Problem]:
    module = vetted.loaded.manifest.runtime.entrypoint
    if not module:
        yield Problem(
            "entrypoint-missing",
            "the manifest does not say which module to start",
            "add `runtime.entrypoint` with the name of a module in src/",
            "runtime.entrypoint",
        )
        return
    stem = f"{SOURCES}/{module.replace('.', '/')}"
    if not {f"{stem}.py", f"{stem}/__main__.py"} & vetted.subject.names:
        yield Problem(
            "entrypoint-missing",
            f"`runtime.entrypoint` is {module} and there is no {stem}.py",
            f"add {stem}.py or {stem}/__main__.py, or name another module",
            "runtime.entrypoint",
        )


def _wheels(vetted: Vetted) -> Iterator[Problem]:
    there = {
        normal(name.removeprefix(f"{WHEELS}/").split("-")[0])
        for name in vetted.subject.names
        if name.startswith(f"{WHEELS}/")
    }
    for name, version in pinned(vetted.subject.text(LOCK)):
        if name not in there:
            yield Problem(
                "wheel-missing",
                f"{LOCK} pins {name} {version} and {WHEELS}/ has no wheel of it",
                "`connectory package` and `connectory publish` fetch it into the package",
                severity="warning",
            )


def _papers(vetted: Vetted) -> Iterator[Problem]:
    for name, why in PAPERS:
        if name not in vetted.subject.names:
            yield Problem(
                "document-missing", f"there is no {name}", f"add it: {why}", severity="warning"
            )
