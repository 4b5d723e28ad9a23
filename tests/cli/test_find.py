"""search, show, versions."""


def test_words_find_connectors_with_the_next_step(cli) -> None:
    done = cli("search", "slack")

    assert done.code == 0
    assert "bizops/crm-to-slack-v1  1.3.0    approved" in done.out
    assert "-> connectory show " in done.err


def test_filters_narrow_a_search(cli) -> None:
    found = cli("search", "slack", "--tag", "crm", "--limit", "5", "--json").json

    assert [one["id"] for one in found["items"]] == ["crm-to-slack-v1"]
    assert found["facets"]["tag"]


def test_a_search_without_result_leads_back(cli) -> None:
    done = cli("search", "no-such-thing-anywhere")

    assert done.code == 0
    assert done.out == ""
    assert "there is none" in done.err


def test_a_connector_is_shown_with_its_permissions(cli) -> None:
    done = cli("show", "crm-to-slack-v1")

    assert done.code == 0
    assert "bizops/crm-to-slack-v1 1.3.0" in done.out
    assert "It will be able to\n" in done.out
    assert "It will not\n" in done.out


def test_one_version_of_a_connector_is_shown(cli) -> None:
    shown = cli("show", "crm-to-slack-v1@1.3.0", "--json").json

    assert shown["namespace"] == "bizops"
    assert shown["status"]["effective"] == "approved"


def test_an_unknown_version_is_not_found(cli) -> None:
    assert cli("show", "crm-to-slack-v1@9.9.9").code == 3


def test_versions_are_listed(cli) -> None:
    assert "1.3.0" in cli("versions", "crm-to-slack-v1").out
    assert cli("versions", "bizops/crm-to-slack-v1", "--json").json["items"]


def test_the_catalog_can_be_read_without_a_token(cli) -> None:
    assert cli("search", "slack", CONNECTORY_TOKEN=None).code == 0
