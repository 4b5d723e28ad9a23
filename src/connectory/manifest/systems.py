"""Names of systems that connectors talk to, and what their permissions mean in words."""

from types import MappingProxyType

TITLES = MappingProxyType(
    {
        "aws": "AWS",
        "azure": "Azure",
        "billing": "the billing system",
        "confluence": "Confluence",
        "crm": "the CRM",
        "datadog": "Datadog",
        "gcp": "Google Cloud",
        "github": "GitHub",
        "gitlab": "GitLab",
        "google": "Google",
        "hubspot": "HubSpot",
        "jira": "Jira",
        "mysql": "MySQL",
        "pagerduty": "PagerDuty",
        "postgres": "PostgreSQL",
        "postgresql": "PostgreSQL",
        "salesforce": "Salesforce",
        "sap": "SAP",
        "servicenow": "ServiceNow",
        "sheets": "Google Sheets",
        "slack": "Slack",
        "snowflake": "Snowflake",
        "stripe": "Stripe",
        "teams": "Microsoft Teams",
        "zendesk": "Zendesk",
    }
)

SCOPES = MappingProxyType(
    {
        ("slack", "chat:write"): "post messages to Slack",
        ("slack", "chat:write.public"): "post messages to all public channels of Slack",
        ("slack", "channels:read"): "list the public channels of Slack",
        ("slack", "channels:history"): "read messages in public channels of Slack",
        ("slack", "groups:history"): "read messages in private channels of Slack",
        ("slack", "im:history"): "read direct messages in Slack",
        ("slack", "users:read"): "list the people in Slack",
        ("slack", "users:read.email"): "read the e-mail addresses of people in Slack",
        ("slack", "files:read"): "read files in Slack",
        ("slack", "files:write"): "upload files to Slack",
        ("slack", "incoming-webhook"): "post messages to one channel of Slack",
        ("hubspot", "crm.objects.contacts.read"): "read contacts in HubSpot",
        ("hubspot", "crm.objects.contacts.write"): "change contacts in HubSpot",
        ("crm", "leads:read"): "read leads in the CRM",
        ("crm", "leads.read"): "read leads in the CRM",
        ("crm", "leads:write"): "change leads in the CRM",
        ("crm", "leads.write"): "change leads in the CRM",
        ("pagerduty", "events.enqueue"): "open, acknowledge and resolve alerts in PagerDuty",
        ("pagerduty", "incidents.read"): "read incidents in PagerDuty",
        ("pagerduty", "incidents.write"): "open and change incidents in PagerDuty",
        ("aws", "ce:GetCostAndUsage"): "read the costs of the AWS account",
        ("aws", "s3:GetObject"): "read files in Amazon S3",
        ("aws", "s3:PutObject"): "write files to Amazon S3",
    }
)


def is_system(word: str) -> bool:
    """Whether a tag names a system."""
    return word in TITLES


def title_of(system: str) -> str:
    """Return the name of a system as people write it."""
    return TITLES.get(system, system)


def grant_in_words(provider: str, right: str) -> str:
    """Return what a scope or an action allows; its own name when nobody described it yet."""
    return SCOPES.get((provider, right), f"use {right} at {title_of(provider)}")
