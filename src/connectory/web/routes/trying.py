"""POST /c/…/try and /c/…/rehearse: run a version in a throw-away marketplace."""

import json

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from connectory.access.actors import Operator, Trier
from connectory.access.edge import Opening, OpenWork
from connectory.access.limits import caller_of
from connectory.catalog.read import Version
from connectory.rehearsals import rehearse, trying
from connectory.rehearsals.rules import REHEARSE
from connectory.rehearsals.trying import Tried, Tries
from connectory.web.answering import see_other, show
from connectory.web.pages.trying import TryPage
from connectory.web.parts import Fact, LogLineView
from connectory.web.routes.connector import version_at

router = APIRouter(include_in_schema=False)


@router.post("/c/{namespace}/{wanted}/try")
def try_version(
    request: Request, namespace: str, wanted: str, opener: Opening, by: Trier
) -> HTMLResponse:
    """Run the first example, and show what came of it; nothing of it is kept."""
    tries: Tries = request.app.state.tries
    with opener.read() as work:
        version = version_at(work, namespace, wanted, by)
        goods = rehearse.goods_of(work, version)
    tried = tries.run(version, goods, by, caller_of(request.scope, by))
    with opener.write() as work:
        trying.note(work, version, tried)
    return show(request, _page(version, tried))


@router.post("/c/{namespace}/{wanted}/rehearse")
def rehearse_version(
    request: Request, namespace: str, wanted: str, work: OpenWork, by: Operator
) -> Response:
    """Begin to rehearse the removal, and go on to watch it."""
    version = version_at(work, namespace, wanted, by)
    operation = rehearse.start(work, version, by, request.app.state.recipes[REHEARSE])
    return see_other(f"/operations/{operation}")


def _page(version: Version, tried: Tried) -> TryPage:
    release, answered = version.release, tried.answered
    return TryPage(
        namespace=release.name.namespace,
        id=release.name.id,
        name=version.manifest.name,
        version=release.version,
        example=tried.example.name,
        trigger=answered.path,
        event=_indented(tried.example.event),
        status=answered.status,
        output=_indented(answered.output),
        arrived=tuple(Fact(one.standin, _indented(one.content)) for one in answered.arrived),
        logs=tuple(
            LogLineView(one.offset, one.at, one.level, one.message, tuple(one.facts.items()))
            for one in tried.logs
        ),
        standins=tried.standins,
        contained=tried.contained,
        seconds=tried.seconds,
    )


def _indented(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)
