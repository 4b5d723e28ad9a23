"""Rows B118 and B122: secrets in requests that are refused, and patterns that never end."""

import time

import pytest
from httpx2 import Response

from connectory.manifest.input_schema import validator
from marketplaces import Marketplace
from walks import HTML, on_sqlite

CANARY = "canary-7f3d91-of-a-secret"
OWN = {"Sec-Fetch-Site": "same-origin", **HTML}
SECRETS = "/api/v1/teams/payments/secrets"
INSTANCE = "/api/v1/teams/payments/instances/leads"
TO_SECRETS = {
    "a-name-that-is-none": ("/Not%20a%20name", {"value": CANARY}),
    "a-list": ("/crm_api_key", {"value": [CANARY]}),
    "an-unknown-field": ("/crm_api_key", {"valeu": CANARY}),
    "a-control-character": ("/crm_api_key", {"value": f"{CANARY}\0"}),
    "too-long": ("/crm_api_key", {"value": CANARY * 10_000}),
}
ENDLESS = r"^(a+)+$"


def refused(answer: Response) -> bool:
    """Say whether a request was refused without a word of the secret."""
    return answer.status_code >= 400 and CANARY not in answer.text + str(answer.headers)


@on_sqlite
@pytest.mark.parametrize(("path", "body"), TO_SECRETS.values(), ids=TO_SECRETS)
def test_b118_a_value_that_is_refused_is_not_repeated(
    site: Marketplace, path: str, body: dict[str, object]
) -> None:
    by = site.as_("max")

    assert refused(site.client.put(f"{SECRETS}{path}", json=body, headers=by))


@on_sqlite
def test_b118_a_form_does_not_repeat_a_value(site: Marketplace) -> None:
    headers = {**OWN, **site.as_("max")}
    form = {"name": "Not a name", "value": CANARY}

    answer = site.client.post("/t/payments/secrets", data=form, headers=headers)

    assert refused(answer)
    assert "Not a name" in answer.text


@on_sqlite
def test_b118_a_token_that_nobody_has_is_not_repeated(site: Marketplace) -> None:
    bearer = {"Authorization": f"Bearer cty_{CANARY}"}

    assert refused(site.client.get("/api/v1/me", headers=bearer))
    assert refused(site.client.post("/sign-in", data={"token": f"cty_{CANARY}"}, headers=OWN))


@on_sqlite
def test_b118_a_value_where_a_place_belongs_is_not_repeated(site: Marketplace) -> None:
    asked = {
        "connector": "crm-to-slack-v1",
        "inputs": {"slack_channel": "#leads"},
        "secrets": {"crm_api_key": CANARY},
    }

    answer = site.client.put(INSTANCE, json=asked, headers=site.as_("max"))

    assert refused(answer)
    listed = site.client.get("/api/v1/audit", headers=site.as_("admin"))
    assert CANARY not in listed.text


def test_b122_a_pattern_of_an_input_takes_no_longer_for_hostile_text() -> None:
    check = validator({"type": "string", "pattern": ENDLESS})
    began = time.process_time()

    assert not check.is_valid("a" * 50_000 + "!")
    assert time.process_time() - began < 5  # a backtracking engine would need 2^50000 steps
