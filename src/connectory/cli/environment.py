"""What the command line takes from the environment; a server has `connectory.settings`."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from connectory.kernel.secret import Secret


@dataclass(frozen=True, slots=True)
class Environment:
    """The variables of the person or job that calls a server."""

    url: str = ""
    """`CONNECTORY_URL`: address of the server; empty means the one last signed in to."""

    token: Secret | None = None
    """`CONNECTORY_TOKEN`: access token, in place of the stored one."""

    config: Path = Path("~/.config/connectory")
    """`$XDG_CONFIG_HOME/connectory`: where the credentials file is."""

    may_colour: bool = True
    """False when `NO_COLOR` is set or the terminal is `dumb`."""

    debug: bool = False
    """`CONNECTORY_DEBUG`: whether a defect leaves its trace in a file."""


def read(given: Mapping[str, str] | None = None) -> Environment:
    """Read the environment of this process, or the one given."""
    variables = os.environ if given is None else given  # noqa: TID251  a caller has no server settings
    base = variables.get("XDG_CONFIG_HOME")
    token = variables.get("CONNECTORY_TOKEN", "").strip()
    return Environment(
        url=variables.get("CONNECTORY_URL", ""),
        token=Secret(token) if token else None,
        config=(Path(base) if base else Path.home() / ".config") / "connectory",
        may_colour=not variables.get("NO_COLOR") and variables.get("TERM") != "dumb",
        debug=bool(variables.get("CONNECTORY_DEBUG")),
    )


def handed_on(given: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return what a program of the person sees: everything but Connectory's own, as tokens."""
    variables = os.environ if given is None else given  # noqa: TID251  as in `read`
    return {
        name: value for name, value in variables.items() if not name.startswith("CONNECTORY_")
    }
