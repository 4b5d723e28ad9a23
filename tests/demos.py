"""The demo over real HTTP, served by a thread of the process that tests."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from connectory.app import bootstrap, demo
from connectory.app.build import build, inner
from connectory.app.jobs import follow
from connectory.backends.db import open_engine
from connectory.backends.db.migrate import migrate
from connectory.settings import Settings
from connectory.work import seal
from marketplaces import LiveServer, running, token_of


def migrated(url: str) -> None:
    """Bring a database to the newest shape, ready for work."""
    engine = open_engine(url)
    migrate(engine)
    with engine.begin() as db:
        seal.prepare(db)
    engine.dispose()


@contextmanager
def live_demo(data: Path, **more: object) -> Iterator[LiveServer]:
    """Serve a demo whose data directory this makes; `more` are other settings."""
    data.mkdir(mode=0o700)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        standins = demo.start_standins(data)
        settings = Settings(data=data, port=listener.getsockname()[1], demo=True, **more)
        settings = demo.reaching(settings, standins)
        migrated(settings.database_url)
        engine = open_engine(settings.database_url)
        served = build(settings, engine)
        state = inner(served).state
        bootstrap.prepare(state)
        demo.prepare(state, standins)
        follow(state)
        with running(served, listener):
            yield LiveServer(
                url=settings.url,
                admin_token=token_of(state, "admin"),
                tokens={person.name: token_of(state, person.name) for person in demo.PEOPLE},
                standins=standins.urls,
                state=state,
            )
        for folder in (data / "instances").glob("inst_*"):  # they outlive their server
            state.crew.targets["local"].remove(folder.name)
        standins.stop()
        engine.dispose()
