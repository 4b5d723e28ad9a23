"""Entries of the event log, told in words."""

from collections.abc import Iterable, Mapping

from connectory.web.parts import Activity
from connectory.work.log import Row

WORDS: Mapping[str, str] = {
    "AdvisoryFound": "found an advisory that concerns",
    "CredentialsRotated": "gave fresh credentials to",
    "DefaultsSet": "changed the defaults of",
    "DraftDeleted": "deleted the draft",
    "DraftSaved": "changed the draft",
    "DraftStarted": "began the draft",
    "InstallUndone": "could not install, and undid",
    "InstanceInstalled": "installed",
    "InstancePaused": "paused",
    "InstanceRecovered": "started again",
    "InstanceRemoved": "removed",
    "InstanceRestarted": "restarted",
    "InstanceResumed": "resumed",
    "InstanceRolledBack": "rolled back",
    "InstanceSuspended": "suspended, because of a quarantine,",
    "InstanceUpgraded": "upgraded",
    "MemberRemoved": "took a member out of",
    "MemberSet": "set the role of a member of",
    "OperationCancelAsked": "cancelled the operation on",
    "OperationRetried": "tried again the operation on",
    "OperationUndone": "took back the operation on",
    "InstanceRun": "ran",
    "RunDiscarded": "discarded an event of",
    "RunRepeated": "ran again",
    "RunsRedelivered": "redelivered events to",
    "SimilarDecided": "said what becomes of a duplicate of",
    "SecretDeleted": "deleted the secret",
    "SecretSet": "stored the secret",
    "SecretsDelivered": "handed secrets to",
    "TeamCreated": "created the team",
    "UpgradeUndone": "could not change, and left as before,",
    "VersionPublished": "published",
    "VersionStatusChanged": "changed the status of",
}
"""What each event is in words; one that is not here is named as it is."""


def told(rows: Iterable[Row]) -> tuple[Activity, ...]:
    """Return entries as sentences; those about an operation lead to it."""
    return tuple(
        Activity(
            what=_what(row),
            subject=row.subject,
            actor=row.actor,
            at=row.at,
            url=_url(row),
        )
        for row in rows
    )


def _what(row: Row) -> str:
    kind = row.facts.get("kind_of_operation")
    if row.kind == "OperationBegun":
        return f"began to {kind}"
    if row.kind == "OperationFinished":
        return f"ended the {kind} ({row.facts.get('state')}) of"
    if row.kind == "InstanceHealthChanged":
        return f"found {row.facts.get('status')}:"
    return WORDS.get(row.kind, row.kind)


def _url(row: Row) -> str:
    operation = row.facts.get("operation")
    return f"/operations/{operation}" if isinstance(operation, str) else ""
