"""bug: shown before it is saved, and without anything secret or personal."""

import json
import stat
from pathlib import Path


def test_a_report_has_what_a_defect_needs(offline) -> None:
    report = offline("bug", "--json", CONNECTORY_TOKEN_DAYS="7").json

    assert report["packages"]["connectory"] == report["connectory"]
    assert report["settings"] == {"token_days": 7}
    assert "Server" in {one["name"] for one in report["checks"]}


def test_nothing_is_saved_where_nobody_can_look_at_it(offline, tmp_path: Path) -> None:
    done = offline("bug", "--to", str(tmp_path / "report.json"), closed=True)

    assert done.code == 0
    assert "Nothing was saved" in done.err
    assert not (tmp_path / "report.json").exists()


def test_what_is_saved_is_what_was_shown(offline, tmp_path: Path) -> None:
    file = tmp_path / "report.json"

    shown = offline("bug", "--to", str(file), "--yes").out

    assert json.loads(shown) == json.loads(file.read_text())
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_secrets_and_names_are_not_in_it(offline, tmp_path: Path) -> None:
    home, server = tmp_path / "ana", "https://market.corp.invalid"
    told = {
        "HOME": str(home),
        "CONNECTORY_URL": server,
        "CONNECTORY_TOKEN": "cty_very-secret",
        "CONNECTORY_DATABASE": "postgresql+psycopg://me:my-password@db/connectory",
        "CONNECTORY_BASE_URL": server,
    }

    report = offline("bug", **told).out

    assert "(server)" in report
    for secret in ("cty_very-secret", "my-password", "corp.invalid", str(home)):
        assert secret not in report


def test_the_account_is_not_in_it(cli) -> None:
    checks = {one["name"]: one for one in cli("bug", "--json", account="max").json["checks"]}

    assert checks["Signed in"]["detail"] == "(account)"
