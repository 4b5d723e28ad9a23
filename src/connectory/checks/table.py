"""Every check, in the order in which they are told. A new one is a file and a line here."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from connectory.checks import (
    dependencies,
    deploy,
    dockerfile,
    image,
    layout,
    licences,
    of_manifest,
    policy,
    secrets,
    similar,
    terraform,
)
from connectory.checks.rules import Finding
from connectory.checks.subject import Vetted


@dataclass(frozen=True, slots=True)
class Check:
    """One check. `applies` says why there is nothing to look at, or `""`.

    `run` gives findings as it goes. `when` says in words where it applies.

    Raises:
        NotRunError: From `run`, if it cannot look.
    """

    id: str
    title: str
    why: str
    applies: Callable[[Vetted], str]
    run: Callable[[Vetted], Iterable[Finding]]
    when: str = "all"


MANIFEST = Check(
    of_manifest.ID,
    "The manifest keeps the format",
    "Everything that the marketplace promises about a connector is derived from its manifest.",
    lambda _vetted: "",
    lambda _vetted: (),
)
"""Comes first and is run on its own: the others need the manifest that it loads."""

CHECKS = (
    Check(
        "deploy",
        "Settings of targets narrow the manifest",
        "Reviewers decide about the manifest, so nothing beside it may widen it.",
        deploy.applies,
        deploy.run,
        "with a `deploy.yaml`",
    ),
    Check(
        "layout",
        "The package has what running it needs",
        "What is missing shows at the first install, in somebody else's team.",
        layout.applies,
        layout.run,
        "with code in `src/`",
    ),
    Check(
        "secrets",
        "No credential is in the package",
        "A published version never changes: a secret in it has to be replaced everywhere.",
        secrets.applies,
        secrets.run,
    ),
    Check(
        "dependencies",
        "Nothing that it brings along is known to be vulnerable",
        "Whoever reads an advisory knows how to get in; most have a version that repairs it.",
        dependencies.applies,
        dependencies.run,
        "with a lock, wheels or an image",
    ),
    Check(
        "licences",
        "Every licence is one that the organisation accepts",
        "A licence binds everybody who runs the connector.",
        licences.applies,
        licences.run,
    ),
    Check(
        "dockerfile",
        "The image is built from known things and runs as nobody special",
        "Whoever breaks into it is then nobody, in an image that can be looked up.",
        dockerfile.applies,
        dockerfile.run,
        "with a `Dockerfile`",
    ),
    Check(
        "image",
        "The image is whole, runs as nobody special, and says what is in it",
        "It is run as it is: what its bytes are counts, not what its Dockerfile promises.",
        image.applies,
        image.run,
        "with `image/` or `image.tar`",
    ),
    Check(
        "terraform",
        "What Terraform makes is closed, pinned, and knows no secrets",
        "It is applied with rights in the cloud, and its state keeps what passes through it.",
        terraform.applies,
        terraform.run,
        "with files of Terraform",
    ),
    Check(
        "similar",
        "Nobody else has made the same connector",
        "Each one too many is looked after, reviewed and paid for once more.",
        similar.applies,
        similar.run,
        "all, in a marketplace",
    ),
    Check(
        "policy",
        "The rules of the organisation allow it",
        "What was decided once is applied to every connector, and nobody has to remember it.",
        policy.applies,
        policy.run,
    ),
)
