"""Where instances can run, what each place limits, and why one cannot be used."""

from marketplaces import Marketplace


def test_a_target_that_is_not_offered_is_listed_with_the_reason(
    marketplace: Marketplace,
) -> None:
    listed = marketplace.client.get("/api/v1/targets").json()

    local, container = listed["items"]
    assert listed["kinds"] == ["local"]
    assert (local["name"], local["state"], local["is_contained"]) == ("local", "ok", False)
    assert (container["name"], container["is_cpu_limited"]) == ("container", True)
    assert container["state"].startswith("containers are not offered")


def test_a_target_that_is_not_offered_does_not_make_a_server_unready(
    marketplace: Marketplace,
) -> None:
    ready = marketplace.client.get("/readyz")

    assert ready.status_code == 200
    assert "target container" not in ready.json()["parts"]
