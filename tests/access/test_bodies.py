"""Bodies that JSON allows and no database does are refused, on both alike."""

import pytest

from marketplaces import Marketplace

URL = "/api/v1/teams/payments/defaults"


@pytest.mark.parametrize(
    "value",
    ['"a\\u0000b"', '"\\ud83d"', "NaN", "1e999", "-Infinity", "1" * 40, "[" * 40 + "]" * 40],
    ids=["nul", "half", "nan", "huge", "infinite", "long", "deep"],
)
def test_what_cannot_be_stored_is_refused(marketplace: Marketplace, value: str) -> None:
    answer = marketplace.client.put(
        URL,
        content='{"inputs": {"x": ' + value + "}}",
        headers={**marketplace.as_("kim"), "Content-Type": "application/json"},
    )

    assert (answer.status_code, answer.json()["code"]) == (400, "json-refused")
    assert marketplace.client.get(URL, headers=marketplace.as_("kim")).json()["inputs"] == {}


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/teams/pay%00ments/secrets",
        "/api/v1/operations?kind=%00",
        "/api/v1/connectors/a%00b",
        "/c/a%00b",
    ],
)
def test_an_address_with_nul_is_refused(marketplace: Marketplace, path: str) -> None:
    answer = marketplace.client.get(path, headers=marketplace.as_("admin"))

    assert answer.status_code == 400


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/audit?after=99999999999999999999",
        "/api/v1/operations?cursor=%C3%A9%C3%A9",
        "/api/v1/instances?cursor=AAAA",
        "/api/v1/connectors?cursor=x",
        "/api/v1/teams/payments/defaults?environment=moon",
    ],
)
def test_numbers_and_cursors_that_nobody_gave_out_are_refused(
    marketplace: Marketplace, path: str
) -> None:
    answer = marketplace.client.get(path, headers=marketplace.as_("admin"))

    assert answer.status_code in {400, 422}


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/instances", None),
        ("GET", "/secrets", None),
        ("PUT", "/secrets/key", {"value": "x"}),
        ("PUT", "/defaults", {"inputs": {}}),
        ("DELETE", "/members/ana", None),
        ("PUT", "/instances/leads", {"connector": "x"}),
    ],
)
def test_an_admin_has_no_role_in_a_team_that_does_not_exist(
    marketplace: Marketplace, method: str, path: str, body: object
) -> None:
    answer = marketplace.client.request(
        method, f"/api/v1/teams/ghosts{path}", json=body, headers=marketplace.as_("admin")
    )

    assert (answer.status_code, answer.json()["code"]) == (404, "team-missing")


def test_a_plan_for_a_team_that_does_not_exist_is_refused(marketplace: Marketplace) -> None:
    answer = marketplace.client.post(
        "/api/v1/plans",
        json={"connector": "x", "team": "ghosts"},
        headers=marketplace.as_("admin"),
    )

    assert (answer.status_code, answer.json()["code"]) == (404, "team-missing")


@pytest.mark.parametrize("body", [{}, {"plan": "plan_1", "connector": "x"}])
def test_an_install_names_a_plan_or_a_connector(
    marketplace: Marketplace, body: dict[str, str]
) -> None:
    answer = marketplace.client.put(
        "/api/v1/teams/payments/instances/leads", json=body, headers=marketplace.as_("max")
    )

    assert (answer.status_code, answer.json()["code"]) == (422, "request-refused")
