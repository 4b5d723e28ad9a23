"""Rows B114, B119 and B124: values on their way to a connector, its log, and a browser."""

import base64
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from connectory.backends.targets import InstanceSpec
from connectory.backends.targets.local.shim.log import Scribe
from connectory.backends.targets.local.target import LocalTarget
from connectory.gates.archive import pack
from connectory.kernel.digest import digest_of
from connectory.kernel.ids import new_id
from connectory.kernel.secret import Secret
from marketplaces import Marketplace, wait_until
from walks import HTML, on_sqlite

SECRET = "canary+7f3d/91?=~"
ENCODED = {
    "B119-plain": SECRET,
    "B119-base64": base64.b64encode(SECRET.encode()).decode(),
    "B119-base64-within": base64.b64encode(f"key={SECRET};".encode()).decode(),
    "B119-base64-url": base64.urlsafe_b64encode(SECRET.encode()).decode().rstrip("="),
    "B119-url": quote(SECRET, safe=""),
    "B119-hex": SECRET.encode().hex(),
}
VALUES = ("one\ntwo\r\n", "$(touch /tmp/x)", "`id`", "-rf", "${HOME}", "a;b|c&d>e", "'\"\\ é")
CONNECTOR = b"""\
import os, socket, threading
values = {k: v for k, v in os.environ.items() if k.startswith(("INPUT_", "SECRET_"))}
for name, value in sorted(values.items()):
    print(name, value.encode()[::-1].hex(), flush=True)  # backwards: secrets are masked
listener = socket.create_server(("127.0.0.1", int(os.environ["PORT"])))
threading.Event().wait()
"""
RAW = "/api/v1/connectors/bizops/crm-to-slack-v1/versions/1.3.0"


@pytest.mark.parametrize("written", ENCODED.values(), ids=ENCODED)
def test_a_secret_is_masked_however_it_is_encoded(written: str) -> None:
    record = Scribe([SECRET]).record(f"it is {written}!".encode(), level="info")

    assert "***" in record["msg"]
    assert written not in record["msg"]


@pytest.fixture
def target(tmp_path: Path) -> LocalTarget:
    return LocalTarget(tmp_path / "data")


@pytest.fixture
def spec(target: LocalTarget, tmp_path: Path) -> Iterator[InstanceSpec]:
    bundle = tmp_path / "package.tar.gz"
    with bundle.open("wb") as into:
        pack({"src/lead.py": CONNECTOR}, into)
    digest = digest_of(bundle.read_bytes())
    inputs = {f"INPUT_{n}": value for n, value in enumerate(VALUES)}
    secrets = {f"SECRET_{n}": Secret(value) for n, value in enumerate(VALUES)}
    made = InstanceSpec(
        new_id("inst"), "payments/leads", 1, digest, bundle, "lead", inputs, secrets
    )
    yield made
    target.remove(made.instance)


def test_b124_a_connector_is_given_each_value_as_it_is(
    target: LocalTarget, spec: InstanceSpec
) -> None:
    target.apply(spec)
    wait_until(lambda: len(_printed(target, spec)) == 2 * len(VALUES))

    said = dict(message.split() for message in _printed(target, spec))
    got = {name: bytes.fromhex(value)[::-1].decode() for name, value in said.items()}
    assert got == {
        f"{kind}_{n}": value for kind in ("INPUT", "SECRET") for n, value in enumerate(VALUES)
    }


def _printed(target: LocalTarget, spec: InstanceSpec) -> list[str]:
    """Return the lines of the connector; those of the platform have facts."""
    return [line.message for line in target.logs(spec.instance) if not line.facts]


@on_sqlite
def test_b124_a_value_with_nul_is_refused(shop: Marketplace) -> None:
    headers = shop.as_("max")

    secret = shop.client.put(
        "/api/v1/teams/payments/secrets/x", json={"value": "a\0b"}, headers=headers
    )
    plan = shop.client.post(
        "/api/v1/plans",
        json={
            "connector": "crm-to-slack-v1",
            "team": "payments",
            "inputs": {"slack_channel": "#a\0"},
        },
        headers=headers,
    )

    assert [answer.json()["code"] for answer in (secret, plan)] == ["json-refused"] * 2


@on_sqlite
@pytest.mark.parametrize("what", ["manifest", "readme", "runbook"])
def test_b114_what_an_author_wrote_is_saved_and_never_shown(
    shop: Marketplace, what: str
) -> None:
    answer = shop.client.get(f"{RAW}/{what}", headers=HTML)

    assert answer.status_code == 200
    assert answer.headers["content-disposition"].startswith("attachment; filename=")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"].split("; ")


@on_sqlite
@pytest.mark.parametrize(("path", "is_page"), [("/", True), ("/api/v1/connectors", False)])
def test_b114_only_pages_are_no_sandbox(shop: Marketplace, path: str, *, is_page: bool) -> None:
    policy = shop.client.get(path, headers=HTML).headers["content-security-policy"]

    assert ("sandbox" not in policy) is is_page
