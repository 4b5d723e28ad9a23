"""Pausing, resuming and restarting, through the API, with real processes."""

from httpx2 import Response

from connectory.instances import keep
from connectory.instances.rules import hook_key_path
from marketplaces import Marketplace, wait_until

URL = "/api/v1/teams/payments/instances/leads"
ASKED = {"connector": "crm-to-slack-v1", "inputs": {"slack_channel": "#leads"}}


def post(shop: Marketplace, path: str, by: str = "max") -> Response:
    return shop.client.post(path, headers=shop.as_(by))


def get(shop: Marketplace, path: str = URL) -> dict[str, object]:
    body: dict[str, object] = shop.client.get(path, headers=shop.as_("max")).json()
    return body


def installed(shop: Marketplace) -> None:
    shop.client.put(URL, json=ASKED, headers=shop.as_("max"))
    shop.turn()


def turned(shop: Marketplace, change: str) -> dict[str, object]:
    answer = post(shop, f"{URL}:{change}")
    shop.turn()
    return get(shop, answer.headers["Location"])


def pid(shop: Marketplace) -> int | None:
    observed = shop.state.crew.targets["local"].observe(str(get(shop)["id"])).pid
    return int(observed) if observed else None


def hook(shop: Marketplace) -> Response:
    path = hook_key_path(str(get(shop)["id"]))
    key = shop.state.backends.secrets.read(path).reveal()
    return shop.client.post(f"/hooks/payments/leads/lead?key={key}", json={})


def test_a_paused_instance_has_no_process_and_says_so(shop: Marketplace) -> None:
    installed(shop)

    done = turned(shop, "pause")

    assert (done["kind"], done["state"]) == ("pause", "succeeded")
    assert (get(shop)["state"], get(shop)["health"]["status"]) == ("paused", "paused")
    assert pid(shop) is None


def test_what_comes_in_while_an_instance_is_paused_waits_until_it_is_resumed(
    shop: Marketplace,
) -> None:
    installed(shop)
    turned(shop, "pause")

    taken = hook(shop)
    shop.deliver()
    waiting = get(shop, f"{URL}/runs")["items"]
    turned(shop, "resume")
    shop.deliver()

    assert taken.status_code == 202
    assert [(one["id"], one["state"]) for one in waiting] == [(taken.json()["run"], "waiting")]
    assert get(shop, f"{URL}/runs/{taken.json()['run']}")["attempts"] == 1


def test_a_paused_instance_is_not_run_by_hand(shop: Marketplace) -> None:
    installed(shop)
    turned(shop, "pause")

    answer = shop.client.post(f"{URL}:run", json={"event": {}}, headers=shop.as_("max"))

    assert (answer.status_code, answer.json()["code"]) == (503, "instance-paused")


def test_nothing_starts_a_paused_instance_by_itself(shop: Marketplace) -> None:
    installed(shop)
    turned(shop, "pause")

    keep.keep_running(shop.state.crew, shop.state.watch)
    keep.collect(shop.state.crew)
    shop.turn()

    assert get(shop)["state"] == "paused"
    assert list((shop.state.settings.data / "environments").glob("*"))


def test_a_resumed_instance_works_as_before(shop: Marketplace) -> None:
    installed(shop)
    settings = get(shop)["settings"]
    turned(shop, "pause")

    done = turned(shop, "resume")

    assert done["state"] == "succeeded"
    assert (get(shop)["state"], get(shop)["health"]["status"]) == ("running", "healthy")
    assert get(shop)["settings"] == settings
    assert hook(shop).status_code == 202


def test_a_restart_replaces_the_process(shop: Marketplace) -> None:
    installed(shop)
    before = pid(shop)

    done = turned(shop, "restart")

    assert done["state"] == "succeeded"
    assert pid(shop) not in {before, None}
    assert get(shop)["health"]["status"] == "healthy"


def test_a_hook_that_arrives_during_a_restart_waits_for_it(shop: Marketplace) -> None:
    installed(shop)
    post(shop, f"{URL}:restart")
    shop.state.crew.targets["local"].stop(str(get(shop)["id"]))
    run = f"{URL}/runs/{hook(shop).json()['run']}"

    shop.deliver()
    held_back = get(shop, run)
    shop.turn()
    wait_until(lambda: shop.deliver() or get(shop, run)["state"] != "waiting")

    assert (held_back["state"], held_back["attempts"]) == ("waiting", 0)
    assert (get(shop, run)["state"], get(shop, run)["attempts"]) == ("refused", 1)


def test_a_change_that_the_state_does_not_allow_is_refused(shop: Marketplace) -> None:
    installed(shop)

    answer = post(shop, f"{URL}:resume")

    assert (answer.status_code, answer.json()["code"]) == (409, "instance-state")


def test_the_same_change_again_answers_with_the_one_that_goes_on(shop: Marketplace) -> None:
    installed(shop)

    first, second = post(shop, f"{URL}:pause"), post(shop, f"{URL}:pause")
    other = post(shop, f"{URL}:restart")

    assert first.json()["operation"] == second.json()["operation"]
    assert (other.status_code, other.json()["code"]) == (409, "operation-running")


def test_a_resume_that_is_never_healthy_leaves_the_instance_paused(shop: Marketplace) -> None:
    installed(shop)
    turned(shop, "pause")
    shop.client.put(
        "/api/v1/teams/payments/secrets/crm_api_key",
        json={"value": "not-the-key"},
        headers=shop.as_("max"),
    )
    object.__setattr__(shop.state.crew, "health_seconds", 2)

    done = turned(shop, "resume")

    assert (done["state"], done["error"]["code"]) == ("undone", "not-healthy")
    assert get(shop)["state"] == "paused"
    assert pid(shop) is None


def test_a_paused_instance_can_be_removed(shop: Marketplace) -> None:
    installed(shop)
    turned(shop, "pause")

    answer = shop.client.delete(URL, headers=shop.as_("max"))
    shop.turn()

    assert get(shop, answer.headers["Location"])["state"] == "succeeded"


def test_a_rotation_replaces_the_process_and_its_key(shop: Marketplace) -> None:
    installed(shop)
    process = pid(shop)
    path = hook_key_path(str(get(shop)["id"]))
    old = shop.state.backends.secrets.read(path).reveal()

    done = turned(shop, "rotate")

    refused = shop.client.post(f"/hooks/payments/leads/lead?key={old}", json={})
    assert done["state"] == "succeeded"
    assert pid(shop) not in {process, None}
    assert hook(shop).status_code == 202
    assert (refused.status_code, refused.json()["code"]) == (404, "hook-missing")
