"""What was observed, with sample content."""

from dataclasses import replace

from connectory.web.pages.comparing import DiffLine
from connectory.web.pages.observed import ObservedPart, ObservedRow, TightenPage
from connectory.web.parts import Fact
from connectory.web.samples.present import ago

OBSERVED = ObservedPart(
    instances=3,
    since=ago(days=12),
    is_enough=True,
    rows=(
        ObservedRow("host", "slack.com", "used", "1,204 connections"),
        ObservedRow("host", "hooks.slack.com", "never used", ""),
        ObservedRow("secret", "slack_bot_token", "used", ""),
        ObservedRow("secret", "crm_password", "not used yet", ""),
        ObservedRow("output", "slack_channel", "not known", ""),
        ObservedRow("host", "telemetry.example.net", "used but refused", "31 times"),
    ),
    facts=(
        Fact("Memory at most", "61 MB of 256 MB"),
        Fact("CPU time", "4 min 2 s, 0.1% of a core of 0.25 vCPU"),
        Fact("Longest start", "412 ms"),
    ),
    tighten_url="/c/bizops/crm-to-slack-v1@1.3.0/tighten",
)
TIGHTEN = TightenPage(
    label="bizops/crm-to-slack-v1@1.3.0",
    back_url="/c/bizops/crm-to-slack-v1@1.3.0",
    old="1.3.0",
    observed=replace(OBSERVED, tighten_url=""),
    questions=("telemetry.example.net",),
    new="1.3.1",
    lines=(
        DiffLine("@", "@@ -64,3 +64,3 @@"),
        DiffLine("", " permissions:"),
        DiffLine("-", "-  allowed_hosts: [slack.com, hooks.slack.com]"),
        DiffLine("+", "+  allowed_hosts: [slack.com]"),
    ),
    download_url="/api/v1/connectors/bizops/crm-to-slack-v1/versions/1.3.0/observed/manifest",
)
