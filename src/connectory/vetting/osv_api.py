"""HTTP: the mirror of advisories as OSV's own interface, so that its clients work here.

Shapes and names are those of https://google.github.io/osv.dev/api/.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, ClassVar

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from connectory.access.actors import Visitor
from connectory.advisories.mirror import Mirror, MirrorUnusableError
from connectory.advisories.rules import Package
from connectory.kernel import clock
from connectory.kernel.errors import ConnectoryError, Kind

router = APIRouter(prefix="/osv/v1", tags=["advisories"], strict_content_type=False)
"""pip-audit sends its JSON without saying that it is JSON."""

Advisory = dict[str, object]
Text = Annotated[str, Field(max_length=300)]
MOST_QUERIES = 1_000


class PackageAsked(BaseModel):
    """A package, as an ecosystem of OSV names it."""

    name: Text = ""
    ecosystem: Text = ""


class Query(BaseModel):
    """A package; without a version, every advisory about it is meant."""

    package: PackageAsked = PackageAsked()
    version: Text = ""


class Batch(BaseModel):
    """Many questions at once."""

    queries: Annotated[list[Query], Field(max_length=MOST_QUERIES)]


class Answer(BaseModel):
    """What concerns one package, or may because its version cannot be compared."""

    vulns: list[Advisory]


class BatchAnswer(BaseModel):
    """The answers in the order of the questions; of each advisory `id` and `modified`."""

    results: list[Answer]


class NoAdvisoriesError(ConnectoryError):
    """The marketplace has no advisories that are fresh enough to call anything clean."""

    kind: ClassVar[Kind] = Kind.UNAVAILABLE
    code: ClassVar[str] = "no-advisories"

    def __init__(self, why: str) -> None:
        super().__init__(why, hint="ask the operator to run `connectory scan import all.zip`")


class AdvisoryNotFoundError(ConnectoryError):
    """The mirror has no advisory of this id."""

    kind: ClassVar[Kind] = Kind.NOT_FOUND
    code: ClassVar[str] = "advisory-not-found"

    def __init__(self, identity: str) -> None:
        super().__init__(
            f"there is no advisory {identity}", hint="its id may be an alias: ask by package"
        )


class QueryUnsupportedError(ConnectoryError):
    """A question to the advisories names no package by ecosystem and name."""

    kind: ClassVar[Kind] = Kind.USAGE
    code: ClassVar[str] = "query-unsupported"

    def __init__(self) -> None:
        super().__init__(
            "the question names no package by ecosystem and name",
            hint='send {"package": {"ecosystem": "PyPI", "name": "jinja2"}}; commits and purls '
            "are not looked up here",
        )


@router.post("/query")
def query(request: Request, body: Query, by: Visitor) -> Answer:
    """Return the advisories that concern a package."""
    with _mirror(request) as mirror:
        return Answer(vulns=_found(mirror, body))


@router.post("/querybatch")
def query_batch(request: Request, body: Batch, by: Visitor) -> BatchAnswer:
    """Name the advisories that concern each of many packages."""
    with _mirror(request) as mirror:
        found = [_found(mirror, one) for one in body.queries]
    return BatchAnswer(results=[Answer(vulns=list(map(_brief, each))) for each in found])


@router.get("/vulns/{identity}")
def show_advisory(request: Request, identity: str, by: Visitor) -> Advisory:
    """Return an advisory as it was published."""
    with _mirror(request) as mirror:
        found = mirror.advisory(identity)
    if found is None:
        raise AdvisoryNotFoundError(identity)
    return found


@contextmanager
def _mirror(request: Request) -> Iterator[Mirror]:
    """Open the mirror; one that is absent or stale would make everything look clean."""
    path = request.app.state.examiner.around.advisories
    try:
        with Mirror.open(path) as mirror:
            newest = mirror.about().newest
            if mirror.about().is_stale(clock.now()):
                raise NoAdvisoriesError(f"the advisories end on {newest:%Y-%m-%d}")
            yield mirror
    except MirrorUnusableError:
        raise NoAdvisoriesError("this marketplace has no advisories") from None


def _brief(advisory: Advisory) -> Advisory:
    return {part: advisory[part] for part in ("id", "modified")}


def _found(mirror: Mirror, asked: Query) -> list[Advisory]:
    package = Package(asked.package.ecosystem, asked.package.name, asked.version)
    if not package.ecosystem or not package.name:
        raise QueryUnsupportedError
    if asked.version:
        named = [match.id for match in mirror.matches(package)]
    else:
        named = mirror.named(package.ecosystem, package.name)
    return [found for one in named if (found := mirror.advisory(one)) is not None]
