"""A merge is the sign-off of who merged: where an admin says so, and only as far as proven."""

import base64
import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from connectory.access import accounts
from connectory.access.rules import Actor, Reviewer
from connectory.vetting import deciding, review_store
from connectory.vetting.deciding import Said
from connectory.vetting.examine import catch_up
from connectory.vetting.rules import Decision
from connectory.work import Origin
from marketplaces import Marketplace
from pulled import SOURCES, Pulled, manifest, pulled, push, signature

RULE = f"{SOURCES}/market/sign-offs"
ROLES = ["architect", "product"]
ONE = "connectors/one/manifest.yaml"


@dataclass
class Counting:
    """A repository whose merges count as the sign-off of `ROLES`, both of which max has."""

    market: Pulled

    @property
    def shop(self) -> Marketplace:
        return self.market.shop

    def propose(self, files: dict[str, bytes], by: str = "kim", branch: str = "change") -> None:
        self.market.repository.git("checkout", "--quiet", "-B", branch, "main")
        self.market.repository.commit(files, by=by)

    def merge(self, by: str = "max", mode: str = "--no-ff", **told: object) -> None:
        """Merge what was proposed as the host does, and let its webhook tell who did."""
        git = self.market.repository.git
        git("checkout", "--quiet", "main")
        before = git("rev-parse", "HEAD")
        git("merge", "--quiet", mode, "-m", "Merge", "change", by=by)
        self.tell({"before": before, "sender": {"login": by}} | told)

    def tell(self, told: dict[str, object]) -> None:
        """Call the webhook as the host does."""
        told = {"after": self.market.repository.git("rev-parse", "main")} | told
        body = push(**told)
        headers = signature(self.market.secret, body)
        heard = self.shop.client.post("/hooks/git/market", content=body, headers=headers)
        assert heard.status_code == 202, heard.text

    def pull(self) -> dict | None:
        """Pull, let reviews follow, and return what the log says of the sign-off."""
        sync = self.market.sync()["id"]
        self.follow()
        log = self.market.log(sync)
        [entry] = [one for one in log["items"] if one["outcome"] == "published"]
        return entry["sign_off"]

    def follow(self) -> None:
        self.shop.follow()
        with self.shop.state.works.write() as work:
            while catch_up(work):
                pass
        self.shop.follow()

    def review(self, version: str = "1.0.0", connector: str = "one") -> dict:
        path = f"/api/v1/connectors/bizops/{connector}/versions/{version}/review"
        return self.shop.client.get(path, headers=self.shop.as_("ana")).json()

    def events(self, kind: str) -> list[dict]:
        answer = self.shop.client.get("/api/v1/audit?limit=100", headers=self.shop.as_("admin"))
        return [one for one in answer.json()["items"] if one["kind"] == kind]


@pytest.fixture
def counting(marketplace: Marketplace, tmp_path: Path) -> Counting:
    market = pulled(marketplace, tmp_path)
    with marketplace.state.works.write() as work:
        for role in (Reviewer.ARCHITECT, Reviewer.PRODUCT):
            accounts.make_reviewer(work, "max", role)
        accounts.make_reviewer(work, "zoe", Reviewer.ARCHITECT)
    answer = marketplace.client.put(
        RULE, json={"roles": ROLES}, headers=marketplace.as_("admin")
    )
    assert answer.status_code == 200, answer.text
    market.secret = answer.json()["hook_secret"]
    market.repository.commit({"README.md": b"# Ours"})
    return Counting(market)


def in_review(version: str = "1.0.0", more: str = "") -> bytes:
    told = manifest("one", version, more)
    return told.replace(b"vetting_status: approved", b"vetting_status: review")


def test_a_merge_signs_for_the_roles_that_who_merged_has(counting: Counting) -> None:
    counting.propose({ONE: in_review()})
    counting.merge()
    commit = counting.market.repository.git("rev-parse", "main")

    told = counting.pull()
    counting.shop.state.signer.turn()

    assert told == {"roles": ROLES, "by": "max", "commit": commit, "reason": ""}
    review = counting.review()
    assert (review["signed"], review["missing"]) == (ROLES, ["security", "ops"])
    assert {(one["account"], one["merge"]) for one in review["decisions"]} == {
        ("max", f"market@{commit}")
    }
    row = counting.events("ReviewDecided")[0]
    assert (row["actor"], row["facts"]["merge"]) == ("max", f"market@{commit}")
    assert signed_decisions(counting)[0] == {
        "account": "max",
        "digest": review["digest"],
        "merge": f"market@{commit}",
    }


def signed_decisions(counting: Counting) -> list[dict]:
    path = "/api/v1/connectors/bizops/one/versions/1.0.0/attestations"
    told = counting.shop.client.get(path, headers=counting.shop.as_("ana")).json()["items"]
    statements = [json.loads(base64.b64decode(one["dsseEnvelope"]["payload"])) for one in told]
    names = ("account", "digest", "merge")
    return [
        {name: one["predicate"][name] for name in names}
        for one in statements
        if "merge" in one["predicate"]
    ]


def test_by_default_a_merge_signs_for_nobody(counting: Counting) -> None:
    off = counting.shop.client.delete(RULE, headers=counting.shop.as_("admin"))
    counting.propose({ONE: in_review()})
    counting.merge()

    told = counting.pull()

    assert off.status_code == 204
    assert told is None
    assert counting.review()["signed"] == []


def squash(counting: Counting) -> None:
    """Put what kim proposed on the branch without the merge, as kim."""
    git = counting.market.repository.git
    git("checkout", "--quiet", "main")
    before = git("rev-parse", "HEAD")
    git("merge", "--quiet", "--squash", "change")
    git("commit", "--quiet", "-m", "Squashed", by="kim")
    counting.tell({"before": before, "sender": {"login": "kim"}})


def without_a_call(counting: Counting) -> None:
    counting.market.repository.git("checkout", "--quiet", "main")
    counting.market.repository.git("merge", "--quiet", "--no-ff", "-m", "x", "change", by="max")


def with_more_before_it(counting: Counting) -> None:
    """Change the folder by a push that nobody else saw, then merge."""
    counting.market.repository.git("checkout", "--quiet", "main")
    folder = counting.market.repository.git("diff", "--name-only", "main", "change")
    counting.market.repository.commit({f"{Path(folder).parent}/README.md": b"x"}, by="kim")
    counting.merge()


UNPROVEN = {
    "by its author": (lambda it: it.merge(by="kim"), "kim wrote or owns it"),
    "squashed": (squash, "no merge commit"),
    "fast forward": (lambda it: it.merge(mode="--ff-only"), "no merge commit"),
    "no call": (without_a_call, "no signed webhook"),
    "by force": (lambda it: it.merge(forced=True), "no signed webhook"),
    "from elsewhere": (lambda it: it.merge(before="f" * 40), "no signed webhook"),
    "nobody named": (lambda it: it.merge(sender=None), "no signed webhook"),
    "a stranger": (lambda it: it.merge(by="eve"), "eve, who merged it, stands for no account"),
    "more than the merge": (with_more_before_it, "not one commit alone"),
    "no reviewer": (lambda it: it.merge(by="bob"), "bob is no reviewer for architect, product"),
}


def test_what_is_not_proven_signs_for_nobody_and_says_why(counting: Counting) -> None:
    for number, (how, (land, reason)) in enumerate(UNPROVEN.items()):
        name = f"unproven-{number}"
        told = in_review().replace(b"id: one", f"id: {name}".encode())
        counting.propose({f"connectors/{name}/manifest.yaml": told})
        land(counting)

        counted = counting.pull()

        assert counted is not None
        assert counted["roles"] == [], how
        assert reason in counted["reason"], how
        assert counting.review(connector=name)["signed"] == [], how


def test_commits_of_strangers_and_drafts_sign_for_nobody(counting: Counting) -> None:
    counting.propose({ONE: in_review()}, by="eve")
    counting.merge()
    stranger = counting.pull()
    counting.propose({ONE: in_review("1.1.0").replace(b"status: review", b"status: draft")})
    counting.merge()

    draft = counting.pull()

    assert stranger is not None
    assert draft is not None
    assert "eve@example.com, who wrote it, stands for no account" in stranger["reason"]
    assert "draft" in draft["reason"]


def test_who_lacks_a_role_signs_for_the_others(counting: Counting) -> None:
    counting.propose({ONE: in_review()})
    counting.merge(by="zoe")

    told = counting.pull()

    assert told is not None
    assert (told["roles"], told["reason"]) == (
        ["architect"],
        "zoe is no reviewer for product",
    )
    assert counting.review()["signed"] == ["architect"]


def test_people_may_be_called_otherwise_at_the_host(counting: Counting) -> None:
    shop = counting.shop
    rule = {"roles": ["architect"], "people": {"m-muster": "max", "kim-k": "kim"}}
    set_ = shop.client.put(RULE, json=rule, headers=shop.as_("admin"))
    counting.market.secret = set_.json()["hook_secret"]
    counting.propose({ONE: in_review()}, by="kim-k")
    counting.merge(by="m-muster")
    counted = counting.pull()
    counting.propose({ONE: in_review("1.1.0")}, by="m-muster")
    counting.merge(by="m-muster")

    own = counting.pull()

    assert counted is not None
    assert own is not None
    assert (counted["by"], counted["roles"]) == ("max", ["architect"])
    assert "max wrote or owns it" in own["reason"]


def test_what_the_folder_held_before_has_to_be_signed_too(counting: Counting) -> None:
    counting.propose({ONE: in_review()})
    counting.merge(by="bob")  # signs for nobody
    counting.pull()
    counting.propose({ONE: in_review("1.0.1")})
    counting.merge()

    told = counting.pull()

    assert counting.review("1.0.1")["signed"] == []
    why = "bizops/one@1.0.0, which it changed, is neither approved nor signed by product"
    assert why in {one["facts"]["reason"] for one in counting.events("MergeNotCounted")}
    assert told is not None
    assert told["roles"] == []
    assert why in told["reason"]


def test_a_role_that_was_lost_meanwhile_is_not_signed(counting: Counting) -> None:
    counting.propose({ONE: in_review()})
    counting.merge()
    counting.market.sync()
    with counting.shop.state.works.write() as work:
        accounts.end_reviewer(work, "max", Reviewer.PRODUCT)
    counting.follow()

    assert counting.review()["signed"] == ["architect"]
    [lost] = counting.events("MergeNotCounted")
    assert "max is no reviewer for product any more" in lost["facts"]["reason"]


def test_rights_that_others_decide_about_are_looked_up_when_somebody_merges(
    counting: Counting,
) -> None:
    def left(account: str) -> None:
        with counting.shop.state.works.write() as work:
            accounts.end_reviewer(work, account, Reviewer.ARCHITECT)

    counting.shop.state.syncer.refresh = left
    counting.propose({ONE: in_review()})
    counting.merge()

    told = counting.pull()

    assert told is not None
    assert (told["roles"], told["reason"]) == (
        ["product"],
        "max is no reviewer for architect",
    )


def test_a_veto_wins_over_a_merge(counting: Counting) -> None:
    counting.propose({ONE: in_review()})
    counting.merge()
    counting.pull()
    review = counting.review()
    with counting.shop.state.works.write(Origin("zoe")) as work:
        accounts.make_reviewer(work, "zoe", Reviewer.SECURITY)
        said = Said(Reviewer.SECURITY, Decision.VETO, review["digest"], "no")
        deciding.decide(work, review["id"], said, Actor("zoe"))
        stopped = review_store.by_id(work, review["id"])

    assert stopped is not None
    assert stopped.state == "vetoed"


def test_only_admins_let_merges_count_and_alone_know_the_new_secret(
    counting: Counting,
) -> None:
    shop, client = counting.shop, counting.shop.client
    known = counting.market.secret
    again = client.put(RULE, json={"roles": ["ops"]}, headers=shop.as_("admin"))
    body = push()

    owner = client.put(RULE, json={"roles": ["ops"]}, headers=shop.as_("ana"))
    old = client.post("/hooks/git/market", content=body, headers=signature(known, body))
    shown = client.get(f"{SOURCES}/market", headers=shop.as_("ana"))

    assert (owner.status_code, old.status_code) == (403, 401)
    assert again.json()["hook_secret"] not in shown.text
    assert shown.json()["sign_offs"] == ["ops"]
    for wish, code in (
        ({"roles": ["security"]}, "source-refused"),
        ({"roles": []}, "source-refused"),
        ({"roles": ["ops"], "people": {"x": "eve"}}, "account-missing"),
    ):
        refused = client.put(RULE, json=wish, headers=shop.as_("admin"))
        assert refused.json()["code"] == code


def test_what_was_heard_before_the_rule_proves_nothing(counting: Counting) -> None:
    counting.propose({ONE: in_review()})
    counting.merge()
    again = counting.shop.client.put(
        RULE, json={"roles": ROLES}, headers=counting.shop.as_("admin")
    )

    told = counting.pull()

    assert again.status_code == 200
    assert told is not None
    assert "no signed webhook" in told["reason"]
