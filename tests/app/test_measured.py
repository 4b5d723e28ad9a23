"""The server's own numbers: who may read them, and that no caller can blow them up."""

import dataclasses

from connectory.access.rules import Scope
from connectory.monitoring.exposition import read
from marketplaces import Marketplace


def numbers(marketplace: Marketplace) -> dict[tuple[str, ...], float]:
    text = marketplace.client.get("/metrics", headers=marketplace.as_("admin")).text
    return {(one.name, *one.labels.values()): one.value for one in read(_ours(text)).samples}


def _ours(text: str) -> str:
    """Let the reader take the platform's own names, which it refuses from connectors."""
    return text.replace("connectory_", "server_")


def test_only_admins_read_the_numbers_unless_the_operator_opens_them(
    marketplace: Marketplace,
) -> None:
    reader = marketplace.token("admin", frozenset({Scope.READ}))
    callers = {
        "anonymous": {},
        "member": marketplace.as_("max"),
        "reader": {"Authorization": f"Bearer {reader}"},
    }

    def statuses() -> list[int]:
        return [
            marketplace.client.get("/metrics", headers=headers).status_code
            for headers in callers.values()
        ]

    closed = statuses()
    state = marketplace.state
    state.settings = dataclasses.replace(state.settings, metrics_open=True)

    assert closed == [401, 403, 200]
    assert statuses() == [200, 200, 200]


def test_requests_are_counted_by_route_and_not_by_path(marketplace: Marketplace) -> None:
    for number in range(50):
        marketplace.client.get(f"/api/v1/connectors/bizops/none-{number}/versions")
        marketplace.client.get(f"/nowhere/{number}")
    marketplace.client.request("BREW", "/healthz")

    found = numbers(marketplace)

    route = "/api/v1/connectors/{namespace}/{connector}/versions"
    assert found["server_requests_total", "GET", route, "404"] == 50
    assert found["server_requests_total", "GET", "other", "404"] == 50
    assert found["server_request_seconds_count", route] == 50
    methods = {key[1] for key in found if key[0] == "server_requests_total"}
    assert methods == {"GET", "other"}


def test_background_work_and_the_log_are_counted(marketplace: Marketplace) -> None:
    marketplace.state.jobs.loops[0].failures = 3

    found = numbers(marketplace)
    marketplace.follow()

    assert found["server_loop_failures_total", "sealer"] == 3
    assert found["server_unsealed_events",] > 0
    assert numbers(marketplace)["server_unsealed_events",] == 0
    assert found["server_instances", "healthy"] == 0
