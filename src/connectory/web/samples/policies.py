"""Policies with sample content."""

from datetime import timedelta

from connectory.web.pages.policies import (
    BundlePage,
    BundleRow,
    ChangedRow,
    PoliciesPage,
    RuleRow,
    TeamCount,
)
from connectory.web.samples.present import NOW

RULES = (
    RuleRow(
        "connectory.regions.deny_region",
        denies=True,
        title="Data stays in its regions",
        reason="data may only be where the manifest allows it",
        fix="name a region of `policies.allowed_regions` in `runtime.resources.region`",
        controls=("GDPR Art. 44", "SOC 2 CC6.1", "ISO 27001 A.5.31", "FedRAMP SA-9(5)"),
    ),
    RuleRow(
        "rules.warn_risk", denies=False, title="Risk is named", reason="", fix="", controls=()
    ),
)
OWN = BundleRow(
    "sha256:9f2c41d07ab3c5",
    9,
    is_active=True,
    uploaded_by="ana",
    uploaded_at=NOW - timedelta(1),
)
SHIPPED = BundleRow("sha256:b17e90aa02fd11", 16, is_active=False)
POLICIES = PoliciesPage(
    OWN.digest,
    RULES,
    activated_by="ana",
    activated_at=NOW - timedelta(hours=3),
    bundles=(OWN, SHIPPED),
    may_change=True,
)
BUNDLE = BundlePage(
    SHIPPED,
    RULES,
    judged=42,
    left_out=3,
    teams=(TeamCount("bizops", 1, 0, 0), TeamCount("payments", 0, 1, 1)),
    changed=(
        ChangedRow(
            "newly denied",
            "version",
            "bizops/crm-to-slack-v1@1.3.0",
            "/c/bizops/crm-to-slack-v1@1.3.0",
            "bizops",
            ("the region eu-west-1 is not one of us-east-1, us-west-2",),
        ),
        ChangedRow(
            "inconclusive",
            "instance",
            "payments/leads",
            "/t/payments/i/leads",
            "payments",
            ("`Data has an end` cannot be judged: there is no policies.data_retention",),
        ),
    ),
)
