import json
import queue
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from connectory.standins import CRM_API_KEY, StandIns, run_all
from connectory.standins.crm import Crm
from connectory.standins.serving import Call

LEAD = {"name": "Ada", "email": "ada@example.com", "company": "Engines"}


class Receiver:
    """Takes webhooks; answers the first `refusals` of them with 503."""

    def __init__(self) -> None:
        self.refusals = 0
        self.events: queue.Queue[dict[str, object]] = queue.Queue()
        receiver = self

        class Connection(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.events.put({"path": self.path, **json.loads(body)})
                self.send_response(503 if receiver.refusals else 204)
                receiver.refusals = max(0, receiver.refusals - 1)
                self.end_headers()

            def log_message(self, *_parts: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Connection)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook?key=1"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.server.shutdown()
    receiver.server.server_close()


def subscribe(crm, url: str) -> str:
    status, _, webhook = crm("POST", "/v1/webhooks", {"url": url, "events": ["lead.created"]})
    assert status == 201
    return webhook["id"]


def test_a_lead_can_be_created_and_read(crm) -> None:
    status, _, created = crm("POST", "/v1/leads", LEAD)

    assert status == 201
    assert {name: created[name] for name in LEAD} == LEAD
    assert crm("GET", f"/v1/leads/{created['id']}")[2] == created


@pytest.mark.parametrize("key", ["", "Bearer", "Bearer wrong", f"Basic {CRM_API_KEY}"])
def test_every_call_needs_the_key(standins: StandIns, ask, key: str) -> None:
    status, _, content = ask("GET", standins.urls["crm"] + "/v1/leads", Authorization=key)

    assert status == 401
    assert content["error"]["code"] == "unauthorized"


@pytest.mark.parametrize(
    "wrong",
    [{"name": ""}, {"name": "x" * 201}, {"email": "ada"}, {"email": 5}, {"company": ["x"]}],
)
def test_a_lead_with_a_wrong_field_is_refused(crm, wrong: dict[str, object]) -> None:
    status, _, content = crm("POST", "/v1/leads", LEAD | wrong)

    assert status == 422
    assert next(iter(wrong)) in content["error"]["message"]


@pytest.mark.parametrize("body", [b"{", b"[]", b"[" * 100_000])
def test_a_body_that_is_no_json_object_is_refused(crm, body: bytes) -> None:
    assert crm("POST", "/v1/leads", body)[0] == 400


def test_leads_come_newest_first_in_pages(crm) -> None:
    for number in range(5):
        crm("POST", "/v1/leads", LEAD | {"name": f"lead {number}"})

    names, cursor = [], "0"
    while cursor:
        _, _, page = crm("GET", f"/v1/leads?limit=2&cursor={cursor}")
        names += [lead["name"] for lead in page["items"]]
        cursor = page["next_cursor"]

    assert names == [f"lead {number}" for number in (4, 3, 2, 1, 0)]


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "cursor=lead_unknown"])
def test_a_page_that_does_not_exist_is_refused(crm, query: str) -> None:
    assert crm("GET", f"/v1/leads?{query}")[0] == 422


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/leads/lead_none"),
        ("DELETE", "/v1/webhooks/hook_none"),
        ("GET", "/v1/leads/../webhooks"),
        ("GET", "/v2/leads"),
    ],
)
def test_what_is_not_there_is_not_found(crm, method: str, path: str) -> None:
    assert crm(method, path)[0] == 404


def test_a_new_lead_is_told_to_its_webhooks(
    standins: StandIns, ask, crm, receiver: Receiver
) -> None:
    subscribe(crm, receiver.url)

    status, _, lead = ask("POST", standins.urls["crm"] + "/_leads", LEAD)
    event = receiver.events.get(timeout=30)

    assert status == 201
    assert event["path"] == "/hook?key=1"
    assert event["event"] == "lead.created"
    assert event["lead_id"] == lead["id"]


def test_a_refused_event_is_repeated_with_the_same_id(crm, receiver: Receiver) -> None:
    receiver.refusals = 1
    subscribe(crm, receiver.url)

    crm("POST", "/v1/leads", LEAD)
    first, second = receiver.events.get(timeout=30), receiver.events.get(timeout=30)

    assert first == second


def test_a_dead_webhook_delays_no_other(crm, receiver: Receiver) -> None:
    subscribe(crm, "http://127.0.0.1:9/nobody")
    subscribe(crm, receiver.url)

    crm("POST", "/v1/leads", LEAD)

    assert receiver.events.get(timeout=30)["event"] == "lead.created"


def test_a_deleted_webhook_hears_nothing_more(crm, receiver: Receiver) -> None:
    webhook = subscribe(crm, receiver.url)

    status, _, _ = crm("DELETE", f"/v1/webhooks/{webhook}")
    crm("POST", "/v1/leads", LEAD)

    assert status == 204
    assert crm("GET", "/v1/webhooks")[2] == {"items": []}
    with pytest.raises(queue.Empty):
        receiver.events.get(timeout=0.3)


def test_an_address_can_be_subscribed_only_once(crm, receiver: Receiver) -> None:
    subscribe(crm, receiver.url)

    status, _, content = crm(
        "POST", "/v1/webhooks", {"url": receiver.url, "events": ["lead.created"]}
    )

    assert status == 409
    assert content["error"]["code"] == "webhook_exists"


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": "ftp://x/"},
        {"url": "http://["},
        {"url": "http://127.0.0.1:port/"},
        {"url": "http://ü/"},
        {"url": 5},
        {"events": []},
        {"events": ["lead.gone"]},
        {"events": "lead.created"},
    ],
)
def test_a_webhook_needs_an_address_and_known_events(crm, wrong: dict[str, object]) -> None:
    given = {"url": "http://127.0.0.1/", "events": ["lead.created"]} | wrong

    assert crm("POST", "/v1/webhooks", given)[0] == 422


def test_leads_and_webhooks_survive_a_restart(tmp_path: Path, ask) -> None:
    key = {"Authorization": f"Bearer {CRM_API_KEY}"}
    before = run_all(tmp_path, {})
    ask("POST", before.urls["crm"] + "/_leads", LEAD)
    hook = {"url": "http://127.0.0.1:9/", "events": ["lead.created"]}
    ask("POST", before.urls["crm"] + "/v1/webhooks", hook, **key)
    before.stop()

    after = run_all(tmp_path, {})
    _, _, leads = ask("GET", after.urls["crm"] + "/v1/leads", **key)
    _, _, webhooks = ask("GET", after.urls["crm"] + "/v1/webhooks", **key)
    after.stop()

    assert [lead["name"] for lead in leads["items"]] == ["Ada"]
    assert [webhook["url"] for webhook in webhooks["items"]] == [hook["url"]]


def test_too_many_calls_are_told_when_to_come_back() -> None:
    crm = Crm(calls_per_s=0)
    call = Call("GET", "/v1/leads", {}, {"authorization": f"Bearer {CRM_API_KEY}"}, b"")

    answer = crm.answer(call)

    assert answer.status == 429
    assert answer.headers["Retry-After"] == "1"


def test_what_was_accepted_is_listed_and_can_be_forgotten(standins: StandIns, ask, crm) -> None:
    crm("POST", "/v1/leads", LEAD)
    received = standins.urls["crm"] + "/_received"

    _, _, before = ask("GET", received)
    ask("DELETE", received)

    assert [(row["kind"], row["name"]) for row in before] == [("lead", "Ada")]
    assert ask("GET", received)[2] == []
