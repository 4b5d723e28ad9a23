"""What an image has installed, read from the lists that its package managers keep."""

import email.parser
import re
from collections.abc import Iterator
from email.message import Message

from connectory.advisories.rules import Package
from connectory.checks.image_files import APK, DPKG, DPKG_PARTS, METADATA, RELEASES, Files
from connectory.checks.layout import normal

SOURCE = re.compile(r"(\S+)(?: \((\S+)\))?")
SAID = re.compile(r"""(?m)^(\w+)=["']?([^"'\n]*)""")
FIELD = re.compile(r"(?m)^([A-Za-z]):(.*)$")
INSTALLED = "ok installed"


def packages(files: Files) -> Iterator[Package]:
    """Give the packages of Debian, Alpine and Python, named as OSV names them."""
    said = release(files)
    for name, raw in files.kept.items():
        text = raw.decode("utf-8", "replace")
        if name == DPKG or name.startswith(f"{DPKG_PARTS}/"):
            yield from _of_debian(text, said)
        elif name in APK:
            yield from _of_alpine(text, said)
        elif name.endswith(METADATA):
            headers = _headers(text)
            yield Package("PyPI", normal(str(headers["Name"])), str(headers["Version"]))


def release(files: Files) -> dict[str, str]:
    """Return what the system says of itself: `ID`, `VERSION_ID`; empty if nothing."""
    raw = next((files.kept[name] for name in RELEASES if name in files.kept), b"")
    return dict(SAID.findall(raw.decode("utf-8", "replace")))


def has_list(files: Files) -> bool:
    """Whether there is a list of what the system has installed."""
    return any(name in {DPKG, *APK} or name.startswith(DPKG_PARTS) for name in files.kept)


def _of_debian(text: str, said: dict[str, str]) -> Iterator[Package]:
    """Give source packages: Debian's advisories are about those."""
    name = {"debian": "Debian", "ubuntu": "Ubuntu"}.get(said.get("ID", ""), "dpkg")
    ecosystem = f"{name}:{said.get('VERSION_ID', '')}"
    for paragraph in re.split(r"\n\s*\n", text):
        headers = _headers(paragraph.strip())
        if headers["Package"] and INSTALLED in str(headers["Status"] or INSTALLED):
            source, version = SOURCE.findall(str(headers["Source"] or headers["Package"]))[0]
            yield Package(ecosystem, source, version or str(headers["Version"]))


def _of_alpine(text: str, said: dict[str, str]) -> Iterator[Package]:
    number = ".".join(said.get("VERSION_ID", "").split(".")[:2])
    for paragraph in re.split(r"\n\s*\n", text):
        fields = dict(FIELD.findall(paragraph))
        if "P" in fields:
            name, version = fields.get("o") or fields["P"], fields.get("V") or ""
            yield Package(f"Alpine:v{number}", str(name), str(version))


def _headers(text: str) -> Message:
    return email.parser.HeaderParser().parsestr(text)
