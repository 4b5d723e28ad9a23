"""The pages of reviews: the queue, and one review from its delta to its decision."""

import re
from html import unescape

import pytest
from httpx2 import Response

from connectory.access import accounts
from connectory.access.rules import Reviewer
from forms import Form, Forms
from marketplaces import Marketplace
from payloads import MARKDOWN, TEXTS
from releases import STARTERS, files_of, packed_with
from reviewing import PEOPLE, examine, review_of, sign, staff, status_of, submit

MORE = {"[slack.com, ": "[slack.com, api.dir.example, "}


@pytest.fixture
def shop(marketplace: Marketplace) -> Marketplace:
    """A marketplace with one reviewer of each kind."""
    staff(marketplace)
    return marketplace


def page_of(shop: Marketplace, path: str, who: str = "sam") -> str:
    answer = shop.client.get(path, headers=shop.as_(who))
    assert answer.status_code == 200, answer.text
    return answer.text


def test_the_queue_names_what_waits_for_whom(shop: Marketplace) -> None:
    review = submit(shop, "1.4.0")
    page = page_of(shop, "/reviews")

    assert f'href="/reviews/{review["id"]}">bizops/crm-to-slack-v1 1.4.0</a>' in page
    assert "architect, security, ops" in page


def test_the_queue_can_be_narrowed_to_what_one_can_sign(shop: Marketplace) -> None:
    review = submit(shop, "1.4.0")
    address = f'href="/reviews/{review["id"]}"'

    assert address in page_of(shop, "/reviews?mine=true")
    assert address not in page_of(shop, "/reviews?mine=true", "max")
    assert "Nothing waits for you" in page_of(shop, "/reviews?mine=true", "max")
    assert address not in page_of(shop, "/reviews?role=security&age=overdue")
    assert "No review matches" in page_of(shop, "/reviews?state=approved")


def test_the_navigation_counts_for_reviewers_alone(shop: Marketplace) -> None:
    before = page_of(shop, "/")
    submit(shop, "1.4.0")

    assert 'href="/reviews?mine=true"' in before
    assert "for you" not in before
    assert re.search(r'class="count">1<span class="hidden-text"> for you', page_of(shop, "/"))
    assert "for you" not in page_of(shop, "/", "max")
    assert 'data-go="v"' not in shop.client.get("/").text


def forms_of(shop: Marketplace, path: str, who: str) -> dict[str, Form]:
    found = Forms()
    found.feed(page_of(shop, path, who))
    return {form.action: form for form in found.found}


def send(shop: Marketplace, form: Form, who: str, **entered: str) -> Response:
    """Send a form of a page as a browser without script does."""
    return shop.client.post(
        form.action,
        data={**form.values, **entered},
        headers=shop.as_(who),
        follow_redirects=False,
    )


def test_a_review_shows_first_what_grew_and_who_answers(shop: Marketplace) -> None:
    sign(shop, submit(shop, "1.4.0"))
    page = page_of(shop, f"/reviews/{submit(shop, '1.4.1', MORE)['id']}")

    grown, _, rest = page.partition('id="checks"')
    assert "New since 1.4.0" in grown
    assert re.search(r"api\.dir\.example</span>\s*<span[^>]*>security answers", grown)
    assert "Carried over" in rest
    assert '<span data-sign="+">+version: 1.4.1' in rest
    assert '<span data-sign="-">-version: 1.4.0' in rest


def test_the_forms_of_all_roles_approve_a_version(shop: Marketplace) -> None:
    review = submit(shop, "1.4.0")
    page = f"/reviews/{review['id']}"
    for who in PEOPLE:
        if PEOPLE[who] not in review["missing"]:
            continue
        form = forms_of(shop, page, who)[f"{page}/decisions"]
        answer = send(shop, form, who, decision="approve")
        assert (answer.status_code, answer.headers["Location"]) == (303, page)

    after = page_of(shop, page)
    assert status_of(shop, "1.4.0") == "approved"
    assert "This version is approved" in after
    assert f'action="{page}/decisions"' not in after
    assert f'action="{page}/comments"' not in after


def test_a_decision_about_other_bytes_is_refused_and_kept(shop: Marketplace) -> None:
    page = f"/reviews/{submit(shop, '1.4.0')['id']}"
    form = forms_of(shop, page, "sam")[f"{page}/decisions"]
    entered = {"digest": "sha256:00", "decision": "approve", "comment": "scopes are minimal"}
    answer = send(shop, form, "sam", **entered)

    assert answer.status_code == 409
    assert "the decision names another digest" in answer.text
    assert "scopes are minimal</textarea>" in answer.text
    assert re.search('value="approve" required checked', answer.text)
    assert status_of(shop, "1.4.0") == "review"


def test_a_decision_against_a_version_says_why(shop: Marketplace) -> None:
    page = f"/reviews/{submit(shop, '1.4.0')['id']}"
    form = forms_of(shop, page, "sam")[f"{page}/decisions"]
    silent = send(shop, form, "sam", decision="request-changes")
    told = send(
        shop, form, "sam", decision="request-changes", comment="Too wide.\r\nNarrow it."
    )

    assert (silent.status_code, told.status_code) == (422, 303)
    assert "The author has to know why" in silent.text
    author = page_of(shop, page, "ana")
    assert "Too wide.\nNarrow it." in author
    assert "Publish a new version" in author


def test_who_may_not_decide_has_no_form_and_is_refused(shop: Marketplace) -> None:
    page = f"/reviews/{submit(shop, '1.4.0')['id']}"
    form = forms_of(shop, page, "sam")[f"{page}/decisions"]

    assert f"{page}/decisions" not in forms_of(shop, page, "max")
    assert send(shop, form, "max", decision="approve").status_code == 403
    assert shop.client.get(page).status_code == 401


def test_security_vetoes_by_the_form_and_nobody_else(shop: Marketplace) -> None:
    page = f"/reviews/{submit(shop, '1.4.0')['id']}"
    form = forms_of(shop, page, "sam")[f"{page}/decisions"]

    assert 'value="veto"' not in page_of(shop, page, "olu")
    assert send(shop, form, "olu", decision="veto", comment="no").status_code == 403
    vetoed = send(shop, form, "sam", decision="veto", comment="it sends leads to a stranger")
    assert vetoed.status_code == 303
    assert status_of(shop, "1.4.0") == "quarantined"


def test_who_decides_for_somebody_has_the_form_and_is_shown_so(shop: Marketplace) -> None:
    given = {"to": "max", "role": "ops", "days": 3}
    made = shop.client.post("/api/v1/delegations", json=given, headers=shop.as_("olu"))
    assert made.status_code == 201, made.text
    page = f"/reviews/{submit(shop, '1.4.0')['id']}"
    form = forms_of(shop, page, "max")[f"{page}/decisions"]

    assert send(shop, form, "max", decision="approve").status_code == 303
    assert "<strong>max</strong> for olu, ops" in page_of(shop, page)


def test_an_author_sees_the_place_in_the_queue_and_no_form(shop: Marketplace) -> None:
    with shop.state.works.write() as work:
        accounts.make_reviewer(work, "ana", Reviewer.OPS)
    page = f"/reviews/{submit(shop, '1.4.0')['id']}"

    assert "It is the next in the queue" in page_of(shop, page, "ana")
    assert f"{page}/decisions" not in forms_of(shop, page, "ana")


def test_security_waives_a_check_with_reason_and_end(shop: Marketplace) -> None:
    review = submit(shop, "1.4.0", {"license: Apache-2.0": "license: GPL-3.0-only"})
    page = f"/reviews/{review['id']}"
    form = forms_of(shop, page, "sam")[f"{page}/waivers"]
    waived = send(shop, form, "sam", reason="bought from its author", days="7")

    assert form.values["check"] == "licences"
    assert waived.headers["Location"] == f"{page}#checks"
    assert f"{page}/waivers" not in forms_of(shop, page, "olu")
    assert send(shop, form, "olu", reason="me too", days="7").status_code == 403
    assert "sam waived it: bought from its author" in page_of(shop, page, "olu")
    assert send(shop, form, "sam", reason="", days="91").status_code == 422


def test_what_is_said_in_a_review_does_nothing_but_say_it(shop: Marketplace) -> None:
    page = f"/reviews/{submit(shop, '1.4.0')['id']}"
    form = forms_of(shop, page, "max")[f"{page}/comments"]
    for text in (*MARKDOWN.values(), *TEXTS.values()):
        assert send(shop, form, "max", text=text).status_code == 303
    decision = forms_of(shop, page, "sam")[f"{page}/decisions"]
    send(shop, decision, "sam", decision="reject", comment="\n".join(TEXTS.values()))

    shown = re.sub(r"<script type=\"module\" src=[^>]*>", "", page_of(shop, page))
    assert not re.search(r"<(script|img|iframe|base|meta http|style|svg onload)\b", shown)
    assert "javascript:" not in re.findall(r'href="([^"]*)', shown)
    assert send(shop, form, "max", text=" ").status_code == 422


def test_hidden_characters_of_a_file_and_its_name_are_shown(shop: Marketplace) -> None:
    [package] = STARTERS.glob("crm-to-slack-v1-*.tar.gz")
    manifest = files_of(package)["manifest.yaml"].replace(b"version: 1.3.0", b"version: 1.4.0")
    name, text = "src/pay\u0440al.py", "x = 1  # \u202e tfel\n"
    sent = packed_with(package, {"manifest.yaml": manifest, name: text.encode()})
    shop.client.post("/api/v1/connectors", files=sent, headers=shop.as_("ana"))
    examine(shop)
    page = page_of(shop, f"/reviews/{review_of(shop, '1.4.0')['id']}")

    assert ">U+202E</mark>" in page
    assert "\u202e" not in page
    assert 'title="CYRILLIC SMALL LETTER ER"' in page


def test_the_queue_goes_on_by_pages(shop: Marketplace) -> None:
    for number in range(3):
        submit(shop, f"1.4.{number}")
    first = page_of(shop, "/reviews?limit=2&role=ops")
    [after] = re.findall(r'rel="next" href="([^"]*)"', first)
    second = page_of(shop, unescape(after))

    assert [first.count(f"crm-to-slack-v1 1.4.{n}</a>") for n in range(3)] == [1, 1, 0]
    assert [second.count(f"crm-to-slack-v1 1.4.{n}</a>") for n in range(3)] == [0, 0, 1]
    assert 'href="/reviews?role=ops&amp;limit=2">First page' in second


def test_the_page_of_a_version_leads_to_its_review(shop: Marketplace) -> None:
    review = submit(shop, "1.4.0")
    version = "/c/bizops/crm-to-slack-v1@1.4.0"
    page = page_of(shop, version)

    banner, _, security = page.partition('id="security"')
    assert "waits for the sign-off of architect, security, ops" in banner
    assert f'<a href="/reviews/{review["id"]}">Open its review</a>' in banner
    assert f'<a href="/reviews/{review["id"]}"><span class="hidden-text">Review of' in security
    assert "sam waived it for all connectors: no advisories in these tests" in security
    assert "/reviews/" not in shop.client.get(version).text
