"""Team, account, signing in: forms that change something and go on."""

import re

import pytest
from httpx2 import Response

from connectory.access import signing_in
from connectory.access.gate import COOKIE
from connectory.access.rules import Scope
from marketplaces import Marketplace

OWN = {"Sec-Fetch-Site": "same-origin", "Accept": "text/html"}


def opened(shop: Marketplace, path: str, account: str = "") -> Response:
    headers = {"Accept": "text/html", **(shop.as_(account) if account else {})}
    return shop.client.get(path, headers=headers, follow_redirects=False)


def sent(shop: Marketplace, path: str, by: str = "", /, **fields: str) -> Response:
    headers = {**OWN, **(shop.as_(by) if by else {})}
    return shop.client.post(path, data=fields, headers=headers, follow_redirects=False)


def link(shop: Marketplace, account: str) -> str:
    with shop.state.works.write() as work:
        return signing_in.create_link(work, account).reveal()


def test_a_secret_goes_in_and_never_comes_out(marketplace: Marketplace) -> None:
    answer = sent(marketplace, "/t/payments/secrets", "max", name="key", value="s3cr3t-value")

    page = opened(marketplace, answer.headers["location"], "max").text
    assert answer.status_code == 303
    assert "teams/payments/key" in page
    assert "The secret is stored" in page
    assert "s3cr3t-value" not in page


def test_a_refused_secret_keeps_its_name_and_not_its_value(marketplace: Marketplace) -> None:
    page = sent(marketplace, "/t/payments/secrets", "max", name="NOT OK", value="s3cr3t-value")

    assert page.status_code == 422
    assert 'value="NOT OK"' in page.text
    assert "cannot be the name of a secret" in page.text
    assert "s3cr3t-value" not in page.text


def test_a_member_is_added_and_taken_out(marketplace: Marketplace) -> None:
    sent(marketplace, "/t/payments/members", "kim", account="zoe", role="viewer")
    with_zoe = opened(marketplace, "/t/payments", "kim").text

    sent(marketplace, "/t/payments/members/remove", "kim", account="zoe")

    assert re.search(r'id="role-zoe".*?value="viewer" selected', with_zoe, re.DOTALL)
    assert ">zoe</th>" not in opened(marketplace, "/t/payments", "kim").text


@pytest.mark.parametrize(
    ("path", "fields", "message"),
    [
        ("members", {"account": "nobody-known", "role": "member"}, "nobody-known"),
        ("members/remove", {"account": "kim"}, "owner"),
        ("defaults", {"environment": "moon"}, "there is no environment"),
    ],
)
def test_a_refused_change_says_why_on_the_page(
    marketplace: Marketplace, path: str, fields: dict[str, str], message: str
) -> None:
    page = sent(marketplace, f"/t/payments/{path}", "kim", **fields)

    assert page.status_code == 422
    assert "One thing to put right" in page.text
    assert message in page.text.lower()


def test_defaults_are_saved_and_an_emptied_one_is_forgotten(marketplace: Marketplace) -> None:
    first = {"environment": "prod", "new_name": "slack_channel", "new_value": "#money"}
    sent(marketplace, "/t/payments/defaults", "kim", **first)
    saved = opened(marketplace, "/t/payments?environment=prod", "kim").text

    emptied = {"environment": "prod", "inputs.slack_channel": ""}
    sent(marketplace, "/t/payments/defaults", "kim", **emptied)

    assert 'name="inputs.slack_channel"' in saved
    assert "#money" in saved
    assert "#money" not in opened(marketplace, "/t/payments?environment=prod", "kim").text


def test_a_member_sees_no_form_of_the_owner(marketplace: Marketplace) -> None:
    page = opened(marketplace, "/t/payments", "max").text

    assert 'action="/t/payments/secrets"' in page
    assert 'action="/t/payments/members"' not in page
    assert 'action="/t/payments/defaults" method="post"' not in page


def test_a_team_of_others_is_not_there(marketplace: Marketplace) -> None:
    assert opened(marketplace, "/t/payments", "bob").status_code == 404


def test_what_happened_is_told(marketplace: Marketplace) -> None:
    sent(marketplace, "/t/payments/secrets", "max", name="key", value="x")
    marketplace.follow()

    page = opened(marketplace, "/t/payments", "max").text

    assert "stored the secret" in page


def test_opening_a_sign_in_link_uses_nothing_up(marketplace: Marketplace) -> None:
    key = link(marketplace, "kim")

    opened(marketplace, f"/sign-in?key={key}")
    page = opened(marketplace, f"/sign-in?key={key}")

    assert COOKIE not in page.cookies
    assert f'name="ticket" value="{key}"' in page.text


def test_the_button_signs_in_once_and_goes_back(marketplace: Marketplace) -> None:
    key = link(marketplace, "kim")

    answer = sent(marketplace, "/sign-in", ticket=key, back="/t/payments")
    again = sent(marketplace, "/sign-in", ticket=key)

    assert answer.headers["location"] == "/t/payments"
    assert re.search(
        rf"{COOKIE}=[^;]+; HttpOnly; Max-Age=43200; Path=/; SameSite=lax",
        answer.headers["set-cookie"],
    )
    assert again.status_code == 401
    assert "was used before or has expired" in again.text


@pytest.mark.parametrize("back", ["https://evil.example", "//evil.example", "/\\evil", "x"])
def test_signing_in_never_leads_to_another_site(marketplace: Marketplace, back: str) -> None:
    answer = sent(marketplace, "/sign-in", ticket=link(marketplace, "kim"), back=back)

    assert answer.headers["location"] == "/"


def test_a_token_signs_in_if_it_may_do_everything(marketplace: Marketplace) -> None:
    whole = sent(marketplace, "/sign-in", token=marketplace.token("max"))
    reading = marketplace.token("max", frozenset({Scope.READ}))
    part = sent(marketplace, "/sign-in", token=reading)
    unknown = sent(marketplace, "/sign-in", token="cty_pat_nothing")

    assert (whole.status_code, part.status_code, unknown.status_code) == (303, 401, 401)
    assert "this token cannot be used" in part.text.lower()


def test_signing_out_ends_the_session(marketplace: Marketplace) -> None:
    sent(marketplace, "/sign-in", ticket=link(marketplace, "kim"))
    session = marketplace.client.cookies[COOKIE]

    sent(marketplace, "/sign-out")
    marketplace.client.cookies.set(COOKIE, session)

    assert opened(marketplace, "/me").status_code == 401


def test_another_site_cannot_send_our_forms(marketplace: Marketplace) -> None:
    sent(marketplace, "/sign-in", ticket=link(marketplace, "kim"))

    answer = marketplace.client.post(
        "/t/payments/secrets",
        data={"name": "key", "value": "x"},
        headers={"Accept": "text/html", "Origin": "https://evil.example"},
    )

    assert answer.status_code == 403
    assert "cross-site" in answer.text


def test_a_token_is_shown_once_and_can_be_revoked(marketplace: Marketplace) -> None:
    made = sent(marketplace, "/me/tokens", "max", name="laptop", days="7")
    later = opened(marketplace, "/me", "max").text

    found = re.findall(r'name="id" value="(tok_[^"]+)".*?> laptop<', later, re.DOTALL)
    sent(marketplace, "/me/tokens/revoke", "max", id=found[-1].rpartition('"')[2])

    assert "Copy the token now" in made.text
    assert made.headers["cache-control"] == "no-store"
    assert "Copy the token now" not in later
    assert "> laptop<" not in opened(marketplace, "/me", "max").text


@pytest.mark.parametrize(("name", "days"), [("", "7"), ("laptop", "many"), ("laptop", "9999")])
def test_a_refused_token_keeps_what_was_entered(
    marketplace: Marketplace, name: str, days: str
) -> None:
    page = sent(marketplace, "/me/tokens", "max", name=name, days=days)

    assert page.status_code == 422
    assert f'value="{days}"' in page.text


def test_the_theme_is_kept_without_script_or_account(marketplace: Marketplace) -> None:
    answer = sent(marketplace, "/theme", theme="dark", back="/connectors?q=x")

    assert answer.headers["location"] == "/connectors?q=x"
    assert 'data-theme="dark"' in opened(marketplace, "/connectors").text


def test_an_unknown_theme_changes_nothing(marketplace: Marketplace) -> None:
    assert "set-cookie" not in sent(marketplace, "/theme", theme="pink").headers
