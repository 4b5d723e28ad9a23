"""Trusted publishers: jobs of a CI system that publish with a token of some minutes."""

from datetime import UTC, datetime

from connectory.access import accounts, signing_in
from connectory.access import read as access
from connectory.access.edge import Opener
from connectory.access.rules import Actor, Role, Scope
from connectory.access.signing_in import NewToken, TokenRequest
from connectory.gates import http
from connectory.publishing import publisher_store as store
from connectory.publishing.issuers import Issuers, issuer_of
from connectory.publishing.publisher_rules import (
    MINUTES,
    JobRefusedError,
    JobReplayedError,
    Publisher,
    PublisherAdded,
    PublisherExistsError,
    PublisherMissingError,
    PublisherRemoved,
    check,
    fits,
)
from connectory.work import Work


def mine(work: Work, namespace: str, by: Actor) -> list[Publisher]:
    """Return the publishers of a namespace of a team that the actor is in.

    Raises:
        PublisherMissingError: If it is none of the actor's.
    """
    _team(work, namespace, by, Role.VIEWER)
    return store.of_namespace(work, namespace)


def add(work: Work, wish: Publisher, policy: http.Policy, by: Actor) -> None:
    """Let jobs publish into a namespace, as a machine account of its team.

    Raises:
        PublisherMissingError: If the actor is no owner of the namespace's team.
        PublisherRefusedError, PublisherExistsError, UrlNotAllowedError: If it cannot be so.
    """
    team = _team(work, wish.namespace, by, Role.OWNER)
    check(wish)
    http.check_url(wish.issuer, policy)
    if not accounts.create_account(work, wish.account, display=f"CI of {wish.repository}"):
        raise PublisherExistsError(wish.name)
    if not store.add(work, wish):
        raise PublisherExistsError(wish.name)
    accounts.set_member(work, team, wish.account, Role.MEMBER)
    work.emit(PublisherAdded(wish.name, team, wish.namespace, wish.issuer, wish.repository))


def remove(work: Work, namespace: str, name: str, by: Actor) -> None:
    """Let jobs publish no more; their tokens stop working with this change.

    Raises:
        PublisherMissingError: If there is none, or the actor is no owner of its team.
    """
    team = _team(work, namespace, by, Role.OWNER)
    found = next((one for one in store.of_namespace(work, namespace) if one.name == name), None)
    if found is None:
        raise PublisherMissingError(namespace, name)
    store.remove(work, name)
    accounts.remove_member(work, team, found.account)
    accounts.disable_account(work, found.account)
    work.emit(PublisherRemoved(name, team, namespace))


def exchange(opener: Opener, issuers: Issuers, token: str) -> NewToken:
    """Trade the identity token of a job for one that publishes, once.

    No issuer is asked that no publisher names.

    Raises:
        JobRefusedError: If the token is not genuine, or of no trusted publisher.
        JobReplayedError: If it was exchanged before.
    """
    issuer = issuer_of(token)
    with opener.read() as work:
        known = store.of_issuer(work, issuer)
    if not known:
        raise JobRefusedError("no publisher trusts its issuer")
    claims = issuers.claims(token, issuer)
    with opener.write() as work:
        fitting = [one for one in store.of_issuer(work, issuer) if fits(one, claims)]
        if not fitting:
            raise JobRefusedError(
                "it is genuine, and no publisher has its repository, "
                "workflow, branch and environment"
            )
        until = datetime.fromtimestamp(int(claims["exp"]), UTC)
        if not store.take(work, issuer, str(claims["jti"]), until):
            raise JobReplayedError
        wanted = TokenRequest(
            account=fitting[0].account,
            name=f"job of {fitting[0].name}",
            days=1,
            minutes=MINUTES,
            scopes=frozenset({Scope.READ, Scope.PUBLISH}),
            namespace=fitting[0].namespace,
        )
        return signing_in.create_token(work, wanted, most_days=1)


def _team(work: Work, namespace: str, by: Actor, role: Role) -> str:
    team = access.namespace_team(work, namespace)
    if team is None or not by.has_role(role, team):
        raise PublisherMissingError(namespace, "")
    return team
