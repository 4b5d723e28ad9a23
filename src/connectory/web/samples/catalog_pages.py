"""The pages of the catalog with sample content."""

from dataclasses import replace

from connectory.web.markdown import to_html
from connectory.web.pages.connector import (
    Checked,
    CheckRow,
    ConnectorPage,
    FindingRow,
    PermissionRow,
    ReviewedRow,
    SbomFile,
    SimilarRow,
    Trying,
    VersionRow,
    Vetting,
)
from connectory.web.pages.home import HomePage, Notice, ReuseRow, SetCards, TeamSummary
from connectory.web.pages.install import InstallPage
from connectory.web.pages.search import Chip, Facet, FacetValue, SearchPage
from connectory.web.parts import Fact, Link
from connectory.web.samples.connectors import (
    CARDS,
    COST,
    COST_MONITOR,
    CRM_TO_SLACK,
    FOUND_CARDS,
    NEEDS,
    PERMISSIONS,
    SECRETS,
    SLACK_ALERTS,
)
from connectory.web.samples.installing import SECRET_FIELDS, SETTINGS, WHERE
from connectory.web.samples.observed import OBSERVED
from connectory.web.samples.present import DIGEST, ago
from connectory.web.samples.trying import LEFT_BEHIND, REHEARSED
from connectory.web.sheets import twins_of

MANIFEST = """\
id: crm-to-slack-v1
name: CRM -> Slack New Lead
version: 1.3.0
description: Sends new CRM leads to a team Slack channel
owner: bizops@example.com
tags: [crm, slack, alert]
runtime:
  type: serverless
  provider: cloudrun
  resources: {cpu: 0.25, memory: 256M}
secrets:
  - crm_api_key
"""
README = """\
# CRM to Slack

Posts a message for **each new lead**, within seconds.

## What it looks like

> New lead: Ada Lovelace, Analytical Engines Ltd

| Setting | Meaning |
|---|---|
| `slack_channel` | where it posts |

![screenshot](https://images.example.com/message.png)

See the [vendor's documentation](https://api.slack.com/methods/chat.postMessage).

```
{"name": "Ada Lovelace", "company": "Analytical Engines Ltd"}
```
"""
HOME = HomePage(
    sets=(
        SetCards(
            "Start here",
            "Connectors that most teams install first.",
            "/sets/start",
            (SLACK_ALERTS, CRM_TO_SLACK, COST_MONITOR),
        ),
    ),
    recent=CARDS[:3],
    total=4,
    team=TeamSummary("payments", running=6, failing=1),
    notices=(
        Notice(
            "failed",
            "The upgrade of payments/alerts failed and was undone",
            Link("Open", "/operations/op_9DK4X7Q2M0ZB"),
        ),
        Notice(
            "vulnerable",
            "payments/sync runs bizops/sync@1.2.0, which is concerned by GHSA-cpwx-vrp4-4pq7",
            Link("See", "/c/bizops/sync@1.2.0#security"),
        ),
        Notice("expires", "Your token ci expires in 6 days", Link("Replace", "/me#tokens")),
        Notice(
            "working",
            "payments/leads is being installed",
            Link("Watch", "/t/payments/i/leads"),
        ),
        Notice(
            "outdated",
            "payments/sync runs 1.2.0; 1.3.0 is approved",
            Link("Upgrade", "/t/payments/i/sync/upgrade"),
        ),
        Notice(
            "draft",
            "You began to describe a connector 2 hours ago",
            Link("Resume", "/new/draft_4KD2M7Q0ZAX1"),
        ),
    ),
    more_notices=2,
    searches=(
        Link("slack", "/connectors?q=slack"),
        Link("crm", "/connectors?q=crm"),
        Link("cost", "/connectors?q=cost"),
    ),
    reused=(
        ReuseRow(Link("CRM → Slack: new lead", "/c/bizops/crm-to-slack-v1"), 12),
        ReuseRow(Link("Slack alerts", "/c/bizops/slack-alerts"), 1),
    ),
    may_curate=True,
)
SEARCH = SearchPage(
    query="slack",
    cards=FOUND_CARDS,
    total=4,
    facets=(
        Facet(
            "status",
            "Status",
            (
                FacetValue("approved", "Approved", 2, chosen=True),
                FacetValue("review", "In review", 1),
                FacetValue("draft", "Draft", 0),
            ),
        ),
        Facet(
            "domain",
            "Domain",
            (
                FacetValue("crm", "crm", 1),
                FacetValue("finance", "finance", 1),
                FacetValue("ops", "ops", 2),
            ),
        ),
        Facet(
            "runtime",
            "Runtime",
            (
                FacetValue("serverless", "serverless", 3),
                FacetValue("terraform", "terraform", 1),
            ),
        ),
        Facet(
            "risk",
            "Risk",
            (
                FacetValue("low", "low", 2),
                FacetValue("medium", "medium", 1),
                FacetValue("high", "high", 1),
            ),
        ),
        Facet(
            "tag",
            "Tag",
            (
                FacetValue("alert", "alert", 3, chosen=True),
                FacetValue("slack", "slack", 3),
                FacetValue("crm", "crm", 1),
            ),
        ),
    ),
    chips=(
        Chip("Status: Approved", "/connectors?q=slack&tag=alert"),
        Chip("Tag: alert", "/connectors?q=slack&status=approved"),
    ),
    next_url="/connectors?q=slack&cursor=c2Vjb25k",
    twins=twins_of("/connectors", "q=slack"),
)
CONNECTOR = ConnectorPage(
    namespace="bizops",
    id="crm-to-slack-v1",
    name="CRM -> Slack New Lead",
    version="1.3.0",
    description="Sends new CRM leads to a team Slack channel",
    owner="bizops@example.com",
    owner_claimed=True,
    vetting=Vetting("approved", "approved"),
    digest=DIGEST,
    published_at=ago(days=3),
    published_by="ana",
    latest_version="1.3.0",
    observed=OBSERVED,
    permissions=PERMISSIONS,
    permission_rows=(
        PermissionRow("OAuth scope", "slack: chat:write", "post the alert"),
        PermissionRow("Network", "slack.com", ""),
        PermissionRow("Network", "api.crm.example.com", ""),
    ),
    needs=NEEDS,
    secrets=(replace(SECRETS[0], state="", path=""), replace(SECRETS[1], state="")),
    cost=COST,
    glance=(
        Fact("Runtime", "serverless, 0.25 vCPU, 256 MB"),
        Fact("Trigger", "webhook /lead", code=True),
        Fact("Regions", "us-east-1, us-west-2"),
        Fact("Data kept", "30 days"),
        Fact("Data", "confidential, personal data"),
        Fact("On call", "oncall-bizops"),
        Fact("Licence", "Apache-2.0"),
    ),
    versions=(
        VersionRow(
            "1.3.0",
            "approved",
            ago(days=3),
            "ana",
            DIGEST,
            "/c/bizops/crm-to-slack-v1@1.3.0",
            "/c/bizops/crm-to-slack-v1/diff/1.2.0...1.3.0",
            current=True,
        ),
        VersionRow(
            "1.2.0",
            "deprecated",
            ago(days=80),
            "ana",
            DIGEST,
            "/c/bizops/crm-to-slack-v1@1.2.0",
        ),
        VersionRow(
            "1.1.0",
            "draft",
            ago(days=120),
            "ana",
            DIGEST,
            "/c/bizops/crm-to-slack-v1@1.1.0",
        ),
    ),
    rehearsed=REHEARSED,
    can_rehearse=True,
    trying=Trying("/c/bizops/crm-to-slack-v1@1.3.0/try"),
    source=MANIFEST,
    tags=("crm", "slack", "alert", "domain:crm", "risk:low"),
    readme=to_html(README),
    runbook=to_html("# When it fails\n\n1. Read the log.\n2. Check the **Slack token**."),
    links=(
        Fact("Runbook", "internal.docs", url="https://internal.docs/connector/crm-to-slack"),
    ),
    twins=twins_of("/c/bizops/crm-to-slack-v1/versions"),
    checks=Checked(
        sbom=SbomFile(
            "/api/v1/connectors/bizops/crm-to-slack-v1/versions/1.3.0/sbom",
            "sha256:" + "4b" * 32,
            14,
            ("its base image python:3.11-slim-bookworm is not in the package",),
        ),
        rows=(
            CheckRow("The manifest keeps the format", "All else follows.", "passed"),
            CheckRow(
                "No credential is in the package",
                "A published version never changes.",
                "failed",
                findings=(
                    FindingRow(
                        "src/crm_to_slack/channel.py:12:9",
                        "it looks like a bot token of Slack",
                        "replace the token, and read it with `secret()`",
                        is_error=True,
                    ),
                    FindingRow("README.md:3", "a password in an address", "", is_error=False),
                ),
            ),
            CheckRow(
                "No dependency has a known defect",
                "Whoever runs it is open to it.",
                "not-run",
                "there are no advisories yet",
            ),
            CheckRow(
                "The image is small and runs as nobody",
                "An image is what runs.",
                "not-applicable",
                "it has no image",
            ),
        ),
        passed=1,
        total=3,
        at=ago(days=3),
    ),
    similar=(
        SimilarRow(
            "Lead alerts",
            "sales/lead-alerts",
            "/c/sales/lead-alerts",
            "approved",
            "0.74",
            ("both use crm and slack", "both are tagged alert"),
            "/compare?c=bizops/crm-to-slack-v1@1.3.0,sales/lead-alerts@2.0.1",
        ),
    ),
)
IN_REVIEW = replace(
    CONNECTOR,
    version="1.4.0",
    vetting=Vetting("review", "approved", missing=("approval",)),
    reviews=(
        ReviewedRow(
            "1.4.0", "open", ("security", "ops"), 5, 7, ago(hours=4), "/reviews/rev_7qk2m4"
        ),
        ReviewedRow("1.3.0", "approved", (), 7, 7, ago(days=12), "/reviews/rev_1aa2b3"),
    ),
    readme=None,
    runbook=None,
    cost=None,
    rehearsed=None,
    trying=None,
)
DEPRECATED = replace(
    CONNECTOR,
    version="1.2.0",
    vetting=Vetting(
        "deprecated",
        "approved",
        reason="It misses a security fix.",
        replaced_by="/c/bizops/crm-to-slack-v1@1.3.0",
    ),
    rehearsed=LEFT_BEHIND,
    trying=Trying("", "Connectors cannot be contained on this machine.", "Install bubblewrap."),
)
QUARANTINED = replace(
    CONNECTOR,
    vetting=Vetting(
        "quarantined",
        "approved",
        reason="It sends leads to a host of a stranger.",
        by="sam",
        at=ago(minutes=4),
    ),
    latest_version="1.2.0",
    trying=None,
)
INSTALL = InstallPage(
    namespace="bizops",
    id="crm-to-slack-v1",
    name="CRM -> Slack New Lead",
    version="1.3.0",
    team="payments",
    environment="dev",
    where=WHERE,
    settings=SETTINGS,
    secret_fields=SECRET_FIELDS,
    permissions=PERMISSIONS,
    cost=COST,
)
