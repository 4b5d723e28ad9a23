"""Fields: what each accepts, what it answers, what values mean."""

from decimal import Decimal

import pytest

from connectory.manifest.errors import ManifestError
from connectory.manifest.loader import load
from connectory.manifest.model import Manifest


def problems_of(text: str) -> list[tuple[str, str]]:
    try:
        load(text.encode())
    except ManifestError as error:
        return [(p.code, p.path) for p in error.problems]
    return []


def manifest_of(text: str) -> Manifest:
    return load(text.encode()).manifest


WRONG_IN_FULL = {
    "namespace": ("namespace: bizops", "namespace: Biz", "bad-slug"),
    "id-short": ("id: crm-to-slack-v1", "id: a", "bad-id"),
    "name-lines": ("name: CRM -> Slack New Lead", 'name: "a\\nb"', "bad-text"),
    "version-v": ("version: 1.3.0", "version: v1.3.0", "not-semver"),
    "version-range": ("version: 1.3.0", 'version: ">=1"', "not-semver"),
    "version-latest": ("version: 1.3.0", "version: latest", "not-semver"),
    "version-zero": ("version: 1.3.0", "version: 01.3.0", "not-semver"),
    "kind": ("kind: alert", "kind: alerts", "unknown-value"),
    "kind-list": ("kind: alert", "kind: [alert]", "wrong-type"),
    "owner": ("owner: bizops@example.com", 'owner: "biz ops"', "bad-owner"),
    "mail": ("ana@example.com", "ana", "bad-mail"),
    "tag-case": ("tags: [crm", "tags: [CRM", "bad-tag"),
    "tag-blank": ("tags: [crm", 'tags: ["!"', "bad-tag"),
    "tag-risk": ("risk:low", "risk:huge", "bad-tag"),
    "tag-twice": ("tags: [crm", "tags: [slack, crm", "duplicate-name"),
    "runtime-type": ("type: serverless", "type: lambda", "unknown-value"),
    "timeout": ("timeout: 30s", "timeout: 30", "bad-duration"),
    "timeout-zero": ("timeout: 30s", "timeout: 0s", "out-of-range"),
    "cpu-zero": ("cpu: 0.25", "cpu: 0", "out-of-range"),
    "cpu-text": ("cpu: 0.25", "cpu: 0250m", "bad-cpu"),
    "cpu-huge": ("cpu: 0.25", "cpu: 1e99", "bad-cpu"),
    "memory-milli": ("memory: 256M", "memory: 256m", "bad-memory"),
    "memory-word": ("memory: 256M", "memory: lots", "bad-memory"),
    "memory-range": ("memory: 256M", "memory: 1k", "out-of-range"),
    "region-case": ("region: us-east-1", "region: US-EAST-1", "bad-region"),
    "instances-text": ("max_instances: 2", "max_instances: two", "wrong-type"),
    "instances-quoted": ("max_instances: 2", 'max_instances: "2"', "wrong-type"),
    "instances-range": ("max_instances: 2", "max_instances: 0", "out-of-range"),
    "instances-order": (
        "max_instances: 2",
        "max_instances: 2, min_instances: 3",
        "out-of-range",
    ),
    "trigger-path": ("path: /lead", "path: lead", "bad-path"),
    "trigger-reserved": ("path: /lead", "path: /healthz", "reserved-path"),
    "trigger-bare": ("type: webhook, path: /lead", "type: webhook", "missing-field"),
    "trigger-other": ("path: /lead", 'path: /lead, cron: "@daily"', "unknown-field"),
    "input-name": ("  - name: slack_channel", "  - name: Slack-Channel", "bad-name"),
    "required": ("required: true", "required: yes", "wrong-type"),
    "secret-path": ("teams/{team}/crm", "../{team}", "bad-secret-path"),
    "secret-hole": ("teams/{team}/crm", "teams/{owner}/crm", "bad-secret-path"),
    "method": ("method: store", "method: stores", "unknown-value"),
    "input-list": (
        "  - name: slack_channel\n",
        "  - [a]\n  - name: slack_channel\n",
        "wrong-type",
    ),
    "support-null": ("support: {", "support: null # {", "empty-value"),
    "env": ("rotation: 90d", "rotation: 90d\n    env: lower", "bad-env"),
    "env-reserved": ("rotation: 90d", "rotation: 90d\n    env: LD_PRELOAD", "reserved-env"),
    "env-port": ("rotation: 90d", "rotation: 90d\n    env: PORT", "reserved-env"),
    "env-taken": (
        "rotation: 90d",
        "rotation: 90d\n    env: INPUT_SLACK_CHANNEL",
        "duplicate-name",
    ),
    "scopes": ('scopes: ["chat:write"]', "scopes: []", "too-few"),
    "scope-blank": ('scopes: ["chat:write"]', 'scopes: ["chat write"]', "bad-scope"),
    "host-url": ("[slack.com,", '["https://slack.com/api",', "bad-host"),
    "host-star": ("[slack.com,", '["*.slack.com",', "bad-host"),
    "host-address": ("[slack.com,", "[127.0.0.1,", "bad-host"),
    "host-hex": ("[slack.com,", "[0x7f.1,", "bad-host"),
    "host-port": ("[slack.com,", '["slack.com:0",', "bad-host"),
    "classification": ("confidential", "secret", "unknown-value"),
    "retention": ("data_retention: 30d", "data_retention: a month", "bad-duration"),
    "policy-twice": (
        "  - data_retention: 30d",
        "  - data_retention: 30d\n  - data_retention: 9d",
        "duplicate-name",
    ),
    "policy-text": ("  - data_retention: 30d", "  - data_retention", "wrong-type"),
    "policy-name": ("  - data_retention: 30d", "  - Retention: 30d", "bad-name"),
    "status": ("vetting_status: review", "vetting_status: aproved", "unknown-value"),
    "digest": ('digest: "sha256:', 'digest: "sha1:', "bad-digest"),
    "quantity": ("quantity: 30000", "quantity: -1", "bad-quantity"),
    "quantity-code": ("quantity: 30000", 'quantity: "__import__(1)"', "bad-quantity"),
    "quantity-input": ("quantity: 30000", "quantity: inputs.lead * 30", "unknown-input"),
    "breaking-minor": ("2.0.0: {", "2.1.0: {", "bad-breaking-change"),
    "breaking-key": ("2.0.0: {", "two: {", "not-semver"),
    "deadline": ("2027-01-31", "soon", "bad-date"),
    "deadline-day": ("2027-01-31", "2027-02-31", "bad-date"),
    "sunset": (
        "stage: stable",
        "stage: stable\n  deprecation: {announced: 2027-02-01, sunset: 2027-01-01}",
        "bad-date",
    ),
    "example-input": ('{slack_channel: "#sales"}', '{slack_chanel: "#sales"}', "unknown-input"),
    "example-other": ('{slack_channel: "#sales"}', "{zzz: 1}", "unknown-input"),
    "example-value": ('{slack_channel: "#sales"}', "{slack_channel: sales}", "schema-mismatch"),
    "runbook-scheme": ("runbook: runbook.md", "runbook: javascript:alert(1)", "url-scheme"),
    "runbook-http": ("runbook: runbook.md", "runbook: http://example.com", "url-scheme"),
    "runbook-up": ("runbook: runbook.md", "runbook: ../runbook.md", "url-scheme"),
    "icon": ("support:", "icon: data:image/png;base64,AA\nsupport:", "url-scheme"),
    "link": ("support:", "links: [{title: a, url: vbscript:x}]\nsupport:", "url-scheme"),
    "annotations": ("support:", "annotations: {a: [b]}\nsupport:", "wrong-type"),
    "source": ("support:", "source: {url: 'git@host:x'}\nsupport:", "url-scheme"),
    "commit": (
        "support:",
        "source: {url: 'https://git.example', commit: main}\nsupport:",
        "bad-commit",
    ),
    "range": ("support:", "requires: {marketplace: newest}\nsupport:", "bad-range"),
    "maintainers": ("maintainers: [{name: Ana,", "maintainers: [{nam: Ana,", "missing-field"),
}


@pytest.mark.parametrize(("old", "new", "code"), WRONG_IN_FULL.values(), ids=WRONG_IN_FULL)
def test_a_wrong_value_is_refused_with_its_code(
    full: str, old: str, new: str, code: str
) -> None:
    assert old in full

    found = problems_of(full.replace(old, new))

    assert code in [each for each, _ in found]


RIGHT_IN_FULL = {
    "policies-map": (
        '  - data_retention: 30d\n  - allowed_regions: ["us-east-1","us-west-2"]',
        "  data_retention: P1Y2M3W4DT5H6M7S\n  max_cost: 50",
    ),
    "cpu-milli": ("cpu: 0.25", "cpu: 250m"),
    "memory-part": ("memory: 256M", "memory: 0.5Gi"),
    "manual": (
        "{type: webhook, path: /lead}",
        "manual, {type: event, event: crm.lead.created}",
    ),
    "prerelease": ("version: 1.3.0", "version: 1.3.0-rc.1+build.5"),
    "provision-word": (
        'provision: {method: store, path: "teams/{team}/crm"}',
        "provision: manual",
    ),
    "host-port": ("[slack.com,", "[db:5432, slack.com,"),
    "formula": ("quantity: 30000", 'quantity: "(inputs.slack_channel + 2) * 30 - 1.5"'),
    "mail-link": ("support:", "links: [{title: a, url: 'mailto:a@example.com'}]\nsupport:"),
    "runbook": ("runbook: runbook.md", "runbook: https://docs.example:8443/a?b=c#d"),
    "alerts": ("support:", "observability: {alerts: [errors], health: /healthz}\nsupport:"),
    "change-text": ("[{kind: added, description: thread replies}]", "[thread replies]"),
    "owner-team": ("owner: bizops@example.com", "owner: bizops"),
}


@pytest.mark.parametrize(("old", "new"), RIGHT_IN_FULL.values(), ids=RIGHT_IN_FULL)
def test_every_documented_form_is_accepted(full: str, old: str, new: str) -> None:
    assert old in full

    assert problems_of(full.replace(old, new)) == []


@pytest.mark.parametrize(
    ("written", "hint"),
    [
        ("1.20", "write 1.20.0"),
        ("2", "write 2.0.0"),
        ("v1.2.0", "write 1.2.0"),
        ("latest", "write one exact version with three numbers: 1.2.0"),
    ],
)
def test_a_version_is_answered_with_the_right_one(brief: str, written: str, hint: str) -> None:
    with pytest.raises(ManifestError) as caught:
        load(brief.replace("1.2.0", written).encode())

    assert caught.value.hint == hint


@pytest.mark.parametrize(
    ("field", "hint"),
    [
        ("memory: 1M", "it belongs under `runtime.resources`"),
        ("allowed_hosts: [a]", "it belongs under `permissions`"),
        ("vetting_statuss: draft", "did you mean `vetting_status`?"),
    ],
)
def test_an_unknown_field_is_sent_home(brief: str, field: str, hint: str) -> None:
    with pytest.raises(ManifestError) as caught:
        load(f"{brief}{field}\n".encode())

    assert caught.value.hint == hint


def test_an_unknown_field_in_a_part_lists_what_is_known_there(brief: str) -> None:
    with pytest.raises(ManifestError) as caught:
        load((brief + "  zzz: 1\n").encode())

    assert caught.value.hint.startswith("known here: runbook, owner_oncall, channel")


def test_a_cyrillic_letter_is_named_in_the_hint(brief: str) -> None:
    with pytest.raises(ManifestError) as caught:
        load(brief.replace("id: crm", "id: \u0441rm").encode())

    assert "U+0441" in caught.value.hint


def test_values_mean_what_they_say(full: str) -> None:
    manifest = manifest_of(full.replace("cpu: 0.25", "cpu: 250m"))
    resources = manifest.runtime.resources

    assert resources.cpu == Decimal("0.25")
    assert resources.memory_bytes == 256_000_000
    assert manifest.runtime.timeout_s == 30
    assert manifest.major == 1
    assert manifest.hosts == ("api.crm.example.com", "slack.com")
    assert manifest.inputs[0].variable == "INPUT_SLACK_CHANNEL"
    assert manifest.inputs[0].label == "Slack channel"
    assert manifest.secrets[0].variable == "SECRET_CRM_API_KEY"


def test_what_is_absent_has_no_value(brief: str) -> None:
    manifest = manifest_of(brief.replace("    memory: 256M\n", ""))

    assert manifest.runtime.resources.memory_bytes is None
    assert manifest.runtime.timeout_s is None
    assert manifest.hosts == ()


def test_facets_come_from_tags_and_fall_back_on_fields(full: str) -> None:
    facets = manifest_of(full).facets()

    assert facets == {
        "tag": ("alert", "crm", "slack"),
        "team": ("bizops",),
        "domain": ("crm",),
        "runtime": ("serverless",),
        "risk": ("low",),
    }


def test_a_tag_wins_over_the_field_it_stands_for(brief: str) -> None:
    facets = manifest_of(brief.replace("  - alert", "  - runtime:local\n  - team:ops")).facets()

    assert facets["runtime"] == ("local",)
    assert facets["team"] == ("ops",)


def test_a_connector_uses_the_systems_it_declares_and_is_tagged_with(full: str) -> None:
    manifest = manifest_of(full.replace("reads_from: [crm]", "reads_from: [erp]"))

    assert manifest.uses() == ("crm", "erp", "slack")


@pytest.mark.parametrize(
    ("default", "required"), [("", True), (", default: a", False), (", required: false", False)]
)
def test_an_input_is_required_unless_it_has_a_default(
    brief: str, default: str, *, required: bool
) -> None:
    manifest = manifest_of(f"{brief}inputs: [{{name: channel{default}}}]\n")

    assert manifest.inputs[0].required is required


def test_values_of_the_right_python_type_are_accepted_too(full: str) -> None:
    normal = load(full.encode()).normal
    normal["runtime"]["resources"] |= {"cpu": Decimal("0.5"), "max_instances": 3}

    manifest = Manifest.model_validate(normal)

    assert manifest.normal()["runtime"]["resources"]["cpu"] == 0.5


@pytest.mark.parametrize("value", [7, None, True, ["a"], {"a": "b"}])
def test_odd_python_values_are_refused_like_odd_text(full: str, value: object) -> None:
    normal = load(full.encode()).normal

    with pytest.raises(ValueError, match="version"):
        Manifest.model_validate({**normal, "version": value})
    with pytest.raises(ValueError, match="dictionary"):
        Manifest.model_validate(value if not isinstance(value, dict) else [value])
