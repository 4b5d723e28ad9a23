"""GET /c/…: one connector, by the version that stands for it or by any other."""

from dataclasses import replace
from itertools import zip_longest
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from markupsafe import Markup

from connectory.access.actors import Visitor
from connectory.access.edge import ReadWork
from connectory.access.rules import Actor, Role
from connectory.catalog import read as catalog
from connectory.catalog.read import Version
from connectory.catalog.rules import Name, Status, is_owner_claimed
from connectory.catalog.views import status_view
from connectory.catalog.written import page_of
from connectory.instances import read as instances
from connectory.instances.plan import Surroundings
from connectory.listing.similar import Similar, similar
from connectory.manifest.permissions import in_words
from connectory.observed import read as observations
from connectory.vetting import review_read
from connectory.vetting.rules import UNDECIDED
from connectory.web.answering import show
from connectory.web.markdown import to_html
from connectory.web.pages.connector import (
    ConnectorPage,
    ReviewedRow,
    SimilarRow,
    VersionRow,
    Vetting,
)
from connectory.web.parts import Permissions, SecretNeed
from connectory.web.routes import glance, observed, rehearsed
from connectory.web.routes.checks import checked
from connectory.web.routes.comparing import diff_url
from connectory.web.routes.costs import expected_cost
from connectory.web.sheets import twins_of
from connectory.work import Work

router = APIRouter(include_in_schema=False)


@router.get("/c/{wanted}")
def find_by_id(wanted: str, work: ReadWork, by: Visitor) -> RedirectResponse:
    """Go on to the page that has the namespace in its address."""
    slug, _, version = wanted.partition("@")
    name = catalog.resolve(work, slug, by)
    return RedirectResponse(f"/c/{name.key}" + (f"@{version}" if version else ""))


@router.get("/c/{namespace}/{wanted}")
def show_connector(
    request: Request, namespace: str, wanted: str, work: ReadWork, by: Visitor
) -> HTMLResponse:
    """Show a version of a connector: what it does, may do, needs and costs."""
    found = version_at(work, namespace, wanted, by)
    state = request.app.state
    page = _page(work, found, by, state.around)
    key = found.release.name.key
    near = similar(work, state.backends.search, found.manifest, key, by)
    page = replace(
        page,
        similar=tuple(_similar(found, one) for one in near),
        observed=observed.part(observations.of_version(work, found, by), f"{page.url}/tighten"),
        rehearsed=rehearsed.rehearsed(work, found),
        can_rehearse=_can_rehearse(found, by),
        trying=rehearsed.trying(state, found, by),
    )
    return show(request, page)


def _can_rehearse(found: Version, by: Actor) -> bool:
    is_member = by.has_role(Role.MEMBER, found.team)
    return is_member and found.release.package_digest is not None


def version_at(work: Work, namespace: str, wanted: str, by: Actor) -> Version:
    """Return the version that `id` or `id@version` in an address names.

    Raises:
        ConnectorMissingError, VersionMissingError: If there is none that the reader may see.
    """
    slug, _, version = wanted.partition("@")
    name = Name(namespace, slug)
    if version:
        return catalog.version(work, name, version, by)
    return catalog.shown(work, name, by)


def _page(work: Work, found: Version, by: Actor, around: Surroundings) -> ConnectorPage:
    release, manifest = found.release, found.manifest
    versions = _versions(work, found, by)
    approved = (one.version for one in versions if one.status == Status.APPROVED)
    teams = instances.teams_per_connector(work, [release.name]).get(release.name, 0)
    words = in_words(manifest)
    return ConnectorPage(
        namespace=release.name.namespace,
        id=release.name.id,
        name=manifest.name,
        version=release.version,
        description=manifest.description,
        owner=manifest.owner,
        owner_claimed=is_owner_claimed(manifest.owner, found.team),
        vetting=_vetting(found),
        digest=release.digest,
        published_at=release.published_at,
        published_by=release.published_by,
        latest_version=next(approved, ""),
        permissions=Permissions(words.will, words.will_not),
        permission_rows=glance.declared(manifest),
        needs=glance.needs(manifest),
        secrets=tuple(
            SecretNeed(one.name, one.description or "", state="") for one in manifest.secrets
        ),
        cost=expected_cost(manifest, around),
        glance=glance.glance(manifest, teams),
        versions=versions,
        source=catalog.raw_manifest(work, release).decode("utf-8", "replace"),
        tags=manifest.tags,
        readme=_document(work, found, "readme"),
        runbook=_document(work, found, "runbook"),
        links=glance.links(manifest),
        checks=checked(work, found),
        reviews=_reviews(work, found, by),
        twins=twins_of(f"/c/{release.name.key}/versions"),
    )


def _similar(found: Version, one: Similar) -> SimilarRow:
    both = {"c": f"{found.release.label},{one.listing.key}@{one.listing.version}"}
    return SimilarRow(
        name=one.listing.name,
        key=one.listing.key,
        url=f"/c/{one.listing.key}",
        status=one.listing.status,
        score=f"{one.likeness.score:.2f}",
        reasons=one.likeness.reasons,
        compare_url=f"/compare?{urlencode(both)}",
    )


def _versions(work: Work, found: Version, by: Actor) -> tuple[VersionRow, ...]:
    known = catalog.releases(work, found.release.name, by)
    return tuple(
        VersionRow(
            version=one.version,
            status=one.status,
            published_at=one.published_at,
            published_by=one.published_by,
            digest=one.digest,
            url=page_of(one),
            diff_url=diff_url(one.name, older.version, one.version) if older else "",
            current=one.version == found.release.version,
        )
        for one, older in zip_longest(known, known[1:])
    )


def _reviews(work: Work, found: Version, by: Actor) -> tuple[ReviewedRow, ...]:
    """Return the reviews of all versions, for those who may open them."""
    if by.is_anonymous:
        return ()
    name = found.release.name
    seen = {one.digest for one in catalog.releases(work, name, by)}
    return tuple(
        ReviewedRow(
            version=one.review.version,
            state=one.review.state,
            missing=one.missing if one.review.state in UNDECIDED else (),
            passed=one.passed,
            total=one.total,
            opened_at=one.review.opened_at,
            url=f"/reviews/{one.review.id}",
        )
        for one in review_read.of_connector(work, name, seen)
    )


def _vetting(found: Version) -> Vetting:
    status = status_view(found.release)
    end = found.manifest.lifecycle.deprecation
    successor = end.replaced_by if end else None
    return Vetting(
        status=status.effective,
        claimed=status.claimed,
        missing=tuple(status.missing),
        reason=status.reason,
        by=status.by,
        at=found.release.status_at,
        replaced_by=f"/c/{successor}" if successor else "",
    )


def _document(work: Work, found: Version, kind: str) -> Markup | None:
    text = catalog.document(work, found.release, kind)
    return to_html(text) if text else None
