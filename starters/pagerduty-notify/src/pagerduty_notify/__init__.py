"""Tells PagerDuty of alerts. Start it with `python -m pagerduty_notify`."""
