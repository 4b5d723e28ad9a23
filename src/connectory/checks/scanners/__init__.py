"""Scanners of others, beside the checks: adapters, run only where an operator has pinned them.

Each adapter is data: fixed arguments, and how to read the JSON that comes out. `running` starts
the program and decides what its findings mean here. Whatever keeps a scanner from looking to an
end makes its check `not-run`. Every adapter passes `tests/contracts/test_scanners.py`.
"""

from connectory.checks.subject import Pinned
from connectory.settings import Settings


def chosen(here: Settings) -> dict[str, Pinned]:
    """Return the scanners that the settings name, by the names of their checks."""
    named = {
        "trivy": Pinned(here.scanner_trivy, here.scanner_trivy_sha256, here.scanner_trivy_data),
        "grype": Pinned(here.scanner_grype, here.scanner_grype_sha256, here.scanner_grype_data),
        "gitleaks": Pinned(here.scanner_gitleaks, here.scanner_gitleaks_sha256),
        "hadolint": Pinned(here.scanner_hadolint, here.scanner_hadolint_sha256),
        "checkov": Pinned(here.scanner_checkov, here.scanner_checkov_sha256),
    }
    return {name: one for name, one in named.items() if one.program}
