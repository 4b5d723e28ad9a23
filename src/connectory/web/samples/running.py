"""Sample instances: steps, logs, operations, what happened."""

from connectory.web.pages.runs import RunPage, RunRow
from connectory.web.parts import (
    Activity,
    Fact,
    InstanceRow,
    LogLineView,
    OperationRow,
    StepView,
)
from connectory.web.samples.present import ago

STEPS_RUNNING = (
    StepView("Check policy and digest", "done", ago(seconds=15.0), ago(seconds=14.9)),
    StepView("Create service account", "done", ago(seconds=14.9), ago(seconds=13.6)),
    StepView(
        "Bind secrets",
        "done",
        ago(seconds=13.6),
        ago(seconds=13),
        "crm_api_key, slack_bot_token",
    ),
    StepView(
        "Start process",
        "running",
        ago(seconds=13),
        None,
        "Building the environment from 14 wheels",
        2,
    ),
    StepView("Wait for a healthy answer", "waiting"),
    StepView("Watch for 5 seconds", "waiting"),
)
STEPS_DONE = (
    *STEPS_RUNNING[:3],
    StepView("Start process", "done", ago(seconds=13), ago(seconds=4)),
    StepView("Wait for a healthy answer", "done", ago(seconds=4), ago(seconds=2), "200 OK"),
    StepView("Watch for 5 seconds", "skipped", None, None, "Not needed in dev"),
)
STEPS_FAILED = (
    StepView("Check policy and digest", "done", ago(seconds=25.0), ago(seconds=24.9)),
    StepView("Create service account", "undone", ago(seconds=24.9), ago(seconds=23.6)),
    StepView("Bind secrets", "undone", ago(seconds=23.6), ago(seconds=23)),
    StepView("Start process", "undone", ago(seconds=23), ago(seconds=15)),
    StepView(
        "Wait for a healthy answer",
        "failed",
        ago(seconds=15),
        ago(seconds=4),
        "Slack says channel_not_found",
        3,
    ),
    StepView("Watch for 5 seconds", "skipped"),
)
LINES = (
    LogLineView(1, ago(minutes=31), "info", "listening", (("port", "41873"),)),
    LogLineView(2, ago(minutes=30), "info", "subscribed to new leads", (("hook", "hk_81"),)),
    LogLineView(3, ago(minutes=12), "debug", "lead received", (("lead", "ld_5531"),)),
    LogLineView(
        4, ago(minutes=12), "warn", "429 from slack.com, retry in 2 s", (("try", "1"),)
    ),
    LogLineView(
        5,
        ago(minutes=12),
        "info",
        "delivered after 1 retry",
        (("channel", "#leads"), ("took_ms", "2213")),
    ),
    LogLineView(
        6,
        ago(minutes=2),
        "error",
        "lead has no e-mail address, not posted",
        (("lead", "ld_5532"),),
    ),
)
OPERATIONS = (
    OperationRow(
        "op_9DK4X7Q2M0ZA", "install", "running", "leads", "payments", "max", ago(seconds=15)
    ),
    OperationRow(
        "op_8CJ3W6P1K9YB",
        "remove",
        "succeeded",
        "old-leads",
        "payments",
        "max",
        ago(hours=3),
        ago(hours=3, seconds=-6),
    ),
    OperationRow(
        "op_7BH2V5N0J8XC",
        "install",
        "undone",
        "alerts",
        "bizops",
        "ana",
        ago(days=2),
        ago(days=2, seconds=-31),
    ),
    OperationRow(
        "op_6AG1T4M9H7WD",
        "install",
        "failed",
        "costs",
        "bizops",
        "ana",
        ago(days=40),
        ago(days=40, seconds=-95),
    ),
)
INSTANCES = (
    InstanceRow(
        "payments",
        "leads",
        "bizops/crm-to-slack-v1",
        "/c/bizops/crm-to-slack-v1@1.3.0",
        "1.3.0",
        "dev",
        "running",
        ago(days=3),
    ),
    InstanceRow(
        "payments",
        "alerts",
        "bizops/slack-alerts-v1",
        "/c/bizops/slack-alerts-v1@2.0.1",
        "2.0.1",
        "prod",
        "failed",
        ago(days=61),
    ),
    InstanceRow(
        "payments",
        "costs",
        "bizops/cost-monitor-v1",
        "/c/bizops/cost-monitor-v1@1.1.0",
        "1.1.0",
        "prod",
        "installing",
        ago(seconds=8),
    ),
)
ACTIVITY = (
    Activity(
        "started to install",
        "payments/leads",
        "max",
        ago(seconds=15),
        "/operations/op_9DK4X7Q2M0ZA",
    ),
    Activity("stored", "teams/payments/slack_bot_token", "max", ago(minutes=42)),
    Activity("added to the team:", "max", "ana", ago(days=4)),
)


def _run(run: str, state: str, attempts: int, took_s: float | None, error: str = "") -> RunRow:
    url = f"/t/payments/i/leads/runs/{run}"
    return RunRow(run, url, "webhook", "/lead", state, attempts, ago(hours=1), took_s, error)


RUNS = (
    _run("run_7QX2M4KD90ZA", "succeeded", 1, 0.412),
    _run("run_7QX2M4KD90ZB", "waiting", 0, None),
    _run("run_7QX2M4KD90ZC", "failed", 2, 1.5, "the connector answered 503"),
    _run("run_7QX2M4KD90ZD", "dead", 8, 30.0, "the connector answered 500"),
)
RUN = RunPage(
    team="payments",
    instance="leads",
    row=RUNS[0],
    facts=(
        Fact("Trigger", "webhook"),
        Fact("Path", "/lead", code=True),
        Fact("Attempts", "1"),
        Fact("Answer", "HTTP 200"),
        Fact("Id", "run_7QX2M4KD90ZA", code=True),
    ),
    input='{"event": "lead.created", "lead_id": "lead_1"}',
    answer='{"status": "done"}',
    log=LINES[:2],
    may_change=True,
)
