"""Answers are given again only to who got them, while nothing has changed."""

from dataclasses import dataclass, field

import pytest
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from connectory.access.rules import Actor
from connectory.app.remembered import MOST_BYTES, Remembered
from connectory.catalog.views import ConnectorView
from connectory.work import Works
from marketplaces import Marketplace

LIST = "/api/v1/connectors"
CRM = f"{LIST}/bizops/crm-to-slack-v1"


@dataclass(slots=True)
class Counting:
    """An application that answers with how often it was asked."""

    asked: int = 0

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        self.asked += 1
        is_long, is_missing = (scope["query_string"] == one for one in (b"long", b"missing"))
        body = b"%d" % self.asked + b" " * (MOST_BYTES if is_long else 0)
        status = 404 if is_missing else 200
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": body})


@dataclass(slots=True)
class Asking:
    """Asks a remembering application as somebody, of an index in some state."""

    works: Works
    generation: str = "gen_1"
    app: Remembered = field(init=False)

    def __post_init__(self) -> None:
        self.app = Remembered(Counting(), self.works, lambda: self.generation)

    def get(self, path: str = LIST, via: str = "tok_1") -> str:
        """Return the body of the answer to a credential."""

        async def served(scope: Scope, receive: Receive, send: Send) -> None:
            actor = Actor(name="ana", via=via)
            await self.app({**scope, "state": {"actor": actor}}, receive, send)

        return TestClient(served).get(path).text.strip()


@pytest.fixture
def asking(works: Works) -> Asking:
    return Asking(works)


@pytest.mark.parametrize("path", [LIST, f"{LIST}?q=slack", CRM])
def test_the_same_is_answered_from_memory(asking: Asking, path: str) -> None:
    assert [asking.get(path), asking.get(path)] == ["1", "1"]


def test_another_credential_and_another_question_are_answered_anew(asking: Asking) -> None:
    first = asking.get()

    assert [first, asking.get(via="tok_2"), asking.get(f"{LIST}?q=x")] == ["1", "2", "3"]


def test_a_committed_change_ends_what_is_kept(asking: Asking) -> None:
    asking.get()

    with asking.works.write():
        pass

    assert asking.get() == "2"


def test_another_state_of_the_index_ends_what_is_kept(asking: Asking) -> None:
    asking.get()

    asking.generation = "gen_2"

    assert asking.get() == "2"


@pytest.mark.parametrize("path", [f"{LIST}?missing", f"{LIST}?long", f"{CRM}/versions"])
def test_refusals_long_answers_and_other_reads_are_not_kept(asking: Asking, path: str) -> None:
    assert [asking.get(path), asking.get(path)] == ["1", "2"]


def test_a_decided_status_is_told_by_the_next_answer(site: Marketplace) -> None:
    before = site.client.get(CRM, headers=site.as_("max")).json()
    status = f"{CRM}/versions/{before['version']}/status"

    decided = site.client.patch(
        status, json={"status": "deprecated", "message": "old"}, headers=site.as_("admin")
    )
    after = site.client.get(CRM, headers=site.as_("max")).json()

    assert decided.status_code == 200
    assert next(
        one["status"] for one in after["versions"] if one["version"] == before["version"]
    ) == ("deprecated")


def test_what_is_joined_for_a_connector_has_the_promised_shape(site: Marketplace) -> None:
    answer = site.client.get(CRM, headers=site.as_("max"))
    version = site.client.get(
        f"{CRM}/versions/{answer.json()['version']}", headers=site.as_("max")
    ).json()

    view = ConnectorView.model_validate(answer.json())

    assert view.model_dump(mode="json") == answer.json()
    assert {name: answer.json()[name] for name in version} == version
