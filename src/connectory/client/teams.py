"""Teams, their members, defaults and secrets."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NotRequired, TypedDict

from connectory.client.transport import Transport, path_of
from connectory.kernel.secret import Secret


class TeamCard(TypedDict):
    """A team in a list."""

    slug: str
    title: str


class Member(TypedDict):
    """An account of a team."""

    account: str
    role: str


class Team(TeamCard):
    """A team with its members."""

    members: list[Member]
    namespaces: list[str]


class Defaults(TypedDict):
    """Settings that a team fills in by itself."""

    inputs: dict[str, object]


class SecretCard(TypedDict):
    """A secret that a team has stored; never its value."""

    name: str
    path: str
    is_stored: bool
    version: int | None
    set_at: str | None
    set_by: str | None


class SecretTest(TypedDict):
    """Whether a secret can be read."""

    readable: bool
    reason: NotRequired[str]


@dataclass(frozen=True, slots=True)
class Teams:
    """The routes under /teams. Every method raises what `Transport.send` raises."""

    http: Transport

    def list(self) -> Iterator[TeamCard]:
        """List the teams that the caller may see."""
        return self.http.pages(TeamCard, "/teams")

    def show(self, team: str) -> Team:
        """Show a team with its members."""
        return self.http.get(Team, path_of("teams", team))

    def create(self, slug: str, title: str = "") -> Team:
        """Make a team and the namespace of its name."""
        return self.http.send(Team, "POST", "/teams", body={"slug": slug, "title": title})

    def set_member(self, team: str, account: str, role: str) -> Team:
        """Give an account a role in a team."""
        path = path_of("teams", team, "members", account)
        return self.http.send(Team, "PUT", path, body={"role": role})

    def defaults(self, team: str, environment: str) -> Defaults:
        """Show the settings that the team fills in by itself."""
        path = path_of("teams", team, "defaults")
        return self.http.get(Defaults, path, environment=environment)

    def set_defaults(
        self, team: str, environment: str, inputs: Mapping[str, object]
    ) -> Defaults:
        """Replace the settings that the team fills in by itself."""
        return self.http.send(
            Defaults,
            "PUT",
            path_of("teams", team, "defaults"),
            body={"inputs": dict(inputs)},
            query={"environment": environment},
        )

    def secrets(self, team: str) -> Iterator[SecretCard]:
        """List the names of the team's secrets."""
        return self.http.pages(SecretCard, path_of("teams", team, "secrets"))

    def set_secret(self, team: str, name: str, value: Secret) -> SecretCard:
        """Store a secret of the team, or replace its value."""
        path = path_of("teams", team, "secrets", name)
        return self.http.send(SecretCard, "PUT", path, body={"value": value.reveal()})

    def test_secret(self, team: str, name: str) -> SecretTest:
        """Say whether the secret can be read, without reading it out."""
        path = path_of("teams", team, "secrets", f"{name}:test")
        return self.http.send(SecretTest, "POST", path)

    def delete_secret(self, team: str, name: str) -> None:
        """Forget a secret of the team."""
        self.http.tell_to("DELETE", path_of("teams", team, "secrets", name))
