"""The document that policies judge: `input` in Rego."""

import copy
from collections.abc import Sequence
from typing import Any

from connectory.manifest import regions
from connectory.manifest.loader import Loaded

REVIEW, DEPLOY = "review", "deploy"
CLAIMED_WITHOUT_SIGN_OFF = {"approved": "review"}
"""What a claim is worth while nobody has signed it."""


def document(
    loaded: Loaded,
    *,
    status: str = "",
    region: str = "",
    action: str = REVIEW,
    environment: str = "",
    bases: Sequence[str] | None = None,
) -> dict[str, Any]:
    """Return the input for one version.

    Args:
        loaded: The manifest; its normal form is `connector`.
        status: The effective status; without one, the claim as long as nobody has signed it.
        region: Where an instance or target runs, for a manifest that names no region.
        action: `review` for judging a version, `deploy` for an instance of it.
        environment: Where it is deployed to.
        bases: The images that its Dockerfile builds on; None if nobody looked into the package.
    """
    connector = copy.deepcopy(loaded.normal)
    claimed = connector["vetting_status"]
    connector["vetting_claimed"] = claimed
    connector["vetting_status"] = status or CLAIMED_WITHOUT_SIGN_OFF.get(claimed, claimed)
    resources = connector["runtime"].setdefault("resources", {})
    given = resources.get("region") or region
    if given:
        resources["region"] = regions.resolve(given).canonical
        resources["region_given"] = given
    policies = connector.get("policies") or {}
    if "allowed_regions" in policies:
        wanted = policies["allowed_regions"]
        policies["allowed_regions"] = [regions.resolve(one).canonical for one in wanted]
    made = {"action": action, "connector": connector, "environment": environment}
    return made if bases is None else {**made, "image": {"bases": list(bases)}}
