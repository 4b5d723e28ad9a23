"""`deploy.yaml`, beside a manifest: settings of single targets.

It may narrow what the manifest declares (less memory, fewer hosts) and never widen it, because
reviewers decided about the manifest.
"""

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, ValidationError

from connectory.manifest.addresses import Host
from connectory.manifest.errors import ManifestError
from connectory.manifest.faults import Fault, faults_of, placed
from connectory.manifest.loader import read
from connectory.manifest.model import Manifest
from connectory.manifest.nodes import Location, value_of
from connectory.manifest.parts import Part
from connectory.manifest.quantities import duration_seconds, memory_bytes
from connectory.manifest.runtime import THOUSAND, CpuShare
from connectory.manifest.texts import JsonObject, Whole
from connectory.manifest.words import Duration, Line, Memory, Slug

FILE = "deploy.yaml"
MOST_LABELS = 20


class TargetResources(Part):
    """What one instance may use on a target."""

    cpu: Annotated[Decimal, CpuShare()] | None = None
    """Virtual CPUs, at most the manifest's."""
    memory: Memory | None = None
    """Memory, at most the manifest's."""


class TargetSettings(Part):
    """What every target understands. Absent values are the manifest's."""

    resources: TargetResources = Field(default_factory=TargetResources)
    """What one instance may use."""
    timeout: Duration | None = None
    """Longest time for one run, at most the manifest's."""
    concurrency: Annotated[int, Whole(1, THOUSAND)] | None = None
    """Runs at the same time, at most the manifest's."""
    min_instances: Annotated[int, Whole(0, 100)] | None = None
    """Copies that are kept warm, at most the manifest's."""
    max_instances: Annotated[int, Whole(1, THOUSAND)] | None = None
    """Most copies, at most the manifest's."""
    allowed_hosts: tuple[Host, ...] | None = Field(default=None, max_length=50)
    """Hosts it may call, all of them among the manifest's."""


class ClusterSettings(TargetSettings):
    """Settings of Kubernetes and Knative."""

    labels: dict[Slug, Line] = Field(default_factory=dict, max_length=MOST_LABELS)
    """Labels of everything that is created."""
    annotations: dict[str, str] = Field(default_factory=dict, max_length=MOST_LABELS)
    """Annotations of everything that is created."""


class LambdaSettings(TargetSettings):
    """Settings of AWS Lambda."""

    architecture: Literal["x86_64", "arm64"] = "x86_64"
    """Processor architecture."""


class TerraformSettings(TargetSettings):
    """Settings of Terraform."""

    workspace: Slug | None = None
    """Terraform workspace."""


class Targets(Part):
    """Settings by kind of target."""

    local: TargetSettings | None = None
    """Supervised processes on the machine of the marketplace."""
    container: TargetSettings | None = None
    """Containers on one host."""
    kubernetes: ClusterSettings | None = None
    """Kubernetes."""
    knative: ClusterSettings | None = None
    """Knative."""
    cloudrun: TargetSettings | None = None
    """Google Cloud Run."""
    lambda_: LambdaSettings | None = Field(default=None, alias="lambda")
    """AWS Lambda."""
    terraform: TerraformSettings | None = None
    """Terraform."""
    node_red: TargetSettings | None = Field(default=None, alias="node-red")
    """Node-RED."""


class Deploy(Part):
    """Settings of single targets, beside a manifest."""

    model_config = ConfigDict(title="Connectory deploy v1")

    targets: Targets = Field(default_factory=Targets)
    """Settings by kind of target."""

    def normal(self) -> JsonObject:
        """Return the normal form: JSON, absent values left out."""
        return self.model_dump(mode="json", exclude_none=True)

    def settings_for(self, target: str) -> TargetSettings:
        """Return the settings of one kind of target; nothing is set if it is not named."""
        own = getattr(self.targets, FIELD_OF_TARGET.get(target, ""), None)
        return own or TargetSettings()


FIELD_OF_TARGET = {
    field.alias or name: name
    for name, field in Targets.model_fields.items()
    if name not in Part.model_fields
}


def load(raw: bytes, manifest: Manifest) -> Deploy:
    """Read and check the `deploy.yaml` of a manifest.

    Raises:
        ManifestTooLargeError: If it has too many bytes.
        ManifestError: With every problem, if there is any.
    """
    document = read(raw, file=FILE)
    try:
        deploy = Deploy.model_validate(value_of(document.root))
    except ValidationError as error:
        found = placed(document.root, faults_of(error, Deploy))
        raise ManifestError((*document.problems, *found), file=FILE) from None
    problems = (*document.problems, *placed(document.root, _wider(deploy, manifest)))
    if problems:
        raise ManifestError(problems, file=FILE)
    return deploy


def _wider(deploy: Deploy, manifest: Manifest) -> Iterator[Fault]:
    """Find everything that goes beyond the manifest."""
    for kind, field in FIELD_OF_TARGET.items():
        settings = getattr(deploy.targets, field)
        if isinstance(settings, TargetSettings):
            yield from _numbers_beyond(("targets", kind), settings, manifest)
            yield from _hosts_beyond(("targets", kind), settings, manifest)


def _numbers_beyond(
    location: Location, settings: TargetSettings, manifest: Manifest
) -> Iterator[Fault]:
    own, runtime = settings.resources, manifest.runtime
    declared = runtime.resources
    pairs: tuple[tuple[Location, object, object, Callable[..., Decimal | int]], ...] = (
        (("resources", "cpu"), own.cpu, declared.cpu, Decimal),
        (("resources", "memory"), own.memory, declared.memory, memory_bytes),
        (("timeout",), settings.timeout, runtime.timeout, duration_seconds),
        (("concurrency",), settings.concurrency, runtime.concurrency, int),
        (("min_instances",), settings.min_instances, declared.min_instances, int),
        (("max_instances",), settings.max_instances, declared.max_instances, int),
    )
    for field, value, limit, measure in pairs:
        if value is not None and limit is not None and measure(value) > measure(limit):
            yield Fault(
                (*location, *field),
                "widens-manifest",
                f"{field[-1]} {value} is more than the manifest's {limit}",
                f"write {limit} or less, or raise it in manifest.yaml",
            )


def _hosts_beyond(
    location: Location, settings: TargetSettings, manifest: Manifest
) -> Iterator[Fault]:
    for n, host in enumerate(settings.allowed_hosts or ()):
        if host not in manifest.permissions.allowed_hosts:
            yield Fault(
                (*location, "allowed_hosts", n),
                "widens-manifest",
                f"the manifest does not allow {host}",
                "remove it, or add it to `permissions.allowed_hosts` in manifest.yaml",
            )
