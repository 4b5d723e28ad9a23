"""Publishing with forms alone: steps, drafts, review, uploads."""

import io
import re
from html import unescape
from pathlib import Path

import pytest

from connectory.gates import archive
from connectory.manifest import loader
from connectory.manifest.asking import questions
from connectory.publishing.rules import MOST_DRAFTS
from connectory.publishing.wizard import STEPS
from connectory.scaffold.files import TEMPLATES, Wish, files_of
from forms import Reader
from marketplaces import Marketplace
from walks import HTML, OWN, session_of

SLACK = "webhook-to-slack"
BRIEF = (Path(__file__).parents[1] / "manifest/examples/brief.yaml").read_text()
WHAT = {"id": "ship-alerts", "name": "Ship alerts", "description": "Tells what left"}


def reader(market: Marketplace, account: str = "ana") -> Reader:
    """Give somebody a browser with a session."""
    headers = {**session_of(market, account), **OWN, **HTML}

    def send(method: str, path: str, **more: object) -> object:
        return market.client.request(
            method, path, headers=headers, follow_redirects=False, **more
        )

    return Reader(send)


def begun(market: Marketplace, template: str = "", account: str = "ana") -> Reader:
    """Open the first step of a new draft."""
    browser = reader(market, account)
    browser.open("/new")
    browser.submit("/new", template=template or "manifest")
    return browser


def reviewed(market: Marketplace, template: str = SLACK, **what: str) -> Reader:
    """Fill in what is needed and go through all steps to the review."""
    browser = begun(market, template)
    browser.submit(button="next", **{**WHAT, **what})
    for step in STEPS[1:]:
        kind = {"runtime__type": "serverless"} if step.slug == "when" and not template else {}
        browser.submit(button="next", **kind)
    return browser


def text_of(browser: Reader) -> str:
    assert browser.page is not None
    return unescape(re.sub(r"</?code>", "", browser.page.text))


def draft_of(browser: Reader) -> str:
    return browser.path.split("/")[2]


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_template_and_three_answers_are_a_connector(
    marketplace: Marketplace, template: str
) -> None:
    browser = reviewed(marketplace, template)

    assert browser.path.endswith("/review")
    published = browser.submit(browser.path.replace("review", "publish"))

    assert browser.path == "/c/bizops/ship-alerts@0.1.0"
    assert "Ship alerts" in published.text
    version = "/api/v1/connectors/bizops/ship-alerts/versions/0.1.0"
    known = marketplace.client.get(version, headers=marketplace.as_("ana")).json()
    assert known["package_digest"]
    assert known["manifest"]["runtime"]["entrypoint"] == "ship_alerts"
    assert "No drafts" in browser.open("/new").text


def test_a_connector_may_ask_for_less_than_its_template(marketplace: Marketplace) -> None:
    browser = begun(marketplace, SLACK)
    browser.submit(button="next", **WHAT)
    less = {"runtime__resources__memory": "64M", "runtime__resources__cpu": "100m"}
    browser.submit(button="next", **less, runtime__timeout="5s")
    browser.open(f"/new/{draft_of(browser)}/review")

    browser.submit(browser.path.replace("review", "publish"))

    assert browser.path == "/c/bizops/ship-alerts@0.1.0"


def test_a_manifest_alone_is_published_without_a_package(marketplace: Marketplace) -> None:
    browser = reviewed(marketplace, "")

    browser.submit(browser.path.replace("review", "publish"))

    version = "/api/v1/connectors/bizops/ship-alerts/versions/0.1.0"
    known = marketplace.client.get(version, headers=marketplace.as_("ana")).json()
    assert (known["package_digest"], known["owner"]) == (None, "ana")


def test_every_field_of_the_manifest_that_a_step_asks_for_is_on_its_page(
    marketplace: Marketplace,
) -> None:
    browser = begun(marketplace)

    for step in STEPS:
        page = browser.open(f"/new/{draft_of(browser)}/{step.slug}").text
        for key in step.keys:
            assert f'name="{key}' in page or f'value="add:{key}' in page, key
            words = unescape(re.sub("</?code>", "", page))
            assert questions()[key].description.replace("`", "") in words


def test_a_wrong_answer_is_named_at_its_field_and_saved(marketplace: Marketplace) -> None:
    browser = begun(marketplace)

    page = browser.submit(button="next", **{**WHAT, "id": "Ship Alerts", "version": "1.0"})

    assert page.status_code == 422
    assert '<a href="#f-id">' in page.text
    assert 'id="f-version" name="version" required aria-invalid="true"' in page.text
    assert "Write 1.0.0" in page.text
    again = browser.open(f"/new/{draft_of(browser)}/what").text
    assert 'value="Ship Alerts"' in again
    assert "to put right" not in again


def test_a_draft_goes_on_where_something_is_open(marketplace: Marketplace) -> None:
    browser = begun(marketplace)
    browser.submit(button="next", **WHAT)

    browser.open(f"/new/{draft_of(browser)}")

    assert browser.path.endswith("/when?check=true")
    assert "runtime is missing" in text_of(browser)


def test_entries_of_a_list_are_added_and_taken_away(marketplace: Marketplace) -> None:
    browser = begun(marketplace, SLACK)
    draft = draft_of(browser)
    browser.open(f"/new/{draft}/needs")

    browser.submit(button="add:inputs")
    browser.submit(button="save", inputs__2__name="greeting", inputs__2__schema="type: string")
    assert 'value="greeting"' in browser.open(f"/new/{draft}/needs").text

    browser.submit(button="remove:inputs.2")
    page = browser.open(f"/new/{draft}/needs").text
    assert "greeting" not in page
    assert 'value="slack_channel"' in page


def test_what_the_code_of_a_template_needs_cannot_be_taken_away(
    marketplace: Marketplace,
) -> None:
    browser = begun(marketplace, SLACK)
    browser.submit(button="next", **WHAT)
    browser.open(f"/new/{draft_of(browser)}/needs")

    browser.submit(button="remove:secrets.0")
    browser.open(f"/new/{draft_of(browser)}/review")

    assert "needs the secret slack_bot_token" in text_of(browser)
    assert "/publish" not in browser.page.text


def test_the_fields_that_no_step_asks_for_stay_as_they_were(marketplace: Marketplace) -> None:
    browser = reviewed(marketplace)

    answer = browser.open(browser.path.replace("review", "manifest.yaml"))

    given = loader.load(answer.content).normal
    template = loader.load(
        files_of(Wish("ship-alerts", SLACK, "ana", "bizops"))["manifest.yaml"]
    )
    assert answer.headers["content-disposition"] == 'attachment; filename="manifest.yaml"'
    changed = {key for key in given if given[key] != template.normal.get(key)}
    assert changed == {"description"}


def test_the_project_has_the_code_its_tests_and_this_manifest(
    marketplace: Marketplace, tmp_path: Path
) -> None:
    browser = reviewed(marketplace)
    manifest = browser.open(browser.path.replace("review", "manifest.yaml")).content

    answer = browser.open(browser.path.replace("manifest.yaml", "project.tar.gz"))

    file = tmp_path / "project.tar.gz"
    file.write_bytes(answer.content)
    names = {member.name for member in archive.members(file)}
    assert {
        "ship-alerts/tests/test_connector.py",
        "ship-alerts/src/ship_alerts/slack.py",
    } < names
    assert archive.read(file, "ship-alerts/manifest.yaml") == manifest


def test_while_it_is_filled_in_it_is_checked_and_not_saved(marketplace: Marketplace) -> None:
    browser = begun(marketplace)
    path = f"/new/{draft_of(browser)}/what"

    answer = browser.send("POST", f"{path}/check", data={**WHAT, "version": "1.0"})

    assert answer.json()["errors"].keys() == {"f-version"}
    assert "Ship alerts" not in browser.open(path).text


def test_something_like_a_secret_is_not_saved(marketplace: Marketplace) -> None:
    browser = begun(marketplace)
    token = "xoxb-" + "1234567890-abcdefghij"

    page = browser.submit(button="next", **{**WHAT, "description": f"uses {token}"})

    assert page.status_code == 422
    assert "looks like the value of a secret" in page.text
    assert token not in browser.open(f"/new/{draft_of(browser)}/manifest.yaml").text
    path = f"/new/{draft_of(browser)}/what/check"
    checked = browser.send("POST", path, data={"description": token}).json()
    assert "looks like the value of a secret" in checked["said"]


def test_nobody_has_more_drafts_than_the_limit(marketplace: Marketplace) -> None:
    browser = reader(marketplace)
    for _ in range(MOST_DRAFTS):
        browser.open("/new")
        browser.submit("/new", template="manifest")

    browser.open("/new")
    page = browser.submit("/new", template="manifest")

    assert page.status_code == 422
    assert f"{MOST_DRAFTS} drafts, which is the limit" in page.text


def test_a_draft_is_deleted_by_its_button(marketplace: Marketplace) -> None:
    browser = begun(marketplace)
    draft = draft_of(browser)
    browser.open("/new")

    browser.submit(f"/new/{draft}/delete")

    assert "No drafts" in browser.page.text
    assert browser.open(f"/new/{draft}/what").status_code == 404


def test_who_is_in_no_team_may_write_and_not_publish(marketplace: Marketplace) -> None:
    browser = begun(marketplace, "", "zoe")
    browser.submit(button="next", **WHAT)
    browser.submit(button="next", runtime__type="serverless")
    browser.open(f"/new/{draft_of(browser)}/review")

    page = browser.submit(browser.path.replace("review", "publish"))

    assert (page.status_code, "owner of a team" in browser.open("/new").text) == (422, True)
    assert "you do not have exactly one" in page.text


def test_a_version_that_exists_is_said_on_the_review(marketplace: Marketplace) -> None:
    first = reviewed(marketplace)
    first.submit(first.path.replace("review", "publish"))
    browser = reviewed(marketplace, description="Something else")

    page = browser.submit(browser.path.replace("review", "publish"))

    assert page.status_code == 422
    assert "already exists with different contents" in page.text


def test_a_manifest_is_uploaded_and_published(marketplace: Marketplace) -> None:
    browser = reader(marketplace)
    files = {"manifest": ("manifest.yaml", BRIEF), "package": ("", b"")}

    answer = browser.send("POST", "/new/upload", files=files, data={"action": "publish"})

    assert answer.headers["location"] == "/c/bizops/crm-to-slack-v1@1.2.0"


def test_problems_of_an_upload_have_lines_and_the_text_stays(marketplace: Marketplace) -> None:
    browser = reader(marketplace)
    browser.open("/new/upload")

    page = browser.submit(button="publish", text=BRIEF.replace("1.2.0", "1.2"))

    assert page.status_code == 422
    assert "Line 3:" in page.text
    assert "version: 1.2\n" in page.text


def test_a_check_of_an_upload_publishes_nothing(marketplace: Marketplace) -> None:
    browser = reader(marketplace)
    browser.open("/new/upload")

    page = browser.submit(button="check", text=BRIEF)

    assert (page.status_code, "is a claim of the author" in page.text) == (200, True)
    assert browser.open("/c/bizops/crm-to-slack-v1").status_code == 404


def test_an_upload_takes_a_package(marketplace: Marketplace) -> None:
    browser = reader(marketplace)
    files = files_of(Wish("ship-alerts", SLACK, "ana", "bizops"))
    packed = io.BytesIO()
    archive.pack({n: c for n, c in files.items() if not n.startswith((".", "tests"))}, packed)
    parts = {
        "manifest": ("manifest.yaml", files["manifest.yaml"]),
        "package": ("package.tar.gz", packed.getvalue()),
    }

    answer = browser.send("POST", "/new/upload", files=parts)

    assert answer.headers["location"] == "/c/bizops/ship-alerts@0.1.0"


@pytest.mark.parametrize("path", ["/new/upload", "/c/bizops/crm-to-slack-v1/new-version"])
def test_a_package_may_be_larger_than_other_bodies(marketplace: Marketplace, path: str) -> None:
    browser = reader(marketplace)
    browser.send("POST", "/new/upload", data={"text": BRIEF})
    files = {"package": ("package.tar.gz", b"x" * 1_500_000)}

    page = browser.send("POST", path, files=files, data={"text": BRIEF})

    assert page.status_code == 422
    assert "gzip" in page.text


def test_a_new_version_begins_with_the_newest_one_raised(marketplace: Marketplace) -> None:
    browser = reader(marketplace)
    browser.send("POST", "/new/upload", data={"text": BRIEF})

    page = browser.open("/c/bizops/crm-to-slack-v1/new-version?part=minor")
    assert "version: 1.3.0" in page.text
    assert unescape(page.text).count("allowed_regions") == 1
    browser.submit(button="publish")

    assert browser.path == "/c/bizops/crm-to-slack-v1@1.3.0"
