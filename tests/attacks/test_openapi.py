"""Row R23: the server does what its OpenAPI document says, whatever it is sent.

schemathesis makes requests from the document: some that it allows, some that break it on
purpose, and chains of them. Each answer must be one that the document knows.
"""

from collections import Counter
from typing import Any

import pytest
import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema
from starlette.types import Receive, Scope, Send

from marketplaces import Marketplace
from walks import code_of, known_names, on_sqlite

SEED = 20261124
KNOWN = 0.7  # how often a path names something that is there
UNAVAILABLE_TOO = {"expected-statuses": ["2xx", "3xx", "4xx", "503"]}
INSTANCE = "/api/v1/teams/{team}/instances/{name}"
EXCEPTIONS = [
    # what is wrong with a manifest is what this route is asked for: 200
    {
        "include-path": "/api/v1/connectors:validate",
        "checks": {"negative_data_rejection": {"enabled": False}},
    },
    # nothing is contained in this test, so nothing may be tried
    {
        "include-path": "/api/v1/connectors/{namespace}/{connector}/versions/{version}:try",
        "checks": {"not_a_server_error": UNAVAILABLE_TOO},
    },
    # no advisories were imported, and nothing is called clean without them
    *(
        {"include-path": f"/osv/v1/{end}", "checks": {"not_a_server_error": UNAVAILABLE_TOO}}
        for end in ("query", "querybatch", "vulns/{identity}")
    ),
    # there is no process behind the instance of this test
    *(
        {"include-path": INSTANCE + end, "checks": {"not_a_server_error": UNAVAILABLE_TOO}}
        for end in (":run", "/metrics")
    ),
]
schemathesis.serializer.alias("application/x-ndjson", "application/json")  # of one line
schemathesis.serializer.alias("application/gzip", "application/octet-stream")
CHECKS = {
    "positive_data_acceptance": {"enabled": False},  # a schema does not know what there is
    "allow_header_conformance": {
        "enabled": False
    },  # `{name}` is also `leads:pause` to a router
    "use_after_free": {"enabled": True},
}
SMALL = {
    "phases": {"coverage": {"enabled": False}, "stateful": {"enabled": False}},
    "generation": {"max-examples": 4},
}
LARGE = {"generation": {"max-examples": 80}}


@on_sqlite
@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("budget", "at_least"),
    [
        pytest.param(SMALL, 200, id="R23-small"),
        pytest.param(LARGE, 5_000, id="R23-large", marks=pytest.mark.full),
    ],
)
def test_every_answer_is_as_the_document_says(
    shop: Marketplace, budget: dict[str, Any], at_least: int
) -> None:
    known = known_names(shop)
    names = {**known, "account": "zoe", "version": "latest"}
    shop.state.stopping.set()  # so that streams end
    settings = {
        "seed": SEED,
        "continue-on-failure": True,
        "headers": shop.as_("admin"),
        "dictionaries": {name: {"values": [value]} for name, value in names.items()},
        "parameters": {
            f"path.{name}": {"dictionary": name, "probability": KNOWN} for name in names
        },
        "operations": EXCEPTIONS,
        "checks": CHECKS,
        **budget,
    }

    cases, failures = tried(shop, SchemathesisConfig.from_dict(settings))

    assert failures == Counter()
    assert cases >= at_least


def tried(shop: Marketplace, config: SchemathesisConfig) -> tuple[int, Counter[str]]:
    """Run schemathesis; return how many requests it sent, and what was wrong with answers."""

    async def without_background(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            raise RuntimeError("this test starts no background work")
        await shop.served(scope, receive, send)

    schema = schemathesis.openapi.from_asgi("/openapi.json", without_background, config=config)
    cases, failures = 0, Counter[str]()
    for event in from_schema(schema).execute():
        match event:
            case events.ScenarioFinished(recorder=recorder):
                cases += len(recorder.cases)
                for checks in recorder.checks.values():
                    failures.update(
                        f"{recorder.label} {one.name}: {one.failure_info.failure}"
                        for one in checks
                        if one.failure_info
                    )
            case events.NonFatalError(label=where, value=failure):
                failures[f"{where}: {failure}"] += 1
            case events.FatalError(exception=failure):
                raise failure
    return cases, failures


@on_sqlite
def test_a_refused_method_is_told_which_ones_there_are(shop: Marketplace) -> None:
    answer = shop.client.options("/api/v1/teams", headers=shop.as_("max"))

    assert (answer.status_code, code_of(answer)) == (405, "route-missing")
    assert answer.headers["allow"] == "GET, POST"


@on_sqlite
@pytest.mark.parametrize(
    ("path", "needs"),
    [
        ("/healthz", None),
        ("/api/v1/connectors", [{"token": []}, {}]),
        ("/api/v1/me", [{"token": []}]),
    ],
)
def test_the_document_says_who_needs_a_token(
    shop: Marketplace, path: str, needs: object
) -> None:
    document = shop.client.get("/openapi.json").json()

    assert document["paths"][path]["get"].get("security") == needs
    assert list(document["components"]["securitySchemes"]) == ["token"]
