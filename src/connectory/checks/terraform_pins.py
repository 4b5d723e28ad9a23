"""Whether a module of Terraform says exactly which modules and providers it is made of."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from connectory.checks.hcl import Group
from connectory.checks.terraform_rules import problem
from connectory.kernel.errors import Problem
from connectory.scaffold.layout import PROVIDER_LOCK as LOCK

EXACT = re.compile(r"=?\s*v?\d+\.\d+\.\d+(?:[-+][\w.-]+)?")
REF = re.compile(r"[?&]ref=(v?\d[\w.-]*|[0-9a-f]{40}|[0-9a-f]{64})(?:&|$)")
LOCAL = re.compile(r"\.\.?/")
REGISTRY = re.compile(r"(?:[\w.-]+\.[a-z]+/)?[\w-]+/[\w-]+/[\w-]+(?://.*)?")
GIT = re.compile(r"git(?:::|@)|(?:github\.com|bitbucket\.org)/")
BUILT_IN = "terraform"
FREEZE = f"run `terraform init` and keep {LOCK} in the package"

Files = Mapping[str, Sequence[Group]]
Found = Iterator[tuple[str, Problem]]


def pins(files: Files) -> Found:
    """Find modules and providers of no certain version, each with the file that names them."""
    for file, groups in files.items():
        for group in groups:
            if group.path == ("module", group.type):
                yield from ((file, one) for one in _module(group))
    folders = {_folder(file) for file in files}
    for folder in sorted(folders):
        there = (file for file in files if _folder(file) == folder and not file.endswith(LOCK))
        inside = {file: files[file] for file in there}
        yield from _providers(inside, _locked(folder, files))


def locked(groups: Sequence[Group]) -> dict[str, Group]:
    """Return the providers that a lock file names, by their address."""
    return {one.type: one for one in groups if one.path == ("provider", one.type)}


def _folder(file: str) -> str:
    return str(PurePosixPath(file).parent)


def _locked(folder: str, files: Files) -> dict[str, Group] | None:
    """Return what the lock of a folder names, or of the nearest one above; None without."""
    for place in (PurePosixPath(folder), *PurePosixPath(folder).parents):
        if (lock := str(place / LOCK)) in files:
            return locked(files[lock])
    return None


def _module(group: Group) -> Iterator[Problem]:
    found = group.get("source")
    source = found.value if found else None
    if found is None or (source and LOCAL.match(source)):
        return
    if source and REGISTRY.fullmatch(source) and not GIT.match(source):
        version = group.get("version")
        if version is None or not EXACT.fullmatch(version.value or ""):
            yield problem(
                "terraform-unpinned",
                f"the module {source} is another one with each of its releases",
                'give it one `version`, such as "5.1.2": lock files do not hold modules',
                (version or found).line,
            )
    elif not (source and GIT.match(source) and REF.search(source)):
        yield problem(
            "terraform-unpinned",
            "the source of the module may give another one tomorrow",
            "take it from git by `?ref=` with a tag or a commit, or put it into the package",
            found.line,
        )


def _providers(files: Files, lock: dict[str, Group] | None) -> Found:
    required: dict[str, str] = {}
    for file, groups in files.items():
        for name, source, version, line in _required(groups):
            required[name] = source
            message = _unsure(name, source, version, lock)
            if message:
                severity = "error" if lock is not None or not version else "warning"
                said = problem("terraform-unpinned", message, FREEZE, line, severity=severity)
                yield file, said
    for file, groups in files.items():
        for name, line in _used(groups):
            if name not in required:
                required[name] = f"hashicorp/{name}"
                if message := _unsure(name, required[name], "", lock):
                    hint = f"name it under `required_providers`; then {FREEZE}"
                    yield file, problem("terraform-unpinned", message, hint, line)


def _required(groups: Sequence[Group]) -> Iterator[tuple[str, str, str, int]]:
    """Give name, source, version and line of the providers that a file requires."""
    inside = ("terraform", "required_providers")
    for group in groups:
        if group.path[:2] != inside:
            continue
        if len(group.path) > len(inside):
            name = group.path[-1]
            source, version = group.string("source"), group.string("version")
            yield name, source or f"hashicorp/{name}", version, group.line
        else:
            for one in group.settings:
                if one.value is not None:  # the old way: a version alone
                    yield one.name, f"hashicorp/{one.name}", one.value, one.line


def _unsure(name: str, source: str, version: str, lock: dict[str, Group] | None) -> str:
    """Say what is not certain about a provider, `""` if nothing."""
    if lock is None:
        range_of = f"any that is {version}" if version else "the newest"
        return f"which version of the provider {name} is used is open: {range_of}"
    address = next((one for one in lock if f"/{one}".endswith(f"/{source.lower()}")), "")
    if not address:
        return f"{LOCK} does not hold the provider {name} ({source})"
    hashes = lock[address].get("hashes")
    if lock[address].get("version") is None or hashes is None or not hashes.strings:
        return f"{LOCK} has no version or no hash for the provider {name}"
    return ""


def _used(groups: Sequence[Group]) -> Iterator[tuple[str, int]]:
    """Give the providers that resources, data and settings of providers name by themselves."""
    for group in groups:
        if group.kind in {"resource", "data", "ephemeral"} and len(group.path) == 3:  # noqa: PLR2004
            chosen = group.get("provider")
            name = chosen.text.partition(".")[0] if chosen else group.type.partition("_")[0]
        elif group.path == ("provider", group.type):
            name = group.type
        else:
            continue
        if name != BUILT_IN:
            yield name, group.line
