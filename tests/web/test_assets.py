"""Static files: one digest for all, kept for ever under it, small."""

import gzip
from pathlib import Path

import pytest

from connectory.web.assets import ASSETS, FOR_EVER, load

SCRIPT_BYTES = 10_000


def test_another_content_has_another_address(tmp_path: Path) -> None:
    (tmp_path / "a.js").write_text("one")
    before = load(tmp_path)

    (tmp_path / "a.js").write_text("two")

    assert load(tmp_path).url("a.js") != before.url("a.js")


def test_the_same_content_has_the_same_address(tmp_path: Path) -> None:
    (tmp_path / "a.js").write_text("one")

    assert load(tmp_path).url("a.js") == load(tmp_path).url("a.js")


def test_a_file_that_is_not_there_is_a_bug_of_the_template() -> None:
    with pytest.raises(KeyError):
        ASSETS.url("no-such-file.css")


def test_only_the_present_digest_is_kept_for_ever() -> None:
    assert ASSETS.caching(ASSETS.digest) == FOR_EVER
    assert ASSETS.caching("0123456789ab") == "no-cache"


def test_tokens_come_first_in_the_one_style_sheet() -> None:
    assert ASSETS.files["connectory.css"].plain.startswith(b"/* Every colour")


def test_scripts_are_small() -> None:
    scripts = [asset for name, asset in ASSETS.files.items() if name.endswith(".js")]

    assert sum(len(gzip.compress(one.plain)) for one in scripts) <= SCRIPT_BYTES


def test_scripts_make_no_html_and_run_no_text() -> None:
    for name, asset in ASSETS.files.items():
        for word in (b"innerHTML", b"outerHTML", b"insertAdjacentHTML", b"eval(", b"Function("):
            assert word not in asset.plain, name
