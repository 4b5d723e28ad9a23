"""The demo: two teams, the people of the story, and stand-ins for what connectors talk to."""

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from starlette.datastructures import State

from connectory.access import accounts
from connectory.access import read as access
from connectory.access.rules import Actor, Reviewer, Role
from connectory.app.bootstrap import STARTER_TEAM
from connectory.instances import defaults, team_secrets
from connectory.kernel.secret import Secret
from connectory.settings import Settings
from connectory.standins import SECRETS, StandIns, run_all
from connectory.vetting import waiving
from connectory.vetting.waiving import Wish
from connectory.work import Origin, Work

TEAM = "payments"
ENVIRONMENT = "dev"
CHANNEL = "#sales"
DEMO_SECRETS = {**SECRETS, "database_url": "sqlite:///leads.db"}  # a file of the instance


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the demo: a member of a team, or a reviewer."""

    name: str
    display: str
    team: str = ""
    role: Role = Role.MEMBER
    reviews: Reviewer | None = None


PEOPLE = (
    Person("ana", "Ana", STARTER_TEAM, Role.OWNER),
    Person("kim", "Kim", TEAM, Role.OWNER),
    Person("max", "Max", TEAM, Role.MEMBER),
    Person("lee", "Lee", reviews=Reviewer.ARCHITECT),
    Person("sam", "Sam", reviews=Reviewer.SECURITY),
    Person("olu", "Olu", reviews=Reviewer.OPS),
    Person("pia", "Pia", reviews=Reviewer.PRODUCT),
)


SECURITY = "sam"
WAIVED = Wish(
    "*",
    "dependencies",
    "advisories are not imported on a laptop: `connectory scan import` does it",
    days=30,
)
"""Without advisories the check cannot run, and nothing would be approved by sign-offs."""


def start_standins(data: Path) -> StandIns:
    """Start the stand-ins on the ports that they had before, if those are free."""
    folder = data / "standins"
    remembered = folder / "ports.json"
    ports = json.loads(remembered.read_text()) if remembered.exists() else {}
    try:
        running = run_all(folder, ports)
    except OSError:
        running = run_all(folder, {})
    now = {name: int(url.rpartition(":")[2]) for name, url in running.urls.items()}
    remembered.write_text(json.dumps(now))
    return running


def reaching(settings: Settings, standins: StandIns) -> Settings:
    """Let the connectors of the local target reach the stand-ins, which are on loopback."""
    addresses = (url.rpartition("/")[2] for url in standins.urls.values())
    private = ",".join(filter(None, (settings.local_private, *addresses)))
    return dataclasses.replace(settings, local_private=private)


def prepare(state: State, standins: StandIns) -> None:
    """Create people and teams once; point the teams' defaults at the stand-ins each time."""
    with state.works.write(Origin("system", "demo")) as work:
        if access.team(work, TEAM) is None:
            _people(work)
            waiving.waive(work, WAIVED, Actor(SECURITY))
        for team in (STARTER_TEAM, TEAM):
            _defaults(work, team, standins.inputs)
    for team in (STARTER_TEAM, TEAM):
        for name, value in DEMO_SECRETS.items():
            _secret(state, team, name, Secret(value))


def _people(work: Work) -> None:
    accounts.create_team(work, TEAM, "Payments")
    for person in PEOPLE:
        accounts.create_account(work, person.name, display=person.display)
        if person.team:
            accounts.set_member(work, person.team, person.name, person.role)
        if person.reviews:
            accounts.make_reviewer(work, person.name, person.reviews)


def _defaults(work: Work, team: str, inputs: Mapping[str, str]) -> None:
    """Change only the addresses of the stand-ins, and only when they moved."""
    present = defaults.defaults_of(work, team, ENVIRONMENT)
    wanted = {"slack_channel": CHANNEL, **present, **inputs}
    if wanted != present:
        defaults.set_defaults(work, team, ENVIRONMENT, wanted)


def _secret(state: State, team: str, name: str, value: Secret) -> None:
    with state.works.read() as work:
        known = {
            one.name for one in team_secrets.list_secrets(work, state.backends.secrets, team)
        }
        now = work.now
    if name in known:
        return
    path = team_secrets.path_of(team, name)
    entry = state.backends.secrets.put(path, value, by="system", at=now)
    with state.works.write(Origin("system", "demo")) as work:
        team_secrets.note_set(work, team, name, entry)
