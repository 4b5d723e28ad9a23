"""Reviews are talked about, and what waits is listed page by page."""

from httpx2 import Response

from connectory.access.rules import Actor, Reviewer
from connectory.vetting import deciding, discussing
from connectory.vetting.deciding import Said
from connectory.vetting.discussing import LONGEST, MOST_COMMENTS
from connectory.vetting.rules import Decision, ReviewEndedError
from connectory.work import Work
from marketplaces import Marketplace, racing
from reviewing import PEOPLE, V1, VERSION, decide, review_of, sign, submit


def say(shop: Marketplace, review: dict, text: str, who: str = "ana") -> Response:
    path = f"{V1}/reviews/{review['id']}/comments"
    return shop.client.post(path, json={"text": text}, headers=shop.as_(who))


def test_what_is_said_is_kept_as_it_was_sent_and_can_be_read_by_all(shop: Marketplace) -> None:
    review = submit(shop, "1.4.0")
    text = "**why** <script>alert(1)</script>\n\nthis scope?"
    say(shop, review, text, "sam")
    said = say(shop, review, "for the channel list", "ana")

    assert said.status_code == 201
    assert [
        (one["number"], one["account"], one["text"]) for one in said.json()["comments"]
    ] == [
        (1, "sam", text),
        (2, "ana", "for the channel list"),
    ]
    assert review_of(shop, "1.4.0")["comments"] == said.json()["comments"]


def test_a_comment_says_something_and_not_too_much(shop: Marketplace) -> None:
    review = submit(shop, "1.4.0")

    assert say(shop, review, " \n").json()["code"] == "comment-missing"
    assert say(shop, review, "x" * (LONGEST + 1)).status_code == 422
    assert review_of(shop, "1.4.0")["comments"] == []


def test_nothing_is_added_to_a_review_that_ended(shop: Marketplace) -> None:
    review = submit(shop, "1.4.0")
    sign(shop, review)

    assert say(shop, review, "too late").json()["code"] == "review-ended"


def test_a_discussion_has_an_end(shop: Marketplace) -> None:
    review = submit(shop, "1.4.0")
    with shop.state.works.write() as work:
        for _ in range(MOST_COMMENTS):
            discussing.comment(work, review["id"], "and?", Actor("ana", via="test"))

    assert say(shop, review, "one more").json()["code"] == "discussion-full"


def test_two_who_speak_at_once_are_both_heard(shop: Marketplace) -> None:
    review = submit(shop, "1.4.0")

    def speak(work: Work) -> None:
        discussing.comment(work, review["id"], "me first", Actor("ana", via="test"))

    assert racing(shop.state.works, speak) == (None, None)
    assert [one["number"] for one in review_of(shop, "1.4.0")["comments"]] == [1, 2]


def test_who_speaks_while_the_last_sign_off_is_given_is_too_late(shop: Marketplace) -> None:
    review = submit(shop, "1.4.0")
    *others, last = review["missing"]
    for role in others:
        [who] = [name for name, kind in PEOPLE.items() if kind == role]
        decide(shop, review, who)
    [signer] = [name for name, kind in PEOPLE.items() if kind == last]
    approval = Said(Reviewer(last), Decision.APPROVE, review["digest"])
    turns = iter(
        [
            lambda work: deciding.decide(work, review["id"], approval, Actor(signer, via="x")),
            lambda work: discussing.comment(work, review["id"], "wait!", Actor("ana", via="x")),
        ]
    )
    approved, refused = racing(shop.state.works, lambda work: next(turns)(work))  # noqa: PLW0108  the second takes the second

    assert approved.state == "approved"
    assert isinstance(refused, ReviewEndedError)
    assert review_of(shop, "1.4.0")["comments"] == []


def test_the_queue_comes_page_by_page(shop: Marketplace) -> None:
    for version in ("1.4.0", "1.4.1", "1.4.2"):
        submit(shop, version)
    seen, cursor = [], ""
    while cursor is not None:
        asked = {"limit": 1, "cursor": cursor} if cursor else {"limit": 1}
        page = shop.client.get(f"{V1}/reviews", params=asked, headers=shop.as_("sam")).json()
        seen += [one["version"] for one in page["items"]]
        cursor = page["next"]

    assert seen == ["1.4.0", "1.4.1", "1.4.2"]


def test_the_queue_of_one_connector_has_no_other(shop: Marketplace) -> None:
    submit(shop, "1.4.0")

    def listed(connector: str) -> int:
        asked = {"connector": connector}
        found = shop.client.get(f"{V1}/reviews", params=asked, headers=shop.as_("sam")).json()
        return len(found["items"])

    assert (listed("bizops/crm-to-slack-v1"), listed("bizops/other")) == (1, 0)


def test_how_long_reviews_take_is_known_after_the_first(shop: Marketplace) -> None:
    review = submit(shop, "1.4.0")
    before = review["typical_wait_s"]
    sign(shop, review)

    assert before is None
    assert 0 <= review_of(shop, "1.4.0")["typical_wait_s"] < 60


def test_the_author_finds_the_review_of_a_version_and_its_place(shop: Marketplace) -> None:
    submit(shop, "1.4.0")
    review = submit(shop, "1.4.1")
    found = shop.client.get(f"{VERSION}/1.4.1/review", headers=shop.as_("ana")).json()
    none = shop.client.get(f"{VERSION}/9.9.9/review", headers=shop.as_("ana"))

    assert (found["id"], found["position"]) == (review["id"], 2)
    assert none.json()["code"] == "review-missing"
