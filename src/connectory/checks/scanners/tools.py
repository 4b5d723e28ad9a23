"""Every scanner, in the order in which they are told. A new one is a file and a line here."""

from connectory.checks.scanners.checkov import CHECKOV
from connectory.checks.scanners.gitleaks import GITLEAKS
from connectory.checks.scanners.grype import GRYPE
from connectory.checks.scanners.hadolint import HADOLINT
from connectory.checks.scanners.trivy import TRIVY

ADAPTERS = (TRIVY, GRYPE, GITLEAKS, HADOLINT, CHECKOV)
