"""Taking back an operation that succeeded."""

from releases import publish


def test_undoing_an_install_removes_what_it_made(leads) -> None:
    operation = leads.get()["last_operation"]["id"]

    answer = leads.steer(operation, "undo")
    ended = leads.ended(answer)

    assert (answer.json()["kind"], ended["state"]) == ("remove", "succeeded")
    assert leads.get()["code"] == "instance-missing"
    assert leads.books.processes() == {}


def test_undoing_an_upgrade_rolls_it_back_and_undoing_that_upgrades_again(leads) -> None:
    publish(leads.shop, "1.4.0")
    upgrade = leads.ended(leads.post("upgrade"))

    rollback = leads.ended(leads.steer(upgrade["id"], "undo"))
    old = leads.get()["connector"]["version"]
    again = leads.ended(leads.steer(rollback["id"], "undo"))

    assert [rollback["kind"], again["kind"]] == ["rollback", "rollback"]
    assert (old, leads.get()["connector"]["version"]) == ("1.3.0", "1.4.0")


def test_undoing_a_pause_resumes_and_undoing_that_pauses(leads) -> None:
    pause = leads.ended(leads.post("pause"))

    resume = leads.ended(leads.steer(pause["id"], "undo"))
    running = leads.get()["state"]
    leads.ended(leads.steer(resume["id"], "undo"))

    assert (running, leads.get()["state"]) == ("running", "paused")


def test_a_removal_is_not_undone_but_says_how_to_install_again(leads) -> None:
    removal = leads.ended(
        leads.shop.client.delete(
            "/api/v1/teams/payments/instances/leads", headers=leads.by("max")
        )
    )

    answer = leads.steer(removal["id"], "undo")

    assert (answer.status_code, answer.json()["code"]) == (409, "not-undoable")
    assert "install bizops/crm-to-slack-v1@1.3.0 --team payments" in answer.json()["hint"]
    assert "--set 'slack_channel=#leads'" in answer.json()["hint"]


def test_only_the_newest_operation_is_undone(leads) -> None:
    install = leads.get()["last_operation"]["id"]
    restart = leads.ended(leads.post("restart"))

    answer = leads.steer(install, "undo")

    assert (answer.status_code, answer.json()["code"]) == (409, "operation-superseded")
    assert answer.json()["newer"] == restart["id"]


def test_what_leaves_nothing_to_take_back_is_not_undone(leads) -> None:
    for change in ("restart", "rotate"):
        operation = leads.ended(leads.post(change))["id"]

        answer = leads.steer(operation, "undo")

        assert (answer.status_code, answer.json()["code"]) == (409, "not-undoable")


def test_what_did_not_succeed_is_not_undone(leads) -> None:
    operation = leads.post("pause").json()["operation"]

    answer = leads.steer(operation, "undo")

    assert (answer.status_code, answer.json()["code"]) == (409, "not-undoable")
    assert "it is waiting" in answer.json()["detail"]


def test_the_operation_of_another_team_is_not_undone(leads) -> None:
    operation = leads.get()["last_operation"]["id"]

    assert leads.steer(operation, "undo", by="ana").status_code == 404


def test_an_undo_is_in_the_audit_log(leads) -> None:
    operation = leads.get()["last_operation"]["id"]
    reversal = leads.steer(operation, "undo").json()["id"]
    leads.shop.follow()

    log = leads.shop.client.get("/api/v1/audit?limit=100", headers=leads.by("admin")).json()

    [event] = [one for one in log["items"] if one["kind"] == "OperationUndone"]
    assert event["facts"] == {"operation": operation, "reversal": reversal}
