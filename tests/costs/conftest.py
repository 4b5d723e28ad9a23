"""A manifest as small as a cost estimate needs it."""

import json
from collections.abc import Callable

import pytest

from connectory.manifest.loader import load
from connectory.manifest.model import Manifest

Build = Callable[..., Manifest]


@pytest.fixture
def manifest() -> Build:
    def build(
        *,
        meters: dict[str, object] | None = None,
        per: str = "month",
        resources: dict[str, object] | None = None,
        **more: object,
    ) -> Manifest:
        usage = [
            {"meter": meter, "quantity": quantity, "per": per}
            for meter, quantity in (meters or {}).items()
        ]
        runtime = {"type": "serverless", "resources": resources or {}}
        document = {
            "id": "crm-to-slack-v1",
            "name": "CRM to Slack",
            "version": "1.2.0",
            "description": "Sends new leads to a channel",
            "owner": "bizops@example.com",
            "runtime": runtime,
            "cost": {"usage": usage},
        }
        return load(json.dumps(document | more).encode()).manifest

    return build
