"""What is allowed in a manifest but probably not meant, or will be missed later."""

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta

from connectory.manifest import regions
from connectory.manifest.faults import Fault
from connectory.manifest.model import Manifest
from connectory.manifest.suggest import nearest

LONG_DESCRIPTION = 100
MIN_NOTICE = timedelta(days=7)
PLACED_RUNTIMES = frozenset({"serverless", "container", "terraform"})
SECRET_WORDS = re.compile("(?:^|_)(?:password|passwd|secret|token|api_?key|private_key)(?:_|$)")
KNOWN_POLICIES = ("data_retention", "allowed_regions")


def lints(manifest: Manifest) -> Iterator[Fault]:
    """Say everything that deserves a second look. None of it stops a publish."""
    for lint in LINTS:
        yield from lint(manifest)


def late_deadlines(manifest: Manifest, today: date) -> Iterator[Fault]:
    """Find upgrade deadlines that leave users less than `MIN_NOTICE` from today."""
    for version, change in manifest.lifecycle.breaking_changes.items():
        if change.upgrade_deadline < today + MIN_NOTICE:
            yield Fault(
                ("lifecycle", "breaking_changes", version, "upgrade_deadline"),
                "deadline-too-near",
                f"{change.upgrade_deadline} leaves users less than {MIN_NOTICE.days} days",
                f"write {today + MIN_NOTICE} or later",
            )


def _major_in_id(manifest: Manifest) -> Iterator[Fault]:
    found = re.search("-v([0-9]+)$", manifest.id)
    if found and int(found[1]) != manifest.major:
        stem = manifest.id[: found.start()]
        yield Fault(
            ("id",),
            "major-mismatch",
            f"the id ends with v{found[1]} and the major of {manifest.version} is "
            f"{manifest.major}",
            f"a new major is a new connector: {stem}-v{manifest.major}",
        )


def _long_description(manifest: Manifest) -> Iterator[Fault]:
    length = len(manifest.description)
    if length > LONG_DESCRIPTION:
        yield Fault(
            ("description",),
            "long-description",
            f"the description has {length} characters; lists show {LONG_DESCRIPTION}",
            "say what it does in one sentence and move the rest to README.md",
        )


def _no_inputs(manifest: Manifest) -> Iterator[Fault]:
    if manifest.inputs:
        return
    outputs = ", ".join(output.name for output in manifest.outputs)
    meant = f"; if a team chooses {outputs}, it is an input" if outputs else ""
    yield Fault(
        ("inputs",),
        "no-inputs",
        "no inputs: every team gets the same instance",
        f"declare what a team chooses under `inputs`{meant}",
    )


def _secret_in_inputs(manifest: Manifest) -> Iterator[Fault]:
    for n, each in enumerate(manifest.inputs):
        if SECRET_WORDS.search(each.name):
            yield Fault(
                ("inputs", n, "name"),
                "input-looks-secret",
                f"the input {each.name} looks like a secret, and inputs are not hidden",
                f"declare {each.name} under `secrets`",
            )


def _secret_without_provision(manifest: Manifest) -> Iterator[Fault]:
    for n, secret in enumerate(manifest.secrets):
        if secret.provision is None:
            yield Fault(
                ("secrets", n),
                "no-provision",
                f"the secret {secret.name} does not say how to get it",
                f"add `provision: {{method: store, path: teams/{{team}}/{secret.name}}}`",
            )


def _secret_at_a_fixed_path(manifest: Manifest) -> Iterator[Fault]:
    for n, secret in enumerate(manifest.secrets):
        path = secret.provision.path if secret.provision else None
        if path and "{team}" not in path and "{instance}" not in path:
            yield Fault(
                ("secrets", n, "provision", "path"),
                "shared-secret",
                f"the path of {secret.name} is the same for every team",
                "use {team} in the path",
            )


def _no_region(manifest: Manifest) -> Iterator[Fault]:
    runtime = manifest.runtime
    if runtime.type in PLACED_RUNTIMES and runtime.resources.region is None:
        yield Fault(
            ("runtime", "resources", "region"),
            "no-region",
            "no region: each installation has to name one before a policy can allow it",
            "add `runtime.resources.region: us-east-1`",
        )


def _region_outside_policy(manifest: Manifest) -> Iterator[Fault]:
    region = manifest.runtime.resources.region
    allowed = manifest.policies.allowed_regions if manifest.policies else None
    if region and allowed is not None and not regions.is_allowed(region, allowed):
        yield Fault(
            ("runtime", "resources", "region"),
            "region-outside-policy",
            f"{regions.resolve(region)} is not among its own allowed regions",
            f"use one of: {', '.join(allowed)}",
        )


def _reaches_nothing(manifest: Manifest) -> Iterator[Fault]:
    if "allowed_hosts" not in manifest.permissions.model_fields_set:  # an empty list is meant
        yield Fault(
            ("permissions", "allowed_hosts"),
            "reaches-nothing",
            "no allowed hosts: the connector cannot reach any address",
            "list the hosts that it calls under `permissions.allowed_hosts`; [] says none",
        )


def _claimed_approval(manifest: Manifest) -> Iterator[Fault]:
    if manifest.vetting_status == "approved":
        yield Fault(
            ("vetting_status",),
            "status-is-a-claim",
            "`vetting_status: approved` is a claim of the author",
            "the marketplace decides by sign-offs; write review to ask for them",
        )


def _policy_looks_misspelt(manifest: Manifest) -> Iterator[Fault]:
    for name in (manifest.policies.model_extra if manifest.policies else None) or {}:
        close = nearest(name, KNOWN_POLICIES)
        if close:
            yield Fault(
                ("policies", name),
                "policy-name",
                f"the policy {name[:64]} is not one of the built-in ones",
                f"did you mean `{close}`?",
                at_key=True,
            )


def _runtime_tag_differs(manifest: Manifest) -> Iterator[Fault]:
    (first, *_) = manifest.facets()["runtime"]
    if first != manifest.runtime.type:
        yield Fault(
            ("tags",),
            "runtime-tag",
            f"the tag runtime:{first} differs from runtime.type {manifest.runtime.type}",
            "remove the tag; it is derived from runtime.type",
        )


LINTS: tuple[Callable[[Manifest], Iterator[Fault]], ...] = (
    _major_in_id,
    _long_description,
    _no_inputs,
    _secret_in_inputs,
    _secret_without_provision,
    _secret_at_a_fixed_path,
    _no_region,
    _region_outside_policy,
    _reaches_nothing,
    _claimed_approval,
    _policy_looks_misspelt,
    _runtime_tag_differs,
)
