"""What an instance may use: the least of manifest, deploy.yaml and what is usual. Pure."""

from connectory.backends.targets import Resources
from connectory.manifest.deploy import Deploy
from connectory.manifest.model import Manifest
from connectory.manifest.quantities import duration_seconds, memory_bytes

USUAL = Resources()
MEGABYTE = 1_000_000


def limits(manifest: Manifest, deploy: Deploy, target: str) -> Resources:
    """Return the limits of an instance on a target.

    `deploy.yaml` narrows what the manifest declares. Where the manifest declares nothing, the
    usual limit takes its place and is narrowed like it.
    """
    declared, narrowed = manifest.runtime.resources, deploy.settings_for(target)
    own = narrowed.resources
    cpu = float(declared.cpu or USUAL.cpu)
    memory = declared.memory_bytes or USUAL.memory
    timeout_s = manifest.runtime.timeout_s or USUAL.timeout_s
    return Resources(
        cpu=min(cpu, float(own.cpu)) if own.cpu else cpu,
        memory=min(memory, memory_bytes(own.memory)) if own.memory else memory,
        timeout_s=(
            min(timeout_s, duration_seconds(narrowed.timeout))
            if narrowed.timeout
            else timeout_s
        ),
    )


def allowed_hosts(manifest: Manifest, deploy: Deploy, target: str) -> frozenset[str]:
    """Return the hosts that an instance may reach; `deploy.yaml` narrows the manifest's."""
    narrowed = deploy.settings_for(target).allowed_hosts
    return frozenset(manifest.hosts if narrowed is None else narrowed)


def concurrency(manifest: Manifest, deploy: Deploy, target: str) -> int | None:
    """Return how many runs an instance handles at once, None if nothing says so."""
    return deploy.settings_for(target).concurrency or manifest.runtime.concurrency


def in_words(resources: Resources) -> str:
    """Write limits for people: `0.25 CPU, 128 MB`."""
    return f"{resources.cpu:g} CPU, {resources.memory / MEGABYTE:g} MB"
