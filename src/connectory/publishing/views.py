"""How publications are told over HTTP."""

from pydantic import BaseModel

from connectory.catalog.views import StatusView, status_view
from connectory.catalog.written import page_of
from connectory.kernel.errors import Problem
from connectory.publishing.release import Publication


class ProblemView(BaseModel):
    """One thing that is wrong with a manifest, or worth a look."""

    code: str
    message: str
    hint: str
    path: str
    line: int | None
    column: int | None
    severity: str


class Published(BaseModel):
    """The answer to a publication; `created` is false when the same bytes were there."""

    created: bool
    namespace: str
    id: str
    version: str
    name: str
    digest: str
    manifest_digest: str
    package_digest: str | None
    status: StatusView
    warnings: list[ProblemView]
    url: str


def published_view(done: Publication) -> Published:
    """Tell of a publication."""
    release = done.added.release
    return Published(
        created=done.added.created,
        namespace=release.name.namespace,
        id=release.name.id,
        version=release.version,
        name=done.title,
        digest=release.digest,
        manifest_digest=release.manifest_digest,
        package_digest=release.package_digest,
        status=status_view(release),
        warnings=[problem_view(one) for one in done.warnings],
        url=page_of(release),
    )


def problem_view(one: Problem) -> ProblemView:
    """Tell of a problem."""
    return ProblemView(
        code=one.code,
        message=one.message,
        hint=one.hint,
        path=one.path,
        line=one.line,
        column=one.column,
        severity=one.severity,
    )
