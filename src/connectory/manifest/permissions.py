"""What a connector will do and will not do, in words for the person who installs it."""

from collections.abc import Iterator
from dataclasses import dataclass

from connectory.manifest.model import Manifest
from connectory.manifest.systems import grant_in_words, title_of
from connectory.manifest.ticks import in_words as in_words_of


@dataclass(frozen=True, slots=True)
class Permissions:
    """Two lists of sentences without a subject: "post messages to Slack (scope chat:write)"."""

    will: tuple[str, ...]
    will_not: tuple[str, ...]


def in_words(manifest: Manifest) -> Permissions:
    """Say what a version asks for, and what it does not ask for.

    Both follow from the manifest, where nothing is granted that is not declared. How far a
    target keeps a connector to it is the target's word, and a plan says it beside this.
    """
    will = (*_grants(manifest), *_data(manifest), *_secrets(manifest), *_triggers(manifest))
    hosts = manifest.hosts
    if hosts:
        will = (*will, f"reach {', '.join(hosts)}")
    return Permissions(
        will=will,
        will_not=(
            f"reach any {'other ' if hosts else ''}address on the network",
            "open ports to the outside",
            "see other teams' secrets",
        ),
    )


def _grants(manifest: Manifest) -> Iterator[str]:
    for oauth in manifest.permissions.oauth:
        for scope in oauth.scopes:
            yield f"{grant_in_words(oauth.provider, scope)} (scope {scope})"
    for cloud in manifest.permissions.cloud:
        where = f" on {cloud.resource}" if cloud.resource else ""
        for action in cloud.actions:
            yield f"{grant_in_words(cloud.provider, action)} (action {action}{where})"


def _data(manifest: Manifest) -> Iterator[str]:
    data = manifest.data
    if data.reads_from:
        yield f"read from {_listed(data.reads_from)}"
    if data.writes_to:
        yield f"write to {_listed(data.writes_to)}"
    if data.personal_data:
        yield "handle data about people"
    if data.classification:
        yield f"handle {data.classification} data"


def _listed(systems: tuple[str, ...]) -> str:
    return ", ".join(title_of(each) for each in systems)


def _secrets(manifest: Manifest) -> Iterator[str]:
    for secret in manifest.secrets:
        about = f" ({secret.description})" if secret.description else ""
        yield f"use your team's secret {secret.name}{about}"


def _triggers(manifest: Manifest) -> Iterator[str]:
    sentences = {
        "schedule": "run by itself on the schedule {}",
        "webhook": "receive calls at {}, which need the key of the instance",
        "event": "run on the event {}",
        "manual": "run when somebody starts it",
    }
    for trigger in manifest.triggers:
        words = f": {in_words_of(trigger.cron)}" if trigger.cron else ""
        yield sentences[trigger.type].format(trigger.detail) + words
