"""The client of Cost Explorer against moto, with results that each test seeds."""

import contextlib
import http.client
import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from urllib.parse import urlsplit

import pytest
from cost_monitor.explorer import Explorer
from moto.server import ThreadedMotoServer

from connectory.standins import SECRETS
from connectory.standins.billing import Billing
from connectory.standins.serving import Server
from connectory_sdk import Health, RefusedError, TryLaterError

TODAY = date(2026, 11, 3)
KEYS = {name: SECRETS[name] for name in ("aws_access_key_id", "aws_secret_access_key")}


@pytest.fixture(scope="module")
def moto() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def explorer(moto: str) -> Explorer:
    post(f"{moto}/moto-api/reset", {})
    return Explorer(moto, KEYS, "SERVICE", Health())


@pytest.fixture
def billing() -> Iterator[str]:
    server = Server(Billing(), 0)
    yield server.url
    server.stop()


def post(url: str, body: object) -> None:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)
    with contextlib.closing(connection):
        connection.request("POST", urlsplit(url).path, json.dumps(body).encode())
        assert connection.getresponse().status < 300


def seed(moto: str, *pages: dict[str, object]) -> None:
    post(f"{moto}/moto-api/static/ce/cost-and-usage-results", {"results": list(pages)})


def day(start: str, unit: str = "USD", **groups: str) -> dict[str, object]:
    costs = [
        {"Keys": [name], "Metrics": {"UnblendedCost": {"Amount": amount, "Unit": unit}}}
        for name, amount in groups.items()
    ]
    period = {"Start": start, "End": str(date.fromisoformat(start).replace(day=28))}
    return {"TimePeriod": period, "Total": {}, "Groups": costs, "Estimated": False}


def test_costs_are_summed_exactly_by_day_and_by_service(moto: str, explorer: Explorer) -> None:
    first = day("2026-11-01", EC2="0.1", S3="0.2")
    seed(moto, {"ResultsByTime": [first, day("2026-11-02", EC2="1.0000000001")]})

    costs = explorer.month(TODAY)

    assert costs.currency == "USD"
    assert costs.spent == Decimal("1.3000000001")
    assert costs.days == {
        date(2026, 11, 1): Decimal("0.3"),
        date(2026, 11, 2): Decimal("1.0000000001"),
    }
    assert costs.groups == {"EC2": Decimal("1.1000000001"), "S3": Decimal("0.2")}


def test_every_page_is_asked_for(moto: str, explorer: Explorer) -> None:
    seed(
        moto,
        {"ResultsByTime": [day("2026-11-01", EC2="1")], "NextPageToken": "two"},
        {"ResultsByTime": [day("2026-11-02", EC2="2")], "NextPageToken": "three"},
        {"ResultsByTime": [day("2026-11-03", EC2="4")]},
    )

    assert explorer.month(TODAY).spent == 7


def test_a_day_without_costs_is_a_day(moto: str, explorer: Explorer) -> None:
    seed(moto, {"ResultsByTime": [day("2026-11-01"), day("2026-11-02", EC2="2")]})

    assert len(explorer.month(TODAY).days) == 2


def test_two_currencies_cannot_be_summed(moto: str, explorer: Explorer) -> None:
    rows = [day("2026-11-01", EC2="1"), day("2026-11-02", "CNY", EC2="1")]
    seed(moto, {"ResultsByTime": rows})

    with pytest.raises(RefusedError, match="CNY, USD"):
        explorer.month(TODAY)


def test_pages_without_end_are_given_up(moto: str, explorer: Explorer) -> None:
    seed(moto, {"ResultsByTime": [], "NextPageToken": "again"})
    seed(moto, *[{"ResultsByTime": [], "NextPageToken": "again"}] * 2)

    with pytest.raises(RefusedError, match="more than 50 pages"):
        explorer.month(TODAY)


def test_a_tag_is_a_group_and_what_has_none_is_named(billing: str) -> None:
    costs = [
        {"day": "2026-11-01", "service": "S3", "amount": "2", "tags": {"team": "payments"}},
        {"day": "2026-11-02", "service": "S3", "amount": "3"},
    ]
    post(f"{billing}/_costs", {"costs": costs})

    found = Explorer(billing, KEYS, "TAG:team", Health()).month(TODAY)

    assert found.groups == {"payments": 2, "(none)": 3}


@pytest.mark.parametrize(
    ("code", "said", "after_s"),
    [
        ("AccessDeniedException", "allow ce:GetCostAndUsage", 60),
        ("UnrecognizedClientException", "replace the secret aws_access_key_id", 60),
        ("DataUnavailableException", "", 3600),
    ],
)
def test_what_a_person_has_to_repair_is_said_by_health(
    billing: str, code: str, said: str, after_s: int
) -> None:
    health = Health()
    post(f"{billing}/_fail", {"status": 400, "error": code})

    with pytest.raises(TryLaterError) as caught:
        Explorer(billing, KEYS, "SERVICE", health).month(TODAY)

    assert caught.value.after_s == after_s
    assert said in health.reasons().get("aws", "")


def test_a_throttling_is_waited_out_and_health_is_good_again(billing: str) -> None:
    health = Health()
    health.fail("aws", "earlier trouble")
    post(f"{billing}/_fail", {"status": 400, "error": "LimitExceededException"})

    costs = Explorer(billing, KEYS, "SERVICE", health).month(TODAY)

    assert costs.spent > 0
    assert health.reasons() == {}


@pytest.mark.parametrize("changed", KEYS)
def test_a_wrong_key_is_refused_by_its_signature(billing: str, changed: str) -> None:
    health = Health()

    with pytest.raises(TryLaterError):
        Explorer(billing, KEYS | {changed: "wrong"}, "SERVICE", health).month(TODAY)

    assert f"replace the secret {changed}" in health.reasons()["aws"]


def test_a_question_that_is_never_answered_is_refused(billing: str) -> None:
    with pytest.raises(RefusedError, match="GroupBy"):
        Explorer(billing, KEYS, "REGION", Health()).month(TODAY)


def test_an_address_that_does_not_answer_is_named_by_health() -> None:
    health = Health()

    with pytest.raises(TryLaterError, match="does not answer"):
        Explorer("http://127.0.0.1:9", KEYS, "SERVICE", health).month(TODAY)

    assert "aws" in health.reasons()
