"""Sample content of publishing with forms."""

from dataclasses import replace

from connectory.web.pages.new import (
    Beginning,
    DraftRow,
    Finding,
    Group,
    NewPage,
    ReviewPage,
    StepPage,
    UploadPage,
)
from connectory.web.parts import Field, Option, Trouble
from connectory.web.samples.connectors import PERMISSIONS
from connectory.web.samples.present import ago

SOURCE = """schema_version: "1"
namespace: bizops
id: ship-alerts
name: Ship alerts
version: 0.1.0
description: Tells a channel what left the harbour
owner: ana
runtime:
  type: serverless
"""
STEPS = (
    Option("what", "What it is"),
    Option("needs", "What it needs"),
    Option("review", "Review"),
)
FINDINGS = (
    Finding("`1.0` is not a semantic version", "Write 1.0.0", 5, is_error=True, url="/new"),
    Finding("No inputs: every team gets the same instance", "", None, is_error=False),
)
NEW = NewPage(
    beginnings=(
        Beginning("webhook", "Webhook to slack", "It posts what it is told to a channel."),
        Beginning("manifest", "Manifest only", "The code is elsewhere, or comes later."),
    ),
    drafts=(
        DraftRow("draft_4KD2M7Q0ZAX1", "Ship alerts", "Webhook to slack", ago(hours=2)),
        DraftRow("draft_9DK4X7Q2M0ZA", "Untitled connector", "Manifest only", ago(hours=50)),
    ),
)
SECRET = Group(
    "Secret 1",
    fields=(
        Field("secrets.0.name", "Name", value="slack_bot_token", required=True),
        Field("secrets.0.rotation", "Rotation", value="90d", hint="Longest time: `90d`."),
    ),
    groups=(
        Group(
            "Provision",
            "How a team gets the value.",
            (Field("secrets.0.provision.path", "Path", value="teams/{team}/slack"),),
        ),
    ),
    remove="secrets.0",
)
STEP = StepPage(
    draft="draft_4KD2M7Q0ZAX1",
    title="Ship alerts",
    steps=STEPS,
    current=1,
    groups=(
        Group("", fields=(Field("tags", "Tags", "textarea", "slack\nalert"),)),
        Group("Secrets", "Secrets that it needs.", groups=(SECRET,), add="secrets"),
        Group("Inputs", "Settings that a team chooses.", add="inputs"),
    ),
    code="webhook-to-slack",
)
WRONG = replace(
    STEP,
    current=0,
    code="",
    groups=(
        Group(
            "",
            fields=(
                Field(
                    "id", "Id", value="Ship Alerts", error="Use a-z and hyphens", required=True
                ),
            ),
        ),
    ),
    troubles=(Trouble("`Ship Alerts` is not an id", "Use a-z, 0-9 and hyphens", "f-id"),),
)
REVIEW = ReviewPage(
    draft=STEP.draft,
    title=STEP.title,
    steps=STEPS,
    source=SOURCE,
    findings=FINDINGS[1:],
    permissions=PERMISSIONS,
    code="webhook-to-slack",
)
UPLOAD = UploadPage("Upload a manifest", "/new/upload")
NEW_VERSION = UploadPage(
    title="New version of Ship alerts",
    url="/c/bizops/ship-alerts/new-version",
    source=SOURCE,
    namespace="bizops",
    id="ship-alerts",
    version="0.0.9",
    part="patch",
)
