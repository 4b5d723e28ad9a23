"""Check `deploy`: the settings of targets narrow the manifest and never widen it."""

from collections.abc import Iterator

from connectory.checks.rules import Finding, within
from connectory.checks.subject import Vetted
from connectory.manifest import deploy
from connectory.manifest.errors import ManifestError


def applies(vetted: Vetted) -> str:
    """Say why there is nothing to check, if there is not."""
    return "" if deploy.FILE in vetted.subject.names else f"there is no {deploy.FILE}"


def run(vetted: Vetted) -> Iterator[Finding]:
    """Find what is wrong in `deploy.yaml`."""
    try:
        deploy.load(vetted.subject.read(deploy.FILE) or b"", vetted.loaded.manifest)
    except ManifestError as refused:
        yield from within(vetted.subject.named(deploy.FILE), refused.problems)
