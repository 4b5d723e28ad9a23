"""The document that policies judge: `input` in Rego."""

import copy
from collections.abc import Sequence
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
    """
    connector = copy.deepcopy(loaded.normal)
    claimed = connector["vetting_status"]
    connector["vetting_claimed"] = claimed
    connector["vetting_status"] = status or CLAIMED_WITHOUT_SIGN_OFF.get(claimed, claimed)
    resources = connector["runtime"].setdefault("resources", {})
    given = resources.get("region") or about.region
    if given:
        resources["region"] = regions.resolve(given).canonical
        resources["region_given"] = given
    policies = connector.get("policies") or {}
    if "allowed_regions" in policies:
        wanted = policies["allowed_regions"]
        policies["allowed_regions"] = [regions.resolve(one).canonical for one in wanted]
    made = {
        "action": about.action,
        "connector": connector,
        "environment": about.environment,
        "instance": {"name": about.instance, "target": about.target},
        "team": {"name": about.team},
        "now": clock.rfc3339(about.at.replace(second=0, microsecond=0)),
    }
    return made if bases is None else {**made, "image": {"bases": list(bases)}}
