"""sbom: what a version is made of, as decisions are bound to it."""

import json
from pathlib import Path

from connectory.kernel.digest import digest_of
from marketplaces import wait_until

VERSION = "bizops/slack-alerts@1.0.0"


def test_the_bill_goes_to_the_output_byte_for_byte(cli) -> None:
    wait_until(lambda: cli("sbom", VERSION).code == 0)
    done = cli("sbom", VERSION)

    assert (done.code, done.err) == (0, "")
    assert json.loads(done.out)["bomFormat"] == "CycloneDX"
    assert done.out[-1] == "}"


def test_the_bill_is_written_to_a_file_and_told_by_its_digest(cli, tmp_path: Path) -> None:
    wait_until(lambda: cli("sbom", VERSION).code == 0)
    file = tmp_path / "sbom.cdx.json"
    told, done = (cli("sbom", VERSION, "-o", str(file), *more) for more in ([], ["--json"]))

    assert done.json["digest"] == digest_of(file.read_bytes())
    assert done.json["version"] == VERSION
    assert digest_of(file.read_bytes()) in told.out


def test_it_asks_for_nothing(offline) -> None:
    assert offline("sbom", VERSION, closed=True).code == 7


def test_a_version_that_is_not_there_is_named(cli) -> None:
    done = cli("sbom", "bizops/slack-alerts@9.9.9")

    assert done.code == 3
    assert "9.9.9" in done.err
