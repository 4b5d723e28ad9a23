"""Every scanner, in the order in which they are told. A new one is a file and a line here."""

from functools import partial

from connectory.checks.scanners import running
from connectory.checks.scanners.adapter import Adapter
from connectory.checks.scanners.checkov import CHECKOV
from connectory.checks.scanners.gitleaks import GITLEAKS
from connectory.checks.scanners.grype import GRYPE
from connectory.checks.scanners.hadolint import HADOLINT
from connectory.checks.scanners.trivy import TRIVY
from connectory.checks.table import Check

ADAPTERS = (TRIVY, GRYPE, GITLEAKS, HADOLINT, CHECKOV)


def check_of(one: Adapter) -> Check:
    """Return the check that runs a scanner."""
    return Check(one.id, one.title, one.why, one.applies, partial(running.run, one), one.when)


SCANNERS = tuple(map(check_of, ADAPTERS))
