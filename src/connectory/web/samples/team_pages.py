"""The pages of a team with sample content."""

from dataclasses import replace
from datetime import timedelta

from connectory.web.pages.account import AccountPage, ScopeChoice, SessionRow, TokenRow
from connectory.web.pages.instance import InstancePage, RemovePage, Stop, VersionRow
from connectory.web.pages.monitoring import NOTHING_YET
from connectory.web.pages.operations import OperationPage
from connectory.web.pages.team import (
    DefaultRow,
    MemberRow,
    SecretRow,
    TeamPage,
    TeamTokenRow,
)
from connectory.web.pages.upgrade import RollbackPage, TurnPage, UpgradePage
from connectory.web.parts import Fact, Field, Link, Option
from connectory.web.render import short_digest
from connectory.web.samples.connectors import COST, HELD_SECRETS
from connectory.web.samples.installing import (
    ENVIRONMENTS,
    PLAN,
    SCHEDULES,
    SETTING_ROWS,
    SETTINGS,
)
from connectory.web.samples.monitoring import MONITORING
from connectory.web.samples.observed import OBSERVED
from connectory.web.samples.present import DIGEST, NOW, ago
from connectory.web.samples.running import (
    ACTIVITY,
    INSTANCES,
    LINES,
    OPERATIONS,
    RUNS,
    STEPS_DONE,
    STEPS_FAILED,
    STEPS_RUNNING,
)
from connectory.web.sheets import twins_of

OPERATION = OperationPage(
    id="op_9DK4X7Q2M0ZA",
    kind="install",
    state="running",
    team="payments",
    instance="leads",
    by="max",
    created_at=ago(seconds=15),
    steps=STEPS_RUNNING,
    facts=(
        Fact("Connector", "bizops/crm-to-slack-v1 1.3.0"),
        Fact("Environment", "dev"),
        Fact("Target", "local, us-east-1"),
        Fact("Plan", "plan_5XN1K2M7Q0ZA", code=True),
    ),
)
FAILED = replace(
    OPERATION,
    state="undone",
    steps=STEPS_FAILED,
    ended_at=NOW,
    error="Slack says channel_not_found (#sale)",
    error_code="target-failed",
    hint="Use a channel that exists, then install again.",
    next=(Link("Change settings", "/c/bizops/crm-to-slack-v1@1.3.0/install?team=payments"),),
)
SUCCEEDED = replace(
    OPERATION,
    state="succeeded",
    steps=STEPS_DONE,
    ended_at=NOW,
    next=(Link("Open payments/leads", "/t/payments/i/leads"),),
    undo="Removes what it made",
)
INSTANCE = InstancePage(
    team="payments",
    name="leads",
    connector="bizops/crm-to-slack-v1",
    connector_url="/c/bizops/crm-to-slack-v1@1.3.0",
    version="1.3.0",
    environment="dev",
    state="running",
    health="healthy",
    facts=(
        Fact("Target", "local, us-east-1"),
        Fact("Containment", "contained"),
        Fact("CPU", "not limited on this machine"),
        Fact("Installed", "by max"),
        Fact("Restarts", "0"),
        Fact("Digest", short_digest(DIGEST), code=True),
        Fact("Id", "inst_4KD2M7Q0ZAX1", code=True),
    ),
    observed=OBSERVED,
    hook_urls=("https://connectory.example.com/hooks/payments/leads/lead",),
    settings=SETTING_ROWS,
    secrets=HELD_SECRETS,
    logs=LINES,
    monitoring=MONITORING,
    schedules=tuple(
        replace(
            one,
            last_run=Link("run_7Q0ZAX14KD2M", "/t/payments/i/leads#runs"),
            skipped=("Mon 2026-11-23 07:00 CET: skipped, it was paused",),
        )
        for one in SCHEDULES
    ),
    operations=OPERATIONS[:2],
    runs=RUNS,
    dead_letters=1,
    twins=twins_of("/t/payments/i/leads/runs"),
    activity=ACTIVITY,
    health_since=ago(hours=7),
    may_change=True,
    newer="1.4.0",
    former="1.2.0",
    versions=(
        VersionRow(
            "1.3.0", "upgrade", "max", ago(days=3), (Fact("slack_channel", "#sales → #leads"),)
        ),
        VersionRow("1.2.0", "install", "max", ago(days=40)),
    ),
)
FAILING = replace(
    INSTANCE,
    health="failing",
    health_reason="Slack answers 401: the token was revoked",
    logs=(),
    monitoring=NOTHING_YET,
)
SUSPENDED = replace(
    INSTANCE,
    state="suspended",
    health="suspended",
    health_since=None,
    stop=Stop(
        "It sends leads to a host of a stranger.", "sam", ago(minutes=4), is_lifted=False
    ),
    monitoring=NOTHING_YET,
)
REMOVE = RemovePage(
    team="payments",
    name="leads",
    connector="bizops/crm-to-slack-v1",
    version="1.3.0",
    environment="dev",
    consequences=(
        *PLAN.removal,
        "1,204 leads were posted by it; nothing posts the next one",
    ),
)
UPGRADE = UpgradePage(
    team="payments",
    name="leads",
    connector="bizops/crm-to-slack-v1",
    old="1.3.0",
    new="1.4.0",
    promised=DIGEST,
    changes=(
        ("add", Fact("permissions.allowed_hosts[api.dir.example.com]", "api.dir.example.com")),
        ("change", Fact("runtime.resources.memory", "256M → 512M")),
        ("remove", Fact("tags[starter]", "starter")),
    ),
    setting_changes=(("change", Fact("slack_channel", "#leads → #new-leads")),),
    grown=("hosts: api.dir.example.com",),
    cost_before=COST,
    cost=COST,
    fields=(
        Field(
            "version",
            "Version",
            "select",
            "1.4.0",
            required=True,
            options=(Option("1.4.0", "1.4.0"), Option("1.3.0", "1.3.0 (runs now)")),
        ),
        *SETTINGS,
    ),
    entries=(("version", "1.4.0"), ("inputs.slack_channel", "#new-leads")),
)
SAME = replace(UPGRADE, new="1.3.0", changes=(), setting_changes=(), grown=())
ROLLBACK = RollbackPage(
    team="payments",
    name="leads",
    old="1.4.0",
    new="1.3.0",
    changes=(("change", Fact("runtime.resources.memory", "512M → 256M")),),
    setting_changes=(("change", Fact("slack_channel", "#new-leads → #leads")),),
    reach=(("remove", Fact("hosts: api.dir.example.com", "")),),
)
ROTATE = TurnPage(
    team="payments",
    name="leads",
    kind="rotate",
    effect="Another process with a new hook key takes its place; events wait meanwhile",
    steps=("Check the team's secrets", "Make a new hook key", "Replace the process"),
)
TEAM = TeamPage(
    slug="payments",
    title="Payments",
    namespaces=("payments",),
    role="owner",
    instances=INSTANCES,
    members=(MemberRow("max", "owner"), MemberRow("pia", "member")),
    secrets=(
        SecretRow(
            "crm_api_key",
            "teams/payments/crm_api_key",
            1,
            ago(days=4),
            "max",
            (Link("leads", "/t/payments/i/leads"),),
        ),
        SecretRow(
            "slack_bot_token", "teams/payments/slack_bot_token", 3, ago(minutes=42), "max"
        ),
    ),
    secret_form=(
        Field(
            "name",
            "Name",
            required=True,
            hint="As connectors ask for it, for example slack_bot_token.",
        ),
        Field(
            "value",
            "Value",
            "secret",
            required=True,
            hint="Stored encrypted. It is never shown again.",
        ),
    ),
    defaults=(
        DefaultRow(
            "slack_channel",
            Field("inputs.slack_channel", "slack_channel", value="#payments"),
            (Link("leads", "/t/payments/i/leads"), Link("alerts", "/t/payments/i/alerts")),
        ),
        DefaultRow("mention", Field("inputs.mention", "mention", value="@here")),
    ),
    default_form=(
        Field("new_name", "New setting", example="slack_channel"),
        Field("new_value", "Its value", example="#payments"),
    ),
    tokens=(
        TeamTokenRow(
            "tok_1A2B3C4D5E6F",
            "max",
            "laptop",
            "operate, publish, read",
            NOW + timedelta(days=60),
            ago(hours=1),
            is_service=False,
        ),
        TeamTokenRow(
            "tok_6F5E4D3C2B1A",
            "robot",
            "ci",
            "publish",
            NOW + timedelta(days=6),
            None,
            is_service=True,
        ),
    ),
    activity_kinds=(Option("", "Everything"), Option("SecretSet", "Stored the secret")),
    older_url="/t/payments?before=120#activity",
    environment="dev",
    environments=ENVIRONMENTS,
    activity=ACTIVITY,
    roles=("member", "viewer", "owner"),
    may_change=True,
    may_own=True,
)
ACCOUNT = AccountPage(
    account="max",
    admin=False,
    via="a one-time link",
    teams=(MemberRow("payments", "owner"),),
    tokens=(
        TokenRow(
            "tok_1A2B3C4D5E6F",
            "laptop",
            "all",
            NOW + timedelta(days=60),
            ago(hours=1),
        ),
        TokenRow("tok_6F5E4D3C2B1A", "ci", "publish", NOW + timedelta(days=6)),
    ),
    token_form=(
        Field("name", "Name", required=True, hint="Where it will be used."),
        Field("days", "Days until it expires", "number", "30", required=True),
    ),
    scopes=(
        ScopeChoice("read", "see what you can see", is_chosen=True),
        ScopeChoice("publish", "publish connectors", is_chosen=True),
        ScopeChoice("admin", "administer the marketplace", is_chosen=False),
    ),
    sessions=(
        SessionRow(
            "ses_1A2B3C4D5E6F",
            "Firefox on Linux",
            "10.20.0.7",
            ago(hours=2),
            ago(seconds=20),
            is_this=True,
        ),
        SessionRow(
            "ses_6F5E4D3C2B1A",
            "Safari on iPhone",
            "203.0.113.9",
            ago(days=1),
            None,
            is_this=False,
        ),
    ),
    preferences=(
        Field(
            "theme",
            "Theme",
            "select",
            "dark",
            required=True,
            options=(Option("", "As this browser has it"), Option("dark", "Dark")),
        ),
        Field(
            "density",
            "Density",
            "select",
            "",
            required=True,
            options=(Option("", "Comfortable"), Option("compact", "Compact")),
        ),
        Field(
            "zone",
            "Time zone",
            value="Europe/Berlin",
            hint="An IANA name such as `Europe/Berlin`; empty is that of the browser.",
        ),
    ),
)
