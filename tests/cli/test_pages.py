"""open, docs: addresses of pages, printed where there is no browser."""

import pytest


@pytest.mark.parametrize(
    ("thing", "path"),
    [
        ((), "/"),
        (("op_9DK4X7Q2M0ZA",), "/operations/op_9DK4X7Q2M0ZA"),
        (("crm-to-slack-v1",), "/c/bizops/crm-to-slack-v1@1.3.0"),
        (("bizops/crm-to-slack-v1@1.3.0",), "/c/bizops/crm-to-slack-v1@1.3.0"),
        (("bizops/crm-to-slack-v1",), "/c/bizops/crm-to-slack-v1@1.3.0"),
    ],
)
def test_a_thing_has_its_page(cli, live_server, thing: tuple[str, ...], path: str) -> None:
    assert cli("open", *thing).out.strip() == f"{live_server.url}{path}"


def test_an_unknown_thing_is_not_found(cli) -> None:
    assert cli("open", "nobody/knows").code == 3


def test_docs_have_their_page_and_one_for_each_error(offline) -> None:
    assert offline("docs").out.strip().endswith("/docs")
    assert offline("docs", "bad-url", "--json").json["url"].endswith("/docs/errors/bad-url")


def test_docs_say_what_was_meant(offline) -> None:
    done = offline("docs", "server-unreachabel", closed=True)

    assert offline("docs", "api").out.strip().endswith("/api/docs")
    assert done.code == 3
    assert "did you mean  connectory docs server-unreachable" in done.err


def test_an_instance_has_its_page(cli, live_server, installed: str) -> None:
    opened = cli("open", f"payments/{installed}", account="max")

    assert opened.out.strip() == f"{live_server.url}/t/payments/i/{installed}"
