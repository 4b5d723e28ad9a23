"""Installing and removing, through the API, with real processes and stand-ins."""

import itertools
import os
from datetime import timedelta
from pathlib import Path

from httpx2 import Response

from connectory.access.rules import Actor, Role
from connectory.instances import change, keep, store
from connectory.instances import plan as plans
from connectory.instances.plan import Request
from connectory.instances.rules import InstanceState, hook_key_path
from connectory.kernel import clock
from connectory.packages import pins
from marketplaces import Marketplace, racing, wait_until
from reviewing import examine

URL = "/api/v1/teams/payments/instances/leads"
ASKED = {"connector": "crm-to-slack-v1", "inputs": {"slack_channel": "#leads"}}


def install(shop: Marketplace, **more: object) -> Response:
    return shop.client.put(URL, json={**ASKED, **more}, headers=shop.as_("max"))


def get(shop: Marketplace, path: str, by: str = "max") -> dict[str, object]:
    body: dict[str, object] = shop.client.get(path, headers=shop.as_(by)).json()
    return body


def operation(shop: Marketplace, answer: Response) -> dict[str, object]:
    shop.turn()
    return get(shop, answer.headers["Location"])


def files_of(shop: Marketplace) -> set[Path]:
    data = shop.state.settings.data
    folders = [data / "instances", data / "scratch"]
    return {path for folder in folders for path in folder.rglob("*")}


def test_an_install_ends_with_a_healthy_instance(shop: Marketplace) -> None:
    answer = install(shop)

    done = operation(shop, answer)

    assert (answer.status_code, done["state"], done["usable"]) == (202, "succeeded", True)
    assert [step["state"] for step in done["steps"]] == ["done"] * 7
    instance = get(shop, URL)
    assert (instance["state"], instance["health"]["status"]) == ("running", "healthy")


def test_the_same_request_again_changes_nothing(shop: Marketplace) -> None:
    first = install(shop)
    while_waiting = install(shop)
    operation(shop, first)

    afterwards = install(shop)

    assert while_waiting.status_code == 202
    assert afterwards.status_code == 200
    ids = {a.json()["operation"] for a in (first, while_waiting, afterwards)}
    assert len(ids) == 1


def test_another_request_under_the_same_name_is_refused(shop: Marketplace) -> None:
    install(shop)

    other = install(shop, inputs={"slack_channel": "#other"})

    assert (other.status_code, other.json()["code"]) == (409, "instance-exists")


def test_a_removal_leaves_nothing_of_the_instance(shop: Marketplace) -> None:
    before = files_of(shop)
    operation(shop, install(shop))
    process = shop.state.crew.targets["local"].observe(get(shop, URL)["id"]).pid

    gone = operation(shop, shop.client.delete(URL, headers=shop.as_("max")))

    assert gone["state"] == "succeeded"
    assert files_of(shop) == before
    assert list((shop.state.settings.data / "environments").iterdir()) == []
    assert process
    assert not _is_alive(process)
    assert shop.client.get(URL, headers=shop.as_("max")).status_code == 404
    assert shop.state.backends.secrets.entries("instances/") == ()


def test_a_removed_name_is_free_again(shop: Marketplace) -> None:
    operation(shop, install(shop))
    operation(shop, shop.client.delete(URL, headers=shop.as_("max")))

    again = operation(shop, install(shop, inputs={"slack_channel": "#other"}))

    assert again["state"] == "succeeded"


def test_an_install_that_is_never_healthy_is_undone_with_the_reason(shop: Marketplace) -> None:
    before = files_of(shop)
    _spoil_secret(shop, "crm_api_key")
    object.__setattr__(shop.state.crew, "health_seconds", 3)

    done = operation(shop, install(shop))

    assert (done["state"], done["usable"]) == ("undone", False)
    assert done["error"]["code"] == "not-healthy"
    states = {step["name"]: step["state"] for step in done["steps"]}
    assert states["verify"] == "undone"
    assert files_of(shop) == before
    assert shop.client.get(URL, headers=shop.as_("max")).status_code == 404


def _spoil_secret(shop: Marketplace, name: str) -> None:
    shop.client.put(
        f"/api/v1/teams/payments/secrets/{name}",
        json={"value": "not-the-key"},
        headers=shop.as_("max"),
    )


def test_a_missing_secret_is_said_before_anything_begins(shop: Marketplace) -> None:
    shop.client.delete("/api/v1/teams/payments/secrets/crm_api_key", headers=shop.as_("max"))

    answer = install(shop)

    assert (answer.status_code, answer.json()["code"]) == (422, "secret-unavailable")
    assert answer.json()["errors"][0]["path"] == "secrets.crm_api_key"


def test_a_version_that_is_not_approved_cannot_be_installed(shop: Marketplace) -> None:
    brief = Path(__file__).parents[1] / "manifest/examples/brief.yaml"
    shop.client.post(
        "/api/v1/connectors",
        files={"manifest": brief.read_bytes()},
        headers=shop.as_("ana"),
    )

    answer = install(shop, version="1.2.0")

    assert (answer.status_code, answer.json()["code"]) == (409, "not-approved")


def test_a_target_outside_the_allowed_regions_is_refused(shop: Marketplace) -> None:
    shop.state.around.regions["local"] = "eu-west-1"

    answer = install(shop)

    assert (answer.status_code, answer.json()["code"]) == (409, "region-not-allowed")


def test_a_plan_says_everything_and_changes_nothing(shop: Marketplace) -> None:
    before = files_of(shop)

    plan = shop.client.post(
        "/api/v1/plans",
        json={"connector": "crm-to-slack-v1", "team": "payments", "name": "leads"},
        headers=shop.as_("max"),
    ).json()

    assert plan["state"] == "ready"
    sources = {one["name"]: one["source"] for one in plan["settings"]}
    assert sources["slack_channel"] == "team default"
    assert {one["state"] for one in plan["secrets"]} == {"resolvable"}
    assert plan["permissions"]["will"]
    assert float(plan["cost"]["high"]["amount"]) >= float(plan["cost"]["low"]["amount"])
    assert files_of(shop) == before
    assert get(shop, "/api/v1/operations")["items"] == []


def test_a_plan_is_installed_by_its_id(shop: Marketplace) -> None:
    plan = shop.client.post(
        "/api/v1/plans",
        json={"connector": "crm-to-slack-v1", "team": "payments", "name": "leads"},
        headers=shop.as_("max"),
    ).json()

    answer = shop.client.put(URL, json={"plan": plan["id"]}, headers=shop.as_("max"))

    assert operation(shop, answer)["state"] == "succeeded"


def test_a_plan_stays_good_while_checks_learn_more_of_its_version(shop: Marketplace) -> None:
    wish = {**ASKED, "team": "payments", "name": "leads"}
    plan = shop.client.post("/api/v1/plans", json=wish, headers=shop.as_("max")).json()
    examine(shop)
    learned = shop.client.post("/api/v1/plans", json=wish, headers=shop.as_("max")).json()

    answer = shop.client.put(URL, json={"plan": plan["id"]}, headers=shop.as_("max"))

    assert plan["policy"]["decision"] != learned["policy"]["decision"]
    assert answer.status_code == 202


def test_a_plan_whose_promises_changed_is_refused(shop: Marketplace) -> None:
    plan = shop.client.post(
        "/api/v1/plans",
        json={"connector": "crm-to-slack-v1", "team": "payments", "name": "leads"},
        headers=shop.as_("max"),
    ).json()
    shop.client.put(
        "/api/v1/teams/payments/defaults",
        json={"inputs": {"slack_channel": "#moved"}},
        headers=shop.as_("kim"),
    )

    answer = shop.client.put(URL, json={"plan": plan["id"]}, headers=shop.as_("max"))

    assert (answer.status_code, answer.json()["code"]) == (409, "plan-outdated")


def test_nobody_sees_the_instances_of_another_team(shop: Marketplace) -> None:
    operation(shop, install(shop))

    answers = [
        shop.client.get(path, headers=shop.as_("ana")).status_code
        for path in (URL, f"{URL}/logs", f"{URL}/metrics", f"{URL}/health")
    ]

    assert answers == [404] * 4
    assert get(shop, "/api/v1/instances", by="ana")["items"] == []


def test_logs_and_metrics_come_from_the_process(shop: Marketplace) -> None:
    operation(shop, install(shop))

    lines = get(shop, f"{URL}/logs")["items"]
    samples = get(shop, f"{URL}/metrics")["items"]

    assert "listening" in [line["message"] for line in lines]
    assert samples


def test_a_hook_needs_its_own_key(shop: Marketplace) -> None:
    operation(shop, install(shop))

    answers = [
        shop.client.post(f"/hooks/payments/leads/lead{key}", json={}).status_code
        for key in ("", "?key=wrong")
    ]
    other = shop.client.post("/hooks/payments/none/lead?key=wrong", json={})

    assert answers == [404, 404]
    assert other.json()["code"] == "hook-missing"


def test_a_hook_reaches_what_the_manifest_declares_and_nothing_else(
    shop: Marketplace,
) -> None:
    operation(shop, install(shop))
    path = hook_key_path(str(get(shop, URL)["id"]))
    key = shop.state.backends.secrets.read(path).reveal()

    codes = {
        path: shop.client.post(f"/hooks/payments/leads/{path}?key={key}", json={}).status_code
        for path in ("lead", "run", "lifecycle/remove", "lead%0d%0aX", "lead/../run")
    }

    assert codes.pop("lead") == 202
    assert set(codes.values()) == {404}


def test_a_manual_run_leaves_its_trace(shop: Marketplace) -> None:
    operation(shop, install(shop))

    answer = shop.client.post(f"{URL}:run", json={"event": {}}, headers=shop.as_("max"))

    shop.follow()
    events = get(shop, "/api/v1/teams/payments/audit")["items"]
    runs = [one for one in events if one["kind"] == "InstanceRun"]
    assert [(one["actor"], one["facts"]["status"]) for one in runs] == [
        ("max", answer.json()["status"])
    ]


def test_a_log_stream_ends_when_the_server_stops(shop: Marketplace) -> None:
    operation(shop, install(shop))
    shop.state.stopping.set()

    answer = shop.client.get(f"{URL}/logs/events", headers=shop.as_("max"))

    assert answer.status_code == 200


def test_deploy_yaml_narrows_what_the_plan_promises(shop: Marketplace) -> None:
    plan = shop.client.post(
        "/api/v1/plans",
        json={"connector": "crm-to-slack-v1", "team": "payments"},
        headers=shop.as_("max"),
    ).json()

    process = next(one for one in plan["creates"] if one["kind"] == "process")
    assert process["detail"].endswith("limited to 0.25 CPU, 128 MB")


def test_a_failed_instance_is_not_taken_for_an_installed_one(shop: Marketplace) -> None:
    done = operation(shop, install(shop))
    with shop.state.works.write() as work:
        there = store.live(work, "payments", "leads")
        assert there is not None
        store.set_state(work, there.id, InstanceState.FAILED)

    again = install(shop)

    assert done["state"] == "succeeded"
    assert (again.status_code, again.json()["code"]) == (409, "instance-exists")


def test_two_installs_at_once_make_one_instance(shop: Marketplace) -> None:
    state = shop.state
    actor = Actor("max", teams={"payments": Role.MEMBER}, via="test")
    wanted = Request("crm-to-slack-v1", "payments", "leads")
    with state.works.read() as work:
        made = plans.make(work, wanted, actor, state.around)

    first, second = racing(state.works, lambda work: change.install(work, made, state.recipes))

    assert (first.is_new, second.is_new) == (True, False)
    assert first.operation == second.operation


def test_a_member_can_see_the_hook_address_with_its_key_and_it_is_recorded(
    shop: Marketplace,
) -> None:
    operation(shop, install(shop))

    shown = shop.client.post(f"{URL}:hooks", headers=shop.as_("max")).json()["urls"]

    path = shown[0].removeprefix("http://testserver")
    assert shop.client.post(path, json={}).status_code != 404
    shop.follow()
    log = get(shop, "/api/v1/teams/payments/audit")["items"]
    assert log[-1]["kind"] == "HookKeyShown"
    assert shown[0].partition("key=")[2] not in str(log)


def test_an_instance_that_its_target_lost_is_recovered(shop: Marketplace) -> None:
    operation(shop, install(shop))
    instance = get(shop, URL)["id"]
    shop.state.crew.targets["local"].remove(instance)

    keep.keep_running(shop.state.crew, shop.state.watch)
    shop.turn()
    passing = itertools.count()  # each look comes a while after the one before
    shop.state.watch.clock = lambda: clock.now() + timedelta(seconds=6 * next(passing))

    assert get(shop, "/api/v1/operations")["items"][0]["kind"] == "recover"
    wait_until(lambda: keep.keep_running(shop.state.crew, shop.state.watch) or is_healthy(shop))


def test_a_package_in_use_is_pinned_by_its_instance(shop: Marketplace) -> None:
    operation(shop, install(shop))
    release = get(shop, "/api/v1/connectors/bizops/crm-to-slack-v1")

    with shop.state.works.read() as work:
        holders = pins.pins_of(work, [release["package_digest"]])

    kinds = {pin.holder_kind for pin in holders[release["package_digest"]]}
    assert kinds == {"version", "instance"}


def is_healthy(shop: Marketplace) -> bool:
    return bool(get(shop, URL)["health"]["status"] == "healthy")


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
