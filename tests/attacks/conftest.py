"""A marketplace in which a team can install something."""

import pytest

from connectory.app import bootstrap
from marketplaces import Marketplace


@pytest.fixture
def shop(marketplace: Marketplace) -> Marketplace:
    """A marketplace where max can install crm-to-slack for payments."""
    bootstrap.prepare(marketplace.state)
    for name in ("crm_api_key", "slack_bot_token"):
        marketplace.client.put(
            f"/api/v1/teams/payments/secrets/{name}",
            json={"value": "any"},
            headers=marketplace.as_("max"),
        )
    marketplace.follow()
    return marketplace
