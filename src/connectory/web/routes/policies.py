"""Pages of /admin/policies: the rules for everybody, versions of them for admins."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, File, Query, Request, UploadFile
from fastapi.responses import HTMLResponse, Response

from connectory.access.actors import Admin, Visitor
from connectory.access.edge import Opener, Opening
from connectory.access.rules import Actor
from connectory.checks.policy import compiled
from connectory.impact import replay
from connectory.impact.rules import Change, Changed, Impact
from connectory.kernel.errors import ConnectoryError
from connectory.policies import change, read
from connectory.policy import telling
from connectory.policy.bundle import Bundle
from connectory.web.answering import REFUSED, see_other, sentence, show, trouble_of
from connectory.web.pages.policies import (
    BundlePage,
    BundleRow,
    ChangedRow,
    PoliciesPage,
    RuleRow,
    TeamCount,
)
from connectory.web.parts import Trouble

router = APIRouter(include_in_schema=False)

PAGE = "/admin/policies"
ONE = PAGE + "/{digest}"
WORDS = {
    Change.NEWLY_DENIED: "newly denied",
    Change.INCONCLUSIVE: "inconclusive",
    Change.NEWLY_ALLOWED: "newly allowed",
}


async def _sent(bundle: Annotated[UploadFile | None, File()] = None) -> bytes:
    return await bundle.read() if bundle is not None else b""


@router.get(PAGE)
def show_policies(
    request: Request, by: Visitor, opener: Opening, done: Annotated[str, Query()] = ""
) -> HTMLResponse:
    """Show the rules in force in words."""
    page = _policies(opener, by)
    return show(request, replace(page, done="These rules are in force" if done else ""))


@router.post(PAGE)
def upload_policies(
    request: Request, by: Admin, opener: Opening, sent: Annotated[bytes, Depends(_sent)]
) -> Response:
    """Keep rules, and go on to what they would change."""
    try:
        new = change.upload(opener, sent, by)
    except ConnectoryError as refused:
        page = replace(_policies(opener, by), troubles=_troubles(refused))
        return show(request, page, REFUSED)
    return see_other(f"{PAGE}/{new.digest}")


@router.get(ONE)
def show_bundle(request: Request, digest: str, by: Admin, opener: Opening) -> HTMLResponse:
    """Show one version of the rules, and what it would change."""
    return show(request, _bundle(opener, digest, by))


@router.post(ONE + "/activate")
def activate_bundle(request: Request, digest: str, by: Admin, opener: Opening) -> Response:
    """Put a version of the rules in force, if it has proved itself."""
    try:
        change.activate(opener, digest, by)
    except ConnectoryError as refused:
        troubles = _troubles(refused)
        return show(request, replace(_bundle(opener, digest, by), troubles=troubles), REFUSED)
    return see_other(f"{PAGE}?done=activated")


def _troubles(refused: ConnectoryError) -> tuple[Trouble, ...]:
    trouble = trouble_of(refused)
    if len(refused.problems) < 2:  # noqa: PLR2004  the message tells the only one
        return (trouble,)
    return tuple(Trouble(sentence(one.message), sentence(one.hint)) for one in refused.problems)


def _policies(opener: Opener, by: Actor) -> PoliciesPage:
    with opener.read() as work:
        active = read.active(work)
        bundle = read.active_bundle(work)
        known = read.known(work) if by.is_admin else ()
    return PoliciesPage(
        digest=bundle.digest,
        rules=_rules(bundle),
        activated_by=active.by,
        activated_at=active.at,
        bundles=tuple(_row(one) for one in known),
        may_change=by.is_admin,
    )


def _bundle(opener: Opener, digest: str, by: Actor) -> BundlePage:
    with opener.read() as work:
        bundle = compiled(read.rego(read.files(work, digest)))
        [about] = [one for one in read.known(work) if one.digest == digest]
    page = BundlePage(_row(about), _rules(bundle))
    if about.is_active:
        return page
    found = replay.of(opener, bundle, by)
    return replace(
        page,
        judged=found.judged,
        left_out=found.left_out,
        teams=tuple(_counts(found)),
        changed=tuple(_changed(one) for one in found.changed),
    )


def _row(one: read.Known) -> BundleRow:
    return BundleRow(one.digest, one.rules, one.is_active, one.uploaded_by, one.uploaded_at)


def _rules(bundle: Bundle) -> tuple[RuleRow, ...]:
    return tuple(
        RuleRow(one.rule, one.denies, one.title, one.reason, one.fix, one.controls)
        for one in telling.rules(bundle)
    )


def _counts(found: Impact) -> Iterable[TeamCount]:
    for team, counted in found.by_team().items():
        yield TeamCount(
            team,
            counted[Change.NEWLY_DENIED],
            counted[Change.INCONCLUSIVE],
            counted[Change.NEWLY_ALLOWED],
        )


def _changed(one: Changed) -> ChangedRow:
    subject = one.subject
    return ChangedRow(
        change=WORDS[one.change],
        kind=subject.kind,
        name=subject.label,
        url=f"/c/{subject.label}" if subject.kind == "version" else _instance(subject.label),
        team=subject.team,
        reasons=tuple(dict.fromkeys(each.message for each in one.said)),
    )


def _instance(label: str) -> str:
    team, _, name = label.partition("/")
    return f"/t/{team}/i/{name}"
