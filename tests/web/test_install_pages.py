"""Installing and removing with forms alone."""

import re
from html import unescape

import pytest
from httpx2 import Response

from marketplaces import Marketplace

FORM = "/c/bizops/crm-to-slack-v1@1.3.0/install"
WHERE = {"team": "payments", "environment": "dev", "target": "local", "name": "leads"}
PREFILLED = {"prefilled_team": "payments", "prefilled_environment": "dev"}
SECRETS = ("crm_api_key", "slack_bot_token")


@pytest.fixture
def shop(site: Marketplace) -> Marketplace:
    """A marketplace where payments has stored both secrets."""
    for name in SECRETS:
        sent(site, "/t/payments/secrets", name=name, value="sample")
    return site


def opened(site: Marketplace, path: str, account: str = "max") -> Response:
    headers = {"Accept": "text/html", **site.as_(account)}
    return site.client.get(path, headers=headers, follow_redirects=False)


def sent(site: Marketplace, path: str, account: str = "max", **fields: str) -> Response:
    headers = {"Accept": "text/html", **site.as_(account)}
    return site.client.post(path, data=fields, headers=headers, follow_redirects=False)


def previewed(shop: Marketplace, **fields: str) -> Response:
    given = {**WHERE, **PREFILLED, "inputs.slack_channel": "#leads", **fields}
    return sent(shop, FORM, **given)


def hidden(page: Response) -> dict[str, str]:
    """Return the fields of the form that installs the plan."""
    plan = page.text.partition('<input type="hidden" name="plan"')[2].partition("</form>")[0]
    found = re.findall(r'name="([^"]+)" value="([^"]*)"', 'name="plan"' + plan)
    return {name: unescape(value) for name, value in found}


def test_the_form_is_filled_with_what_the_team_brings(shop: Marketplace) -> None:
    page = opened(shop, FORM).text

    assert '<option value="teams/payments/crm_api_key" selected' in page
    assert "https://slack.com/api/" in page
    assert "connector default" in page
    assert 'name="inputs.slack_channel"' in page


def test_a_preview_shows_the_plan_and_changes_nothing(shop: Marketplace) -> None:
    page = previewed(shop)

    assert page.status_code == 200
    assert "Plan for payments/leads" in page.text
    assert "Install to payments" in page.text
    assert "No instances yet" in opened(shop, "/t/payments").text


def test_only_what_was_changed_is_called_yours(shop: Marketplace) -> None:
    page = previewed(shop, **{"inputs.slack_api_url": "https://slack.com/api/"}).text

    plan = page.partition('id="plan"')[2].partition("</section>")[0]
    assert re.search(r"#leads</td><td>\s*<span[^>]*>you", page)
    assert re.search(r"https://slack.com/api/</td><td>\s*<span[^>]*>connector default", page)
    assert plan


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"inputs.slack_channel": ""}, "Slack channel has no value"),
        ({"name": "No Spaces"}, "cannot be the name of an instance"),
        ({"secrets.crm_api_key": "teams/bizops/crm_api_key"}, "is not a place of this team"),
        ({"environment": "moon"}, "there is no environment"),
    ],
)
def test_a_wrong_entry_is_named_and_every_entry_is_kept(
    shop: Marketplace, wrong: dict[str, str], message: str
) -> None:
    page = previewed(shop, **{"name": "leads-2", **wrong})

    assert page.status_code == 422
    assert message.lower() in unescape(re.sub("</?code>", "", page.text)).lower()
    assert "Install to payments" not in page.text
    assert f'value="{wrong.get("name", "leads-2")}"' in page.text


def test_a_summary_leads_to_the_field(shop: Marketplace) -> None:
    page = previewed(shop, **{"inputs.slack_channel": ""}).text

    assert '<a href="#f-inputs-slack-channel">' in page
    assert re.search(r'id="f-inputs-slack-channel"[^>]*aria-invalid="true"', page)


def test_a_plan_is_installed_by_its_button(shop: Marketplace) -> None:
    plan = hidden(previewed(shop))

    answer = sent(shop, FORM, **plan)

    assert answer.status_code == 303
    assert re.match(r"/operations/op_", answer.headers["location"])
    operation = opened(shop, answer.headers["location"]).text
    assert "Install leads to payments" in operation
    assert 'http-equiv="refresh"' in operation
    assert 'href="/t/payments/i/leads"' in opened(shop, "/t/payments").text


def test_a_plan_that_no_longer_holds_is_shown_again_with_its_entries(
    shop: Marketplace,
) -> None:
    plan = hidden(previewed(shop))
    sent(shop, "/t/payments/secrets", name="slack_bot_token", value="changed")
    defaults = {"environment": "dev", "inputs.crm_api_url": "https://crm.example.com"}
    sent(shop, "/t/payments/defaults", "kim", **defaults)

    page = sent(shop, FORM, **plan)

    assert page.status_code == 422
    assert "can no longer be installed" in page.text
    assert "https://crm.example.com" in page.text
    assert hidden(page)["inputs.slack_channel"] == "#leads"


def test_nobody_installs_for_a_team_of_others(shop: Marketplace) -> None:
    foreign = sent(shop, FORM, "bob", **WHERE)
    viewer = opened(shop, f"{FORM}?team=bizops", "vic")

    assert foreign.status_code == 404
    assert viewer.status_code == 403


def test_who_is_in_no_team_is_told_whom_to_ask(shop: Marketplace) -> None:
    page = opened(shop, FORM, "zoe")

    assert page.status_code == 403
    assert "ask an owner of a team" in page.text.lower()


def test_a_removal_asks_for_the_name(shop: Marketplace) -> None:
    sent(shop, FORM, **hidden(previewed(shop)))

    refused = sent(shop, "/t/payments/i/leads/remove", confirm="lead")

    assert refused.status_code == 422
    assert "“lead” is not the name of this instance" in refused.text
    assert 'value="lead"' in refused.text


def test_a_removal_waits_for_the_install_that_is_at_work(shop: Marketplace) -> None:
    sent(shop, FORM, **hidden(previewed(shop)))

    refused = sent(shop, "/t/payments/i/leads/remove", confirm="leads")

    assert refused.status_code == 422
    assert "is at work on payments/leads" in refused.text


def test_an_instance_that_is_being_installed_has_a_page(shop: Marketplace) -> None:
    sent(shop, FORM, **hidden(previewed(shop)))

    page = opened(shop, "/t/payments/i/leads").text

    assert "Installing" in page
    assert "/hooks/payments/leads/lead" in page
    assert "Remove</a>" not in page


def test_operations_are_listed_for_their_team(shop: Marketplace) -> None:
    sent(shop, FORM, **hidden(previewed(shop)))

    own, other = opened(shop, "/operations").text, opened(shop, "/operations", "bob").text

    assert "payments/leads" in own
    assert "No operations yet" in other
    assert "No operation matches" in opened(shop, "/operations?state=failed").text
