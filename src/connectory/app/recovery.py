"""A way in for whoever has the data directory, beside a server or without one."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from connectory.access import signing_in
from connectory.app.bootstrap import ADMIN
from connectory.backends.db import open_engine
from connectory.backends.db.migrate import HEAD, revision
from connectory.kernel import clock
from connectory.kernel.errors import ConnectoryError, Kind
from connectory.kernel.secret import Secret
from connectory.settings import Settings
from connectory.work import Event, Origin, Works


@dataclass(frozen=True, slots=True)
class AdminLinkMade(Event):
    """Somebody with the rights of the server's account made a link that signs in as admin."""


class NoMarketplaceError(ConnectoryError):
    """There is no marketplace of this release in the data directory."""

    kind: ClassVar[Kind] = Kind.NOT_FOUND
    code: ClassVar[str] = "no-marketplace"

    def __init__(self, data: Path) -> None:
        super().__init__(
            f"{data} has no marketplace of this release",
            hint="name its directory with --data, or start it once: connectory up",
        )


def admin_link(settings: Settings) -> Secret:
    """Make a link that signs in as the admin, once; return its address below the server's.

    A running server need not stop: it finds the link in the database. The log has an entry.

    Raises:
        NoMarketplaceError: If there is none, or it has other tables than this release.
    """
    if not (settings.data / "keys").is_dir():  # a database would be made by looking for it
        raise NoMarketplaceError(settings.data)
    engine = open_engine(settings.database_url)
    try:
        with engine.connect() as db:
            if revision(db) != HEAD:
                raise NoMarketplaceError(settings.data)
        with Works(engine, clock.now, lambda: None).write(Origin(via="admin link")) as work:
            key = signing_in.create_link(work, ADMIN)
            work.emit(AdminLinkMade(subject=ADMIN, team=""))
    finally:
        engine.dispose()
    return Secret(f"/sign-in?key={key.reveal()}")
