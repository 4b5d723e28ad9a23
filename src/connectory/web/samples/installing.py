"""A sample install: the form, right and wrong, and the plan that it leads to."""

from datetime import timedelta

from connectory.web.pages.install import PlanView, SettingRow
from connectory.web.parts import Fact, Field, Option, ScheduleRow, Trouble
from connectory.web.render import short_digest
from connectory.web.samples.connectors import COST, HELD_SECRETS, PERMISSIONS
from connectory.web.samples.present import DIGEST, NOW

TEAMS = (Option("payments", "payments"), Option("bizops", "bizops"))
ENVIRONMENTS = (Option("dev", "dev"), Option("staging", "staging"), Option("prod", "prod"))
WHERE = (
    Field("team", "Team", "select", "payments", options=TEAMS, required=True),
    Field("environment", "Environment", "select", "dev", options=ENVIRONMENTS, required=True),
    Field(
        "target",
        "Target",
        "select",
        "local",
        options=(Option("local", "local (us-east-1)"),),
        required=True,
    ),
    Field(
        "name",
        "Instance name",
        value="leads",
        required=True,
        hint="Unique in its team; part of its address.",
    ),
)
SETTINGS = (
    Field(
        "inputs.slack_channel",
        "Slack channel",
        value="#leads",
        required=True,
        hint="Where new leads are posted.",
        source="you",
        example="#sales",
    ),
    Field(
        "inputs.mention",
        "Mention",
        value="@here",
        hint="Who to mention in the message.",
        source="team default",
    ),
    Field(
        "inputs.slack_api_url",
        "Slack API address",
        value="https://slack.com/api",
        source="connector default",
    ),
    Field(
        "inputs.threaded",
        "Reply in one thread per company",
        "checkbox",
        "true",
        source="connector default",
    ),
)
WRONG_SETTINGS = (
    Field(
        "inputs.slack_channel",
        "Slack channel",
        value="leads",
        required=True,
        hint="Where new leads are posted.",
        error="“leads” has no # in front; write a channel such as #leads",
        source="you",
        example="#sales",
    ),
    *SETTINGS[1:],
)
SECRET_FIELDS = tuple(
    Field(
        f"secrets.{need.name}",
        need.name,
        "select",
        need.path,
        hint=need.description,
        required=True,
        options=(
            Option("", "Choose a stored secret"),
            Option("teams/payments/crm_api_key", "teams/payments/crm_api_key"),
            Option("teams/payments/slack_bot_token", "teams/payments/slack_bot_token"),
        ),
    )
    for need in HELD_SECRETS
)
SETTING_ROWS = (
    SettingRow("slack_channel", "Slack channel", "#leads", "you"),
    SettingRow("mention", "Mention", "@here", "team default"),
    SettingRow(
        "slack_api_url", "Slack API address", "https://slack.com/api", "connector default"
    ),
)
SCHEDULES = (
    ScheduleRow(
        "0 7 * * 1-5 Europe/Berlin",
        "At 07:00 on Monday through Friday",
        "up to 5 min later; one run makes up for those that were missed",
        tuple(f"{day} 07:00 CET" for day in ("Wed 2026-11-25", "Thu 2026-11-26")),
    ),
)
PLAN = PlanView(
    id="plan_5XN1K2M7Q0ZA",
    team="payments",
    instance="leads",
    facts=(
        Fact("Connector", "bizops/crm-to-slack-v1 1.3.0", code=True),
        Fact("Digest", short_digest(DIGEST), code=True),
        Fact("Environment", "dev"),
        Fact("Target", "local, us-east-1"),
    ),
    settings=SETTING_ROWS,
    secrets=HELD_SECRETS,
    permissions=PERMISSIONS,
    cost=COST,
    creates=(
        Fact("Service account", "sa-payments-leads, holds two secrets"),
        Fact("Process", "0.25 vCPU, 256 MB, us-east-1"),
        Fact("Hook address", "/hooks/payments/leads/lead"),
    ),
    removal=(
        "the process, its files and its log",
        "the service account; its credentials stop working at once",
        "the webhook that it registered in the CRM",
    ),
    schedules=SCHEDULES,
    containment="This target limits memory and files; other addresses are not blocked.",
    expires_at=NOW + timedelta(minutes=14, seconds=30),
)
TROUBLES = (
    Trouble(
        "Slack channel: “leads” has no # in front",
        "Write a channel such as #leads.",
        "f-inputs-slack-channel",
    ),
    Trouble(
        "Secret slack_bot_token is not stored",
        "Store it for payments, then choose it here.",
        "f-secrets-slack-bot-token",
    ),
)
