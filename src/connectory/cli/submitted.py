"""The review of a version that was just published."""

import time

from connectory.cli.pieces import GOOD, Part, bold, dim
from connectory.cli.review import wait_for
from connectory.cli.review_view import length
from connectory.cli.session import Session
from connectory.client.catalog import Published
from connectory.client.reviews import Review
from connectory.kernel.errors import ConnectoryError, Kind

OPENS_S = 10.0  # after the publication at the latest, where the server has nothing else to do
LOOK_S = 0.25


def submitted(session: Session, done: Published, *, wait: bool) -> Review | None:
    """Tell of the review of a version, None if there is none; `wait` until it is decided."""
    if done["status"]["effective"] != "review":
        return None
    found = _opened(session, done)
    if found is None:
        return None
    if not session.out.as_json:
        _show(session, found)
    if wait:
        return wait_for(session, found)
    session.out.next(f"connectory review status {found['id']} --follow")
    return found


def _opened(session: Session, done: Published) -> Review | None:
    """Return the review as soon as it is there: it opens when the server follows its log."""
    until = time.monotonic() + OPENS_S
    while True:
        try:
            return session.client.reviews.of_version(
                done["namespace"], done["id"], done["version"]
            )
        except ConnectoryError as missing:
            if missing.kind is not Kind.NOT_FOUND:
                return None
            if time.monotonic() > until:
                session.out.say(dim("  its review is not open yet"))
                return None
        time.sleep(LOOK_S)


def _show(session: Session, found: Review) -> None:
    missing = ", ".join(found["missing"])
    needs: Part = f" needs {missing}" if missing else " needs nobody: all sign-offs still hold"
    own = ". You cannot sign off your own work." if missing else ""
    session.out.show(GOOD, " Submitted  review ", bold(found["id"]), needs, own)
    typical = found["typical_wait_s"]
    wait = f"      typical wait {length(typical)}" if typical is not None else ""
    session.out.show(dim(f"  {session.url}/reviews/{found['id']}{wait}"))
