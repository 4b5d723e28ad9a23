"""Who takes more than a fair share: rows B84, B88, B130, B132, B133, B135 and B137."""

import itertools
import select
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import ClassVar

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from connectory.access.gate import Gate
from connectory.access.limits import ACCOUNT_STREAMS, WRONG_PER_MINUTE
from connectory.access.rules import Scope
from connectory.app.deadlines import Deadlines
from marketplaces import Marketplace, running, wait_until
from walks import HTML, code_of, contents, install, on_sqlite

TEAMS = "/api/v1/teams"
PUBLISH = "/api/v1/connectors"
FORM = "multipart/form-data; boundary=x"
PART = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n\r\n'
FILE = b'--x\r\nContent-Disposition: form-data; name="package"; filename="a"\r\n\r\n'
CPU_S = 0.25  # for one refusal; of a few, since other threads of this process are counted too
MEGABYTE = 1_000_000


class Hasty(Deadlines):
    """The deadlines of the server, for tests that do not want to wait."""

    head_s: ClassVar[float] = 1.5  # a busy machine has to read a whole head by then
    body_s: ClassVar[float] = 2.5
    rest_s: ClassVar[float] = 0.6
    read_s: ClassVar[float] = 0.6


def gate_of(marketplace: Marketplace) -> Gate:
    layer = marketplace.served
    while not isinstance(layer, Gate):
        layer = layer.app  # type: ignore[attr-defined]
    return layer


@contextmanager
def over_http(marketplace: Marketplace) -> Iterator[tuple[str, int]]:
    """Serve a marketplace without its background work; yield the address."""
    marketplace.state.jobs.loops.clear()
    gate_of(marketplace).idle_s = Hasty.head_s
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(512)
        with running(marketplace.served, listener, Hasty):
            yield listener.getsockname()


def request(method: str, path: str, headers: dict[str, str]) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode()


def chunk(content: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(content), content)


def opened(address: tuple[str, int], sent: bytes) -> socket.socket:
    """Connect and send the beginning of something."""
    connection = socket.create_connection(address, timeout=10)
    connection.sendall(sent)
    return connection


def rest_of(connection: socket.socket) -> bytes:
    """Read until the server ends the connection."""
    read = bytearray()
    try:
        while more := connection.recv(65_536):
            read += more
    except ConnectionResetError:
        pass
    return bytes(read)


def test_b83_b84_a_key_makes_one_of_many_clicks(marketplace: Marketplace) -> None:
    headers = {**marketplace.as_("admin"), "Idempotency-Key": "click"}
    answers: list[Response] = []

    def click() -> None:
        body = {"slug": "growth"}
        answers.append(marketplace.client.post(TEAMS, json=body, headers=headers))

    clicks = [threading.Thread(target=click) for _ in range(6)]
    for thread in clicks:
        thread.start()
    for thread in clicks:
        thread.join()
    other = marketplace.client.post(TEAMS, json={"slug": "other"}, headers=headers)

    done = [a for a in answers if a.status_code == 201]
    early = [a for a in answers if a.status_code != 201]
    assert {a.content for a in done} == {done[0].content}
    assert [a.headers.get("idempotency-replayed") for a in done].count(None) == 1
    assert {code_of(a) for a in early} <= {"idempotency-running"}
    assert {a.headers["retry-after"] for a in early} <= {"1"}
    assert (other.status_code, code_of(other)) == (422, "idempotency-mismatch")


@on_sqlite
def test_b88_wrong_tokens_close_the_door_to_their_address_alone(
    marketplace: Marketplace,
) -> None:
    client, wrong = marketplace.client, {"Authorization": "Bearer cty_wrong"}

    statuses = Counter(
        client.get("/api/v1/me", headers=wrong).status_code for _ in range(2 * WRONG_PER_MINUTE)
    )

    last = client.get("/api/v1/me", headers=wrong)
    elsewhere = TestClient(
        marketplace.served, raise_server_exceptions=False, client=("192.0.2.1", 4000)
    )
    elsewhere.portal = client.portal
    assert set(statuses) == {401, 429}
    assert statuses[401] <= WRONG_PER_MINUTE + 5  # it fills again while the test runs
    assert code_of(last) == "rate-limited"
    assert int(last.headers["retry-after"]) >= 1
    assert elsewhere.get("/api/v1/me", headers=wrong).status_code == 401
    assert client.get("/api/v1/me", headers=marketplace.as_("ana")).status_code == 200
    assert client.get(PUBLISH).status_code == 200


@on_sqlite
def test_b88_wrong_sign_ins_count_too(marketplace: Marketplace) -> None:
    answers = [
        marketplace.client.post("/sign-in", data={"token": "cty_wrong"}, headers=HTML)
        for _ in range(WRONG_PER_MINUTE + 5)
    ]

    right = {"token": marketplace.token("ana")}
    signed_in = marketplace.client.post("/sign-in", data=right, follow_redirects=False)
    assert {a.status_code for a in answers[:WRONG_PER_MINUTE]} == {401}
    assert answers[-1].status_code == 429
    assert signed_in.status_code == 303


@on_sqlite
def test_b137_a_flood_of_publications_is_slowed_for_its_account_alone(
    marketplace: Marketplace,
) -> None:
    marketplace.state.limits.writes.most = 10

    answers = [
        marketplace.client.post(PUBLISH, content=b"id: x", headers=marketplace.as_("ana"))
        for _ in range(12)
    ]

    other = marketplace.client.post(PUBLISH, content=b"id: x", headers=marketplace.as_("kim"))
    assert [code_of(a) for a in answers[10:]] == ["rate-limited"] * 2
    assert other.status_code != 429


@on_sqlite
def test_b130_slow_clients_are_cut_off_and_nobody_waits_for_them(
    marketplace: Marketplace,
) -> None:
    token = marketplace.as_("admin")
    body = {"Content-Length": "1000", "Content-Type": "application/json"}
    beginnings = (
        b"",
        b"GET /api/v1/me HTTP/1.1\r\nHost: 127.0.0.1\r\nX-",
        request("POST", TEAMS, {**token, **body}) + b'{"slug": ',
        request("GET", "/api/v1/me", {**token, **body}) + b"{",  # nobody reads this body
    )

    with over_http(marketplace) as address, ExitStack() as held:
        slow = [
            held.enter_context(opened(address, beginning))
            for beginning in beginnings
            for _ in range(15)
        ]
        waits = []
        for _ in range(20):
            began = time.monotonic()
            with opened(address, request("GET", PUBLISH, {"Connection": "close"})) as honest:
                assert rest_of(honest).startswith(b"HTTP/1.1 200")
            waits.append(time.monotonic() - began)
        answers = [rest_of(connection) for connection in slow]

    assert max(waits) < 2
    assert set(answers[:30]) == {b""}
    assert all(a.startswith(b"HTTP/1.1 408") and b"body-timed-out" in a for a in answers[30:45])
    assert all(a.startswith(b"HTTP/1.1 200") for a in answers[45:])


@on_sqlite
def test_b130_a_refused_upload_does_not_trickle_on(marketplace: Marketplace) -> None:
    with (
        over_http(marketplace) as address,
        opened(address, request("POST", TEAMS, {"Content-Length": "1000"})) as slow,
    ):
        began = time.monotonic()
        assert slow.recv(65_536).startswith(b"HTTP/1.1 401")

        with pytest.raises(OSError, match=r"reset|pipe"):
            for _ in range(1000):
                slow.sendall(b"x")
                time.sleep(0.05)

    assert time.monotonic() - began < 10


@on_sqlite
def test_b130_headers_without_end_are_refused(marketplace: Marketplace) -> None:
    with over_http(marketplace) as address, opened(address, b"GET / HTTP/1.1\r\n") as endless:
        endless.sendall(b"X: " + b"x" * 65_000)
        assert select.select([endless], [], [], 0.1)[0] == []

        endless.sendall(b"x" * 1000)
        answer = endless.recv(65_536)

    assert answer.startswith(b"HTTP/1.1 400")


@on_sqlite
def test_b130_who_does_not_read_is_cut_off(marketplace: Marketplace) -> None:
    many = request("GET", "/openapi.json", {}) * 400

    with over_http(marketplace) as address, socket.socket() as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.connect(address)
        slow.settimeout(10)
        slow.sendall(many)
        time.sleep(8 * Hasty.read_s)  # a busy machine has to have filled the buffers by then
        read = rest_of(slow)

    assert read.count(b"HTTP/1.1 200") < 400


@on_sqlite
@pytest.mark.parametrize(("path", "limit"), [(TEAMS, 1), (PUBLISH, 65)])
def test_b132_a_body_without_end_is_refused_at_the_limit(
    marketplace: Marketplace, path: str, limit: int
) -> None:
    headers = {**marketplace.as_("admin"), "Transfer-Encoding": "chunked"}
    begin = request("POST", path, {**headers, "Content-Type": FORM}) + chunk(FILE)
    before = contents(marketplace)
    sent = 0

    with over_http(marketplace) as address, opened(address, begin) as endless:
        while sent < 200 and not select.select([endless], [], [], 0.01)[0]:
            endless.sendall(chunk(b"x" * MEGABYTE))
            sent += 1
        answer = endless.recv(65_536)

    assert answer.startswith(b"HTTP/1.1 413")
    assert limit <= sent <= limit + 8  # what was on its way
    assert contents(marketplace) == before


@on_sqlite
def test_b132_a_body_that_is_announced_too_large_is_not_read(marketplace: Marketplace) -> None:
    announced = {"Content-Length": str(2 * 1024**3), "Expect": "100-continue"}
    sent = request("POST", TEAMS, {**marketplace.as_("admin"), **announced})

    with over_http(marketplace) as address, opened(address, sent) as connection:
        answer = connection.recv(65_536)

    assert answer.startswith(b"HTTP/1.1 413")


FORMS = {
    "B133-many-parts": (FORM, PART * 100_000 + b"--x--\r\n"),
    "B133-long-header": (FORM, b"--x\r\nContent-Disposition: " + b"a" * 2**20 + b"\r\n\r\n"),
    "B133-no-end": (FORM, PART * 10),
    "B133-no-boundary": ("multipart/form-data", PART),
    "B133-many-fields": (
        FORM + ";a=b" * 16_000,
        PART + b"--x--\r\n",
    ),  # as many as headers hold
    "B133-many-part-fields": (
        FORM,
        b"--x\r\nContent-Disposition: form-data" + b"; a=b" * 100_000 + b"\r\n\r\n--x--\r\n",
    ),
    "B133-long-boundary": ("multipart/form-data; boundary=" + "x" * 10_000, b"--x"),
}


@on_sqlite
@pytest.mark.parametrize(("kind", "body"), FORMS.values(), ids=FORMS)
def test_strange_forms_are_refused_cheaply(
    marketplace: Marketplace, kind: str, body: bytes
) -> None:
    headers = {**marketplace.as_("ana"), "Content-Type": kind}

    def refused() -> float:
        began = time.process_time()
        answer = marketplace.client.post(PUBLISH, content=body, headers=headers)
        assert answer.status_code in {400, 413, 422}, answer.text
        assert code_of(answer)
        return time.process_time() - began

    assert min(refused() for _ in range(3)) < CPU_S


@on_sqlite
def test_b135_nobody_holds_all_the_streams(shop: Marketplace) -> None:
    path = install(shop).headers["location"] + "/events"
    mine, other = (request("GET", path, shop.as_(name)) for name in ("max", "kim"))

    with over_http(shop) as address, ExitStack() as held:
        streams = [held.enter_context(opened(address, mine)) for _ in range(ACCOUNT_STREAMS)]
        begun = [stream.recv(65_536) for stream in streams]
        refused = held.enter_context(opened(address, mine)).recv(65_536)
        allowed = held.enter_context(opened(address, other)).recv(65_536)
        streams[0].close()
        again = (held.enter_context(opened(address, mine)).recv(65_536) for _ in range(200))
        later = itertools.takewhile(lambda a: not a.startswith(b"HTTP/1.1 200"), again)
        wait_until(lambda: next(later, None) is None)

    assert all(answer.startswith(b"HTTP/1.1 200") for answer in [*begun, allowed])
    assert refused.startswith(b"HTTP/1.1 429")
    assert b"too-many-streams" in refused
    assert b"retry-after: 15" in refused.lower()


def test_b137_one_token_publishes_only_so_much_in_an_hour(marketplace: Marketplace) -> None:
    marketplace.state.limits.publications.most = 2
    bulk = marketplace.token("ana", frozenset({Scope.PUBLISH, Scope.BULK}))
    other = marketplace.token("ana")
    callers = [
        *[marketplace.as_("ana")] * 3,
        *({"Authorization": f"Bearer {token}"} for token in (other, bulk, bulk, bulk)),
    ]

    answers = [
        marketplace.client.post("/api/v1/connectors", content=b"id: x", headers=headers)
        for headers in callers
    ]

    assert [answer.status_code for answer in answers] == [422, 422, 429, 422, 422, 422, 422]
    assert answers[2].json()["code"] == "rate-limited"
    assert int(answers[2].headers["Retry-After"]) > 60
