"""What an instance may use: narrowed by deploy.yaml, never widened."""

from pathlib import Path

import pytest

from connectory.instances.limits import in_words, limits
from connectory.manifest import loader
from connectory.manifest.deploy import Deploy
from connectory.manifest.model import Manifest

BRIEF = (Path(__file__).parents[1] / "manifest/examples/brief.yaml").read_bytes()


def manifest_of(*, bare: bool = False) -> Manifest:
    manifest = loader.load(BRIEF).manifest
    runtime = manifest.runtime
    if bare:
        nothing = type(runtime.resources)()
        runtime = runtime.model_copy(update={"resources": nothing, "timeout": None})
    return manifest.model_copy(update={"runtime": runtime})


def deploy_of(**local: object) -> Deploy:
    return Deploy.model_validate({"targets": {"local": local}})


def test_without_deploy_yaml_the_manifest_holds() -> None:
    manifest = manifest_of()

    found = limits(manifest, Deploy(), "local")

    assert found.memory == manifest.runtime.resources.memory_bytes


def test_deploy_yaml_narrows_each_limit() -> None:
    deploy = deploy_of(resources={"cpu": 0.1, "memory": "64M"}, timeout="5s")

    found = limits(manifest_of(), deploy, "local")

    assert (found.cpu, found.memory, found.timeout_s) == (0.1, 64_000_000, 5)


def test_it_cannot_raise_what_the_manifest_leaves_open() -> None:
    deploy = deploy_of(resources={"cpu": 8, "memory": "64G"}, timeout="1h")

    found = limits(manifest_of(bare=True), deploy, "local")

    assert (found.cpu, found.memory, found.timeout_s) == (1.0, 256_000_000, 30)


@pytest.mark.parametrize("target", ["container", "moon"])
def test_settings_of_other_targets_do_not_count(target: str) -> None:
    deploy = deploy_of(resources={"memory": "64M"})

    found = limits(manifest_of(), deploy, target)

    assert found == limits(manifest_of(), Deploy(), target)


def test_limits_are_written_for_people() -> None:
    deploy = deploy_of(resources={"cpu": 0.1, "memory": "64M"})

    assert in_words(limits(manifest_of(), deploy, "local")) == "0.1 CPU, 64 MB"
