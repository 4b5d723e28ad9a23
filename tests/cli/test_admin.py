"""admin link: back in with nothing but the data directory."""

from pathlib import Path
from urllib.parse import urlsplit

from marketplaces import Marketplace


def test_a_link_signs_in_as_the_admin_once_beside_the_server(
    marketplace: Marketplace, offline
) -> None:
    settings = marketplace.state.settings
    where = {"CONNECTORY_DATABASE": settings.database_url, "CONNECTORY_URL": settings.url}

    done = offline("admin", "link", "--data", str(settings.data), "--json", **where)

    address = urlsplit(done.json["sign_in"])
    pressed = {"ticket": address.query.removeprefix("key=")}
    used = [
        marketplace.client.post(address.path, data=pressed, follow_redirects=False)
        for _ in range(2)
    ]
    marketplace.client.cookies.clear()
    assert [one.status_code for one in used] == [303, 401]
    marketplace.follow()
    log = marketplace.client.get("/api/v1/audit", headers=marketplace.as_("admin")).json()
    assert "AdminLinkMade" in {one["kind"] for one in log["items"]}


def test_a_directory_without_a_marketplace_stays_empty(offline, tmp_path: Path) -> None:
    data = tmp_path / "nothing"
    data.mkdir()

    done = offline("admin", "link", "--data", str(data), closed=True)

    assert (done.code, list(data.iterdir())) == (3, [])
    assert "connectory up" in done.err


def test_tables_of_another_release_are_not_touched(offline, tmp_path: Path) -> None:
    data = tmp_path / "data"
    (data / "keys").mkdir(parents=True)

    assert offline("admin", "link", "--data", str(data)).code == 3


def test_a_dry_run_makes_nothing(offline, tmp_path: Path) -> None:
    done = offline("admin", "link", "--data", str(tmp_path / "none"), "--dry-run", "--json")

    assert (done.code, done.json["dry_run"]) == (0, True)
