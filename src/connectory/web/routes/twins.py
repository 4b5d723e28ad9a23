"""GET /….csv, .json and .atom: the lists of pages for other programs, with the same rights."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from connectory.access.actors import SignedIn, TeamViewer, Visitor
from connectory.access.edge import ReadWork
from connectory.access.rules import Actor
from connectory.backends.search import Search
from connectory.catalog import read as catalog
from connectory.catalog.read import Listing
from connectory.catalog.rules import Name
from connectory.catalog.written import page_of
from connectory.instances import read as instances
from connectory.instances.read import Instance
from connectory.kernel.paging import MAX_LIMIT
from connectory.listing.find import find
from connectory.listing.rules import Question
from connectory.operations import read as operations
from connectory.operations.read import OperationRow
from connectory.web.parts import Activity
from connectory.web.routes.activity import told
from connectory.web.routes.operations import Asked as OperationsAsked
from connectory.web.routes.operations import teams_of
from connectory.web.routes.search import Asked
from connectory.web.sheets import Entry, Form, Sheet, answer
from connectory.work import Work, log

router = APIRouter(include_in_schema=False)

MOST = 1000  # rows of one list

CONNECTORS = (
    "namespace",
    "id",
    "version",
    "name",
    "description",
    "owner",
    "team",
    "status",
    "tags",
    "updated_at",
)
VERSIONS = ("version", "status", "published_at", "published_by", "digest")
INSTANCES = (
    "team",
    "name",
    "connector",
    "version",
    "environment",
    "target",
    "state",
    "created_at",
    "created_by",
)
OPERATIONS = ("id", "kind", "state", "team", "instance", "by", "created_at", "ended_at")
ACTIVITY = ("id", "at", "actor", "what", "subject")


@router.get("/connectors.{form}")
def connectors(
    request: Request, form: Form, work: ReadWork, by: Visitor, asked: Annotated[Asked, Query()]
) -> Response:
    """List what a search finds."""
    question = replace(asked.question(), limit=MAX_LIMIT, offset=0)
    found = _all_found(work, request.app.state.backends.search, question, by)
    title = f"Connectors for “{asked.q}”" if asked.q else "Connectors"
    sheet = Sheet(title, asked.url(), _own(request), CONNECTORS, tuple(map(_connector, found)))
    return _answer(request, work, sheet, form)


@router.get("/c/{namespace}/{wanted}/versions.{form}")
def versions(
    request: Request, namespace: str, wanted: str, form: Form, work: ReadWork, by: Visitor
) -> Response:
    """List the versions of a connector."""
    name = Name(namespace, wanted)
    found = tuple(
        Entry(
            key=page_of(one).removeprefix("/"),
            values=(one.version, one.status, one.published_at, one.published_by, one.digest),
            title=f"{one.label} is {one.status}",
            url=page_of(one),
            at=one.status_at,
            author=one.published_by,
            summary=one.status_reason,
        )
        for one in catalog.releases(work, name, by)
    )
    sheet = Sheet(f"Versions of {name.key}", f"/c/{name.key}", _own(request), VERSIONS, found)
    return _answer(request, work, sheet, form)


@router.get("/operations.{form}")
def list_operations(
    request: Request,
    form: Form,
    work: ReadWork,
    by: SignedIn,
    asked: Annotated[OperationsAsked, Query()],
) -> Response:
    """List the operations of the reader's teams."""
    teams = teams_of(by, asked.team)
    wanted = operations.Wanted(teams=teams, state=asked.state or "", limit=MOST)
    found = tuple(map(_operation, operations.operations(work, wanted)))
    sheet = Sheet("Operations", "/operations", _own(request), OPERATIONS, found)
    return _answer(request, work, sheet, form)


@router.get("/t/{team}/instances.{form}")
def list_instances(
    request: Request, team: str, form: Form, work: ReadWork, by: TeamViewer
) -> Response:
    """List the instances of a team."""
    wanted = instances.Wanted(teams=frozenset({team}), limit=MOST)
    found = tuple(map(_instance, instances.instances(work, wanted)))
    sheet = Sheet(f"Instances of {team}", f"/t/{team}", _own(request), INSTANCES, found)
    return _answer(request, work, sheet, form)


@router.get("/t/{team}/activity.{form}")
def list_activity(
    request: Request, team: str, form: Form, work: ReadWork, by: TeamViewer
) -> Response:
    """List what happened in a team."""
    rows = log.latest(work.db, MOST, team=team)
    found = tuple(map(_activity, (row.id for row in rows), told(rows)))
    sheet = Sheet(f"Activity of {team}", f"/t/{team}", _own(request), ACTIVITY, found)
    return _answer(request, work, sheet, form)


def _own(request: Request) -> str:
    query = request.url.query
    return request.url.path + (f"?{query}" if query else "")


def _answer(request: Request, work: Work, sheet: Sheet, form: Form) -> Response:
    return answer(sheet, form, site=request.app.state.settings.url, now=work.now)


def _all_found(work: Work, search: Search, question: Question, by: Actor) -> Iterator[Listing]:
    """Give what is found page by page, all of the same state of the index."""
    offset: int | None = 0
    while offset is not None and offset < MOST:
        results = find(work, search, replace(question, offset=offset), by)
        yield from (item.listing for item in results.items)
        question = replace(question, generation=results.generation)
        offset = results.next


def _connector(one: Listing) -> Entry:
    return Entry(
        key=f"c/{one.key}",
        values=(
            one.namespace,
            one.id,
            one.version,
            one.name,
            one.description,
            one.owner,
            one.team,
            one.status,
            " ".join(one.tags),
            one.updated_at,
        ),
        title=f"{one.name} {one.version}",
        url=f"/c/{one.key}",
        at=one.updated_at,
        author=one.owner,
        summary=one.description,
    )


def _operation(one: OperationRow) -> Entry:
    name = one.label.rpartition("/")[2]
    return Entry(
        key=f"operations/{one.id}",
        values=(
            one.id,
            one.kind,
            one.state,
            one.team,
            name,
            one.by,
            one.created_at,
            one.ended_at,
        ),
        title=f"{one.kind} {one.label}: {one.state}",
        url=f"/operations/{one.id}",
        at=one.ended_at or one.created_at,
        author=one.by,
    )


def _instance(one: Instance) -> Entry:
    page = f"t/{one.team}/i/{one.name}"
    return Entry(
        key=page,
        values=(
            one.team,
            one.name,
            one.connector.key,
            one.version,
            one.environment,
            one.target,
            one.state,
            one.created_at,
            one.created_by,
        ),
        title=f"{one.team}/{one.name} is {one.state}",
        url=f"/{page}",
        at=one.created_at,
        author=one.created_by,
        summary=f"{one.connector.key} {one.version}",
    )


def _activity(event: str, one: Activity) -> Entry:
    return Entry(
        key=event,
        values=(event, one.at, one.actor, one.what, one.subject),
        title=f"{one.actor} {one.what} {one.subject}",
        url=one.url or "/",
        at=one.at,
        author=one.actor,
    )
