"""Drafts: what they may be, and why one is refused."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from connectory.kernel.errors import ConnectoryError, Kind
from connectory.work import Event

MOST_DRAFTS = 20  # of one account
SECRETS = re.compile(
    r"xox[abeoprs]-[0-9A-Za-z-]{10,}|xapp-[0-9A-Za-z-]{10,}"  # Slack
    r"|gh[opsur]_[0-9A-Za-z]{30,}|github_pat_[0-9A-Za-z_]{30,}|glpat-[0-9A-Za-z_-]{20,}"
    r"|(?:AKIA|ASIA)[0-9A-Z]{16}|AIza[0-9A-Za-z_-]{35}|sk_live_[0-9A-Za-z]{16,}"
    r"|cty_[0-9A-Za-z_]{30,}|eyJ[0-9A-Za-z_-]{10,}\.eyJ[0-9A-Za-z_-]{10,}"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----"
)
"""What tokens and keys look like; a draft has no use for one."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A manifest that is being written by forms. `text` is YAML and need not be complete."""

    id: str
    account: str
    template: str  # of the code that goes with it; empty for a manifest alone
    text: str
    created_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class DraftStarted(Event):
    """Somebody began to describe a connector; `subject` is the draft."""

    template: str


@dataclass(frozen=True, slots=True)
class DraftSaved(Event):
    """A step of a draft was saved."""


@dataclass(frozen=True, slots=True)
class DraftDeleted(Event):
    """A draft was deleted by its author, by its publication or by its age."""

    reason: str  # deleted, published, expired


class DraftMissingError(ConnectoryError):
    """There is no such draft, or it is somebody else's."""

    kind: ClassVar[Kind] = Kind.NOT_FOUND
    code: ClassVar[str] = "draft-missing"

    def __init__(self, draft: str) -> None:
        super().__init__(
            f"there is no draft {draft}",
            hint="your drafts are listed at /new; one that nobody changes is deleted in time",
        )


class TooManyDraftsError(ConnectoryError):
    """An account has as many drafts as it may have."""

    kind: ClassVar[Kind] = Kind.CONFLICT
    code: ClassVar[str] = "too-many-drafts"

    def __init__(self) -> None:
        super().__init__(
            f"you have {MOST_DRAFTS} drafts, which is the limit",
            hint="publish or delete one of them",
            limit=MOST_DRAFTS,
        )


class SecretInDraftError(ConnectoryError):
    """An entry of a draft looks like the value of a secret, and a manifest never holds one."""

    kind: ClassVar[Kind] = Kind.USAGE
    code: ClassVar[str] = "secret-in-draft"

    def __init__(self, line: int) -> None:
        super().__init__(
            f"line {line} of the manifest looks like the value of a secret; it was not saved",
            hint="name the secret only; each team stores its own value. Revoke this one if it "
            "was real",
            line=line,
        )


class TemplateMissingError(ConnectoryError):
    """There is no template of this name."""

    kind: ClassVar[Kind] = Kind.USAGE
    code: ClassVar[str] = "template-missing"

    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        super().__init__(
            f"there is no template `{name[:40]}`",
            hint=f"choose one of: {', '.join(known)}",
            field="template",
        )


def check_secretless(text: str) -> None:
    """Refuse a draft that has something like a token or a private key in it.

    Raises:
        SecretInDraftError: With the line; never with the value.
    """
    found = SECRETS.search(text)
    if found:
        raise SecretInDraftError(text.count("\n", 0, found.start()) + 1)
