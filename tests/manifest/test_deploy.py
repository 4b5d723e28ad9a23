"""`deploy.yaml`: strict, and never wider than the manifest."""

from decimal import Decimal

import pytest

from connectory.manifest.deploy import load
from connectory.manifest.errors import ManifestError
from connectory.manifest.loader import load as load_manifest
from connectory.manifest.model import Manifest


@pytest.fixture
def manifest(full: str) -> Manifest:
    text = full.replace("timeout: 30s", "timeout: 30s\n  concurrency: 4")
    text = text.replace("max_instances: 2", "max_instances: 2, min_instances: 1")
    return load_manifest(text.encode()).manifest


def test_settings_are_found_by_kind_of_target(manifest: Manifest) -> None:
    deploy = load(
        b"targets: {local: {resources: {memory: 128M}}, "
        b"lambda: {resources: {cpu: 100m}, architecture: arm64}}\n",
        manifest,
    )

    assert deploy.settings_for("local").resources.memory == "128M"
    assert deploy.settings_for("lambda").resources.cpu == Decimal("0.1")
    assert deploy.settings_for("knative").resources.memory is None
    assert deploy.settings_for("moon").resources.memory is None


@pytest.mark.parametrize(
    ("settings", "path"),
    [
        ("resources: {cpu: 0.5}", "resources.cpu"),
        ("resources: {memory: 256Mi}", "resources.memory"),
        ("timeout: 1m", "timeout"),
        ("concurrency: 5", "concurrency"),
        ("min_instances: 2", "min_instances"),
        ("max_instances: 3", "max_instances"),
        ("allowed_hosts: [slack.com, evil.example]", "allowed_hosts[1]"),
    ],
)
def test_nothing_may_be_wider_than_the_manifest(
    manifest: Manifest, settings: str, path: str
) -> None:
    with pytest.raises(ManifestError) as caught:
        load(f"targets:\n  local:\n    {settings}\n".encode(), manifest)

    assert [(p.code, p.path, p.line) for p in caught.value.problems] == [
        ("widens-manifest", f"targets.local.{path}", 3)
    ]
    assert caught.value.message.startswith("deploy.yaml line 3: ")


def test_what_the_manifest_leaves_open_may_be_set(brief: str) -> None:
    manifest = load_manifest(brief.encode()).manifest

    deploy = load(b"targets: {knative: {timeout: 1h, labels: {team: ops}}}\n", manifest)

    assert deploy.settings_for("knative").timeout == "1h"


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("targets: {locl: {}}\n", ["unknown-field"]),
        ("targets: {local: {resources: {cpus: 1}}}\n", ["unknown-field"]),
        ("targets: {local: {timeout: long, cpu: 1}}\n", ["bad-duration", "unknown-field"]),
        ("targets: {}\ntargets: {}\n", ["yaml-duplicate-key"]),
        ("cpu: 1\n", ["unknown-field"]),
        ("targets: &a {}\n", ["yaml-alias"]),
    ],
)
def test_it_is_read_as_strictly_as_a_manifest(
    manifest: Manifest, text: str, codes: list[str]
) -> None:
    with pytest.raises(ManifestError) as caught:
        load(text.encode(), manifest)

    assert [p.code for p in caught.value.problems] == codes
