"""Running Git: with fixed settings, no terminal, and nothing of this machine's own."""

import re
import shutil
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import ClassVar

from connectory.gates import process
from connectory.gates.member_names import shown
from connectory.gates.process import ProgramMissingError
from connectory.kernel.errors import ConnectoryError, Kind

OLDEST = (2, 37)  # the first that goes to the address it is told
QUICK_S = 30.0  # for what needs no network

SETTINGS = {
    "core.hooksPath": "/dev/null",
    "core.attributesFile": "/dev/null",
    "core.fsmonitor": "false",
    "core.bigFileThreshold": "1m",  # larger ones are not held in memory
    "credential.helper": "",
    "fetch.fsckObjects": "true",
    "fetch.recurseSubmodules": "false",
    "submodule.recurse": "false",
    "transfer.bundleURI": "false",
    "gc.auto": "0",
    "maintenance.auto": "false",
    "http.followRedirects": "false",
    "http.proxy": "",
    "http.sslVerify": "true",
    "protocol.allow": "never",
    "protocol.version": "2",
}
ENVIRONMENT = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "LC_ALL": "C",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_SYSTEM": "/dev/null",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "/bin/false",
    "SSH_ASKPASS": "/bin/false",
    "GIT_SSH_COMMAND": "/bin/false",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_PROTOCOL_FROM_USER": "0",
}


class RepositoryRefusedError(ConnectoryError):
    """A repository, or a file in it, is not of the kind that is read."""

    kind: ClassVar[Kind] = Kind.USAGE
    code: ClassVar[str] = "repository-refused"

    def __init__(self, what: str, why: str, hint: str) -> None:
        super().__init__(f"{shown(what)} {why}", hint=hint, path=shown(what))


@lru_cache(maxsize=1)
def path() -> str:
    """Return where Git is.

    Raises:
        ProgramMissingError: If it is not there, or too old to go to the address it is told.
    """
    found = shutil.which("git")
    if found is None:
        raise ProgramMissingError("git", "it is not installed")
    done = process.run(
        [found, "version"], cwd=Path("/"), environment=ENVIRONMENT, timeout_s=QUICK_S
    )
    number = re.match(rb"git version ([0-9]+)\.([0-9]+)", done.stdout)
    if number is None or (int(number[1]), int(number[2])) < OLDEST:
        raise ProgramMissingError("git", "version 2.37 or newer is needed")
    return found


def environment(place: Path, more: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return all that Git sees. Settings go this way, since arguments can be read by others.

    Without `more` no address can be reached.
    """
    settings = {**SETTINGS, **(more or {})}
    named = {"GIT_CONFIG_COUNT": str(len(settings)), "HOME": str(place)}
    for number, (key, value) in enumerate(settings.items()):
        named |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    return {**ENVIRONMENT, **named}


def run(place: Path, arguments: list[str], *, most: int = 65536, given: bytes = b"") -> bytes:
    """Run Git in a fetched repository, away from the network; return what it printed.

    Raises:
        RepositoryRefusedError: If the repository is not as Git wants it.
        ProgramTooLoudError: If it prints more than `most` bytes.
    """
    done = process.run(
        [path(), *arguments],
        cwd=place,
        environment=environment(place),
        timeout_s=QUICK_S,
        input=given,
        max_output=most,
    )
    if done.returncode != 0:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        why = f"cannot be read: {shown(said[-1]) if said else done.returncode}"
        raise RepositoryRefusedError("the repository", why, "check it: `git fsck --strict`")
    return done.stdout
