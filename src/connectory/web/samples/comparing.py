"""The pages that compare, with sample content."""

from connectory.web.pages.comparing import (
    Column,
    ComparedRow,
    ComparePage,
    DiffLine,
    DiffPage,
    FileRow,
    ValueRow,
)
from connectory.web.parts import Fact, Option

DIFF = DiffPage(
    namespace="bizops",
    id="crm-to-slack-v1",
    name="CRM -> Slack New Lead",
    old="1.2.0",
    new="1.3.0",
    versions=(Option("1.3.0", "1.3.0"), Option("1.2.0", "1.2.0")),
    grown=(Fact("Network", "hooks.slack.com"),),
    shrunk=(Fact("Secret", "crm_password"),),
    changes=(
        ValueRow("permissions.allowed_hosts[hooks.slack.com]", "added", "", "hooks.slack.com"),
        ValueRow("runtime.resources.memory", "changed", "128M", "256M"),
    ),
    files=(
        FileRow(
            "src/crm_to_slack/app.py",
            "changed",
            "1.2 kB",
            "1.3 kB",
            (
                DiffLine("@", "@@ -1,3 +1,3 @@"),
                DiffLine("", " import json"),
                DiffLine("-", "-RETRIES = 1"),
                DiffLine("+", "+RETRIES = 3"),
            ),
        ),
        FileRow("wheels/slack_sdk-3.0-py3-none-any.whl", "added", "", "310 kB"),
    ),
)
COMPARE = ComparePage(
    columns=(
        Column("crm-to-slack-v1 1.3.0", "/c/bizops/crm-to-slack-v1@1.3.0", "/compare?c=b"),
        Column("lead-alerts 2.0.1", "/c/sales/lead-alerts@2.0.1", "/compare?c=a"),
    ),
    rows=(
        ComparedRow("Uses", ("crm, slack", "crm, slack")),
        ComparedRow("Trigger", ("webhook /lead", "schedule 0 * * * *")),
        ComparedRow("Network", ("slack.com", "")),
    ),
    chosen="bizops/crm-to-slack-v1@1.3.0,sales/lead-alerts@2.0.1",
)
