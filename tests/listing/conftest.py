from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from connectory.access import accounts
from connectory.backends.search.tantivy import TantivySearch
from connectory.catalog import add, decide
from connectory.catalog.rules import Name, Status
from connectory.listing import index
from connectory.manifest import loader
from connectory.work import Works, seal

Publish = Callable[..., Name]
Follow = Callable[[], int]
NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)

MANIFEST = """
id: {id}
name: "{name}"
version: {version}
description: {description}
owner: {owner}@example.com
tags: [{tags}]
runtime:
  type: {runtime}
  provider: cloudrun
  resources: {{cpu: 0.25, memory: 256M}}
policies:
  - data_retention: 30d
vetting_status: {claimed}
support:
  runbook: https://internal.docs/connector/{id}
  owner_oncall: oncall-bizops
"""

FIELDS = {
    "version": "1.0.0",
    "description": "Does one thing",
    "owner": "bizops",
    "tags": "integration",
    "runtime": "serverless",
}
CLAIMS = {
    Status.DRAFT: "draft",
    Status.REVIEW: "review",
    Status.APPROVED: "approved",
    Status.DEPRECATED: "approved",
}
STEPS: dict[Status, tuple[Status, ...]] = {
    Status.DRAFT: (),
    Status.REVIEW: (),
    Status.APPROVED: (Status.APPROVED,),
    Status.DEPRECATED: (Status.APPROVED, Status.DEPRECATED),
}


@pytest.fixture
def works(works: Works) -> Works:
    """A catalog with the teams bizops and payments."""
    with works.write() as work:
        for team in ("bizops", "payments"):
            accounts.create_team(work, team, team)
    return works


@pytest.fixture
def search(tmp_path: Path) -> TantivySearch:
    return TantivySearch(tmp_path / "index")


@pytest.fixture
def publish(works: Works) -> Publish:
    """Publishes version 1.0.0 of a connector and brings it to `status`."""

    def run(slug: str, *, status: Status = Status.APPROVED, **fields: str) -> Name:
        name = Name(fields.pop("namespace", "bizops"), slug)
        raw = MANIFEST.format(
            **{**FIELDS, "id": slug, "name": slug, "claimed": CLAIMS[status]} | fields
        )
        with works.write() as work:
            release = add.add_version(work, name, loader.load(raw.encode()), None).release
            for step in STEPS[status]:
                release = decide.set_status(work, release, step, "decided in a test")
        return name

    return run


@pytest.fixture
def seal_log(works: Works) -> Follow:
    """Seals what was written and returns the head of the log."""
    key = Ed25519PrivateKey.generate()

    def run() -> int:
        with works.write() as work:
            seal.seal(work.db, key, NOW)
            return seal.head(work.db).position

    return run


@pytest.fixture
def follow(works: Works, search: TantivySearch, seal_log: Follow) -> Follow:
    """Seals what was written, lets the index catch up, and returns where it stands."""

    def run() -> int:
        seal_log()
        with works.read() as work:
            while index.catch_up(work, search):
                pass
        return search.position()

    return run


@pytest.fixture
def stocked(publish: Publish, follow: Follow) -> None:
    """Four connectors, one of every status, indexed."""
    publish(
        "crm-to-slack-v1",
        name="CRM -> Slack: new lead",
        tags='crm, slack, alert, "risk:low", "domain:sales"',
        description="Sends new CRM leads to a team channel",
    )
    publish("cost-monitor-v1", status=Status.REVIEW, tags="cost, alert", owner="finops")
    publish("pager-v1", status=Status.DRAFT, namespace="payments", tags="alert")
    publish("slack-hook-v1", status=Status.DEPRECATED, tags="slack")
    follow()
