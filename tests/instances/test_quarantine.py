"""A quarantined version runs nowhere, and what it was given opens nothing."""

import pytest
from httpx2 import Response

from connectory.access import accounts
from connectory.access.rules import ANONYMOUS, Reviewer
from connectory.backends.targets import Phase
from connectory.catalog import read as catalog
from connectory.catalog.quarantine import quarantine as quarantine_version
from connectory.catalog.rules import Name, Status
from connectory.instances import keep
from connectory.work import Work
from marketplaces import racing
from releases import publish

URL = "/api/v1/teams/payments/instances/leads"
VERSION = "/api/v1/connectors/bizops/crm-to-slack-v1/versions"
HELD = f"{VERSION}/1.3.0/quarantine"
BAD = {"reason": "it sends leads to a stranger"}


@pytest.fixture
def guarded(leads):
    """The instance `payments/leads`, and sam who reviews for security."""
    with leads.shop.state.works.write() as work:
        accounts.create_account(work, "sam")
        accounts.make_reviewer(work, "sam", Reviewer.SECURITY)
    return leads


def quarantine(leads, by: str = "sam", path: str = HELD) -> Response:
    return leads.shop.client.post(path, json=BAD, headers=leads.by(by))


def lift(leads, by: str = "sam", reason: str = "a false alarm") -> Response:
    body = {"reason": reason}
    return leads.shop.client.request("DELETE", HELD, json=body, headers=leads.by(by))


def enforce(leads) -> None:
    """Do what the background loops do."""
    leads.shop.state.warden.turn()
    leads.shop.turn()


def suspended(leads) -> None:
    assert quarantine(leads).status_code == 200
    enforce(leads)


def phase(leads) -> Phase:
    return leads.books.observe(leads.get()["id"]).phase


def test_what_runs_a_quarantined_version_is_suspended_and_its_credentials_are_dead(
    guarded,
) -> None:
    key, instance = guarded.key(), guarded.get()["id"]
    before = guarded.hook(key)

    suspended(guarded)

    shown = guarded.get()
    answer = guarded.shop.client.post(f"/hooks/payments/leads/lead?key={key}")
    assert (before, answer.status_code, answer.json()["code"]) == (
        202,
        503,
        "instance-suspended",
    )
    assert (shown["state"], shown["health"]["status"]) == ("suspended", "suspended")
    assert (shown["stop"]["by"], shown["stop"]["reason"]) == ("sam", BAD["reason"])
    assert phase(guarded) is Phase.STOPPED
    assert list(guarded.shop.state.backends.secrets.entries(f"instances/{instance}/")) == []
    assert service_accounts(guarded) == []


def service_accounts(leads) -> list[object]:
    with leads.shop.state.works.read() as work:
        return work.db.exec_driver_sql("SELECT * FROM service_account").all()


def test_hooks_are_refused_from_the_moment_of_the_quarantine(guarded) -> None:
    quarantine(guarded)

    assert guarded.hook(guarded.key()) == 503


def test_nothing_starts_a_suspended_instance_while_the_quarantine_holds(guarded) -> None:
    suspended(guarded)

    refused = [guarded.post(how) for how in ("resume", "restart", "rotate")]
    by_hand = guarded.post("run", event={})
    schedule = guarded.shop.client.post(
        f"{URL}/schedules:run", json={}, headers=guarded.by("max")
    )
    keep.keep_running(guarded.shop.state.crew, guarded.shop.state.watch)
    enforce(guarded)

    assert [(one.status_code, one.json()["code"]) for one in refused] == [
        (409, "version-quarantined")
    ] * 3
    assert by_hand.json()["code"] == schedule.json()["code"] == "instance-suspended"
    assert (guarded.get()["state"], phase(guarded)) == ("suspended", Phase.STOPPED)


def test_a_quarantined_version_is_not_installed_nor_planned(guarded) -> None:
    quarantine(guarded)
    asked = {"connector": "crm-to-slack-v1", "version": "1.3.0", "team": "payments"}
    other = URL.replace("leads", "other")

    plan = guarded.post("/api/v1/plans", **asked, inputs={"slack_channel": "#x"}).json()
    install = guarded.shop.client.put(
        other,
        json={"connector": "crm-to-slack-v1", "inputs": {"slack_channel": "#x"}},
        headers=guarded.by("max"),
    )

    assert (plan["state"], plan["problems"][0]["code"]) == (
        "blocked",
        "version-quarantined",
    )
    assert (install.status_code, install.json()["code"]) == (409, "version-quarantined")


def test_a_quarantined_version_is_neither_tried_nor_rehearsed(guarded) -> None:
    quarantine(guarded)

    tried = guarded.post(f"{VERSION}/1.3.0:try")
    rehearsed = guarded.post(f"{VERSION}/1.3.0:rehearse", by="ana")

    assert (tried.status_code, rehearsed.status_code) == (409, 409)
    assert rehearsed.json()["code"] == "version-quarantined"


def test_a_suspended_instance_is_upgraded_to_another_version_with_another_key(guarded) -> None:
    old = guarded.key()
    publish(guarded.shop, "1.3.1")
    suspended(guarded)

    ended = guarded.ended(guarded.post("upgrade", version="1.3.1"))

    back = guarded.post("rollback")
    assert ended["state"] == "succeeded"
    assert (guarded.get()["state"], guarded.get()["stop"]) == ("running", None)
    assert (guarded.hook(old), guarded.hook(guarded.key())) == (404, 202)
    assert (back.status_code, back.json()["code"]) == (409, "version-quarantined")
    assert len(service_accounts(guarded)) == 1


def test_an_upgrade_to_a_version_that_is_never_well_leaves_it_suspended(guarded) -> None:
    publish(guarded.shop, "1.3.1")
    suspended(guarded)
    guarded.books.sick.add(guarded.get(f"{VERSION}/1.3.1")["package_digest"])
    object.__setattr__(guarded.shop.state.crew, "health_seconds", 0.2)

    ended = guarded.ended(guarded.post("upgrade", version="1.3.1"))

    assert ended["state"] == "undone"
    assert (guarded.get()["state"], phase(guarded)) == ("suspended", Phase.STOPPED)


def test_after_it_is_lifted_an_instance_waits_for_its_team_to_resume_it(guarded) -> None:
    old = guarded.key()
    suspended(guarded)

    lifted = lift(guarded).json()
    enforce(guarded)
    waiting = guarded.get()
    ended = guarded.ended(guarded.post("resume"))

    assert (lifted["status"], lifted["instances"][0]["state"]) == ("approved", "suspended")
    assert (waiting["state"], waiting["stop"]["lifted"]) == ("suspended", True)
    assert "connectory resume payments/leads" in waiting["stop"]["next"]
    assert (ended["state"], guarded.get()["state"]) == ("succeeded", "running")
    assert (guarded.hook(old), guarded.hook(guarded.key())) == (404, 202)


def test_a_suspended_instance_can_be_removed(guarded) -> None:
    suspended(guarded)

    ended = guarded.ended(guarded.shop.client.delete(URL, headers=guarded.by("max")))

    assert ended["state"] == "succeeded"
    assert guarded.books.processes() == {}


def test_the_answer_names_the_owners_of_what_is_stopped_to_those_who_may_know(guarded) -> None:
    told = quarantine(guarded).json()
    enforce(guarded)
    shown = {
        who: guarded.shop.client.get(HELD, headers=guarded.by(who)).json()
        for who in ("sam", "max", "bob")
    }

    assert [(one["name"], one["owners"]) for one in told["instances"]] == [("leads", ["kim"])]
    assert not told["stopped"]
    assert shown["sam"]["stopped"]
    assert {who: len(one["instances"]) for who, one in shown.items()} == {
        "sam": 1,
        "max": 1,
        "bob": 0,
    }


def test_the_log_says_who_quarantined_what_and_whom_it_concerns(guarded) -> None:
    suspended(guarded)
    guarded.shop.follow()

    log = guarded.shop.client.get("/api/v1/audit?limit=100", headers=guarded.by("admin")).json()

    told = {one["kind"]: one for one in log["items"]}
    assert told["VersionStatusChanged"]["facts"]["after"] == "quarantined"
    assert told["VersionStatusChanged"]["facts"]["reason"] == BAD["reason"]
    assert told["InstanceSuspended"]["facts"]["owners"] == ["kim"]
    assert {told[kind]["actor"] for kind in ("VersionStatusChanged", "InstanceSuspended")} == {
        "sam"
    }


@pytest.mark.parametrize(
    ("who", "may"), [("sam", 200), ("admin", 200), ("ana", 403), ("max", 403)]
)
def test_security_and_admins_quarantine(guarded, who: str, may: int) -> None:
    assert quarantine(guarded, who).status_code == may


@pytest.mark.parametrize(("who", "may"), [("sam", 200), ("admin", 403), ("max", 403)])
def test_security_alone_lifts_a_quarantine(guarded, who: str, may: int) -> None:
    quarantine(guarded)

    assert lift(guarded, who).status_code == may


def test_an_admin_cannot_approve_what_is_quarantined(guarded) -> None:
    quarantine(guarded)
    body = {"status": "approved", "message": "we need it"}

    refused = guarded.shop.client.patch(
        f"{VERSION}/1.3.0/status", json=body, headers=guarded.by("admin")
    )

    assert (refused.status_code, refused.json()["code"]) == (409, "status-move")


def test_a_quarantine_during_an_install_undoes_it(guarded) -> None:
    apply = guarded.books.apply

    def apply_then_quarantine(spec) -> None:
        apply(spec)
        quarantine(guarded)
        guarded.books.sick.add(spec.digest)

    guarded.books.apply = apply_then_quarantine
    asked = {"connector": "crm-to-slack-v1", "inputs": {"slack_channel": "#x"}}
    url = URL.replace("leads", "late")
    answer = guarded.shop.client.put(url, json=asked, headers=guarded.by("max"))
    ended = guarded.ended(answer)

    assert (ended["state"], ended["error"]["code"]) == ("undone", "version-quarantined")
    assert guarded.shop.client.get(url, headers=guarded.by("max")).status_code == 404


def test_an_install_that_ends_at_the_moment_of_the_quarantine_is_suspended(guarded) -> None:
    quarantine(guarded)  # `leads` runs, as if its install had been a moment faster

    guarded.shop.state.warden.turn()
    seen = guarded.get()["state"]
    guarded.shop.turn()

    assert (seen, phase(guarded)) == ("suspended", Phase.STOPPED)


def test_the_process_ends_also_while_another_operation_is_at_work(guarded) -> None:
    publish(guarded.shop, "1.3.1")
    guarded.post("upgrade", version="1.3.1")
    quarantine(guarded)

    guarded.shop.state.warden.turn()
    ended = phase(guarded)
    guarded.shop.turn()

    assert ended is Phase.STOPPED
    assert (guarded.get()["state"], guarded.get()["connector"]["version"]) == (
        "running",
        "1.3.1",
    )


def test_another_server_finishes_what_one_that_died_began(guarded) -> None:
    quarantine(guarded)
    guarded.shop.state.warden.turn()  # the operation is in the journal, and nobody runs it

    enforce(guarded)

    assert (guarded.get()["state"], phase(guarded)) == ("suspended", Phase.STOPPED)


def test_two_quarantines_at_once_are_one(guarded) -> None:
    def stop(work: Work) -> object:
        found = catalog.version(work, Name("bizops", "crm-to-slack-v1"), "1.3.0", ANONYMOUS)
        return quarantine_version(work, found.release, work.origin.actor)

    first, second = racing(guarded.shop.state.works, stop)

    assert first == second
    assert first.held_from is Status.APPROVED
