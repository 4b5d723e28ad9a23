"""The dashboard that is shipped for Grafana."""

import json
from functools import cache
from importlib.resources import files


@cache
def grafana() -> dict[str, object]:
    """Return the dashboard as Grafana imports it; its data source is asked for then."""
    text = files("connectory.monitoring").joinpath("grafana.json").read_text("utf-8")
    dashboard: dict[str, object] = json.loads(text)
    return dashboard
