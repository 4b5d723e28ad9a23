"""The files of a connector as scanners get them: a copy in which nobody can switch them off.

Authors could tell scanners to look away, by files of settings and by words in comments. In the
copy such files have another name, and such words are broken; places stay the same.
"""

import re
from pathlib import Path

from connectory.checks.subject import Subject
from connectory.scaffold.layout import LOCK, MANIFEST

RENAMED = ".txt"
PYTHON_LOCK = rf"{re.escape(LOCK)}\{RENAMED}$"
"""What a lock of Python is called in the copy: scanners know it by this ending only."""
SETTINGS = re.compile(
    r"\.?(?:trivy|checkov|gitleaks|betterleaks|hadolint|grype|syft|tfsec)[\w.-]*", re.IGNORECASE
)
SWITCH = re.compile(rb"(?i)\b(trivy|tfsec|checkov|bridgecrew|cortex):(?=\s*(?:ignore|skip))")
SNIFFED = 8_000  # bytes in which a NUL tells that a file is no text


def copy(subject: Subject, folder: Path) -> None:
    """Copy what belongs to a connector, the manifest too."""
    for name in subject.names - {MANIFEST}:
        _write(folder / copied_as(name), subject.read(name) or b"")
    _write(folder / MANIFEST, subject.manifest)


def copied_as(name: str) -> str:
    """Return the name that a file has in the copy."""
    last = name.rpartition("/")[2]
    return name + RENAMED if last == LOCK or SETTINGS.fullmatch(last) else name


def original(subject: Subject, place: str, folder: Path) -> str | None:
    """Return the file of a connector that a scanner means, None if it means none of them."""
    path = place.removeprefix(str(folder)).removeprefix("./").lstrip("/")
    for name in (path, path.removesuffix(RENAMED)):
        if name == MANIFEST:
            return subject.manifest_file
        if name in subject.names and copied_as(name) == path:
            return subject.named(name)
    return None


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    is_text = b"\0" not in content[:SNIFFED]
    path.write_bytes(SWITCH.sub(rb"\1_", content) if is_text else content)
