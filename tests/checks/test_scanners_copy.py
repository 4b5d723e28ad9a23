"""Scanners get the files of a connector such that nobody can switch them off."""

from pathlib import Path

from connectory.checks.scanners import copying
from connectory.checks.subject import Subject

TERRAFORM = b"""\
#checkov:skip=CKV_AWS_24: we know
resource "x" "y" { # Trivy:ignore:* tfsec:ignore:*
}
"""
OTHERS = (".gitleaksignore", ".checkov.yaml", "deep/.trivyignore", "trivy-secret.yaml")


def copied(tmp_path: Path, files: dict[str, bytes]) -> tuple[Subject, Path]:
    for name, content in files.items():
        path = tmp_path / "connector" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (tmp_path / "connector" / ".env").write_text("of its author, not of the connector")
    root = tmp_path / "connector"
    subject = Subject(b"id: x\n", "manifest.yaml", "here", root, frozenset(files))
    copying.copy(subject, tmp_path / "copy")
    return subject, tmp_path / "copy"


def test_words_that_hide_findings_are_broken_and_lines_stay(tmp_path: Path) -> None:
    _, copy = copied(tmp_path, {"main.tf": TERRAFORM, "image.tar": b"\0trivy:ignore:x"})

    text = (copy / "main.tf").read_bytes()
    assert b"checkov:skip" not in text
    assert b"ignore" in text
    assert b":ignore:*" not in text.replace(b"_ignore:*", b"")
    assert len(text) == len(TERRAFORM)
    assert (copy / "image.tar").read_bytes() == b"\0trivy:ignore:x"


def test_settings_of_scanners_have_another_name_and_are_looked_through(tmp_path: Path) -> None:
    subject, copy = copied(tmp_path, dict.fromkeys(OTHERS, b"a: b\n"))

    made = {str(one.relative_to(copy)) for one in copy.rglob("*") if one.is_file()}
    assert made == {"manifest.yaml", *(f"{name}.txt" for name in OTHERS)}
    for name in OTHERS:
        assert copying.original(subject, str(copy / f"{name}.txt"), copy) == f"here/{name}"


def test_a_place_that_is_no_file_of_the_connector_is_none(tmp_path: Path) -> None:
    subject, copy = copied(tmp_path, {"requirements.lock": b"", "notes.txt": b""})
    places = ("requirements.lock.txt", "/notes.txt", "notes", "../.env", ".", "", ".env")

    found = [copying.original(subject, one, copy) for one in places]

    assert found == ["here/requirements.lock", "here/notes.txt", *[None] * 5]
