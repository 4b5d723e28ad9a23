"""api: any request."""

import json
from pathlib import Path

import pytest


def test_a_path_below_the_api_is_read(cli) -> None:
    done = cli("api", "GET", "/me", account="max")

    assert done.code == 0
    assert done.json["account"] == "max"


def test_other_addresses_of_the_server_are_read(cli) -> None:
    assert cli("api", "get", "/healthz").code == 0


def test_text_is_printed_as_it_is(cli) -> None:
    manifest = "/connectors/bizops/crm-to-slack-v1/versions/1.3.0/manifest"

    assert "id: crm-to-slack-v1\n" in cli("api", "GET", manifest).out
    assert "id: crm-to-slack-v1\n" in cli("api", "GET", manifest, "--json").json["body"]


def test_fields_make_a_json_body(cli, fresh: str) -> None:
    done = cli("api", "POST", "/teams", "--field", f"slug={fresh}", "--json")

    assert done.json["status"] == 201
    assert done.json["body"]["slug"] == fresh


def test_fields_of_a_get_are_its_query(cli) -> None:
    done = cli("api", "GET", "/connectors?q=lead&limit=1", "-f", "q=slack", "-f", "sort=name")

    (found,) = done.json["items"]
    assert "slack" in found["tags"]


@pytest.mark.parametrize("path", ["/connectors?limit=1", "/audit?limit=5"])
def test_all_pages_of_a_list_are_one(cli, path: str) -> None:
    one = cli("api", "GET", path).json
    every = cli("api", "GET", path, "--all", "--json").json["body"]

    ids = [json.dumps(item, sort_keys=True) for item in every["items"]]
    assert one["next"] is not None
    assert every["next"] is None
    assert len(ids) == len(set(ids)) > len(one["items"])
    assert every["items"][: len(one["items"])] == one["items"]


def test_only_lists_have_pages(cli) -> None:
    assert cli("api", "GET", "/me", "--all").code == 2
    assert cli("api", "POST", "/teams", "--all").code == 2


def test_a_body_comes_from_a_file(cli, tmp_path: Path, fresh: str) -> None:
    body = tmp_path / "body.json"
    body.write_text(f'{{"slug": "{fresh}"}}')

    assert cli("api", "POST", "/teams", "--data", str(body)).json["slug"] == fresh


def test_a_refusal_is_a_failure_with_its_code(cli) -> None:
    assert cli("api", "GET", "/connectors/nope").code == 3


def test_a_path_cannot_lead_to_another_host(offline) -> None:
    for path in ("//evil.example/x", "http://evil.example/", "me"):
        assert offline("api", "GET", path).code == 2


def test_a_dry_run_sends_nothing(offline) -> None:
    done = offline("api", "POST", "/teams", "--field", "slug=x", "--dry-run", "--json")

    assert done.json["path"] == "/api/v1/teams"
