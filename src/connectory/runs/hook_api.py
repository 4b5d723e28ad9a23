"""HTTP: calls from outside, stored before they are answered."""

import asyncio
import re
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Header, Query, Request, Response, status
from pydantic import BaseModel
from starlette.datastructures import State

from connectory.access.actors import Anybody
from connectory.instances import hooks
from connectory.instances.hooks import HookMissingError
from connectory.runs import rules
from connectory.runs.enqueue import InstanceGoneError
from connectory.runs.rules import Outcome, Trigger

router = APIRouter(tags=["instances"])

LONGEST_WAIT_S = 10.0
PREFERRED = re.compile(r"(?:.*[,;\s])?wait\s*=\s*([0-9]{1,6})(?:[,;\s].*)?", re.IGNORECASE)
PRINTABLE = re.compile(r"[\x20-\x7e]{1,200}")
OURS = frozenset({"key", "wait"})  # of the query; the rest is the connector's


class Accepted(BaseModel):
    """The run that an event became. It is stored; the connector gets it now or later."""

    run: str


@dataclass(frozen=True, slots=True)
class Call:
    """A call from outside."""

    team: str
    name: str
    path: str
    key: str
    query: Mapping[str, str]
    content_type: str
    body: bytes
    wait_s: float


@router.post(
    "/hooks/{team}/{name}/{path:path}",
    status_code=status.HTTP_202_ACCEPTED,
    response_model=Accepted,
    responses={
        "default": {"description": "With `wait`: whatever the connector answers in time"}
    },
)
async def receive(
    request: Request,
    team: str,
    name: str,
    path: str,
    by: Anybody,
    key: str = "",
    wait: Annotated[float, Query(ge=0, le=LONGEST_WAIT_S)] = 0,
    sent_key: Annotated[str, Header(alias="X-Connectory-Hook-Key")] = "",
    prefer: Annotated[str, Header()] = "",
) -> Response:
    """Store a call from outside, answer it, and deliver it to the instance behind the address.

    With `wait` (seconds), or the header `Prefer: wait=`, the answer is the connector's own if
    it comes in time.
    """
    call = Call(
        team=team,
        name=name,
        path=f"/{path}",
        key=sent_key or key,
        query={k: v for k, v in request.query_params.items() if k not in OURS},
        content_type=_content_type(request),
        body=await request.body(),
        wait_s=wait or _preferred(prefer),
    )
    outcome = Future[Outcome]() if call.wait_s else None
    run = await to_thread.run_sync(_store, request.app.state, call, outcome)
    if outcome is not None:
        await asyncio.wait([asyncio.wrap_future(outcome)], timeout=call.wait_s)
    return _answer(run, outcome)


def _store(state: State, call: Call, outcome: Future[Outcome] | None) -> str:
    """Store the call as a run and return its id."""
    with state.works.read() as work:
        instance = hooks.behind(work, call.team, call.name, call.key)
        facts = state.deliverer.known.of(work, instance)
    if call.path not in facts.hooks:  # the rest is for the platform alone
        raise HookMissingError
    wanted = rules.Request(
        instance=instance.id,
        trigger=Trigger.WEBHOOK,
        path=call.path,
        body=call.body,
        query=call.query,
        content_type=call.content_type,
    )
    try:
        run: str = state.deliverer.accept(wanted, outcome)
    except InstanceGoneError:
        raise HookMissingError from None
    return run


def _answer(run: str, outcome: Future[Outcome] | None) -> Response:
    if outcome is not None and outcome.done():
        answer = outcome.result().answer
        if answer is not None:
            return Response(answer.body, answer.status, media_type="application/json")
    accepted = Accepted(run=run).model_dump_json()
    return Response(accepted, status.HTTP_202_ACCEPTED, media_type="application/json")


def _content_type(request: Request) -> str:
    said = request.headers.get("Content-Type", "application/json")
    return said if PRINTABLE.fullmatch(said) else "application/octet-stream"


def _preferred(header: str) -> float:
    """Return the seconds that a `Prefer` header asks to wait; what is no wait is ignored."""
    found = PREFERRED.fullmatch(header[:200])
    return min(float(found[1]), LONGEST_WAIT_S) if found else 0
