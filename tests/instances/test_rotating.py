"""Fresh credentials for an instance, and the old ones refused."""

from connectory.backends.targets import TargetFailedError

SECRET = "/api/v1/teams/payments/secrets/crm_api_key"


def store(leads, value: str) -> None:
    leads.shop.client.put(SECRET, json={"value": value}, headers=leads.by("max"))


def test_a_rotation_hands_out_another_key_and_refuses_the_old_one(leads) -> None:
    old = leads.key()

    ended = leads.ended(leads.post("rotate"))

    assert (ended["kind"], ended["state"]) == ("rotate", "succeeded")
    assert leads.key() != old
    assert (leads.hook(old), leads.hook(leads.key())) == (404, 202)
    keys = leads.shop.state.backends.secrets.entries(f"instances/{leads.get()['id']}/")
    assert [entry.path.rpartition("/")[2] for entry in keys] == ["hook-key"]


def test_a_rotation_hands_out_the_secrets_as_they_are_now(leads) -> None:
    store(leads, "another-key")
    before = leads.books.given[leads.get()["id"]]["SECRET_CRM_API_KEY"]

    leads.ended(leads.post("rotate"))

    assert before != "another-key"
    assert leads.books.given[leads.get()["id"]]["SECRET_CRM_API_KEY"] == "another-key"


def test_both_keys_work_while_the_process_is_replaced(leads) -> None:
    old, seen = leads.key(), []
    apply = leads.books.apply

    def apply_and_call(spec) -> None:
        apply(spec)
        seen.extend([leads.hook(old), leads.hook(leads.key())])

    leads.books.apply = apply_and_call
    leads.ended(leads.post("rotate"))

    assert seen == [202, 202]


def test_a_rotation_that_fails_leaves_the_old_key_at_work(leads) -> None:
    old, apply = leads.key(), leads.books.apply
    leads.books.apply = fails_once(leads, apply)

    ended = leads.ended(leads.post("rotate"))

    assert (ended["state"], ended["error"]["code"]) == ("undone", "target-failed")
    assert (leads.get()["state"], leads.key()) == ("running", old)
    assert leads.hook(old) == 202


def test_a_rotation_is_in_the_audit_log(leads) -> None:
    leads.ended(leads.post("rotate"))
    leads.shop.follow()

    log = leads.shop.client.get("/api/v1/audit?limit=100", headers=leads.by("admin")).json()

    [event] = [one for one in log["items"] if one["kind"] == "CredentialsRotated"]
    assert (event["actor"], event["subject"]) == ("max", "payments/leads")
    assert leads.key() not in str(log)


def test_a_paused_instance_is_not_rotated(leads) -> None:
    leads.ended(leads.post("pause"))

    answer = leads.post("rotate")

    assert (answer.status_code, answer.json()["code"]) == (409, "instance-state")


def fails_once(leads, apply):
    def fail(spec) -> None:
        leads.books.apply = apply
        raise TargetFailedError(spec.label, "it has a bad day", "try again")

    return fail
