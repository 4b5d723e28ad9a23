"""The JSON shapes of policies."""

from dataclasses import asdict

from pydantic import BaseModel

from connectory.kernel import clock
from connectory.policies.read import Known
from connectory.policies.rules import Active
from connectory.policy import telling
from connectory.policy.bundle import Bundle
from connectory.policy.judge import Decision, Said


class RuleView(BaseModel):
    """A rule in words; one that does not deny warns."""

    rule: str
    denies: bool
    title: str
    reason: str
    fix: str
    controls: list[str]


class RulesView(BaseModel):
    """The rules in force. Nobody chose the shipped ones, as long as `activated_at` is null."""

    bundle: str
    is_shipped: bool
    activated_by: str
    activated_at: str | None
    items: list[RuleView]


class BundleView(BaseModel):
    """A bundle of policies. The shipped one has no `uploaded_at`."""

    digest: str
    rules: int
    is_active: bool
    is_shipped: bool
    uploaded_by: str
    uploaded_at: str | None


class BundleList(BaseModel):
    """Every bundle, the newest first and the shipped one last."""

    items: list[BundleView]


class SaidView(BaseModel):
    """One thing that a rule said: denies, warns, inconclusive or broken."""

    verdict: str
    rule: str
    title: str
    message: str
    reason: str
    fix: str
    controls: list[str]
    path: str


class VerdictView(BaseModel):
    """What a bundle says of an input; whatever is not allowed is not let through."""

    bundle: str
    allowed: bool
    said: list[SaidView]
    input: dict[str, object]


def rules_of(bundle: Bundle) -> list[RuleView]:
    """Tell the rules of a bundle."""
    return [RuleView(**asdict(one)) for one in telling.rules(bundle)]


def rules_in_force(active: Active, bundle: Bundle) -> RulesView:
    """Tell what is in force."""
    return RulesView(
        bundle=bundle.digest,
        is_shipped=active.is_shipped,
        activated_by=active.by,
        activated_at=clock.rfc3339(active.at) if active.at else None,
        items=rules_of(bundle),
    )


def bundle_view(one: Known) -> BundleView:
    """Describe a bundle."""
    return BundleView(
        digest=one.digest,
        rules=one.rules,
        is_active=one.is_active,
        is_shipped=one.is_shipped,
        uploaded_by=one.uploaded_by,
        uploaded_at=clock.rfc3339(one.uploaded_at) if one.uploaded_at else None,
    )


def said_view(one: Said) -> SaidView:
    """Describe what a rule said."""
    return SaidView.model_validate(telling.said(one))


def verdict(decision: Decision, document: dict[str, object]) -> VerdictView:
    """Describe what a bundle says of a document."""
    return VerdictView(
        bundle=decision.bundle,
        allowed=decision.is_allowed,
        said=[said_view(one) for one in decision.said],
        input=document,
    )
