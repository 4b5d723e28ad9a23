"""The webhook of a source: GitHub's signature or GitLab's token, each call accepted once."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from connectory.access.credentials import new_key
from connectory.access.edge import Opener
from connectory.backends.secrets import SecretMissingError, Secrets
from connectory.kernel import strict_json
from connectory.kernel.errors import ConnectoryError, Kind
from connectory.kernel.secret import Secret
from connectory.kernel.texts import storable
from connectory.sources import manage, store
from connectory.sources.rules import Push, Source, Sync

KEPT = timedelta(days=90)  # for which a call is remembered
LONGEST = 100  # characters of a commit, or of a name at the host


class HookSignatureError(ConnectoryError):
    """A webhook call has no signature, a wrong one, or there is no such source."""

    kind: ClassVar[Kind] = Kind.NOT_SIGNED_IN
    code: ClassVar[str] = "hook-signature"

    def __init__(self) -> None:
        super().__init__(
            "the call is not signed with the secret of a source",
            hint="give the webhook the secret that was shown when the source was added",
        )


class HookReplayedError(ConnectoryError):
    """The very same webhook call was accepted before."""

    kind: ClassVar[Kind] = Kind.CONFLICT
    code: ClassVar[str] = "hook-replayed"

    def __init__(self, source: str) -> None:
        super().__init__(
            "this call was accepted before",
            hint=f"to pull once more: `connectory sync {source}`",
        )


@dataclass(frozen=True, slots=True)
class Call:
    """A call as it came. `signature` is GitHub's header, `token` GitLab's; one is empty."""

    body: bytes
    signature: str
    token: str


def receive(opener: Opener, secrets: Secrets, name: str, call: Call) -> Sync | None:
    """Accept a call and let its source be pulled; None if it is about another branch.

    Raises:
        HookSignatureError: If it is not signed as it has to be.
        HookReplayedError: If it came before.
        JsonRefusedError: If it is signed and has no JSON.
    """
    with opener.read() as work:
        source = store.source(work, name)
    if not is_signed(_secret(secrets, source), call) or source is None:
        raise HookSignatureError
    about = strict_json.read(call.body)
    if not isinstance(about, dict) or about.get("ref") != f"refs/heads/{source.branch}":
        return None
    with opener.write() as work:
        store.forget_deliveries(work, work.now - KEPT)
        mark = hashlib.sha256(call.body).hexdigest()
        if not store.add_delivery(work, name, mark, pushed(about)):
            raise HookReplayedError(name)
        return manage.ask(work, source, hook=True)


def is_signed(secret: Secret, call: Call) -> bool:
    """Whether a call carries the signature of its body, or the secret itself as GitLab does."""
    key = secret.reveal().encode()
    wanted = "sha256=" + hmac.new(key, call.body, "sha256").hexdigest()
    by_signature = hmac.compare_digest(wanted.encode(), call.signature.encode())
    by_token = hmac.compare_digest(key, call.token.encode())
    return by_signature or by_token


def pushed(about: Mapping[str, object]) -> Push:
    """Return what GitHub, Gitea, Forgejo or GitLab say of a push."""
    sender = about.get("sender")
    by = sender.get("login") if isinstance(sender, dict) else about.get("user_username")
    told = (about.get("after"), about.get("before"), by)
    texts = [one for one in told if isinstance(one, str) and len(one) <= LONGEST]
    if len(texts) < len(told) or about.get("forced"):
        return Push()
    commit, before, who = texts
    return Push(storable(commit), storable(before), storable(who).lower())


def _secret(secrets: Secrets, source: Source | None) -> Secret:
    """Return the secret of a source; one that nobody knows if there is none."""
    if source is None:
        return Secret(new_key())
    try:
        return secrets.read(source.hook_path)
    except SecretMissingError:
        return Secret(new_key())
