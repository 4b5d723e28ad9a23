"""The routes of monitoring, about an instance that is installed."""

from pathlib import Path
from typing import Any

import pytest

from ledger import LedgerTarget, keep_books
from marketplaces import Marketplace

URL = "/api/v1/teams/payments/instances/leads"
ASKED = {"connector": "crm-to-slack-v1", "inputs": {"slack_channel": "#leads"}}


class Shop:
    """A marketplace with `payments/leads`, as people of several teams see it."""

    def __init__(self, market: Marketplace, books: LedgerTarget) -> None:
        self.market = market
        self.books = books
        market.client.put(URL, json=ASKED, headers=market.as_("max"))
        market.turn()

    def get(self, path: str, by: str = "max") -> Any:
        answer = self.market.client.get(path, headers=self.market.as_(by))
        assert answer.status_code == 200, answer.text
        return answer.json() if "json" in answer.headers["content-type"] else answer.text

    def turn(self, change: str) -> None:
        self.market.client.post(f"{URL}:{change}", headers=self.market.as_("max"))
        self.market.turn()


@pytest.fixture
def shop(site: Marketplace, tmp_path: Path) -> Shop:
    return Shop(site, keep_books(site, tmp_path))


def test_what_is_monitored_follows_what_is_installed(shop: Shop) -> None:
    [target] = shop.get("/sd/prometheus")
    text = shop.get(target["labels"]["__metrics_path__"])
    rules = shop.get("/sd/rules.yml")

    assert 'connectory_instance_health{status="unknown"} 1' in text
    assert "connectory_instance_up 1" in text
    assert "name: payments/leads" in rules
    assert len(shop.get("/sd/datadog-monitors.json")) == rules.count("- alert:")
    assert shop.get("/sd/grafana.json")["title"] == "Connectory"
    # another team sees nothing of it, an admin everything
    assert shop.get("/sd/prometheus", by="ana") == []
    assert "payments" not in shop.get("/sd/rules.yml", by="ana")
    assert len(shop.get("/sd/prometheus", by="admin")) == 1
    assert [one["name"] for one in shop.get(f"{URL}/alerts")["items"]] == [
        "crm-to-slack fails",
        "InstanceFailing",
        "InstanceSilent",
        "InstanceCrashLoop",
    ]
    # the page shows the same without a script
    page = shop.get("/t/payments/i/leads?span=7d")
    assert "crm-to-slack fails" in page
    assert "errors over 5 % for 10 minutes" in page

    shop.turn("pause")
    assert "connectory_instance_up" not in shop.get(f"{URL}/metrics/prometheus")
    assert "payments/leads" not in shop.get("/sd/rules.yml")
    assert shop.get(f"{URL}/metrics")["items"] == []

    shop.market.client.delete(URL, headers=shop.market.as_("max"))
    assert shop.get("/sd/prometheus") == []
    assert "payments" not in shop.get("/sd/rules.yml")
    assert shop.get("/sd/datadog-monitors.json") == []
