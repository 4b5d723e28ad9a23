"""Posts alerts to a Slack channel. Start it with `python -m slack_alerts`."""
