"""Sample connectors: cards, permissions, cost, needs. The names are those of the demo."""

from connectory.web.parts import (
    Card,
    Cost,
    CostLine,
    Field,
    Permissions,
    SecretNeed,
    Span,
    plain,
)
from connectory.web.samples.present import usd

CRM_TO_SLACK = Card(
    namespace="bizops",
    id="crm-to-slack-v1",
    version="1.3.0",
    name=plain("CRM -> Slack New Lead"),
    description=plain("Sends new CRM leads to a team Slack channel"),
    status="approved",
    url="/c/bizops/crm-to-slack-v1",
    tags=("crm", "slack", "alert"),
    runtime="serverless",
    risk="low",
    install_url="/c/bizops/crm-to-slack-v1@1.3.0/install",
)
FOUND = Card(
    namespace="bizops",
    id="crm-to-slack-v1",
    version="1.3.0",
    name=(Span("CRM -> "), Span("Slack", matched=True), Span(" New Lead")),
    description=(
        Span("Sends new CRM leads to a team "),
        Span("Slack", matched=True),
        Span(" channel"),
    ),
    status="approved",
    url="/c/bizops/crm-to-slack-v1",
    tags=("crm", "slack", "alert"),
    runtime="serverless",
    risk="low",
    why=("tag “slack”", "example “Post to #sales”"),
    install_url="/c/bizops/crm-to-slack-v1@1.3.0/install",
)
COST_MONITOR = Card(
    namespace="bizops",
    id="cost-monitor-v1",
    version="1.1.0",
    name=plain("Cost monitor (daily)"),
    description=plain(
        "Posts the day before's cloud spend each morning and warns before a budget is spent"
    ),
    status="review",
    url="/c/bizops/cost-monitor-v1",
    tags=("finance", "slack"),
    runtime="serverless",
    risk="medium",
)
SLACK_ALERTS = Card(
    namespace="bizops",
    id="slack-alerts-v1",
    version="2.0.1",
    name=plain("Slack alerts"),
    description=plain("Turns any JSON webhook into a readable Slack message"),
    status="approved",
    url="/c/bizops/slack-alerts-v1",
    tags=("slack", "alert"),
    runtime="serverless",
    risk="low",
    install_url="/c/bizops/slack-alerts-v1@2.0.1/install",
)
PAGERDUTY = Card(
    namespace="ops",
    id="pagerduty-notify-v2",
    version="2.1.0",
    name=plain("PagerDuty notify"),
    description=plain("Opens an incident when a monitored queue stops moving"),
    status="deprecated",
    url="/c/ops/pagerduty-notify-v2",
    tags=("alert", "on-call"),
    runtime="terraform",
    risk="high",
)
CARDS = (CRM_TO_SLACK, SLACK_ALERTS, COST_MONITOR, PAGERDUTY)
FOUND_CARDS = (FOUND, SLACK_ALERTS, COST_MONITOR, PAGERDUTY)
PERMISSIONS = Permissions(
    will=(
        "read leads from the CRM",
        "post messages to Slack (scope chat:write)",
        "reach slack.com and api.crm.example.com",
    ),
    will_not=(
        "reach any other host",
        "read files of this server or of other instances",
        "see secrets of other teams",
    ),
)
COST = Cost(
    low=usd("2.40"),
    high=usd("4.10"),
    formula="30,000 runs \N{MULTIPLICATION SIGN} 0.3 s \N{MULTIPLICATION SIGN} 0.000024 USD",
    lines=(
        CostLine("CPU time, 30,000 runs of 0.2 to 0.4 s", usd("1.44"), usd("2.88")),
        CostLine("Memory, 256 MB", usd("0.36"), usd("0.62")),
        CostLine("Requests", usd("0.60"), usd("0.60")),
    ),
    price_book="serverless-2026-10 (us-east-1)",
    assumptions=(
        "30,000 leads a month, as the manifest declares",
        "Leaves out network and Slack seats",
    ),
)
NEEDS = (
    Field(
        name="slack_channel",
        label="Slack channel",
        hint="Where new leads are posted.",
        required=True,
        example="#sales",
    ),
)
SECRETS = (
    SecretNeed(
        "crm_api_key",
        "Reads leads and subscribes to new ones.",
        "resolvable",
        "teams/payments/crm_api_key",
    ),
    SecretNeed(
        "slack_bot_token",
        "Posts the message.",
        "missing",
        instructions="Create a bot in Slack with the scope chat:write, then store its token.",
    ),
    SecretNeed("audit_key", "Signs what is posted.", "unmapped"),
)
HELD_SECRETS = (
    SECRETS[0],
    SecretNeed(
        "slack_bot_token", "Posts the message.", "resolvable", "teams/payments/slack_bot_token"
    ),
)
