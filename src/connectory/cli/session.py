"""What every command is handed: the flags all of them share, the streams, the server."""

import json
import sys
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar, NoReturn

import click

from connectory.cli import environment
from connectory.cli.credentials import Credentials
from connectory.cli.environment import Environment
from connectory.cli.output import Output
from connectory.kernel.errors import ConnectoryError, Kind
from connectory.kernel.secret import Secret

if TYPE_CHECKING:  # the command line starts without its HTTP client
    from connectory.cli.credentials import Credentials
    from connectory.client import Client

DEFAULT_URL = "http://127.0.0.1:7600"
COLOURS = {"always": True, "never": False, "auto": None}


class NoTerminalError(ConnectoryError):
    """A question would have to be asked and there is no terminal to ask it on."""

    kind: ClassVar[Kind] = Kind.USAGE
    code: ClassVar[str] = "no-terminal"

    def __init__(self, question: str, hint: str) -> None:
        super().__init__(f"{question} and there is no terminal", hint=hint)


class DeclinedError(ConnectoryError):
    """The person at the terminal said no; nothing was changed."""

    kind: ClassVar[Kind] = Kind.FAILED
    code: ClassVar[str] = "declined"

    def __init__(self) -> None:
        super().__init__("nothing was changed", hint="run the command again to decide anew")


class TeamNeededError(ConnectoryError):
    """The account is in several teams, or in none, and the command needs one."""

    kind: ClassVar[Kind] = Kind.USAGE
    code: ClassVar[str] = "team-needed"

    def __init__(self, teams: list[str]) -> None:
        known = ", ".join(teams)
        super().__init__(
            "which team is meant is not clear" if teams else "you are in no team",
            hint=f"add --team with one of: {known}"
            if teams
            else "ask an admin to add you to one",
            field="team",
        )


@dataclass(slots=True)
class Flags:
    """The options that every command takes."""

    url: str | None = None
    as_json: bool = False
    quiet: bool = False
    verbose: bool = False
    color: str = "auto"
    no_input: bool = False
    timeout: float | None = None
    dry_run: bool = False


@dataclass
class Session:
    """One call of the command line."""

    flags: Flags = field(default_factory=Flags)
    document: str = ""  # the file that problems of a refused document are in
    _open: ExitStack = field(default_factory=ExitStack)

    @cached_property
    def out(self) -> Output:
        """The streams to write to."""
        colour = COLOURS[self.flags.color]
        if colour is None and not self.environment.may_colour:
            colour = False
        return Output(as_json=self.flags.as_json, quiet=self.flags.quiet, colour=colour)

    @cached_property
    def environment(self) -> Environment:
        """The variables that the client reads."""
        return environment.read()

    @cached_property
    def credentials(self) -> Credentials:
        """The stored tokens."""
        return Credentials(self.environment.config)

    @cached_property
    def url(self) -> str:
        """The server: the flag, else the variable, else the one last signed in to."""
        from connectory.client.address import normal_url  # noqa: PLC0415  not for the overview

        given = self.flags.url or self.environment.url
        return normal_url(given) if given else self.credentials.read().current or DEFAULT_URL

    @cached_property
    def token(self) -> Secret | None:
        """The token for the server: the variable, else the stored one."""
        if self.environment.token is not None:
            return self.environment.token
        stored = self.credentials.read().servers.get(self.url)
        return stored.token if stored else None

    @cached_property
    def client(self) -> "Client":
        """The server, called as the person who is signed in."""
        return self.client_for(self.url, self.token)

    def client_for(self, url: str, token: Secret | None) -> "Client":
        """A server called with another token; closed when the command ends."""
        from connectory.client import Client  # noqa: PLC0415  not for the overview
        from connectory.client.transport import TIMEOUT_S  # noqa: PLC0415  not for the overview

        tell = self._trace if self.flags.verbose else None
        timeout_s = self.flags.timeout or TIMEOUT_S
        hold = self._hold_back if self.flags.dry_run else None
        client = Client(url, token, timeout_s=timeout_s, tell=tell, hold_back=hold)
        return self._open.enter_context(client)

    def close(self) -> None:
        """Close what was opened."""
        self._open.close()

    def team(self, given: str | None) -> str:
        """The team that is meant: the given one, else the only one of the account.

        Raises:
            TeamNeededError: If none is given and there is not exactly one.
        """
        if given:
            return given
        me = self.client.access.me()
        teams = [team["slug"] for team in me["teams"]]
        if len(teams) != 1:
            raise TeamNeededError(teams)
        return teams[0]

    def confirm(self, question: str, *, yes: bool, hint: str) -> None:
        """Ask before a change, unless `--yes` answered already.

        Raises:
            NoTerminalError: If nobody can be asked.
            DeclinedError: If the answer is no.
        """
        if yes or self.flags.dry_run:
            return
        if not self.has_terminal:
            raise NoTerminalError("this needs confirmation", hint)
        if not click.confirm(question, err=True):
            raise DeclinedError

    @property
    def has_terminal(self) -> bool:
        """Whether somebody can be asked."""
        return sys.stdin is not None and sys.stdin.isatty() and not self.flags.no_input

    def hidden(self, prompt: str, hint: str) -> Secret:
        """Ask for a value that is not shown while it is typed.

        Raises:
            NoTerminalError: If nobody can be asked.
        """
        if not self.has_terminal:
            raise NoTerminalError(f"{prompt} is needed", hint)
        return Secret(click.prompt(prompt, hide_input=True, err=True))

    def _trace(self, line: str) -> None:
        self.out.complain(line)

    def _hold_back(self, method: str, path: str, body: object) -> NoReturn:
        if self.out.as_json:
            self.out.document({"dry_run": True, "method": method, "path": path, "body": body})
        else:
            self.out.show(f"Would send {method} {path}  ", json.dumps(body) if body else "")
        raise click.exceptions.Exit(0)
