"""What tests about all routes share: the routes, their addresses, and all that is stored."""

import re
from collections.abc import Iterable, Iterator, Mapping

import pytest
from fastapi import APIRouter
from fastapi.routing import APIRoute
from httpx2 import Response
from sqlalchemy import select

from connectory.access import signing_in
from connectory.access.gate import COOKIE
from connectory.app.mounted import ROUTERS
from connectory.web import routes
from connectory.work.tables import METADATA
from marketplaces import Marketplace

on_sqlite = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)

SAFE = {"GET", "HEAD"}
LEADS = "/api/v1/teams/payments/instances/leads"
ASKED = {"connector": "crm-to-slack-v1", "inputs": {"slack_channel": "#leads"}}
HTML = {"Accept": "text/html"}
OWN = {"Origin": "http://testserver"}


def install(shop: Marketplace, **more: object) -> Response:
    return shop.client.put(LEADS, json={**ASKED, **more}, headers=shop.as_("max"))


def session_of(marketplace: Marketplace, account: str) -> dict[str, str]:
    with marketplace.state.works.write() as work:
        key = signing_in.begin_session(work, account, hours=1)
    return {"Cookie": f"{COOKIE}={key.reveal()}"}


def every_route() -> Iterator[tuple[str, APIRoute]]:
    found: Iterable[APIRouter] = (*ROUTERS, *routes.ROUTERS)
    for router in found:
        for route in router.routes:
            if isinstance(route, APIRoute):
                for method in sorted(route.methods):
                    yield method, route


def filled(route: APIRoute, known: Mapping[str, str]) -> str:
    return re.sub(r"\{([^}:]+)[^}]*\}", lambda m: known.get(m[1], "none"), route.path)


def contents(marketplace: Marketplace) -> dict[str, object]:
    """Return every row of every table, and every file, but not when a token was last used."""
    rows: dict[str, object] = {}
    with marketplace.state.works.read() as work:
        for table in METADATA.sorted_tables:
            columns = [column for column in table.c if column.name != "last_used_at"]
            rows[table.name] = sorted(map(repr, work.db.execute(select(*columns))))
    data = marketplace.state.settings.data
    return {**rows, "files": {path for path in data.rglob("*") if path.is_file()}}


def known_names(shop: Marketplace) -> dict[str, str]:
    """Return what the placeholders of paths can stand for, after an install was begun."""
    operation = install(shop).json()["operation"]
    plan = shop.client.post(
        "/api/v1/plans", json={**ASKED, "team": "payments"}, headers=shop.as_("max")
    ).json()
    return {
        "team": "payments",
        "name": "leads",
        "namespace": "bizops",
        "connector": "crm-to-slack-v1",
        "wanted": "crm-to-slack-v1",
        "version": "1.3.0",
        "operation": operation,
        "plan_id": plan["id"],
    }


def api_routes() -> list[tuple[str, APIRoute]]:
    found = [r for router in ROUTERS for r in router.routes if isinstance(r, APIRoute)]
    return [(method, route) for route in found for method in sorted(route.methods)]


def code_of(answer: Response) -> str:
    is_problem = answer.headers.get("content-type") == "application/problem+json"
    return str(answer.json()["code"]) if is_problem else ""
