"""The JSON Schema and the model say the same."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import jsonschema_rs
import pytest

from connectory.manifest import deploy
from connectory.manifest.errors import ManifestError
from connectory.manifest.loader import load, read
from connectory.manifest.nodes import Items, Node, Pairs, Plain
from connectory.manifest.schema import DEPLOY_ID, MANIFEST_ID, deploy_schema, schema

EXAMPLES = Path(__file__).parent / "examples"
FULL = (EXAMPLES / "full.yaml").read_text()
BRIEF = (EXAMPLES / "brief.yaml").read_text()
CHECK = jsonschema_rs.Draft202012Validator(schema(), validate_formats=True, offline=True)
NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")


def as_editor_sees_it(node: Node) -> object:
    """Read the file as an editor does: unquoted scalars by the rules of YAML 1.2."""
    if isinstance(node, Items):
        return [as_editor_sees_it(each) for each in node.nodes]
    if isinstance(node, Pairs):
        return {key: as_editor_sees_it(each) for key, (_, each) in node.nodes.items()}
    if isinstance(node.text, Plain) and node.text in {"true", "false", "null", "~", ""}:
        return {"true": True, "false": False}.get(node.text)
    if isinstance(node.text, Plain) and NUMBER.fullmatch(node.text):
        return json.loads(str(float(node.text))) if "." in node.text else int(float(node.text))
    return str(node.text)


def loads(text: str) -> bool:
    try:
        load(text.encode())
    except ManifestError:
        return False
    return True


CORPUS = {
    "brief": BRIEF,
    "full": FULL,
    **{
        f"{old} -> {new}": FULL.replace(old, new)
        for old, new in [
            ("version: 1.3.0", "version: 1.3"),
            ("version: 1.3.0", "version: 1.20"),
            ("version: 1.3.0", "version: v1.3.0"),
            ("version: 1.3.0", "version: 1.3.0-rc.1"),
            ("version: 1.3.0", "version: \u0661.\u0662.\u0663"),
            ("id: crm-to-slack-v1", "id: CRM"),
            ("id: crm-to-slack-v1", "id: con"),
            ("id: crm-to-slack-v1", 'id: "crm\\n"'),
            ("id: crm-to-slack-v1", "id: c" + "a" * 63),
            ("id: crm-to-slack-v1", "id: \u0441rm"),
            ("name: CRM -> Slack New Lead", "nam: CRM"),
            ("kind: alert", "kind: alarm"),
            ("owner: bizops@example.com", "owner: a b"),
            ("team: bizops", "x-team: bizops"),
            ("team: bizops", "teem: bizops"),
            ("team: bizops", "team:"),
            ("tags: [crm, slack", "tags: [slack, slack"),
            ("tags: [crm", "tags: [CRM"),
            ("tags: [crm", "tags: [" + ", ".join(f"t{n}" for n in range(20)) + ", crm"),
            ("type: serverless", "type: lambda"),
            ("type: serverless", "typ: serverless"),
            ("timeout: 30s", "timeout: 30 seconds"),
            ("timeout: 30s", "timeout: PT30S"),
            ("cpu: 0.25", "cpu: 250m"),
            ("cpu: 0.25", "cpu: 0"),
            ("cpu: 0.25", "cpu: '0.25'"),
            ("memory: 256M", "memory: 256"),
            ("memory: 256M", "memory: 256Mi"),
            ("region: us-east-1", "region: US-EAST-1"),
            ("max_instances: 2", "max_instances: 2.5"),
            ("max_instances: 2", "max_instances: 0"),
            ("type: webhook, path: /lead", "type: webhook"),
            ("type: webhook, path: /lead", "type: manual"),
            ("type: webhook, path: /lead", "type: schedule, path: /lead"),
            ("type: webhook, path: /lead", 'type: schedule, cron: "@daily", misfire: skip'),
            ("type: webhook, path: /lead", 'type: schedule, cron: "@daily", misfire: no'),
            ("type: webhook, path: /lead", 'type: schedule, cron: "@daily", timezone: X'),
            ("path: /lead", "path: /lead, jitter: 5m"),
            ("{type: webhook, path: /lead}", "manual"),
            ("{type: webhook, path: /lead}", "webhook"),
            ("required: true", "required: yes"),
            ("  - name: slack_channel", "  - nam: slack_channel"),
            ("schema: {type: string,", "schema: {tip: string,"),
            ("method: store", "method: shop"),
            ("rotation: 90d", "rotation: never"),
            ("outputs: [{name: slack_channel, type: string}]", "outputs: [slack_channel]"),
            ("outputs: [{name: slack_channel, type: string}]", "outputs: [Slack]"),
            ('scopes: ["chat:write"]', "scopes: []"),
            ("[slack.com,", '["*.slack.com",'),
            ("[slack.com,", '["slack.com:443",'),
            ("classification: confidential", "classification: hush"),
            ("personal_data: true", "personal_data: maybe"),
            ("  - data_retention: 30d", "  - data_retention: month"),
            ("  - data_retention: 30d", "  - {a: b, c: d}"),
            ("  - data_retention: 30d", "  - any_other: thing"),
            ("vetting_status: review", "vetting_status: aproved"),
            ('digest: "sha256:', 'digest: "sha512:'),
            ("quantity: 30000", "quantity: -1"),
            ("quantity: 30000", "quantity: inputs.slack_channel * 3"),
            ("per: month", "per: year"),
            ("stage: stable", "stage: stabel"),
            ("2.0.0: {", "two: {"),
            ("2027-01-31", "2027-02-31"),
            ("[{kind: added, description: thread replies}]", "[thread replies]"),
            ("notice: 7d", "notice: 7"),
            ("runbook: runbook.md", "runbook: javascript:x"),
            ("runbook: runbook.md", "runbook: https://a.example/b"),
            ("level: team", "level: gold"),
            ("support: {", "support: [] # {"),
        ]
    },
}


@pytest.mark.parametrize("text", CORPUS.values(), ids=CORPUS)
def test_the_schema_and_the_model_agree(text: str) -> None:
    seen = as_editor_sees_it(read(text.encode()).root)

    errors = [f"{e.message}" for e in CHECK.iter_errors(seen)]

    assert (not errors) is loads(text), errors


def test_about_as_much_is_refused_as_accepted() -> None:
    refused = [name for name, text in CORPUS.items() if not loads(text)]

    assert len(refused) >= 45
    assert len(CORPUS) - len(refused) >= 15


@pytest.mark.parametrize("text", [BRIEF, FULL])
def test_the_normal_form_fits_the_schema(text: str) -> None:
    normal = load(text.encode()).normal

    assert [e.message for e in CHECK.iter_errors(normal)] == []


def objects_of(part: object) -> Iterator[dict[str, object]]:
    if isinstance(part, dict):
        yield part
        for each in part.values():
            yield from objects_of(each)
    if isinstance(part, list):
        for each in part:
            yield from objects_of(each)


@pytest.mark.parametrize("written", [schema(), deploy_schema()], ids=["manifest", "deploy"])
def test_every_object_is_closed_except_for_extensions(written: dict[str, object]) -> None:
    closed = [
        part
        for part in objects_of(written)
        if "patternProperties" in part and "^x-" in part["patternProperties"]
    ]

    assert closed
    assert [p["title"] for p in closed if p.get("additionalProperties") is not False] == [
        *(["Policies"] if written["$id"] == MANIFEST_ID else [])
    ]


def test_the_schemas_are_valid_and_have_addresses() -> None:
    jsonschema_rs.meta.validate(schema())
    jsonschema_rs.meta.validate(deploy_schema())

    assert schema()["$id"] == MANIFEST_ID
    assert deploy_schema()["$id"] == DEPLOY_ID


def test_every_field_is_described_for_editors() -> None:
    definitions = [schema(), *schema()["$defs"].values()]

    bare = [
        f"{part['title']}.{name}"
        for part in definitions
        for name, field in part["properties"].items()
        if not {"description", "$ref"} & field.keys()
    ]

    assert bare == []


def test_the_deploy_schema_and_its_model_agree() -> None:
    check = jsonschema_rs.Draft202012Validator(deploy_schema(), offline=True)
    manifest = load(FULL.encode()).manifest
    good = b"targets: {local: {resources: {cpu: 0.1}}, lambda: {timeout: 3s}, node-red: {}}\n"
    bad = b"targets: {local: {resources: {memory: 128}}, lambda_: {}}\n"

    assert deploy.load(good, manifest)
    assert check.is_valid(as_editor_sees_it(read(good).root))
    with pytest.raises(ManifestError):
        deploy.load(bad, manifest)
    assert not check.is_valid(as_editor_sees_it(read(bad).root))
