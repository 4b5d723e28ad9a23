"""What a marketplace has from its first minute: an admin, and the starters, approved."""

import contextlib
import logging
from collections.abc import Iterator
from importlib.resources import as_file, files
from pathlib import Path

from starlette.datastructures import State

from connectory.access import accounts
from connectory.access.accounts import TeamExistsError
from connectory.access.edge import Opener
from connectory.access.rules import Actor, Role
from connectory.catalog import decide
from connectory.catalog.add import VersionExistsError
from connectory.catalog.rules import Status
from connectory.gates import archive
from connectory.kernel.errors import ConnectoryError
from connectory.listing import sets
from connectory.listing.sets import Member, Wish
from connectory.manifest import loader
from connectory.packages.rules import MANIFEST_NAME
from connectory.publishing.release import Upload, publish
from connectory.work import Origin, Work

LOG = logging.getLogger("connectory.starters")
ADMIN = "admin"
STARTER = "starter"
STARTER_TEAM = "bizops"
REASON = "shipped with Connectory, which builds and tests it"
CHUNK = 256 * 1024
START_HERE = (
    Member(f"{STARTER_TEAM}/slack-alerts", "Onboard your team to Slack alerts"),
    Member(f"{STARTER_TEAM}/crm-to-slack-v1", "CRM sync (standard)"),
    Member(f"{STARTER_TEAM}/cost-monitor-v1", "Cost monitor (daily)"),
)


def prepare(state: State) -> list[str]:
    """Create what is missing and publish the starters; return the labels of the starters."""
    with state.works.write(Origin("system", "start")) as work:
        accounts.create_account(work, ADMIN, display="Admin", is_admin=True)
        is_first = accounts.create_account(work, STARTER, display="Connectory starter pack")
        with contextlib.suppress(TeamExistsError):
            accounts.create_team(work, STARTER_TEAM, "Business operations")
            accounts.set_member(work, STARTER_TEAM, ADMIN, Role.OWNER)
    opener = Opener(state.works, Origin(STARTER, "start"))
    by = Actor(name=STARTER, teams={STARTER_TEAM: Role.MEMBER}, via="start")
    labels = [label for bundle in _bundles() if (label := _publish(state, opener, by, bundle))]
    if is_first and labels:
        with opener.write() as work:
            _recommend(work, {label.partition("@")[0] for label in labels}, by)
    return labels


def _recommend(work: Work, published: set[str], by: Actor) -> None:
    """Begin with one set of all starters; an admin can change or delete it."""
    members = tuple(member for member in START_HERE if member.connector in published)
    why = "Connectors that most teams install first."
    sets.put(work, Wish("start", "Start here", why, members), None, by)


def _publish(state: State, opener: Opener, by: Actor, bundle: Path) -> str:
    """Publish one starter and approve it; `""` when the catalog has it with other contents."""
    manifest = archive.read(bundle, MANIFEST_NAME)
    if manifest is None:
        raise AssertionError(f"{bundle.name} has no {MANIFEST_NAME}")
    try:
        upload = Upload(loader.load(manifest), _chunks(bundle))
        release = publish(opener, state.depot, upload, by).added.release
    except VersionExistsError as other:
        LOG.warning("%s; the stored one stays", other.message)
        return ""
    except ConnectoryError:
        LOG.exception("starter %s", bundle.name)
        raise
    for wanted in (Status.REVIEW, Status.APPROVED):
        with opener.write() as work:
            if release.status in {Status.DRAFT, Status.REVIEW} and release.status is not wanted:
                release = decide.set_status(work, release, wanted, REASON)
    return release.label


def _bundles() -> Iterator[Path]:
    folder = files("connectory") / "starters"
    if not folder.is_dir():
        return
    for entry in sorted(folder.iterdir(), key=lambda one: one.name):
        if entry.name.endswith(".tar.gz"):
            with as_file(entry) as path:
                yield path


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk
