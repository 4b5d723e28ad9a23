"""Cancelling and trying again, through the API, with real processes."""

from httpx2 import Response

from connectory.standins import SECRETS
from marketplaces import Marketplace
from releases import publish

URL = "/api/v1/teams/payments/instances/leads"
ASKED = {"connector": "crm-to-slack-v1", "inputs": {"slack_channel": "#leads"}}


def install(shop: Marketplace) -> str:
    answer = shop.client.put(URL, json=ASKED, headers=shop.as_("max"))
    return str(answer.headers["Location"])


def get(shop: Marketplace, path: str = URL) -> dict[str, object]:
    body: dict[str, object] = shop.client.get(path, headers=shop.as_("max")).json()
    return body


def post(shop: Marketplace, path: str, **body: object) -> Response:
    return shop.client.post(path, json=body, headers=shop.as_("max"))


def store_key(shop: Marketplace, value: str) -> None:
    shop.client.put(
        "/api/v1/teams/payments/secrets/crm_api_key",
        json={"value": value},
        headers=shop.as_("max"),
    )


def test_a_cancelled_install_leaves_nothing(shop: Marketplace) -> None:
    operation = install(shop)

    answer = post(shop, f"{operation}:cancel")
    shop.turn()

    assert answer.status_code == 202
    assert get(shop, operation)["state"] == "cancelled"
    assert shop.client.get(URL, headers=shop.as_("max")).status_code == 404


def test_an_undone_install_is_tried_again(shop: Marketplace) -> None:
    object.__setattr__(shop.state.crew, "health_seconds", 3)
    store_key(shop, "not-the-key")
    operation = install(shop)
    shop.turn()
    undone = get(shop, operation)["state"]
    store_key(shop, SECRETS["crm_api_key"])
    object.__setattr__(shop.state.crew, "health_seconds", 20)

    post(shop, f"{operation}:retry")
    shop.turn()

    assert undone == "undone"
    assert get(shop, operation)["state"] == "succeeded"
    assert (get(shop)["state"], get(shop)["health"]["status"]) == ("running", "healthy")


def test_an_install_whose_name_is_taken_by_now_is_not_tried_again(shop: Marketplace) -> None:
    operation = install(shop)
    post(shop, f"{operation}:cancel")
    shop.turn()
    install(shop)
    shop.turn()

    answer = post(shop, f"{operation}:retry")

    assert (answer.status_code, answer.json()["code"]) == (409, "instance-exists")


def test_an_undone_upgrade_is_tried_again(shop: Marketplace) -> None:
    install(shop)
    shop.turn()
    publish(shop, "1.4.0")
    operation = post(shop, f"{URL}:upgrade").headers["Location"]
    post(shop, f"{operation}:cancel")
    shop.turn()
    cancelled = get(shop, operation)["state"], get(shop)["connector"]["version"]

    post(shop, f"{operation}:retry")
    shop.turn()

    assert cancelled == ("cancelled", "1.3.0")
    assert get(shop, operation)["state"] == "succeeded"
    assert get(shop)["connector"]["version"] == "1.4.0"


def test_a_removal_is_not_cancelled(shop: Marketplace) -> None:
    install(shop)
    shop.turn()
    removal = shop.client.delete(URL, headers=shop.as_("max")).headers["Location"]

    answer = post(shop, f"{removal}:cancel")

    assert (answer.status_code, answer.json()["code"]) == (409, "not-cancellable")


def test_the_operation_of_another_team_is_not_cancelled(shop: Marketplace) -> None:
    operation = install(shop)

    answer = shop.client.post(f"{operation}:cancel", headers=shop.as_("ana"))

    assert answer.status_code == 404


def test_the_page_of_an_operation_cancels_it_and_tries_it_again(shop: Marketplace) -> None:
    page = install(shop).removeprefix("/api/v1")
    own = {"Sec-Fetch-Site": "same-origin", "Accept": "text/html", **shop.as_("max")}

    waiting = shop.client.get(page, headers=own).text
    shop.client.post(f"{page}/cancel", headers=own)
    shop.turn()
    ended = shop.client.get(page, headers=own).text
    shop.client.post(f"{page}/retry", headers=own)
    shop.turn()

    assert f"{page}/cancel" in waiting
    assert f"{page}/retry" in ended
    assert get(shop)["state"] == "running"
