"""Show the hook addresses of an instance with their key, to who sets up their caller."""

from connectory.access.edge import Opener
from connectory.instances import hooks, read, views
from connectory.instances.crew import Crew
from connectory.instances.rules import InstanceState, InstanceSuspendedError, hook_key_path


def hooks_with_key(crew: Crew, opener: Opener, team: str, name: str) -> tuple[str, ...]:
    """Return the addresses with their key; the log records who was shown them.

    Raises:
        InstanceMissingError: If the team has no such instance.
        InstanceSuspendedError: If its key was revoked, because it is suspended.
        SecretMissingError: If it has no key, because it is being removed.
    """
    with opener.read() as work:
        instance = read.instance(work, team, name)
        if instance.state is InstanceState.SUSPENDED:
            raise InstanceSuspendedError(instance.label)
        manifest = crew.launcher.version_of(work, instance).manifest
    addresses = views.hook_urls(instance, manifest, crew.launcher.url)
    key = crew.secrets.read(hook_key_path(instance.id))
    with opener.write() as work:
        return hooks.with_key(work, instance, addresses, key)
