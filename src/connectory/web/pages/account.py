"""Signing in and out, and the reader's own page."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from connectory.web.pages.team import MemberRow
from connectory.web.parts import Field, Trouble


@dataclass(frozen=True, slots=True)
class ScopeChoice:
    """Something that a token can be made for."""

    name: str
    what: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class TokenRow:
    """One access token: everything but the token."""

    id: str
    name: str
    scopes: str
    expires_at: datetime
    last_used: datetime | None = None


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One browser in which the reader is signed in."""

    id: str
    browser: str
    address: str
    begun_at: datetime
    last_used: datetime | None
    is_this: bool


@dataclass(frozen=True, slots=True)
class SignInPage:
    """Signing in with a one-time link. Template: sign-in.html.

    Opening the link only shows a button; what consumes the link is the POST, so that a mail
    scanner or a link preview cannot use it up.
    """

    template: ClassVar[str] = "sign-in.html"

    ticket: str  # the one-time code of the link; empty when there is none
    back: str = "/"
    trouble: Trouble | None = None
    provider: str = ""  # what people call the identity provider; empty where there is none


@dataclass(frozen=True, slots=True)
class AccountPage:
    """The reader's own page. Template: account.html."""

    template: ClassVar[str] = "account.html"

    account: str
    admin: bool
    via: str
    teams: tuple[MemberRow, ...]  # `account` holds the team's slug
    tokens: tuple[TokenRow, ...]
    token_form: tuple[Field, ...]
    scopes: tuple[ScopeChoice, ...]
    sessions: tuple[SessionRow, ...]
    preferences: tuple[Field, ...]
    new_token: str = ""  # shown once
    done: str = ""  # what has just been done, in words
    troubles: tuple[Trouble, ...] = ()
