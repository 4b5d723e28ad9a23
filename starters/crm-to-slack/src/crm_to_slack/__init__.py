"""Posts new leads of a CRM to a Slack channel. Start it with `python -m crm_to_slack`."""
