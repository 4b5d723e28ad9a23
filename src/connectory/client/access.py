"""Who is signed in, and the access tokens of an account."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NotRequired, TypedDict

from connectory.client.transport import Transport, path_of


class Membership(TypedDict):
    """A team of an account."""

    slug: str
    role: str


class Preferences(TypedDict):
    """How an account wants its pages; empty where it chose nothing."""

    theme: str
    density: str
    zone: str


class Me(TypedDict):
    """Who is signed in."""

    account: str
    admin: bool
    teams: list[Membership]
    reviewer: list[str]
    via: str
    scopes: NotRequired[list[str]]
    preferences: NotRequired[Preferences]  # older servers know none


class Token(TypedDict):
    """An access token without its value."""

    id: str
    name: str
    account: str
    scopes: list[str]
    expires_at: str
    last_used_at: NotRequired[str | None]


class NewToken(Token):
    """A token just made, with its value."""

    token: str


class ReviewerCard(TypedDict):
    """An account and the roles in which it reviews."""

    account: str
    roles: list[str]


@dataclass(frozen=True, slots=True)
class Access:
    """The routes under /me, /tokens and /reviewers.

    Every method raises what `Transport.send` raises.
    """

    http: Transport

    def me(self) -> Me:
        """Say who the token belongs to."""
        return self.http.get(Me, "/me")

    def tokens(self) -> Iterator[Token]:
        """List the caller's tokens."""
        return self.http.pages(Token, "/tokens")

    def create_token(
        self,
        name: str,
        *,
        scopes: Sequence[str] = (),
        days: int | None = None,
        account: str = "",
    ) -> NewToken:
        """Make a token; for another account only as an admin."""
        body: dict[str, object] = {"name": name}
        if scopes:
            body["scopes"] = list(scopes)
        if days is not None:
            body["days"] = days
        if account:
            body["as"] = account
        return self.http.send(NewToken, "POST", "/tokens", body=body)

    def revoke_token(self, token_id: str) -> None:
        """End a token at once."""
        self.http.tell_to("DELETE", path_of("tokens", token_id))

    def reviewers(self) -> Iterator[ReviewerCard]:
        """List who reviews in which roles."""
        return self.http.pages(ReviewerCard, "/reviewers")

    def appoint(self, account: str, role: str) -> None:
        """Let an account review in a role."""
        self.http.tell_to("PUT", _role(account, role))

    def dismiss(self, account: str, role: str) -> None:
        """Let an account review in a role no more."""
        self.http.tell_to("DELETE", _role(account, role))


def _role(account: str, role: str) -> str:
    return path_of("accounts", account, "reviewer-roles", role)
