"""Wheels for tests, made here."""

import base64
import hashlib
import io
import zipfile

METADATA = b"Metadata-Version: 2.1\nName: greeting\nVersion: 1.0\n"


def wheel(more: dict[str, bytes]) -> bytes:
    """A wheel `greeting` 1.0 with one module."""
    files = more | {
        "greeting.py": b"WORD = 'hello'\n",
        "greeting-1.0.dist-info/METADATA": METADATA,
        "greeting-1.0.dist-info/WHEEL": b"Wheel-Version: 1.0\nTag: py3-none-any\n",
    }
    lines = []
    for name, content in files.items():
        sha = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        lines.append(f"{name},sha256={sha},{len(content)}\n")
    files["greeting-1.0.dist-info/RECORD"] = "".join(lines).encode()
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w") as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return into.getvalue()
