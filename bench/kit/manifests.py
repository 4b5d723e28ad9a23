"""As many different, realistic manifests as are wanted; the n-th is the same in every run."""

import random
from collections.abc import Iterator

SYSTEMS = (
    *("slack", "crm", "pagerduty", "jira", "sheets", "postgres", "s3", "billing", "zendesk"),
    *("github", "snowflake", "kafka", "stripe", "hubspot", "datadog", "okta", "workday"),
    *("shopify", "marketo", "bigquery", "teams", "asana", "notion", "twilio"),
)
VERBS = (
    *("sync", "notify", "alert", "report", "import", "mirror", "watch", "archive", "enrich"),
    *("route", "approve", "reconcile", "forecast", "dedupe", "escalate", "summarise"),
)
THINGS = (
    *("lead", "invoice", "incident", "ticket", "contract", "order", "payment", "employee"),
    *("shipment", "budget", "release", "customer", "campaign", "refund", "deployment", "visit"),
    *("document", "meeting", "expense", "quote", "renewal", "dataset", "survey", "device"),
)
MANNERS = (
    *("daily", "hourly", "weekly", "instantly", "quietly", "in batches", "after approval"),
    *("with retries", "per region", "per team", "for auditors", "for new hires"),
)
DOMAINS = ("crm", "operations", "finance", "people", "marketing", "support", "platform")
RISKS = ("low", "low", "low", "medium", "medium", "high")
RUNTIMES = (
    "{type: serverless, provider: cloudrun, timeout: 30s}",
    "{type: container, provider: kubernetes}",
    "{type: lowcode, provider: n8n}",
)
TEAMS = tuple(f"team-{n}" for n in range(40))

FILTERS = (
    *(f"domain:{domain}" for domain in DOMAINS),
    *(f"risk:{risk}" for risk in ("low", "medium", "high")),
    *(f"team:{team}" for team in TEAMS),
)
UNFINISHED, MISTYPED, FILTERED = 0.4, 0.1, 0.4  # shares of all searches

TEMPLATE = """\
schema_version: "1"
namespace: {team}
id: {source}-to-{goal}-{verb}-{n}
name: {source_name} -> {goal_name} {verb} {thing} {n}
version: 1.{minor}.0
description: Will {verb} each {thing} of {source} {manner} and tell {goal} about it
owner: {team}@example.com
team: {team}
tags: [{source}, {goal}, {verb}, "domain:{domain}", "risk:{risk}"]
runtime: {runtime}
triggers:
  - {{type: webhook, path: /{thing}}}
inputs:
  - name: {goal}_target
    title: Where {goal} shows it
    required: true
    schema: {{type: string, maxLength: 81}}
    example: main
secrets: [{source}_key, {goal}_token]
permissions:
  allowed_hosts: [{source}.example.com, {goal}.example.com]
data:
  classification: internal
  reads_from: [{source}]
  writes_to: [{goal}]
policies:
  - data_retention: 30d
vetting_status: {status}
examples:
  - title: One {thing} for {team}
    description: The {thing} is taken from {source} {manner}
    inputs: {{{goal}_target: main}}
"""


def manifest(n: int) -> bytes:
    """Return the n-th manifest."""
    chance = random.Random(n)
    source, goal = chance.sample(SYSTEMS, 2)
    text = TEMPLATE.format(
        n=n,
        team=TEAMS[n % len(TEAMS)],
        source=source,
        goal=goal,
        source_name=source.title(),
        goal_name=goal.title(),
        verb=chance.choice(VERBS),
        thing=chance.choice(THINGS),
        manner=chance.choice(MANNERS),
        minor=chance.randrange(30),
        domain=chance.choice(DOMAINS),
        risk=chance.choice(RISKS),
        runtime=chance.choice(RUNTIMES),
        status=chance.choice(("review", "approved", "approved")),
    )
    return text.encode()


def key(n: int) -> str:
    """Return the identity of the n-th connector, as `team-3/crm-to-slack-sync-43`."""
    lines = dict(line.split(": ", 1) for line in manifest(n).decode().splitlines()[1:3])
    return f"{lines['namespace']}/{lines['id']}"


def searches() -> Iterator[str]:
    """Yield what people might type, each text once: words, unfinished words, filters."""
    chance = random.Random("searches")
    seen = set()
    while True:
        words = [chance.choice(SYSTEMS), chance.choice(VERBS), chance.choice(THINGS)]
        chance.shuffle(words)
        wanted = words[: chance.choice((2, 2, 3))]
        if chance.random() < UNFINISHED:
            wanted[-1] = wanted[-1][: max(3, len(wanted[-1]) - 2)]
        if chance.random() < MISTYPED:
            wanted[0] = wanted[0][1] + wanted[0][0] + wanted[0][2:]
        if chance.random() < FILTERED:
            wanted.append(chance.choice(FILTERS))
        if (text := " ".join(wanted)) not in seen:
            seen.add(text)
            yield text
