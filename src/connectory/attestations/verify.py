"""Whether the bytes of a version are those that were approved, and by whom. Pure.

Nothing is believed but what the key signed; the approval is complete only if the sign-offs that
it counts are signed statements of their own.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from connectory.attestations import bundle, statement
from connectory.attestations.errors import AttestationMismatchError
from connectory.attestations.statement import MANIFEST, PACKAGE, SBOM, About, Statement

PUBLICATION, DECISION, CARRIED = "publication", "decision", "carried-sign-off"
CHECKED, APPROVAL, STATUS = "checks", "approval", "status"
KINDS = frozenset({PUBLICATION, CHECKED, DECISION, CARRIED, APPROVAL, STATUS})
"""Every kind of statement. What is not known could take an approval back, so it is refused."""

APPROVED, DEPRECATED = "approved", "deprecated"
APPROVE, NO_SIGN_OFF = "approve", "nobody"
GOOD = frozenset({"passed", "not-applicable"})

Predicate = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Waived:
    """A check that did not need to pass, why, and until when."""

    check: str
    reason: str
    waiver: str
    expires_at: str


@dataclass(frozen=True, slots=True)
class SignOff:
    """Who signed in which role; `carried_from` is the digest that it was about first."""

    role: str
    account: str
    carried_from: str


@dataclass(frozen=True, slots=True)
class Approved:
    """How a version was approved. Without a review somebody decided it, and said why.

    `sbom` is the digest of the bill of materials that the statements name, empty if none does.
    """

    version: str
    status: str
    by: str
    reason: str
    review: str
    sign_offs: tuple[SignOff, ...]
    waived: tuple[Waived, ...]
    sbom: str = ""


def verify(about: About, bundles: Sequence[object], key: Ed25519PublicKey) -> Approved:
    """Say how the version with these bytes was approved.

    Args:
        about: Digests of the bytes at hand; without a label the statements say which it is.
        bundles: All signed statements about the version, in any order.
        key: The key of the server, from where it is trusted.

    Raises:
        AttestationMismatchError: At the first thing that does not fit.
    """
    found = sorted(_opened(bundles, key), key=lambda one: one.number)
    _require_whole(found)
    for one in found:
        _require_about(one, about, found[0].about.label)
    sbom = next((one.about.sbom for one in found if one.about.sbom), "")
    try:
        return replace(_approved(found), sbom=sbom)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise AttestationMismatchError("a signed statement cannot be read") from None


def _opened(bundles: Sequence[object], key: Ed25519PublicKey) -> Iterable[Statement]:
    for place, one in enumerate(bundles, start=1):
        try:
            yield statement.read(bundle.payload_of(one, key))
        except AttestationMismatchError as why:
            which = f"decision or other statement {place} of {len(bundles)}"
            raise AttestationMismatchError(f"{which}: {why.message}") from None


def _require_whole(found: Sequence[Statement]) -> None:
    numbers = [one.number for one in found]
    if not found or found[0].kind != PUBLICATION:
        raise AttestationMismatchError("the publication is not among the signed statements")
    if numbers != list(range(1, len(found) + 1)):
        raise AttestationMismatchError(
            f"signed statements are missing or double: they have the numbers {numbers}"
        )
    for one in found:
        if one.kind not in KINDS:
            raise AttestationMismatchError(
                f"statement {one.number} is of the unknown kind `{one.kind}`",
                hint="verify it with a newer Connectory",
            )


def _require_about(one: Statement, about: About, label: str) -> None:
    signed = one.about
    said = f"statement {one.number} ({one.kind}) is about"
    if signed.label != (about.label or label):
        raise AttestationMismatchError(f"{said} {signed.label}, not {about.label or label}")
    if signed.manifest != about.manifest:
        raise AttestationMismatchError(
            f"the manifest does not fit: {MANIFEST} is {about.manifest}, and {said}"
            f" {signed.manifest}"
        )
    if signed.package != about.package:
        raise AttestationMismatchError(
            f"the package does not fit: {PACKAGE} is {about.package or 'not there'}, and {said}"
            f" {signed.package or 'a version without one'}"
        )
    if signed.sbom not in {None, about.sbom}:
        raise AttestationMismatchError(
            f"the bill of materials does not fit: {SBOM} is {about.sbom or 'not there'}, and"
            f" {said} {signed.sbom}"
        )


def _approved(found: Sequence[Statement]) -> Approved:
    label = found[0].about.label
    moves = [one.predicate for one in found if one.kind == STATUS]
    status = str(moves[-1]["after"]) if moves else str(found[0].predicate["status"])
    if status not in {APPROVED, DEPRECATED}:
        why = f": {moves[-1]['reason']}" if moves else ""
        raise AttestationMismatchError(
            f"{label} is {status}, not approved{why}",
            hint="use an approved version",
        )
    approvals = [one for one in found if one.kind == APPROVAL]
    if approvals:
        return _reviewed(status, approvals[-1], found)
    decided = [one for one in moves if one["after"] == APPROVED]
    if not decided:
        raise AttestationMismatchError(f"{label} was never approved")
    by, reason = str(decided[-1]["by"]), str(decided[-1]["reason"])
    return Approved(label, status, by, reason, "", (), ())


def _reviewed(status: str, approval: Statement, found: Sequence[Statement]) -> Approved:
    said = approval.predicate
    before = [one for one in found if one.number < approval.number]
    signed = _signed(before, str(said["review"]))
    counted = {str(one["role"]): str(one["account"]) for one in _rows(said["sign_offs"])}
    for role in _texts(said["required"]):
        _require_sign_off(role, counted.get(role, NO_SIGN_OFF), signed.get(role), said)
    against = sorted(role for role, one in signed.items() if _is_against(one))
    if against:
        raise AttestationMismatchError(f"the approval passes over a no of {against[0]}")
    waived = tuple(_waived(said))
    _require_checks(said, {one.check for one in waived})
    sign_offs = tuple(
        SignOff(role, account, str(signed[role].get("carried_from", "")))
        for role, account in counted.items()
    )
    return Approved(
        version=approval.about.label,
        status=status,
        by=str(said["by"]),
        reason="",
        review=str(said["review"]),
        sign_offs=sign_offs,
        waived=waived,
    )


def _signed(before: Iterable[Statement], review: str) -> dict[str, Predicate]:
    """Return the newest signed word of each role in a review."""
    return {
        str(one.predicate["role"]): one.predicate
        for one in before
        if one.kind in {DECISION, CARRIED} and one.predicate["review"] == review
    }


def _require_sign_off(
    role: str, account: str, signed: Predicate | None, approval: Predicate
) -> None:
    if signed is None or signed["account"] != account or signed["decision"] != APPROVE:
        raise AttestationMismatchError(
            f"the approval counts a sign-off of {role} by {account}, and no signed decision"
            " says so"
        )
    if account in _texts(approval["authors"]):
        raise AttestationMismatchError(f"{account} signed off own work as {role}")


def _is_against(signed: Predicate) -> bool:
    return signed["decision"] in {"reject", "request-changes", "veto"}


def _waived(approval: Predicate) -> Iterable[Waived]:
    """Return the waivers that held when the version was approved."""
    at = datetime.fromisoformat(str(approval["at"]))
    for one in _rows(approval["waivers"]):
        held = Waived(one["check"], one["reason"], one["waiver"], one["expires_at"])
        if datetime.fromisoformat(held.expires_at) > at:
            yield held


def _require_checks(approval: Predicate, waived: set[str]) -> None:
    for one in _rows(approval["checks"]):
        if one["state"] not in GOOD and one["check"] not in waived:
            raise AttestationMismatchError(
                f"it was approved although the check `{one['check']}` says {one['state']}"
            )


def _texts(value: object) -> list[str]:
    if not isinstance(value, list):
        raise TypeError
    return [str(one) for one in value]


def _rows(value: object) -> list[dict[str, str]]:
    if not isinstance(value, list):
        raise TypeError
    return [{name: str(content) for name, content in dict(one).items()} for one in value]
