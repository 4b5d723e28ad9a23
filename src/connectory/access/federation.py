"""People whom the identity provider of the organisation vouches for, and their rights here.

What they may do follows from their groups, which the provider is asked for again at each
change, and at each other request unless it was asked a moment ago. Whom it vouches for no more
has no rights left.
"""

import dataclasses
import hashlib
import json
import threading
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import ClassVar

from connectory.access import accounts, identity_store, session_store, signing_in, store
from connectory.access.accounts import MemberRemoved, MemberSet
from connectory.access.identity_store import Identity
from connectory.access.mapping import GroupMap, Rights, account_name
from connectory.access.provider import Provider, ProviderSilentError, SignInFailedError, Tokens
from connectory.access.rules import Actor, BadCredentialError, Role
from connectory.access.signing_in import Device, SignedOut
from connectory.backends.secrets import SecretMissingError, Secrets
from connectory.kernel.errors import ConnectoryError, Kind
from connectory.kernel.secret import Secret
from connectory.work import Event, Origin, Work, Works

VIA = "identity provider"
PAUSE_S = 5.0  # before a provider that was silent is asked again


@dataclass(frozen=True, slots=True)
class IdentityAdded(Event):
    """An account stands for somebody at the identity provider from now on."""

    issuer: str


@dataclass(frozen=True, slots=True)
class IdentityGroupsChanged(Event):
    """The identity provider says that somebody is in other groups than before."""

    joined: list[str]
    left: list[str]


class SignInAgainError(ConnectoryError):
    """The identity provider vouches for an account no more, so it may do nothing."""

    kind: ClassVar[Kind] = Kind.NOT_SIGNED_IN
    code: ClassVar[str] = "sign-in-again"

    def __init__(self) -> None:
        super().__init__(
            "the identity provider does not vouch for this account any more",
            hint="sign in again in the browser, on the page /sign-in",
        )


@dataclass(slots=True)
class Federation:
    """Signs in people of one provider, and keeps their rights as it says."""

    works: Works
    secrets: Secrets
    provider: Provider
    groups: GroupMap
    claim: str  # in which the provider lists groups
    fresh: timedelta  # for which it is not asked again before somebody reads
    title: str  # what people call it
    _turns: dict[str, threading.Lock] = field(
        default_factory=lambda: defaultdict(threading.Lock), init=False
    )
    _silent_until: float = field(default=0.0, init=False)

    def sign_in(
        self, code: str, flow: Mapping[str, str], back: str, *, hours: int, device: Device
    ) -> Secret:
        """Trade the code that a browser brought for a session; returns the session's key.

        Raises:
            SignInFailedError: If the provider does not vouch for them.
            BadCredentialError: If their account is disabled.
            ProviderSilentError: If the provider does not answer.
        """
        tokens = self.provider.redeem(code, flow["verifier"], back)
        subject = self.provider.subject(tokens.identity, flow["nonce"])
        person = self.provider.person(tokens.access, subject)
        if person is None:
            raise SignInFailedError("it does not say who you are")
        with self.works.write(Origin(via=VIA)) as work:
            account = self._account(work, subject, person)
            self._settle(work, account, self._groups_of(person))
        self._keep(account, tokens)
        with self.works.write(Origin(account, VIA)) as work:
            found = store.account(work, account)
            if found is None or found.is_disabled:
                raise BadCredentialError
            return signing_in.begin_session(work, account, hours=hours, device=device)

    def renew(self, actor: Actor, *, is_change: bool = False) -> Actor:
        """Return the actor with the rights of this moment; local accounts stay as they are.

        Before a change the provider is always asked.

        Raises:
            SignInAgainError: If the provider vouches for them no more.
            ProviderSilentError: If it does not answer; nobody keeps rights by that.
            BadCredentialError: If the credential ended meanwhile.
        """
        if self._identity(actor.name) is None:
            return actor
        self.refresh(actor.name, is_change=is_change)
        with self.works.read() as work:
            return dataclasses.replace(signing_in.again(work, actor), is_federated=True)

    def refresh(self, account: str, *, is_change: bool = True) -> None:
        """Give an account the rights of this moment; a local one has them.

        Raises:
            SignInAgainError, ProviderSilentError: As `renew` does.
        """
        with self._turns[account]:
            known = self._identity(account)
            if known is not None and (is_change or not self._is_fresh(known)):
                self._refresh(known)

    def _refresh(self, known: Identity) -> None:
        account = known.account
        person = self._person(known)
        groups = self._groups_of(person) if person is not None else frozenset()
        if person is not None and groups == known.groups and self._is_settled(known):
            with self.works.note() as work:
                identity_store.note(work, account, groups)
            return
        with self.works.write(Origin(account, VIA)) as work:
            self._settle(work, account, groups)
            if person is None:
                _end_sessions(work, account)
        if person is None:
            self.secrets.delete(_path(account))
            raise SignInAgainError

    def _is_settled(self, known: Identity) -> bool:
        """Whether the account has just the rights of its groups: the settings may be others."""
        with self.works.read() as work:
            due, managed = self.groups.rights(known.groups), self.groups.managed
            reviews = store.reviewer_kinds(work, known.account) & managed.reviews
            return reviews == due.reviews and not _moves(work, known.account, due, managed)

    def _is_fresh(self, known: Identity) -> bool:
        age = self.works.clock() - known.checked_at
        return timedelta(0) <= age < self.fresh

    def _identity(self, account: str) -> Identity | None:
        with self.works.read() as work:
            return identity_store.of_account(work, account)

    def _person(self, known: Identity) -> Mapping[str, object] | None:
        """Ask the provider about somebody; None if it vouches for them no more."""
        if time.monotonic() < self._silent_until:
            raise ProviderSilentError(known.issuer, "it was silent a moment ago")
        try:
            return self._asked(known)
        except ProviderSilentError:
            self._silent_until = time.monotonic() + PAUSE_S
            raise

    def _asked(self, known: Identity) -> Mapping[str, object] | None:
        if known.issuer != self.provider.registration.issuer:
            return None
        try:
            kept = json.loads(self.secrets.read(_path(known.account)).reveal())
        except SecretMissingError:
            return None
        person = self.provider.person(Secret(kept["access"]), known.subject)
        if person is not None:
            return person
        tokens = self.provider.renewed(Secret(kept["refresh"]))
        if tokens is None:
            return None
        self._keep(known.account, tokens)
        return self.provider.person(tokens.access, known.subject)

    def _keep(self, account: str, tokens: Tokens) -> None:
        """Keep the newest tokens of somebody, sealed, and none of the others."""
        pair = {"access": tokens.access.reveal(), "refresh": tokens.refresh.reveal()}
        self.secrets.delete(_path(account))
        value = Secret(json.dumps(pair))
        self.secrets.put(_path(account), value, by=account, at=self.works.clock())

    def _groups_of(self, person: Mapping[str, object]) -> frozenset[str]:
        listed = person.get(self.claim, [])
        return frozenset(map(str, listed)) if isinstance(listed, list) else frozenset()

    def _account(self, work: Work, subject: str, person: Mapping[str, object]) -> str:
        """Return the account of somebody; at first a new one, never one that was there."""
        issuer = self.provider.registration.issuer
        known = identity_store.of_subject(work, issuer, subject)
        if known is not None:
            return known.account
        called = person.get("preferred_username") or person.get("email") or subject
        name, display = account_name(str(called)), str(person.get("name") or "")[:100]
        if not accounts.create_account(work, name, display=display):
            whom = hashlib.sha256(f"{issuer} {subject}".encode()).hexdigest()
            name = f"{name}-{whom[:8]}"
            if not accounts.create_account(work, name, display=display):
                raise SignInFailedError(f"its account {name} is taken")
        identity_store.add(work, Identity(name, issuer, subject, frozenset(), work.now))
        work.emit(IdentityAdded(subject=name, team="", issuer=issuer))
        return name

    def _settle(self, work: Work, account: str, groups: frozenset[str]) -> None:
        """Give an account the rights that its groups stand for, and take the others."""
        known = identity_store.of_account(work, account)
        before = known.groups if known else frozenset()
        identity_store.note(work, account, groups)
        if groups != before:
            joined, left = sorted(groups - before), sorted(before - groups)
            work.emit(IdentityGroupsChanged(account, "", joined, left))
        _settle_teams(work, account, self.groups.rights(groups), self.groups.managed)
        _settle_reviews(work, account, self.groups.rights(groups), self.groups.managed)


def _settle_teams(work: Work, account: str, due: Rights, managed: Rights) -> None:
    """Unlike people, groups can take the last owner from a team: an admin can make another."""
    for team, role in _moves(work, account, due, managed).items():
        store.lock_team(work, team)
        if role is None:
            store.remove_member(work, team, account)
            work.emit(MemberRemoved(subject=team, team=team, account=account))
        else:
            store.set_member(work, team, account, role)
            work.emit(MemberSet(subject=team, team=team, account=account, role=role))


def _moves(work: Work, account: str, due: Rights, managed: Rights) -> dict[str, Role | None]:
    """Return the teams in which an account has another role than it is due, and that one."""
    now = store.roles(work, account)
    return {
        team: due.teams.get(team)
        for team in managed.teams
        if due.teams.get(team) is not now.get(team) and store.team_title(work, team)
    }


def _settle_reviews(work: Work, account: str, due: Rights, managed: Rights) -> None:
    for kind in managed.reviews:
        if kind in due.reviews:
            accounts.make_reviewer(work, account, kind)
        else:
            accounts.end_reviewer(work, account, kind)


def _end_sessions(work: Work, account: str) -> None:
    for one in session_store.sessions_of(work, account):
        session_store.end_session(work, one.id)
        work.emit(SignedOut(subject=account, team=""))


def _path(account: str) -> str:
    return f"identities/{account}"
