"""Sample numbers and alerts of an instance."""

from connectory.web.pages.monitoring import AlertRow, MetricRow, Monitoring, Spark

MONITORING = Monitoring(
    sparks=(
        Spark(
            "Runs",
            "12 per minute",
            "between 0 per minute and 31 per minute",
            "0.0,46.0 40.0,30.2 80.0,31.0 120.0,12.4 160.0,2.0 200.0,20.0 240.0,29.0",
        ),
        Spark("Errors", "0 per minute", "always 0 per minute", "0.0,46.0 240.0,46.0"),
        Spark(
            "Mean duration of a run",
            "0.21 s",
            "between 0.18 s and 0.9 s",
            "0.0,37.0 80.0,36.2 120.0,2.0 160.0,34.0 240.0,36.0",
        ),
        Spark("leads_delivered_total", "12 per minute", "always 12 per minute", ""),
    ),
    rows=(
        MetricRow("leads_delivered_total", "", "1,204", "Leads posted to Slack"),
        MetricRow(
            "leads_failed_total", 'reason="no_email"', "1", "Leads that could not be posted"
        ),
    ),
    alerts=(
        AlertRow(
            "crm-to-slack fails",
            "errors over 5 % for 10 minutes",
            "page",
            'sum(rate(connector_runs_total{outcome=~"failed|timed-out"}[5m])) > 0.05',
        ),
        AlertRow(
            "Leads are late",
            "when it feels slow",
            "",
            trouble="it compares nothing with a number",
        ),
    ),
    refused=3,
)
