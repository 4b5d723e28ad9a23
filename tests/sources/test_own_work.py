"""Who committed a version cannot sign it off, whoever merged and pulled it."""

from pathlib import Path

import pytest

from connectory.access import accounts
from connectory.access.rules import Reviewer
from connectory.vetting.examine import catch_up
from marketplaces import Marketplace
from pulled import manifest, pulled

REVIEWS = "/api/v1/reviews"


@pytest.mark.parametrize(("account", "status"), [("kim", 403), ("max", 200)])
def test_committers_do_not_sign_off_what_they_committed(
    account: str, status: int, marketplace: Marketplace, tmp_path: Path
) -> None:
    market = pulled(marketplace, tmp_path)
    told = manifest("one").replace(b"vetting_status: approved", b"vetting_status: review")
    market.repository.commit({"connectors/one/manifest.yaml": told}, by="kim")
    market.sync()
    marketplace.follow()
    with marketplace.state.works.write() as work:
        for name in ("kim", "max"):
            accounts.make_reviewer(work, name, Reviewer.OPS)
        while catch_up(work):
            pass

    [review] = marketplace.client.get(REVIEWS, headers=marketplace.as_("ana")).json()["items"]
    said = {"role": "ops", "decision": "approve", "digest": review["digest"]}
    answer = marketplace.client.post(
        f"{REVIEWS}/{review['id']}/decisions", json=said, headers=marketplace.as_(account)
    )

    assert answer.status_code == status, answer.text
    assert answer.json().get("code", "") == ("own-work" if status == 403 else "")
