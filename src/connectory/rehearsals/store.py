"""Certificates by release digest; and what other tables hold, to compare."""

import json
from typing import Any

from sqlalchemy import Column, Table, Text, select

from connectory.rehearsals.rules import Certificate, Played, Thing
from connectory.work import Work
from connectory.work.tables import METADATA, put_row

RECORDS = frozenset(
    {
        "attestation",
        "advisory_alert",
        "check_report",
        "event",
        "event_checkpoint",
        "event_head",
        "idempotency_key",
        "instance",
        "instance_setup",
        "operation",
        "operation_step",
        "plan",
        "policy_active",
        "policy_bundle",
        "policy_decision",
        "policy_rules",
        "review",
        "review_comment",
        "review_decision",
        "sbom",
        "version_bases",
        "vetting_cursor",
    }
)
"""What is kept on purpose: the audit log, the journal, what ran when, and what was found out
and decided about versions. Of `instance` only rows of removed ones."""

CERTIFICATES = Table(
    "removal_certificate",
    METADATA,
    Column("digest", Text, primary_key=True),
    Column("content", Text, nullable=False),
    Column("signature", Text, nullable=False),
)


def put(work: Work, certificate: Certificate, signature: str) -> None:
    """Keep the newest certificate of a release."""
    row = {
        "digest": certificate.digest,
        "content": certificate.text(),
        "signature": signature,
    }
    put_row(work.db, CERTIFICATES, row)


def certificate(work: Work, digest: str) -> tuple[Certificate, str] | None:
    """Return the certificate of a release with its signature."""
    query = select(CERTIFICATES).where(CERTIFICATES.c.digest == digest)
    row = work.db.execute(query).first()
    return None if row is None else (_read(json.loads(row.content)), row.signature)


def rows(work: Work) -> frozenset[tuple[str, str]]:
    """Return table and key of every row that a removed instance must not leave."""
    return frozenset(
        (table.name, " ".join(str(part) for part in key))
        for table in METADATA.sorted_tables
        for key in work.db.execute(select(*table.primary_key))
        if table.name not in RECORDS
    ) | frozenset(("instance", key) for key in _live(work))


def _live(work: Work) -> frozenset[str]:
    instances = METADATA.tables["instance"].c
    found = work.db.execute(select(instances.id).where(instances.state != "removed"))
    return frozenset(found.scalars())


def _read(content: dict[str, Any]) -> Certificate:
    for name in ("retained", "findings"):
        content[name] = tuple(Thing(**one) for one in content[name])
    content["examples"] = tuple(Played(**one) for one in content["examples"])
    content["compared"] = tuple(content["compared"])
    return Certificate(**content)
