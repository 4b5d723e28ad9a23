"""The CRM client against a server that plays the CRM."""

import json
from collections.abc import Iterator

import pytest
from crm_to_slack.crm import Crm, Lead

from connectory.standins import CRM_API_KEY
from connectory.standins import crm as standin
from connectory.standins.serving import Answer, Call, Server
from connectory_sdk import Health, RefusedError, Secret, TryLaterError

URL = "http://127.0.0.1:9/hooks/t/i/lead?key=1"


@pytest.fixture
def vendor() -> standin.Crm:
    return standin.Crm()


@pytest.fixture
def api_url(vendor: standin.Crm) -> Iterator[str]:
    server = Server(vendor, 0)
    yield server.url
    server.stop()


@pytest.fixture
def crm(api_url: str) -> Crm:
    return Crm(api_url, Secret(CRM_API_KEY), Health())


def create(vendor: standin.Crm, name: str) -> str:
    lead = {"name": name, "email": "a@example.com", "company": "C"}
    answer = vendor.answer(Call("POST", "/_leads", {}, {}, json.dumps(lead).encode()))
    return answer.content["id"]


def test_a_lead_is_read_by_its_id(vendor: standin.Crm, crm: Crm) -> None:
    lead_id = create(vendor, "Ada")

    assert crm.lead(lead_id) == Lead(lead_id, "Ada", "a@example.com", "C")


def test_an_unknown_lead_is_refused(crm: Crm) -> None:
    with pytest.raises(RefusedError, match="no lead nobody"):
        crm.lead("nobody")


def test_the_newest_lead_is_the_last_one_created(vendor: standin.Crm, crm: Crm) -> None:
    assert crm.newest() is None

    create(vendor, "first")
    create(vendor, "second")

    assert crm.newest().name == "second"


def test_subscribing_twice_subscribes_once(vendor: standin.Crm, crm: Crm) -> None:
    crm.subscribe(URL)
    crm.subscribe(URL)

    assert [row["url"] for row in vendor.received()] == [URL]


def test_an_address_without_this_api_is_trouble(api_url: str) -> None:
    health = Health()

    with pytest.raises(TryLaterError, match="the CRM answered 404"):
        Crm(f"{api_url}/elsewhere", Secret(CRM_API_KEY), health).subscribe(URL)

    assert health.reasons() == {"crm": "the CRM answered 404; check crm_api_url"}


class Redirecting(standin.Crm):
    """Sends every caller to another address."""

    def __init__(self, target: str) -> None:
        super().__init__()
        self._target = target

    def answer(self, call: Call) -> Answer:
        return Answer(302, {}, {"Location": self._target + call.path})


def test_a_redirect_is_not_followed_with_the_key(vendor: standin.Crm, api_url: str) -> None:
    create(vendor, "Ada")
    server = Server(Redirecting(api_url), 0)
    health = Health()

    with pytest.raises(TryLaterError, match="the CRM answered 302"):
        Crm(server.url, Secret(CRM_API_KEY), health).newest()
    server.stop()

    assert health.reasons() == {"crm": "the CRM answered 302; check crm_api_url"}


def test_a_lead_is_told_in_one_line() -> None:
    lead = Lead("1", "Ada\nLovelace", "a@example.com", "")

    assert lead.text() == "New lead: Ada Lovelace, a@example.com"
