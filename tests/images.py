"""Images in the layout of OCI, made by hand: whole, or not what they say."""

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass, field

PASSWD = b"root:x:0:0::/:/bin/sh\napp:x:1000:1000::/:/bin/sh\ntoor:x:0:0::/:/bin/sh\n"
DEBIAN = b'ID=debian\nVERSION_ID="12"\n'
STATUS = b"""\
Package: libssl3
Status: install ok installed
Source: openssl
Version: 3.0.11-1~deb12u2

Package: gone
Status: deinstall ok config-files
Version: 1.0

Package: zlib1g
Status: install ok installed
Source: zlib (1:1.2.13.dfsg-1)
Version: 1:1.2.13.dfsg-1+b1
"""
BASE = {"etc/passwd": PASSWD, "etc/os-release": DEBIAN, "var/lib/dpkg/status": STATUS}
ALPINE = {
    "etc/passwd": PASSWD,
    "etc/os-release": b"ID=alpine\nVERSION_ID=3.20.3\n",
    "lib/apk/db/installed": b"P:libcrypto3\nV:3.3.2-r0\no:openssl\n\nP:musl\nV:1.2.5-r0\n",
}
PYTHON = {"app/lib/jinja2-3.1.5.dist-info/METADATA": b"Name: Jinja2\nVersion: 3.1.5\n"}


@dataclass(frozen=True, slots=True)
class Odd:
    """An entry that is more, or less, than a file with content."""

    content: bytes = b""
    mode: int = 0o644
    type: bytes = tarfile.REGTYPE
    target: str = ""


Files = Mapping[str, bytes | Odd]


def layer(files: Files) -> bytes:
    """Return a layer, not compressed."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name, given in files.items():
            odd = given if isinstance(given, Odd) else Odd(given)
            entry = tarfile.TarInfo(name)
            entry.mode, entry.type, entry.linkname = odd.mode, odd.type, odd.target
            entry.size = len(odd.content)
            tar.addfile(entry, io.BytesIO(odd.content))
    return made.getvalue()


@dataclass(slots=True)
class Layout:
    """An image that is being written; `files` are those of its layout."""

    files: dict[str, bytes] = field(default_factory=dict)

    def blob(self, content: bytes, kind: str = "application/octet-stream") -> dict[str, object]:
        """Put a blob in; return its descriptor."""
        digest = hashlib.sha256(content).hexdigest()
        self.files[f"blobs/sha256/{digest}"] = content
        return {"mediaType": kind, "digest": f"sha256:{digest}", "size": len(content)}

    def index(self, *manifests: dict[str, object]) -> None:
        """Write the index, and what tells that this is a layout."""
        self.files["oci-layout"] = b'{"imageLayoutVersion": "1.0.0"}'
        written = {"schemaVersion": 2, "manifests": list(manifests)}
        self.files["index.json"] = json.dumps(written).encode()


def image(*stack: bytes, user: str = "app", **run: object) -> Layout:
    """Return a layout with one image of these layers, which are gzipped unless they are."""
    layout = Layout()
    config = {"architecture": "amd64", "os": "linux", "config": {"User": user, **run}}
    packed = [
        one if one[:2] == b"\x1f\x8b" else gzip.compress(one, 1, mtime=0) for one in stack
    ]
    kind = "application/vnd.oci.image.layer.v1.tar+gzip"
    manifest = {
        "schemaVersion": 2,
        "config": layout.blob(json.dumps(config).encode()),
        "layers": [layout.blob(one, kind) for one in packed],
    }
    layout.index(layout.blob(json.dumps(manifest).encode()))
    return layout


def in_tar(layout: Layout) -> bytes:
    """Return a layout as one tar."""
    return layer(layout.files)
