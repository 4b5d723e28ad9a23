"""Home, curated sets, saved searches, a team's forms and the account page."""

import re

from httpx2 import Response

from connectory.operations import begin, store
from connectory.operations.rules import Done, Recipe, State, Step
from marketplaces import Marketplace
from walks import HTML, OWN, install, on_sqlite, session_of

pytestmark = on_sqlite


def opened(shop: Marketplace, path: str, account: str = "") -> Response:
    headers = {**HTML, **(shop.as_(account) if account else {})}
    return shop.client.get(path, headers=headers)


def sent(shop: Marketplace, path: str, by: str, /, **fields: str) -> Response:
    headers = {**HTML, **OWN, **shop.as_(by)}
    return shop.client.post(path, data=fields, headers=headers, follow_redirects=False)


def curated(shop: Marketplace, *members: str) -> None:
    body = {"title": "Start here", "members": [{"connector": one} for one in members]}
    shop.client.put("/api/v1/sets/start", json=body, headers=shop.as_("admin"))


def test_a_set_shows_on_the_home_page_and_has_one_of_its_own(site: Marketplace) -> None:
    curated(site, "slack-alerts", "crm-to-slack-v1")

    home, page = opened(site, "/").text, opened(site, "/sets/start").text

    assert home.index("slack-alerts") < home.index("crm-to-slack-v1")
    assert "Start here" in home
    assert "/sets/start/edit" not in home
    assert "crm-to-slack-v1" in page


def test_an_admin_orders_a_set_with_buttons(site: Marketplace) -> None:
    sent(site, "/sets", "admin", id="sales", title="For sales")
    sent(site, "/sets/sales/members", "admin", connector="slack-alerts", revision="1")
    sent(site, "/sets/sales/members", "admin", connector="crm-to-slack-v1", revision="2")

    done = sent(
        site,
        "/sets/sales/move",
        "admin",
        connector="bizops/crm-to-slack-v1",
        move="up",
        revision="3",
    )

    found = site.client.get("/api/v1/sets/sales").json()
    assert done.status_code == 303
    assert [one["connector"] for one in found["members"]] == [
        "bizops/crm-to-slack-v1",
        "bizops/slack-alerts",
    ]


def test_a_form_that_saw_an_older_revision_is_refused_and_keeps_its_entries(
    site: Marketplace,
) -> None:
    curated(site, "slack-alerts")
    sent(site, "/sets/start", "admin", title="Changed", revision="1")

    page = sent(site, "/sets/start", "admin", title="My title", why="Mine", revision="1")

    assert page.status_code == 422
    assert "is at revision 2, changed by admin" in page.text
    assert 'value="My title"' in page.text


def test_only_admins_reach_the_forms_of_sets(site: Marketplace) -> None:
    curated(site, "slack-alerts")

    assert opened(site, "/sets/start/edit", "max").status_code == 403
    assert sent(site, "/sets/start/delete", "max", revision="1").status_code == 403
    assert 'action="/sets"' not in opened(site, "/sets", "max").text


def test_what_needs_the_reader_is_on_the_home_page(site: Marketplace) -> None:
    for name in ("slack_bot_token", "crm_api_key"):
        sent(site, "/t/payments/secrets", "max", name=name, value="x")
    assert install(site).status_code == 202

    home = opened(site, "/", "max").text

    assert "Needs you" in home
    assert "payments/leads is being installed" in home
    assert "Your token test expires in" in home
    assert "Needs you" not in opened(site, "/").text


def ended(shop: Marketplace, state: State) -> None:
    """Begin an operation on payments/cake and end it."""
    recipe = Recipe(
        (Step("mix", "Mix", lambda _: Done("")),), finish=lambda *_: None, again=lambda *_: 1
    )
    wish = begin.Wish("bake", "inst_CAKE", "payments/cake", "payments", 1)
    error = {"code": "x", "message": "burnt", "hint": "again"}
    with shop.state.works.write() as work:
        begin.begin(work, wish, recipe)
        held = store.claim(work, "test", shop.state.engine.lease)
        store.end(work, held, state, None if state is State.SUCCEEDED else error)


def test_what_failed_is_told_until_it_is_done_again(marketplace: Marketplace) -> None:
    ended(marketplace, State.UNDONE)
    failed = opened(marketplace, "/", "max").text
    others = opened(marketplace, "/", "bob").text

    ended(marketplace, State.SUCCEEDED)

    assert "The bake of payments/cake failed and was undone" in failed
    assert "payments/cake" not in others
    assert "failed and was undone" not in opened(marketplace, "/", "max").text


def test_first_steps_are_hidden_and_shown_again(marketplace: Marketplace) -> None:
    before = opened(marketplace, "/", "max").text
    sent(marketplace, "/first-steps/hide", "max")

    after, again = opened(marketplace, "/", "max"), opened(marketplace, "/?steps=show", "max")

    assert "First steps</h2>" in before
    assert "First steps</h2>" not in after.text
    assert "First steps</h2>" in again.text


def test_a_search_is_saved_from_its_page_and_found_again(site: Marketplace) -> None:
    page = opened(site, "/connectors?q=slack&tag=alert&page=1", "max").text
    query = re.search(r'name="query" value="([^"]*)"', page)[1].replace("&amp;", "&")

    sent(site, "/searches", "max", title="Alerts", query=query)
    refused = sent(site, "/searches", "max", title="", query=query)

    saved = opened(site, "/searches", "max").text
    assert query == "q=slack&tag=alert"
    assert 'href="/connectors?q=slack&amp;tag=alert"' in saved
    assert "Alerts" in opened(site, "/", "max").text
    assert "Alerts" in opened(site, "/connectors", "max").text
    assert "Alerts" not in opened(site, "/", "kim").text
    assert refused.status_code == 422


def test_a_secret_is_tested_and_deleted_but_not_while_it_is_used(
    marketplace: Marketplace,
) -> None:
    sent(marketplace, "/t/payments/secrets", "max", name="key", value="s3cr3t")

    tested = sent(marketplace, "/t/payments/secrets/test", "max", name="key")
    missing = sent(marketplace, "/t/payments/secrets/test", "max", name="other")
    deleted = sent(marketplace, "/t/payments/secrets/delete", "max", name="key")

    assert "done=read" in tested.headers["location"]
    assert missing.status_code == 422
    assert "done=deleted" in deleted.headers["location"]
    assert "teams/payments/key" not in opened(marketplace, "/t/payments", "max").text


def test_one_default_is_removed_and_the_others_keep_their_kind(
    marketplace: Marketplace,
) -> None:
    path, owner = "/api/v1/teams/payments/defaults", marketplace.as_("kim")
    marketplace.client.put(path, json={"inputs": {"a": 1, "b": "x"}}, headers=owner)

    sent(
        marketplace,
        "/t/payments/defaults",
        "kim",
        environment="dev",
        remove="b",
        **{"inputs.a": "1", "inputs.b": "x"},
    )

    assert marketplace.client.get(path, headers=owner).json()["inputs"] == {"a": 1}


def test_owners_see_the_tokens_that_act_for_the_team_and_end_those_that_publish(
    marketplace: Marketplace,
) -> None:
    body = {"name": "robot", "namespace": "payments"}
    robot = marketplace.client.post(
        "/api/v1/tokens", json=body, headers=marketplace.as_("zoe")
    ).json()

    page = opened(marketplace, "/t/payments", "kim").text
    ended = sent(marketplace, "/t/payments/tokens/revoke", "kim", id=robot["id"])
    foreign = sent(marketplace, "/t/payments/tokens/revoke", "kim", id="tok_nothing")

    assert ">robot" in page
    assert 'id="tokens"' not in opened(marketplace, "/t/payments", "max").text
    assert (ended.status_code, foreign.status_code) == (303, 422)
    assert (
        marketplace.client.get(
            "/api/v1/me", headers={"Authorization": f"Bearer {robot['token']}"}
        ).status_code
        == 401
    )


def test_activity_is_read_kind_by_kind_and_page_by_page(marketplace: Marketplace) -> None:
    for number in range(51):
        sent(marketplace, "/t/payments/secrets", "max", name=f"key{number}", value="x")
    marketplace.follow()

    first = opened(marketplace, "/t/payments?kind=SecretSet", "max").text
    older = re.search(r'href="([^"]+#activity)">Next page', first)[1].replace("&amp;", "&")
    rest = opened(marketplace, older, "max").text

    assert first.count("stored the secret") == 50
    assert rest.count("stored the secret") == 1


def test_other_sessions_end_from_the_account_page(marketplace: Marketplace) -> None:
    here, there = session_of(marketplace, "max"), session_of(marketplace, "max")
    page = marketplace.client.get("/me", headers={**HTML, **here}).text

    marketplace.client.post("/me/sessions/end-others", headers={**OWN, **here})

    assert "this browser" in page
    assert marketplace.client.get("/me", headers={**HTML, **here}).status_code == 200
    assert marketplace.client.get("/me", headers={**HTML, **there}).status_code == 401


def test_a_token_is_made_for_what_is_ticked(marketplace: Marketplace) -> None:
    sent(marketplace, "/me/tokens", "max", name="ci", days="7", scope="publish")

    tokens = marketplace.client.get("/api/v1/tokens", headers=marketplace.as_("max")).json()

    assert next(one for one in tokens["items"] if one["name"] == "ci")["scopes"] == ["publish"]


def test_preferences_are_saved_and_a_wrong_zone_is_named(marketplace: Marketplace) -> None:
    saved = sent(marketplace, "/me/preferences", "max", theme="light", zone="Asia/Tokyo")
    wrong = sent(marketplace, "/me/preferences", "max", theme="light", zone="Tokyo")

    assert saved.status_code == 303
    assert "(Asia/Tokyo)" in opened(marketplace, "/me", "max").text
    assert wrong.status_code == 422
    assert 'value="Tokyo"' in wrong.text
