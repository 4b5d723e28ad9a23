"""Publishing, through the API, on both databases."""

import io
from pathlib import Path

import pytest
from httpx2 import Response

from connectory.gates import archive
from marketplaces import Marketplace

BRIEF = (Path(__file__).parents[1] / "manifest/examples/brief.yaml").read_bytes()


def publish(
    marketplace: Marketplace, manifest: bytes, package: bytes | None = None, by: str = "ana"
) -> Response:
    files = {"manifest": ("manifest.yaml", manifest, "application/octet-stream")}
    if package is not None:
        files["package"] = ("package.tar.gz", package, "application/gzip")
    return marketplace.client.post(
        "/api/v1/connectors", files=files, headers=marketplace.as_(by)
    )


def bundle(manifest: bytes, **more: bytes) -> bytes:
    into = io.BytesIO()
    archive.pack({"manifest.yaml": manifest, **more}, into)
    return into.getvalue()


def test_a_manifest_is_published_byte_for_byte(marketplace: Marketplace) -> None:
    answer = publish(marketplace, BRIEF)

    body = answer.json()
    assert (answer.status_code, body["created"]) == (201, True)
    assert (body["namespace"], body["id"], body["version"]) == (
        "bizops",
        "crm-to-slack-v1",
        "1.2.0",
    )
    raw = marketplace.client.get(f"/api/v1{_path(body)}/manifest")
    assert raw.content == BRIEF


def test_a_claim_of_approval_opens_a_review_and_no_more(marketplace: Marketplace) -> None:
    status = publish(marketplace, BRIEF).json()["status"]

    assert (status["claimed"], status["effective"]) == ("approved", "review")
    assert status["missing"] == ["approval"]


def test_the_same_bytes_again_change_nothing(marketplace: Marketplace) -> None:
    first = publish(marketplace, BRIEF)
    marketplace.follow()
    events = _published(marketplace)

    again = publish(marketplace, BRIEF)

    assert (again.status_code, again.json()["created"]) == (200, False)
    assert again.json()["digest"] == first.json()["digest"]
    marketplace.follow()
    assert _published(marketplace) == events


def test_one_changed_byte_is_refused_with_both_digests(marketplace: Marketplace) -> None:
    first = publish(marketplace, BRIEF).json()

    other = publish(marketplace, BRIEF.replace(b"team Slack", b"team slack"))

    body = other.json()
    assert (other.status_code, body["code"]) == (409, "version-exists")
    assert body["stored_manifest"] == first["manifest_digest"]
    assert body["sent_manifest"] not in {"", first["manifest_digest"]}
    assert "raise `version`" in body["hint"]


def test_a_yaml_body_is_as_good_as_a_form(marketplace: Marketplace) -> None:
    headers = {**marketplace.as_("ana"), "Content-Type": "application/yaml"}

    answer = marketplace.client.post("/api/v1/connectors", content=BRIEF, headers=headers)

    assert answer.status_code == 201


def test_a_package_comes_with_its_manifest_or_not_at_all(marketplace: Marketplace) -> None:
    answer = publish(marketplace, BRIEF, bundle(BRIEF + b"# other\n"))

    assert (answer.status_code, answer.json()["code"]) == (422, "package-manifest")
    assert marketplace.client.get("/api/v1/connectors/crm-to-slack-v1").status_code == 404


def test_a_package_is_kept_with_its_texts(marketplace: Marketplace) -> None:
    body = publish(marketplace, BRIEF, bundle(BRIEF, **{"runbook.md": b"# Help\n"})).json()

    runbook = marketplace.client.get(f"/api/v1{_path(body)}/runbook")

    assert body["package_digest"].startswith("sha256:")
    assert runbook.text == "# Help\n"


def test_a_text_with_nul_is_kept_without_it(marketplace: Marketplace) -> None:
    package = bundle(BRIEF, **{"README.md": b"a\0b", "runbook.md": b"\xff"})

    body = publish(marketplace, BRIEF, package).json()

    readme = marketplace.client.get(f"/api/v1{_path(body)}/readme")
    assert readme.text == "a\N{REPLACEMENT CHARACTER}b"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"targets: {local: {resources: {memory: 64G}}}\n", "widens-manifest"),
        (b"targets: {moon: {}}\n", "unknown-field"),
        (b"", "not-a-map"),
    ],
)
def test_a_deploy_yaml_that_is_wrong_refuses_the_publication(
    marketplace: Marketplace, content: bytes, code: str
) -> None:
    answer = publish(marketplace, BRIEF, bundle(BRIEF, **{"deploy.yaml": content}))

    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert marketplace.client.get("/api/v1/connectors/crm-to-slack-v1").status_code == 404


def test_a_deadline_that_leaves_too_little_time_is_a_warning(marketplace: Marketplace) -> None:
    changes = (
        b"lifecycle:\n  breaking_changes:\n    1.0.0:\n"
        b"      message: the input has another name\n      upgrade_deadline: 2026-01-01\n"
    )

    warnings = publish(marketplace, BRIEF + changes).json()["warnings"]

    late = [one for one in warnings if one["code"] == "deadline-too-near"]
    assert [(one["severity"], bool(one["line"])) for one in late] == [("warning", True)]


def test_a_version_published_bare_does_not_get_a_package_later(
    marketplace: Marketplace,
) -> None:
    publish(marketplace, BRIEF)

    later = publish(marketplace, BRIEF, bundle(BRIEF))

    assert later.status_code == 409


def test_nobody_publishes_into_the_namespace_of_another_team(
    marketplace: Marketplace,
) -> None:
    answer = publish(marketplace, BRIEF + b"namespace: bizops\n", by="max")

    assert (answer.status_code, answer.json()["code"]) == (403, "not-namespace-member")


def test_viewers_do_not_publish(marketplace: Marketplace) -> None:
    assert publish(marketplace, BRIEF, by="vic").status_code == 403


def test_without_a_team_the_namespace_must_be_named(marketplace: Marketplace) -> None:
    answer = publish(marketplace, BRIEF, by="zoe")

    assert (answer.status_code, answer.json()["code"]) == (422, "namespace-required")


def test_an_upload_without_a_credential_is_refused_before_its_body_is_read(
    marketplace: Marketplace,
) -> None:
    def body() -> None:
        raise AssertionError("a byte of the body was read")
        yield b""

    answer = marketplace.client.post("/api/v1/connectors", content=body())

    assert (answer.status_code, answer.json()["code"]) == (401, "not-signed-in")


def test_more_than_the_limit_is_refused_by_its_length(marketplace: Marketplace) -> None:
    headers = {**marketplace.as_("ana"), "Content-Length": str(10**9)}

    answer = marketplace.client.post("/api/v1/connectors", content=b"x", headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (413, "body-too-large")


def test_all_problems_come_at_once_with_their_lines(marketplace: Marketplace) -> None:
    answer = publish(marketplace, BRIEF.replace(b"1.2.0", b"latest") + b"polices: []\n")

    body = answer.json()
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert {one["code"] for one in body["errors"]} >= {"not-semver", "unknown-field"}
    assert all(one["line"] for one in body["errors"])


def test_a_check_keeps_nothing(marketplace: Marketplace) -> None:
    headers = {**marketplace.as_("ana"), "Content-Type": "application/yaml"}
    url = "/api/v1/connectors:validate"

    answer = marketplace.client.post(url, content=BRIEF, headers=headers).json()

    assert answer["valid"]
    assert marketplace.client.get("/api/v1/connectors/crm-to-slack-v1").status_code == 404


def test_a_request_without_a_manifest_says_how_to_send_one(marketplace: Marketplace) -> None:
    answer = marketplace.client.post("/api/v1/connectors", headers=marketplace.as_("ana"))

    assert (answer.status_code, answer.json()["code"]) == (422, "manifest-missing")


@pytest.mark.parametrize("moves", [["approved"], ["approved", "deprecated"]])
def test_an_admin_decides_with_a_reason(marketplace: Marketplace, moves: list[str]) -> None:
    body = publish(marketplace, BRIEF).json()

    for status in moves:
        answer = marketplace.client.patch(
            f"/api/v1{_path(body)}/status",
            json={"status": status, "message": "looked at it"},
            headers=marketplace.as_("admin"),
        )

        assert answer.json()["status"]["effective"] == status
        assert answer.json()["status"]["reason"] == "looked at it"


def test_a_decision_without_a_reason_is_refused(marketplace: Marketplace) -> None:
    body = publish(marketplace, BRIEF).json()

    answer = marketplace.client.patch(
        f"/api/v1{_path(body)}/status",
        json={"status": "approved"},
        headers=marketplace.as_("admin"),
    )

    assert (answer.status_code, answer.json()["code"]) == (422, "reason-missing")


def test_an_approved_version_never_becomes_a_draft_again(marketplace: Marketplace) -> None:
    body = publish(marketplace, BRIEF).json()
    url, headers = f"/api/v1{_path(body)}/status", marketplace.as_("admin")
    decision = {"status": "approved", "message": "fine"}
    marketplace.client.patch(url, json=decision, headers=headers)

    answer = marketplace.client.patch(
        url, json={"status": "draft", "message": "back"}, headers=headers
    )

    assert (answer.status_code, answer.json()["code"]) == (409, "status-move")


def _path(body: dict[str, str]) -> str:
    return f"/connectors/{body['namespace']}/{body['id']}/versions/{body['version']}"


def _published(marketplace: Marketplace) -> int:
    log = marketplace.client.get("/api/v1/audit", headers=marketplace.as_("admin")).json()
    return sum(entry["kind"] == "VersionPublished" for entry in log["items"])
