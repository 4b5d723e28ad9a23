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

    cache: Path = Path("~/.cache/connectory")
    """`$XDG_CACHE_HOME/connectory`: where answers for completion are kept."""

    patience_s: float = 0.3
    """How long completion waits for the server; no variable changes it."""

    may_colour: bool = True
    """False when `NO_COLOR` is set or the terminal is `dumb`."""

    debug: bool = False
    """`CONNECTORY_DEBUG`: whether a defect leaves its trace in a file."""


def read(given: Mapping[str, str] | None = None) -> Environment:
    """Read the environment of this process, or the one given."""
    variables = os.environ if given is None else given  # noqa: TID251  a caller has no server settings
    token = variables.get("CONNECTORY_TOKEN", "").strip()
    return Environment(
        url=variables.get("CONNECTORY_URL", ""),
        token=Secret(token) if token else None,
        config=_home(variables, "XDG_CONFIG_HOME", ".config"),
        cache=_home(variables, "XDG_CACHE_HOME", ".cache"),
        may_colour=not variables.get("NO_COLOR") and variables.get("TERM") != "dumb",
        debug=bool(variables.get("CONNECTORY_DEBUG")),
    )


def _home(variables: Mapping[str, str], name: str, usual: str) -> Path:
    base = variables.get(name)
    return (Path(base) if base else Path.home() / usual) / "connectory"


def handed_on(given: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return what a program of the person sees: everything but Connectory's own, as tokens."""
    variables = os.environ if given is None else given  # noqa: TID251  as in `read`
    return {
        name: value for name, value in variables.items() if not name.startswith("CONNECTORY_")
    }
