"""Static files under URLs that change with their content, so that browsers keep them for ever.

All files share one digest: modules import each other by relative name and must stay together.
The style sheets are served as one file, in the order tokens, base, layout, components.
"""

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

STATIC = Path(__file__).parent / "static"
FIRST_SHEETS = ("tokens.css", "base.css", "layout.css")
MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
DIGEST_LENGTH = 12
YEAR_S = 31_536_000
FOR_EVER = f"public, max-age={YEAR_S}, immutable"
NOT_KEPT = "no-cache"


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as it is sent."""

    media_type: str
    plain: bytes
    gzipped: bytes


@dataclass(frozen=True, slots=True)
class Assets:
    """All static files of one release, in memory (together less than 100 kB)."""

    digest: str
    files: Mapping[str, Asset]

    def url(self, name: str) -> str:
        """Return the address of a file.

        Raises:
            KeyError: If there is no such file; that is a bug in a template.
        """
        if name not in self.files:
            raise KeyError(name)
        return f"/static/{self.digest}/{name}"

    def caching(self, digest: str) -> str:
        """Return the `Cache-Control` for a request that names `digest`.

        A page of an older release may ask for files under its own digest during an upgrade; it
        gets today's, which must not be kept under yesterday's name.
        """
        return FOR_EVER if digest == self.digest else NOT_KEPT


def load(directory: Path) -> Assets:
    """Read the static files of a directory; the style sheets become `connectory.css`."""
    sheets = sorted(directory.glob("*.css"), key=_sheet_order)
    others = [path for path in directory.iterdir() if path.suffix in (".js", ".svg")]
    bodies = {path.name: path.read_bytes() for path in others}
    bodies["connectory.css"] = b"\n".join(path.read_bytes() for path in sheets)
    digest = hashlib.sha256()
    for name, body in sorted(bodies.items()):
        digest.update(name.encode() + b"\0" + hashlib.sha256(body).digest())
    files = {name: _asset(name, body) for name, body in bodies.items()}
    return Assets(digest.hexdigest()[:DIGEST_LENGTH], MappingProxyType(files))


def _sheet_order(path: Path) -> tuple[int, str]:
    first = FIRST_SHEETS.index(path.name) if path.name in FIRST_SHEETS else len(FIRST_SHEETS)
    return first, path.name


def _asset(name: str, body: bytes) -> Asset:
    return Asset(MEDIA_TYPES[Path(name).suffix], body, gzip.compress(body, mtime=0))


ASSETS = load(STATIC)
