"""What a manifest says about itself, as short facts."""

from collections.abc import Iterator

from connectory.manifest.model import Manifest
from connectory.web.pages.connector import PermissionRow
from connectory.web.parts import Fact, Field
from connectory.web.render import size

LINKED = ("https://", "mailto:")


def glance(manifest: Manifest, teams: int) -> tuple[Fact, ...]:
    """Say at a glance what it is; `teams` have an instance of it."""
    return tuple(fact for fact in _glance(manifest, teams) if fact.value)


def links(manifest: Manifest) -> tuple[Fact, ...]:
    """Return the places to read more. Only https and mail addresses become links."""
    support = manifest.support
    named = [
        ("Runbook", support.runbook or ""),
        ("Documentation", support.docs or ""),
        ("Source", manifest.source.url if manifest.source else ""),
        *((link.title, link.url) for link in manifest.links),
    ]
    return tuple(
        Fact(name, _place(url), url=url) for name, url in named if url.startswith(LINKED)
    )


def declared(manifest: Manifest) -> tuple[PermissionRow, ...]:
    """Return everything that the manifest asks for, with the author's reasons."""
    return tuple(_declared(manifest))


def needs(manifest: Manifest) -> tuple[Field, ...]:
    """Return the settings that have no default."""
    return tuple(
        Field(
            name=one.name,
            label=one.label,
            hint=one.description or "",
            required=True,
            example="" if one.example is None else str(one.example),
        )
        for one in manifest.inputs
        if one.required
    )


def _glance(manifest: Manifest, teams: int) -> Iterator[Fact]:
    runtime, resources = manifest.runtime, manifest.runtime.resources
    where = f"{runtime.type} on {runtime.provider}" if runtime.provider else runtime.type
    yield Fact("Runtime", where)
    yield Fact("CPU", f"{resources.cpu} vCPU" if resources.cpu else "")
    yield Fact("Memory", size(resources.memory_bytes) if resources.memory_bytes else "")
    for trigger in manifest.triggers:
        yield Fact("Trigger", f"{trigger.type} {trigger.detail or ''}".strip())
    if manifest.policies:
        yield Fact("Regions", ", ".join(manifest.policies.allowed_regions or ()))
        yield Fact("Data kept", manifest.policies.data_retention or "")
    yield Fact("Data", _data(manifest))
    yield Fact("Used by", f"{teams} team{'' if teams == 1 else 's'}")
    yield Fact("On call", manifest.support.owner_oncall or "")
    yield Fact("Licence", manifest.license or "")


def _data(manifest: Manifest) -> str:
    personal = "about people" if manifest.data.personal_data else ""
    return ", ".join(filter(None, (manifest.data.classification, personal)))


def _declared(manifest: Manifest) -> Iterator[PermissionRow]:
    asked = manifest.permissions
    for oauth in asked.oauth:
        for scope in oauth.scopes:
            yield PermissionRow(f"{oauth.provider} scope", scope, oauth.reason or "")
    for cloud in asked.cloud:
        for action in cloud.actions:
            yield PermissionRow(f"{cloud.provider} action", action, cloud.reason or "")
    for host in manifest.hosts:
        yield PermissionRow("Network", host, "")
    for secret in manifest.secrets:
        yield PermissionRow("Secret", secret.name, secret.description or "")


def _place(url: str) -> str:
    return url.removeprefix("https://").removeprefix("mailto:").rstrip("/")
