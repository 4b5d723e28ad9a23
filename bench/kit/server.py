"""The server that is measured: the product, and beside it one route that does nothing.

    python bench/kit/server.py NUMBER-OF-CONNECTORS

The route is the floor: it has the same middleware and the same actor as the catalog's routes,
and answers 1 kB of JSON that was ready before it was asked. Settings come from the environment.
It prints one line of JSON when the catalog is filled and the server listens.
"""

import contextlib
import gc
import json
import os
import socket
import sys
from collections.abc import Iterable

import uvicorn
from fastapi import APIRouter, FastAPI, Response
from manifests import TEAMS, manifest
from starlette.datastructures import State

from connectory.access import accounts, signing_in
from connectory.access.accounts import TeamExistsError
from connectory.access.actors import Visitor
from connectory.access.rules import Role, Scope
from connectory.access.signing_in import TokenRequest
from connectory.app import serve
from connectory.app.build import build, inner
from connectory.app.jobs import follow
from connectory.backends.db import open_engine
from connectory.backends.db.migrate import migrate
from connectory.catalog import add, decide
from connectory.catalog.rules import Name, Status
from connectory.manifest import loader
from connectory.settings import load
from connectory.work import Origin, Work, seal

BATCH = 500
READERS_TEAMS = 3
READER, PUBLISHER = "reader", "publisher"
KILOBYTE = json.dumps({"floor": "x" * 1011}).encode()

router = APIRouter()


@router.get("/floor")
def floor(by: Visitor) -> Response:  # noqa: ARG001  the permission is part of the signature
    """Answer without having done anything."""
    return Response(KILOBYTE, media_type="application/json")


def main(size: int) -> None:
    """Fill the catalog up to `size` connectors and serve it."""
    settings = load()
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    engine = open_engine(settings.database_url)
    migrate(engine)
    with engine.begin() as db:
        seal.prepare(db)
    served = build(settings, engine)
    app = inner(served)
    _put_floor_first(app)
    tokens = _people(app.state)
    _fill(app.state, size)
    follow(app.state)
    while app.state.examiner.turn():  # or the checks run while something else is measured
        follow(app.state)
    while app.state.signer.turn():
        pass
    with socket.create_server(("127.0.0.1", settings.port), backlog=serve.BACKLOG) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        config = serve.config(served)
        print(json.dumps({"url": address, "pid": os.getpid(), **tokens}), flush=True)
        gc.freeze()
        uvicorn.Server(config).run(sockets=[listener])


def _put_floor_first(app: FastAPI) -> None:
    """Let the floor be found at once: looking for a route is not to make it slow."""
    app.include_router(router)
    app.router.routes.insert(0, app.router.routes.pop())


def _people(state: State) -> dict[str, str]:
    """Make the teams, a member of three and one of all; return the token of each of the two."""
    with state.works.write(Origin("system", "bench")) as work:
        for person in (READER, PUBLISHER):
            accounts.create_account(work, person)
        for n, team in enumerate(TEAMS):
            with contextlib.suppress(TeamExistsError):
                accounts.create_team(work, team, team.title())
            accounts.set_member(work, team, PUBLISHER, Role.OWNER)
            if n < READERS_TEAMS:
                accounts.set_member(work, team, READER, Role.MEMBER)
        return {person: _token(work, person) for person in (READER, PUBLISHER)}


def _token(work: Work, person: str) -> str:
    scopes = frozenset(Scope) if person == PUBLISHER else frozenset[Scope]()
    wanted = TokenRequest(account=person, name="bench", days=1, scopes=scopes)
    return signing_in.create_token(work, wanted, most_days=1).value.reveal()


def _fill(state: State, size: int) -> None:
    for first in range(0, size, BATCH):
        with state.works.write(Origin(PUBLISHER, "bench")) as work:
            _add(work, range(first, min(first + BATCH, size)))


def _add(work: Work, numbers: Iterable[int]) -> None:
    """Add connectors in the status that they ask for: two of three are approved."""
    for n in numbers:
        loaded = loader.load(manifest(n))
        name = Name(loaded.manifest.namespace or "", loaded.manifest.id)
        added = add.add_version(work, name, loaded, None)
        if added.created and added.release.claimed is Status.APPROVED:
            decide.set_status(work, added.release, Status.APPROVED, "for a measurement")


if __name__ == "__main__":
    main(int(sys.argv[1]))
