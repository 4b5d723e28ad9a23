"""Pulling a repository: what changed is published, each folder on its own, and all is told."""

from datetime import timedelta
from pathlib import Path

import pytest

from connectory.catalog import read as catalog
from connectory.catalog.rules import Name
from connectory.cli.bundle import read_source
from connectory.cli.packing import completed
from connectory.kernel.digest import digest_of
from connectory.scaffold import files
from connectory.scaffold.files import Wish
from connectory.sources import store
from connectory.sources.rules import MOST_SYNCS, Source, Sync, SyncState, accounts_of
from connectory.sources.syncing import Syncer
from marketplaces import Marketplace
from pulled import SOURCES, Pulled, manifest, pulled

HOST = "connectors"


class Dying(Syncer):
    """Dies after its second version is published and before that is noted."""

    def _keep(self, source: Source, held: Sync, *rest: object) -> None:
        with self.works.read() as work:
            if store.entries(work, held.id):
                raise KeyboardInterrupt
        super()._keep(source, held, *rest)


@pytest.fixture
def market(marketplace: Marketplace, tmp_path: Path) -> Pulled:
    return pulled(marketplace, tmp_path)


def test_what_was_merged_is_published_and_what_did_not_change_is_not_looked_at(
    market: Pulled,
) -> None:
    market.repository.commit(
        {f"{HOST}/one/manifest.yaml": manifest("one"), f"{HOST}/one/README.md": b"# One"}
    )

    first = market.sync()
    again = market.outcomes()
    market.repository.commit({f"{HOST}/one/manifest.yaml": manifest("one", "1.1.0")})
    raised = market.sync()

    assert (first["state"], first["counts"]["published"]) == ("done", 1)
    [entry] = first["items"]
    assert (entry["version"], entry["outcome"]) == ("bizops/one@1.0.0", "published")
    assert again == {"one": "unchanged"}
    assert raised["items"][0]["version"] == "bizops/one@1.1.0"
    assert raised["commit"] == market.repository.git("rev-parse", "HEAD")
    told = market.shop.client.get(
        "/api/v1/connectors/bizops/one/versions/1.0.0/readme", headers=market.shop.as_("ana")
    )
    assert told.text == "# One"


def test_a_package_is_the_one_that_the_command_line_makes(market: Pulled) -> None:
    made = files.files_of(Wish("greeter", "blank", "ana@example.com"))
    left_out = {name: raw for name, raw in made.items() if not name.startswith("wheels/")}
    left_out.pop("requirements.lock")
    market.repository.commit({f"{HOST}/greeter/{name}": raw for name, raw in left_out.items()})

    [entry] = market.sync()["items"]

    assert entry["outcome"] == "published", entry
    version = entry["version"].replace("@", "/versions/")
    told = market.shop.client.get(
        f"/api/v1/connectors/{version}", headers=market.shop.as_("ana")
    ).json()
    package = completed(read_source(market.repository.path / HOST / "greeter")).package
    assert told["package_digest"] == digest_of(package or b"")


def test_a_connector_that_is_refused_says_why_and_does_not_stop_the_others(
    market: Pulled,
) -> None:
    market.repository.commit(
        {
            f"{HOST}/bad/manifest.yaml": b"id: bad\nid: worse\n",
            f"{HOST}/good/manifest.yaml": manifest("good"),
            f"{HOST}/kept/manifest.yaml": manifest("kept"),
            f"{HOST}/notes/README.md": b"no connector",
            f"{HOST}/big/.gitattributes": b"*.bin filter=lfs\n",
            f"{HOST}/big/manifest.yaml": manifest("big"),
            f"{HOST}/other/manifest.yaml": manifest("other", more="namespace: payments\n"),
            f"{HOST}/.github/manifest.yaml": manifest("hidden"),
            "manifest.yaml": manifest("outside"),
        }
    )
    market.sync()
    market.repository.commit({f"{HOST}/kept/manifest.yaml": manifest("kept", more="# x\n")})

    items = {one["folder"].rpartition("/")[2]: one for one in market.sync()["items"]}

    assert {name: one["outcome"] for name, one in items.items()} == {
        "bad": "refused",
        "big": "refused",
        "good": "unchanged",
        "kept": "refused",
        "notes": "skipped",
        "other": "refused",
    }
    codes = {name: one["error"]["code"] for name, one in items.items() if one["error"]}
    assert codes == {
        "bad": "manifest-refused",
        "big": "repository-refused",
        "kept": "version-exists",
        "other": "not-namespace-member",
    }
    assert "raise `version`" in items["kept"]["error"]["hint"]
    assert any(one.startswith("line 2: ") for one in items["bad"]["problems"])


def test_reprocessing_looks_at_what_has_not_changed_too(market: Pulled) -> None:
    market.repository.commit({f"{HOST}/one/manifest.yaml": manifest("one")})
    market.sync()

    log = market.sync(anew=True)

    assert log["anew"] is True
    assert [one["version"] for one in log["items"]] == ["bizops/one@1.0.0"]
    assert log["counts"]["unchanged"] == 1


def test_who_wrote_a_version_is_kept_with_it(market: Pulled) -> None:
    market.repository.commit({f"{HOST}/one/manifest.yaml": manifest("one")}, by="kim")
    market.sync()
    market.repository.commit({f"{HOST}/one/runbook.md": b"changed"}, by="max")
    market.sync()  # refused: the version is there with other contents
    market.repository.commit({f"{HOST}/one/manifest.yaml": manifest("one", "2.0.0")}, by="bob")

    [entry] = market.sync()["items"]

    assert entry["authors"] == ["bob", "max"]
    with market.shop.state.works.read() as work:
        first = catalog.by_digest(work, Name("bizops", "one"), "1.0.0", digest(market, "1.0.0"))
        assert first is not None
        wrote = catalog.authors(work, first.release)
    assert wrote == {"source/market", "kim", "max"}


def test_addresses_stand_for_the_accounts_of_their_names() -> None:
    found = accounts_of(
        {"Ana@Example.com", "12345+bob@users.noreply.github.com", "no address", "a b@c", "x@"}
    )

    assert found == {"ana", "bob"}


def test_a_repository_that_cannot_be_read_fails_the_sync_and_says_so(market: Pulled) -> None:
    log = market.sync()  # it has no branch yet

    assert log["state"] == "failed"
    assert log["error"]["code"] == "repository-unreachable"
    assert log["error"]["hint"]


def test_asking_again_while_one_waits_is_asking_for_that_one(market: Pulled) -> None:
    first = market.ask().json()

    second = market.ask(anew=True).json()

    assert second["id"] == first["id"]
    assert second["anew"] is True


def test_what_was_asked_for_during_a_sync_waits_for_its_end(market: Pulled) -> None:
    market.repository.commit({f"{HOST}/one/manifest.yaml": manifest("one")})
    works, lease = market.shop.state.works, timedelta(minutes=1)
    running = market.ask().json()["id"]
    with works.write() as work:
        held = store.claim(work, lease)
    waiting = market.ask().json()["id"]

    with works.write() as work:
        none = store.claim(work, lease)
    assert held is not None
    with works.write() as work:
        store.finish(work, held, SyncState.DONE, None)
        next_one = store.claim(work, lease)

    assert (held.id, none) == (running, None)
    assert next_one is not None
    assert next_one.id == waiting != running


def test_a_sync_whose_process_died_goes_on_and_tells_all_that_it_published(
    market: Pulled,
) -> None:
    market.repository.commit(
        {f"{HOST}/{name}/manifest.yaml": manifest(name) for name in ("one", "two", "three")}
    )
    sync = market.ask().json()["id"]
    syncer = market.shop.state.syncer
    dying = Dying(
        syncer.works,
        syncer.secrets,
        syncer.depot,
        syncer.rules,
        timedelta(0),  # so that its lease is over as soon as nobody holds it
        syncer.stopping,
        syncer.refresh,
    )

    with pytest.raises(KeyboardInterrupt):
        dying.turn()
    died = market.log(sync)
    syncer.turn()

    assert died["state"] == "running"
    log = market.log(sync)
    assert (log["state"], log["counts"]) == (
        "done",
        {"published": 2, "unchanged": 1, "refused": 0, "skipped": 0},
    )


def test_a_sync_that_another_process_took_over_changes_nothing_more(market: Pulled) -> None:
    works = market.shop.state.works
    sync = market.ask().json()["id"]
    with works.write() as work:
        lost = store.claim(work, timedelta(0))
    with works.write() as work:
        store.claim(work, timedelta(minutes=1))
    assert lost is not None

    with works.write() as work, pytest.raises(Exception, match="taken over"):
        store.finish(work, lost, SyncState.FAILED, None)

    assert market.log(sync)["state"] == "running"


def test_a_server_that_is_stopped_leaves_the_rest_for_the_next(market: Pulled) -> None:
    market.repository.commit({f"{HOST}/one/manifest.yaml": manifest("one")})
    state = market.shop.state
    sync = market.ask().json()["id"]
    state.stopping.set()
    state.syncer.turn()
    stopped = market.log(sync)["state"]
    state.stopping.clear()

    state.syncer.turn()

    assert (stopped, market.log(sync)["state"]) == ("running", "done")


def test_a_sync_during_which_the_server_dies_again_and_again_ends(market: Pulled) -> None:
    market.repository.commit({f"{HOST}/one/manifest.yaml": manifest("one")})
    works, syncer = market.shop.state.works, market.shop.state.syncer
    sync = market.ask().json()["id"]
    for _ in range(5):
        with works.write() as work:
            store.claim(work, timedelta(seconds=-1))

    syncer.turn()

    assert market.log(sync)["error"]["code"] == "sync-tried-often"


def test_logs_of_the_last_syncs_are_kept(market: Pulled) -> None:
    market.repository.commit({f"{HOST}/one/manifest.yaml": manifest("one")})
    works = market.shop.state.works
    first = market.sync()["id"]
    for _ in range(MOST_SYNCS):
        market.ask()
        with works.write() as work:
            held = store.claim(work, timedelta(minutes=1))
            assert held is not None
            store.finish(work, held, SyncState.DONE, None)

    gone = market.shop.client.get(
        f"{SOURCES}/market/syncs/{first}", headers=market.shop.as_("ana")
    )
    assert (gone.status_code, gone.json()["code"]) == (404, "sync-missing")


def test_the_audit_log_says_who_published_by_which_sync(market: Pulled) -> None:
    market.repository.commit({f"{HOST}/one/manifest.yaml": manifest("one")})
    sync = market.sync()["id"]
    market.shop.follow()

    told = market.shop.client.get(
        "/api/v1/audit?limit=100", headers=market.shop.as_("admin")
    ).json()["items"]

    rows = {one["kind"]: one for one in told}
    assert rows["VersionPublished"]["actor"] == "source/market"
    assert rows["VersionPublished"]["via"] == sync
    assert rows["SyncEnded"]["facts"]["published"] == 1


def digest(market: Pulled, version: str) -> str:
    answer = market.shop.client.get(
        f"/api/v1/connectors/bizops/one/versions/{version}", headers=market.shop.as_("ana")
    )
    return answer.json()["digest"]
