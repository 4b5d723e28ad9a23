"""Only whole, fitting and signed evidence of an approval is believed."""

import dataclasses

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from connectory.attestations.errors import AttestationMismatchError
from connectory.attestations.verify import Approved, verify
from connectory.kernel.digest import digest_of
from evidence import (
    ABOUT,
    APPROVED,
    PUBLIC,
    Told,
    approval,
    carried,
    decided,
    moved,
    published,
    signed,
)

SIGNED = (decided("security", "sam"), decided("ops", "olu"))
FAILED = [{"check": "image", "state": "not-run"}]
WAIVED = {"check": "image", "waiver": "wai_1", "reason": "no image data"}


def verified(*told: Told) -> Approved:
    return verify(ABOUT, signed(*told), PUBLIC)


def test_a_reviewed_version_is_believed_and_described() -> None:
    found = verified(*APPROVED)

    assert (found.version, found.status, found.review) == (ABOUT.label, "approved", "rev_1")
    assert [(one.role, one.account, bool(one.carried_from)) for one in found.sign_offs] == [
        ("security", "sam", False),
        ("ops", "olu", True),
    ]


def test_the_order_of_the_statements_does_not_matter() -> None:
    assert verify(ABOUT, signed(*APPROVED)[::-1], PUBLIC).status == "approved"


def test_a_decision_without_a_review_is_shown_as_what_it_is() -> None:
    found = verified(published("draft"), moved("approved", "it is urgent"))

    assert (found.by, found.reason, found.sign_offs) == ("sam", "it is urgent", ())


def test_a_waived_check_is_part_of_the_approval() -> None:
    waiver = {**WAIVED, "expires_at": "2026-12-01T00:00:00Z"}
    found = verified(
        published(), *SIGNED, approval(checks=FAILED, waivers=[waiver]), moved("approved")
    )

    assert [one.reason for one in found.waived] == ["no image data"]


EXPIRED = {**WAIVED, "expires_at": "2026-11-24T11:59:59Z"}
REFUSED = {
    "nothing": ((), "publication is not among"),
    "no publication": (SIGNED, "publication is not among"),
    "only reviewed": ((published(), *SIGNED), "is review, not approved"),
    "quarantined": ((*APPROVED, moved("quarantined", "leaks")), "quarantined.*leaks"),
    "approval alone": ((published(), approval(), moved("approved")), "sign-off of security"),
    "one missing": (
        (published(), decided("security", "sam"), approval(), moved("approved")),
        "sign-off of ops by olu",
    ),
    "signed afterwards": (
        (published(), carried("ops", "olu"), approval(), *SIGNED, moved("approved")),
        "sign-off of security",
    ),
    "of another review": (
        (published(), decided("security", "sam", review="rev_0"), *APPROVED[2:]),
        "sign-off of security",
    ),
    "by somebody else": (
        (published(), decided("security", "eve"), *APPROVED[2:]),
        "sign-off of security by sam",
    ),
    "taken back": (
        (published(), *SIGNED, decided("ops", "olu", "abstain"), *APPROVED[3:]),
        "sign-off of ops",
    ),
    "a no passed over": (
        (published(), *SIGNED, decided("product", "pia", "reject"), *APPROVED[3:]),
        "a no of product",
    ),
    "own work": (
        (published(), *SIGNED, approval(authors=["olu"]), moved("approved")),
        "olu signed off own work",
    ),
    "a check not run": (
        (published(), *SIGNED, approval(checks=FAILED), moved("approved")),
        "`image` says not-run",
    ),
    "a waiver that was over": (
        (published(), *SIGNED, approval(checks=FAILED, waivers=[EXPIRED]), moved("approved")),
        "`image` says not-run",
    ),
    "of a newer server": ((*APPROVED, ("revocation", {})), "unknown kind `revocation`"),
    "without its words": ((published(), ("approval", {}), moved("approved")), "cannot be read"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_approves_nothing_is_refused(case: str) -> None:
    told, why = REFUSED[case]

    with pytest.raises(AttestationMismatchError, match=why):
        verified(*told)


@pytest.mark.parametrize("left_out", range(len(APPROVED) - 1))
def test_a_statement_that_is_left_out_is_missed(left_out: int) -> None:
    bundles = signed(*APPROVED)
    del bundles[left_out]

    with pytest.raises(AttestationMismatchError, match=r"missing|not among"):
        verify(ABOUT, bundles, PUBLIC)


def test_a_statement_that_comes_twice_is_refused() -> None:
    bundles = signed(*APPROVED)

    with pytest.raises(AttestationMismatchError, match="double"):
        verify(ABOUT, [*bundles, bundles[1]], PUBLIC)


@pytest.mark.parametrize(
    ("part", "value", "why"),
    [
        ("manifest", digest_of(b"other"), "the manifest does not fit"),
        ("package", digest_of(b"other"), "the package does not fit"),
        ("package", None, "the package does not fit: package.tar.gz is not there"),
        ("label", "bizops/other@1.0.0", "not bizops/other@1.0.0"),
    ],
)
def test_other_bytes_are_refused_by_name(part: str, value: str | None, why: str) -> None:
    other = dataclasses.replace(ABOUT, **{part: value})

    with pytest.raises(AttestationMismatchError, match=why):
        verify(other, signed(*APPROVED), PUBLIC)


def test_a_decision_about_other_bytes_among_the_others_is_refused() -> None:
    other = dataclasses.replace(ABOUT, manifest=digest_of(b"other"))
    bundles = signed(*APPROVED)
    bundles[1] = signed(*APPROVED, about=other)[1]

    with pytest.raises(AttestationMismatchError, match=r"statement 2 \(decision\)"):
        verify(ABOUT, bundles, PUBLIC)


def test_what_somebody_else_signed_is_refused() -> None:
    bundles = signed(*APPROVED, key=Ed25519PrivateKey.generate())

    with pytest.raises(AttestationMismatchError, match="decision or other statement 1 of 5"):
        verify(ABOUT, bundles, PUBLIC)
