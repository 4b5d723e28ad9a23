"""Following an operation: what was missed comes first, and a stream always ends."""

from connectory.operations import begin, store
from connectory.operations.rules import Done, Recipe, State
from connectory.operations.rules import Step as OneStep
from marketplaces import Marketplace

RECIPE = Recipe(
    (OneStep("mix", "Mix", lambda _: Done("")),), finish=lambda *_: None, again=lambda *_: 1
)
WISH = begin.Wish("bake", "inst_CAKE", "payments/cake", "payments", 1)


def ended(marketplace: Marketplace) -> tuple[str, int]:
    """Return an operation that has ended, and its last revision."""
    with marketplace.state.works.write() as work:
        operation = begin.begin(work, WISH, RECIPE)
        held = store.claim(work, "test", marketplace.state.engine.lease)
        assert held is not None
        store.end(work, held, State.SUCCEEDED, None)
    with marketplace.state.works.read() as work:
        found = store.operation(work, operation)
    assert found is not None
    return operation, found.revision


def follow(marketplace: Marketplace, operation: str, seen: str) -> tuple[int, str]:
    answer = marketplace.client.get(
        f"/api/v1/operations/{operation}/events",
        headers={**marketplace.as_("max"), "Last-Event-ID": seen},
    )
    return answer.status_code, answer.text


def test_a_stream_of_what_has_ended_gives_the_end_and_ends(marketplace: Marketplace) -> None:
    operation, revision = ended(marketplace)

    status, text = follow(marketplace, operation, "")

    assert status == 200
    assert text.startswith(f"id: {revision}\nevent: operation\n")
    assert text.count("event:") == 1


def test_a_reader_who_has_seen_the_end_is_told_not_to_come_back(
    marketplace: Marketplace,
) -> None:
    operation, revision = ended(marketplace)

    assert follow(marketplace, operation, str(revision)) == (204, "")


def test_an_id_that_no_stream_gave_out_begins_anew(marketplace: Marketplace) -> None:
    operation, _ = ended(marketplace)

    answers = [follow(marketplace, operation, seen) for seen in ("9" * 5000, "99", "x")]

    assert [(status, "event: operation" in text) for status, text in answers] == [
        (200, True)
    ] * 3
