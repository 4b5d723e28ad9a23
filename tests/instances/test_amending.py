"""Trying again what was undone, with other settings; and what an undone one lets go."""

from concurrent.futures import ThreadPoolExecutor, wait

from connectory.access.rules import Actor, Role
from connectory.instances import change, plan, store
from connectory.instances.plan import Request
from connectory.packages import pins
from connectory.work import Origin
from releases import publish

MAX = Actor("max", teams={"payments": Role.MEMBER}, via="test")

ASKED = {"connector": "crm-to-slack-v1", "inputs": {"slack_channel": "#leads"}}
URL = "/api/v1/teams/payments/instances/leads"


def cancelled(leads, answer) -> str:
    operation = answer.json()["operation"]
    leads.steer(operation, "cancel")
    leads.shop.turn()
    return str(operation)


def setting(leads) -> object:
    return {one["name"]: one["value"] for one in leads.get()["settings"]}["slack_channel"]


def test_an_undone_upgrade_begins_anew_with_other_settings(leads) -> None:
    publish(leads.shop, "1.4.0")
    operation = cancelled(leads, leads.post("upgrade"))

    answer = leads.steer(operation, "retry", inputs={"slack_channel": "#better"})
    leads.shop.turn()

    assert answer.status_code == 202
    assert (leads.get()["connector"]["version"], setting(leads)) == ("1.4.0", "#better")


def test_an_undone_install_begins_anew_with_other_settings(leads) -> None:
    leads.ended(leads.shop.client.delete(URL, headers=leads.by("max")))
    answer = leads.shop.client.put(URL, json=ASKED, headers=leads.by("max"))
    operation = cancelled(leads, answer)

    leads.steer(operation, "retry", inputs={"slack_channel": "#better"})
    leads.shop.turn()

    assert (leads.get()["state"], setting(leads)) == ("running", "#better")


def test_settings_that_do_not_fit_are_refused_and_nothing_is_tried(leads) -> None:
    operation = cancelled(leads, leads.post("upgrade", inputs={"slack_channel": "#other"}))

    answer = leads.steer(operation, "retry", inputs={"slack_channel": "no channel"})

    assert (answer.status_code, answer.json()["code"]) == (422, "setting-refused")
    assert leads.get(f"/api/v1/operations/{operation}")["state"] == "cancelled"


def test_an_operation_without_settings_takes_none(leads) -> None:
    operation = cancelled(leads, leads.post("pause"))

    answer = leads.steer(operation, "retry", inputs={"slack_channel": "#other"})

    assert (answer.status_code, answer.json()["code"]) == (409, "not-retryable")


def test_an_undone_upgrade_lets_go_of_the_version_that_it_led_to(leads) -> None:
    publish(leads.shop, "1.4.0")
    newer = leads.get("/api/v1/connectors/bizops/crm-to-slack-v1/versions/1.4.0")

    cancelled(leads, leads.post("upgrade"))

    with leads.shop.state.works.read() as work:
        held = pins.pins_of(work, [newer["package_digest"]])
        kept = store.package_digests(work)
    holders = {pin.holder_kind for found in held.values() for pin in found}
    assert "instance" not in holders
    assert newer["package_digest"] not in kept


def test_a_retry_and_an_install_of_the_same_name_at_once_are_a_conflict(leads) -> None:
    leads.ended(leads.shop.client.delete(URL, headers=leads.by("max")))
    answer = leads.shop.client.put(URL, json=ASKED, headers=leads.by("max"))
    operation = cancelled(leads, answer)
    state = leads.shop.state
    with state.works.read() as work:
        wanted = plan.make(
            work,
            Request("crm-to-slack-v1", "payments", "leads", inputs=ASKED["inputs"]),
            MAX,
            state.around,
        )

    with ThreadPoolExecutor(1) as other, state.works.write(Origin("max")) as work:
        change.install(work, wanted, state.recipes)
        retried = other.submit(leads.steer, operation, "retry")
        wait([retried], timeout=0.3)

    assert retried.result().status_code == 409
    assert retried.result().json()["code"] == "instance-exists"
