"""Policies with forms alone: read by everybody, changed by admins who saw what changes."""

from httpx2 import Response

from forms import Reader
from marketplaces import Marketplace
from releases import publish
from rulebooks import RULE, packed
from walks import HTML, OWN, session_of

PAGE = "/admin/policies"
STRICT = RULE.replace(', "Apache-2.0"', "")


def reader(shop: Marketplace, who: str = "admin") -> Reader:
    headers = {**session_of(shop, who), **OWN, **HTML}

    def send(method: str, path: str, **more: object) -> object:
        return shop.client.request(
            method, path, headers=headers, follow_redirects=False, **more
        )

    return Reader(send)


def upload(browser: Reader, sent: bytes) -> Response:
    return browser.send("POST", PAGE, files={"bundle": ("policies.tar.gz", sent)})


def test_everybody_reads_the_rules_and_only_admins_see_forms(marketplace: Marketplace) -> None:
    seen = marketplace.client.get(PAGE)
    mine = reader(marketplace).open(PAGE)

    assert "Data stays in its regions" in seen.text
    assert ("Upload rules" in seen.text, "Upload rules" in mine.text) == (False, True)
    assert "Only the shipped rules" in mine.text


def test_an_upload_shows_what_changes_before_it_is_activated(marketplace: Marketplace) -> None:
    publish(marketplace, "1.4.0")
    browser = reader(marketplace)
    sent = upload(browser, packed(STRICT))
    page = browser.open(sent.headers["location"])
    done = browser.submit(f"{browser.path}/activate")

    assert "nobody knows the licence Apache-2.0" in page.text
    assert "newly denied" in page.text
    assert "These rules are in force" in done.text
    assert "Licences we know" in done.text


def test_what_fails_its_tests_is_refused_in_place(marketplace: Marketplace) -> None:
    browser = reader(marketplace)
    browser.open(upload(browser, packed(bad="MIT")).headers["location"])

    refused = browser.submit(f"{browser.path}/activate")

    assert refused.status_code == 422
    assert "fixtures/bad/deny.licence.json is not denied by deny" in refused.text


def test_what_does_not_compile_is_refused_in_place(marketplace: Marketplace) -> None:
    refused = upload(reader(marketplace), packed("package rules\ndeny["))

    assert refused.status_code == 422
    assert "Upload rules" in refused.text


def test_others_may_not_upload(marketplace: Marketplace) -> None:
    assert upload(reader(marketplace, "max"), packed()).status_code == 403
