"""Put together the page of one review, from what the API says of it."""

from collections.abc import Iterator
from dataclasses import replace

from fastapi import Request

from connectory.access.rules import Actor, Reviewer
from connectory.catalog import read as catalog
from connectory.catalog.compare import compare
from connectory.catalog.read import Version
from connectory.catalog.rules import Name
from connectory.kernel.clock import parse_rfc3339
from connectory.kernel.texts import without_controls
from connectory.manifest.permissions import in_words
from connectory.vetting import delegating, review_read, review_views
from connectory.vetting.review_views import DecisionView, ReviewView
from connectory.vetting.rules import OWNERS, ROLES, UNDECIDED
from connectory.web.markdown import to_html
from connectory.web.pages.comparing import DiffLine
from connectory.web.pages.reviewing import (
    CommentRow,
    Compared,
    Deciding,
    DecisionRow,
    GrownRow,
    ReviewPage,
    SignOff,
    Since,
)
from connectory.web.parts import Fact, Option, Permissions
from connectory.web.render import size
from connectory.web.routes import glance
from connectory.web.routes.checks import checked
from connectory.web.routes.comparing import SURFACE, diff_url, file_row, value_row
from connectory.web.routes.costs import expected_cost
from connectory.web.routes.reviews import typical_wait
from connectory.work import Work


def review_page(request: Request, work: Work, review_id: str, by: Actor) -> ReviewPage:
    """Return the page of a review as the reader may see it.

    Raises:
        ReviewMissingError: If there is none, or the reader may not see its version.
    """
    found = review_read.one(work, review_id, by)
    shown = review_views.view(work, found, by)
    version = catalog.version(work, found.name, found.version, by)
    base = catalog.version(work, found.name, found.base, by) if found.base else None
    page = _said(work, shown, version)
    return replace(
        page,
        compared=_compared(request, work, version, base),
        is_author=by.name in catalog.writers(work, version),
        deciding=_deciding(work, shown, version, by),
        may_waive=page.is_undecided and Reviewer.SECURITY in by.reviews,
        may_comment=page.is_undecided,
    )


def _said(work: Work, shown: ReviewView, version: Version) -> ReviewPage:
    """Describe the review itself."""
    name, manifest = version.release.name, version.manifest
    words = in_words(manifest)
    return ReviewPage(
        id=shown.id,
        namespace=name.namespace,
        connector=name.id,
        name=manifest.name,
        version=shown.version,
        digest=shown.digest,
        state=shown.state,
        risk=shown.risk,
        published_by=shown.published_by,
        opened_at=parse_rfc3339(shown.opened_at),
        due_at=parse_rfc3339(shown.due_at),
        base=shown.base,
        grown=tuple(_grown(shown)),
        roles=tuple(_sign_offs(shown)),
        checks=checked(work, version),
        permissions=Permissions(words.will, words.will_not),
        permission_rows=glance.declared(manifest),
        decisions=tuple(_decision(one) for one in reversed(shown.decisions)),
        comments=tuple(
            CommentRow(
                one.number,
                one.account,
                to_html(without_controls(one.text)),
                parse_rfc3339(one.at),
            )
            for one in shown.comments
        ),
        open_points=tuple(shown.open_points),
        since=_since(name, shown),
        is_undecided=shown.state in UNDECIDED,
        is_overdue=shown.overdue,
        position=shown.position,
        typical_wait=typical_wait(work),
    )


def _grown(shown: ReviewView) -> Iterator[GrownRow]:
    for part, names in shown.grown.items():
        for name in names:
            yield GrownRow(SURFACE[part], name, OWNERS[part])


def _sign_offs(shown: ReviewView) -> Iterator[SignOff]:
    last = {one.role: one for one in shown.decisions}  # they come oldest first
    for role in shown.roles:
        said = last.get(role.role)
        yield SignOff(
            role=role.role,
            state=_state(said) if said else "missing",
            grown=sum(map(len, role.grown.values())),
            checklist=tuple(role.checklist),
            account=said.account if said else "",
            at=parse_rfc3339(said.at) if said else None,
        )


def _state(said: DecisionView) -> str:
    return "carried" if said.carried_from else said.decision


def _decision(one: DecisionView) -> DecisionRow:
    source, _, commit = one.merge.partition("@")
    return DecisionRow(
        role=one.role,
        decision=_state(one),
        account=one.account,
        comment=one.comment,
        at=parse_rfc3339(one.at),
        carried_from=one.carried_from,
        behalf_of=one.behalf_of,
        merge=(source, commit) if commit else None,
    )


def _since(name: Name, shown: ReviewView) -> Since | None:
    seen = shown.since_last_seen
    if seen is None:
        return None
    parts = (("add", seen.grown), ("remove", seen.gone))
    return Since(
        version=seen.version,
        was_seen=seen.was_seen,
        differences=tuple(
            (sign, Fact(SURFACE[part], one))
            for sign, sets in parts
            for part, names in sets.items()
            for one in names
        ),
        is_package_changed=seen.is_package_changed,
        reset=tuple(seen.reset),
        url=diff_url(name, seen.version, shown.version),
    )


def _compared(request: Request, work: Work, version: Version, base: Version | None) -> Compared:
    """Compare with the approved version; where there is none, show everything."""
    state, release = request.app.state, version.release
    everything = state.comparisons.of(None, release.package_digest)
    there = Compared(
        files=tuple(file_row(one) for one in everything),
        all_files=tuple(Fact(one.path, size(one.new_size or 0)) for one in everything),
        cost=expected_cost(version.manifest, state.around),
    )
    if base is None:
        manifest = catalog.raw_manifest(work, release).decode("utf-8", "replace")
        lines = manifest.removesuffix("\n").split("\n")
        return replace(there, source=tuple(DiffLine("", line) for line in lines))
    found = compare(work, state.comparisons, old=base, new=version)
    return replace(
        there,
        changes=tuple(value_row(one) for one in found.changes),
        files=tuple(file_row(one) for one in found.files),
        cost_before=expected_cost(base.manifest, state.around),
    )


def _deciding(work: Work, shown: ReviewView, version: Version, by: Actor) -> Deciding | None:
    """Return the form of what the reader can decide; the same rules as when it is sent."""
    mine = delegating.roles(work, version, by.name)
    roles = [one for one in ROLES[shown.risk] if one in mine]
    if shown.state not in UNDECIDED or by.name in catalog.writers(work, version) or not roles:
        return None
    missing = [one for one in roles if one in shown.missing]
    return Deciding(
        roles=tuple(Option(one, one.capitalize()) for one in roles),
        can_veto=Reviewer.SECURITY in by.reviews,  # which nobody lends
        role=(missing or roles)[0],
    )
