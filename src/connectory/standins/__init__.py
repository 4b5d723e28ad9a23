"""Servers that play Slack and a CRM, written from the vendors' documentation.

They serve the demo, rehearsals and tests. They check credentials, validate what they get, page
and limit as the real ones do, and can be told to fail (`connectory.standins.serving`). They
listen on loopback only.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from connectory.standins.crm import CRM_API_KEY, Crm
from connectory.standins.serving import Server
from connectory.standins.slack import SLACK_TOKEN, Slack

__all__ = ["CRM_API_KEY", "SECRETS", "SLACK_TOKEN", "StandIns", "run_all"]

SECRETS: Mapping[str, str] = {"slack_bot_token": SLACK_TOKEN, "crm_api_key": CRM_API_KEY}
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
        }

    def stop(self) -> None:
        """Stop all of them."""
        for server in self.servers.values():
            server.stop()


def run_all(directory: Path, ports: Mapping[str, int]) -> StandIns:
    """Start every stand-in in threads of this process.

    Args:
        directory: Where the CRM keeps leads and webhooks over a restart; it is created.
        ports: Port by name (`slack`, `crm`); 0 or absent takes a free one.

    Raises:
        OSError: If a port is taken.
    """
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    slack = Server(Slack(), ports.get("slack", 0))
    try:
        crm = Server(Crm(directory / "crm.json"), ports.get("crm", 0))
    except OSError:
        slack.stop()
        raise
    return StandIns({"slack": slack, "crm": crm})
