"""Begin, change and delete drafts. They are their author's alone; admins do not see them."""

from dataclasses import replace
from datetime import timedelta

from connectory.access.rules import Actor
from connectory.kernel.ids import new_id
from connectory.manifest import loader
from connectory.publishing import store
from connectory.publishing.rules import (
    MOST_DRAFTS,
    Draft,
    DraftDeleted,
    DraftMissingError,
    DraftSaved,
    DraftStarted,
    TooManyDraftsError,
    check_secretless,
)
from connectory.work import Work


def start(work: Work, by: Actor, template: str, text: str) -> Draft:
    """Begin a draft with a first text.

    Raises:
        TooManyDraftsError: If there are `MOST_DRAFTS` already.
    """
    if store.count(work, by.name) >= MOST_DRAFTS:
        raise TooManyDraftsError
    draft = Draft(new_id("draft"), by.name, template, text, work.now, work.now)
    store.add(work, draft)
    work.emit(DraftStarted(subject=draft.id, team="", template=template))
    return draft


def mine(work: Work, by: Actor) -> tuple[Draft, ...]:
    """Return the drafts of whoever asks, the last changed one first."""
    return store.drafts_of(work, by.name)


def find(work: Work, draft: str, by: Actor) -> Draft:
    """Return a draft of whoever asks.

    Raises:
        DraftMissingError: If there is none, or it is somebody else's.
    """
    found = store.find(work, draft, by.name)
    if found is None:
        raise DraftMissingError(draft)
    return found


def save(work: Work, draft: Draft, text: str) -> None:
    """Keep another text of a draft; the same text again changes nothing.

    Raises:
        ManifestTooLargeError, ManifestError: If it is no YAML that a manifest may be.
        SecretInDraftError: If there is something like a token in it.
    """
    if text == draft.text:
        return
    loader.read(text.encode())
    check_secretless(text)
    store.save(work, replace(draft, text=text, changed_at=work.now))
    work.emit(DraftSaved(subject=draft.id, team=""))


def delete(work: Work, draft: str, by: Actor, reason: str = "deleted") -> None:
    """Delete a draft of whoever asks.

    Raises:
        DraftMissingError: If there is none, or it is somebody else's.
    """
    if not store.remove(work, draft, by.name):
        raise DraftMissingError(draft)
    work.emit(DraftDeleted(subject=draft, team="", reason=reason))


def expire(work: Work, days: int) -> None:
    """Delete what nobody has changed for some days."""
    for draft in store.remove_unchanged_since(work, work.now - timedelta(days=days)):
        work.emit(DraftDeleted(subject=draft, team="", reason="expired"))
