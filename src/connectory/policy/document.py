"""The document that policies judge: `input` in Rego."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from connectory.kernel import clock
from connectory.manifest import regions
from connectory.manifest.loader import Loaded

REVIEW, DEPLOY = "review", "deploy"
CLAIMED_WITHOUT_SIGN_OFF = {"approved": "review"}
"""What a claim is worth while nobody has signed it."""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What is to be decided, where, for whom and when; empty where nobody says.

    A review (`action`) is about a version, a deployment about an instance of it. The region is
    that of the target, for a manifest that names none.
    """

    action: str = REVIEW
    environment: str = ""
    region: str = ""
    target: str = ""
    team: str = ""
    instance: str = ""
    at: datetime = field(default_factory=clock.now)


def document(
    loaded: Loaded,
    about: Circumstances,
    *,
    status: str = "",
    bases: Sequence[str] | None = None,
) -> dict[str, Any]:
    """Return the input for one version.

    Everything but `image` is always there, so that a rule can read it at review, too. The time
    is that of the minute: who asks twice gets the same decision.

    Args:
        loaded: The manifest; its normal form is `connector`.
        about: What is to be decided.
        status: The effective status; without one, the claim as long as nobody has signed it.
        bases: The images that its Dockerfile builds on; None if nobody looked into the package.

    What it does not change it shares with the manifest: nobody may write into it.
    """
    normal: dict[str, Any] = loaded.normal
    claimed = normal["vetting_status"]
    resources = normal["runtime"].get("resources", {})
    connector = {
        **normal,
        "vetting_claimed": claimed,
        "vetting_status": status or CLAIMED_WITHOUT_SIGN_OFF.get(claimed, claimed),
        "runtime": {**normal["runtime"], "resources": _placed(resources, about.region)},
    }
    policies = normal.get("policies") or {}
    if "allowed_regions" in policies:
        wanted = [regions.resolve(one).canonical for one in policies["allowed_regions"]]
        connector["policies"] = {**policies, "allowed_regions": wanted}
    made = {
        "action": about.action,
        "connector": connector,
        "environment": about.environment,
        "instance": {"name": about.instance, "target": about.target},
        "team": {"name": about.team},
        "now": clock.rfc3339(about.at.replace(second=0, microsecond=0)),
    }
    return made if bases is None else {**made, "image": {"bases": list(bases)}}


def _placed(resources: Mapping[str, Any], region: str) -> dict[str, Any]:
    """Name the region as policies do, and as it was given; nothing where there is none."""
    given = resources.get("region") or region
    if not given:
        return dict(resources)
    return {**resources, "region": regions.resolve(given).canonical, "region_given": given}
