"""Servers that play Slack, a CRM, PagerDuty and AWS billing, from the vendors' documentation.

They serve the demo, rehearsals and tests. They check credentials, validate what they get, page
and limit as the real ones do, and can be told to fail (`connectory.standins.serving`). They
listen on loopback only.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from connectory.standins.billing import ACCESS_KEY_ID, SECRET_ACCESS_KEY, Billing
from connectory.standins.crm import CRM_API_KEY, Crm
from connectory.standins.pagerduty import ROUTING_KEY, PagerDuty
from connectory.standins.serving import Server, Vendor
from connectory.standins.slack import SLACK_TOKEN, Slack

__all__ = ["CRM_API_KEY", "NAMES", "SECRETS", "SLACK_TOKEN", "StandIns", "run_all", "vendor"]

NAMES = ("slack", "crm", "pagerduty", "billing")
SECRETS: Mapping[str, str] = {
    "slack_bot_token": SLACK_TOKEN,
    "crm_api_key": CRM_API_KEY,
    "pagerduty_routing_key": ROUTING_KEY,
    "aws_access_key_id": ACCESS_KEY_ID,
    "aws_secret_access_key": SECRET_ACCESS_KEY,
}
"""What the stand-ins accept, under the names that the starters give to their secrets."""


@dataclass(frozen=True, slots=True)
class StandIns:
    """Running stand-ins."""

    servers: Mapping[str, Server]

    @property
    def urls(self) -> dict[str, str]:
        """The address of each, without a trailing slash, by name."""
        return {name: server.url for name, server in self.servers.items()}

    @property
    def inputs(self) -> dict[str, str]:
        """The starters' inputs that point at the stand-ins, for a team's defaults."""
        return {
            "slack_api_url": f"{self.servers['slack'].url}/api/",
            "crm_api_url": self.servers["crm"].url,
            "pagerduty_api_url": f"{self.servers['pagerduty'].url}/v2/enqueue",
            "aws_endpoint_url": self.servers["billing"].url,
        }

    def stop(self) -> None:
        """Stop all of them."""
        for server in self.servers.values():
            server.stop()


def vendor(name: str, crm_file: Path | None = None) -> Vendor:
    """Return what plays this part; the CRM alone keeps something in a file, if there is one."""
    makers: Mapping[str, Callable[[], Vendor]] = {
        "slack": Slack,
        "crm": lambda: Crm(crm_file),
        "pagerduty": PagerDuty,
        "billing": Billing,
    }
    return makers[name]()


def run_all(directory: Path, ports: Mapping[str, int]) -> StandIns:
    """Start every stand-in in threads of this process.

    Args:
        directory: Where the CRM keeps leads and webhooks over a restart; it is created.
        ports: Port by name; 0 or absent takes a free one.

    Raises:
        OSError: If a port is taken.
    """
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    servers: dict[str, Server] = {}
    try:
        for name in NAMES:
            part = vendor(name, directory / "crm.json")
            servers[name] = Server(part, ports.get(name, 0))
    except OSError:
        StandIns(servers).stop()
        raise
    return StandIns(servers)
