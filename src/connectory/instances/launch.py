"""Put together what a target needs to run an instance."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from connectory.backends.blobs import Blobs
from connectory.backends.secrets import Secrets
from connectory.backends.targets import InstanceSpec
from connectory.catalog import read as catalog
from connectory.catalog.read import Version
from connectory.instances import hook_store
from connectory.instances.limits import allowed_hosts, limits
from connectory.instances.rules import as_text, coming_key_path, hook_key_path, service_account
from connectory.instances.store import Instance
from connectory.kernel.secret import Secret
from connectory.manifest.model import Manifest
from connectory.packages.read import bundle_path
from connectory.work import Event, Origin, Work, Works

ENTRYPOINT = "main"
HOOK_KEY = "CONNECTORY_HOOK_KEY"


@dataclass(frozen=True, slots=True)
class SecretsDelivered(Event):
    """Secrets were handed to an instance, and to nothing else. `secrets` are their paths."""

    instance: str
    secrets: list[str]


@dataclass(frozen=True, slots=True)
class Launcher:
    """Builds the specification of an instance from catalog, packages and secrets."""

    works: Works
    blobs: Blobs
    secrets: Secrets
    scratch: Path
    url: str

    def version_of(self, work: Work, instance: Instance) -> Version:
        """Return the very version that an instance was installed from.

        Raises:
            VersionMissingError: If the catalog no longer has exactly it.
        """
        found = catalog.by_digest(work, instance.connector, instance.version, instance.digest)
        if found is None:
            raise catalog.VersionMissingError(instance.connector, instance.version, ())
        return found

    @contextmanager
    def for_building(self, instance: Instance) -> Iterator[InstanceSpec]:
        """Give the specification without secrets; its bundle is there until the block ends."""
        with bundle_path(self.blobs, instance.package_digest, self.scratch) as bundle:
            yield self._spec(instance, bundle, {})

    @contextmanager
    def for_running(self, instance: Instance) -> Iterator[InstanceSpec]:
        """Give the specification with the secrets of the instance, and record who got them."""
        with self.works.read() as work:
            manifest = self.version_of(work, instance).manifest
            is_exchanging = hook_store.is_exchanging(work, instance.id)
        key_path = coming_key_path if is_exchanging else hook_key_path
        needs = {need.name: need.variable for need in manifest.secrets}
        values = {needs[name]: self.secrets.read(p) for name, p in instance.secrets.items()}
        values[HOOK_KEY] = self.secrets.read(key_path(instance.id))
        self._audit(instance)
        with bundle_path(self.blobs, instance.package_digest, self.scratch) as bundle:
            yield self._spec(instance, bundle, values)

    def _spec(
        self, instance: Instance, bundle: Path, secrets: Mapping[str, Secret]
    ) -> InstanceSpec:
        with self.works.read() as work:
            version = self.version_of(work, instance)
        manifest = version.manifest
        return InstanceSpec(
            instance=instance.id,
            label=instance.label,
            generation=instance.generation,
            digest=instance.package_digest,
            bundle=bundle,
            entrypoint=manifest.runtime.entrypoint or ENTRYPOINT,
            environment=self._environment(instance, manifest),
            secrets=secrets,
            resources=limits(manifest, version.deploy, instance.target),
            allowed_hosts=allowed_hosts(manifest, version.deploy, instance.target),
        )

    def _environment(self, instance: Instance, manifest: Manifest) -> dict[str, str]:
        variables = {one.name: one.variable for one in manifest.inputs}
        settings = {
            variables[name]: as_text(value) for name, (value, _) in instance.settings.items()
        }
        return {
            **settings,
            "CONNECTORY_INSTANCE": instance.label,
            "CONNECTORY_CONNECTOR": instance.connector.key,
            "CONNECTORY_VERSION": instance.version,
            "CONNECTORY_HOOK_URL": f"{self.url}/hooks/{instance.label}",
        }

    def _audit(self, instance: Instance) -> None:
        account = service_account(instance.team, instance.name)
        with self.works.write(Origin(account, f"instance {instance.id}")) as work:
            work.emit(
                SecretsDelivered(
                    subject=instance.label,
                    team=instance.team,
                    instance=instance.id,
                    secrets=sorted(instance.secrets.values()),
                )
            )
