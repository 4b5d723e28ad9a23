"""A file of bbolt, as far as a small database of Trivy needs one.

Each bucket is a leaf inside the one around it, and all of them are in one page, which may
continue; see https://github.com/etcd-io/bbolt for the pages.
"""

import struct
from collections.abc import Mapping
from pathlib import Path

PAGE = 4096
MAGIC, VERSION = 0xED0CDAED, 2
LEAF, META, FREE = 2, 4, 16
ROOT = 3  # after two pages of facts and the list of free pages
Bucket = Mapping[str, "bytes | Bucket"]


def write(path: Path, buckets: Bucket) -> None:
    """Write buckets by their names; in them are values, or buckets again."""
    body = _leaf(buckets)
    pages = -(-(16 + len(body)) // PAGE)
    root = _header(ROOT, LEAF, len(buckets), pages - 1) + body
    facts = [_facts(number, ROOT + pages) for number in (0, 1)]
    free = _header(2, FREE, 0)
    path.write_bytes(b"".join(part.ljust(PAGE, b"\0") for part in (*facts, free)))
    with path.open("ab") as file:
        file.write(root.ljust(pages * PAGE, b"\0"))


def _header(number: int, kind: int, count: int, more: int = 0) -> bytes:
    return struct.pack("<QHHI", number, kind, count, more)


def _facts(number: int, end: int) -> bytes:
    said = struct.pack("<IIIIQQQQQ", MAGIC, VERSION, PAGE, 0, ROOT, 0, 2, end, number)
    return _header(number, META, 0) + said + struct.pack("<Q", _fnv(said))


def _leaf(items: Bucket) -> bytes:
    """Return the elements of a page and what they point to, in the order of their keys."""
    elements, contents = b"", b""
    for number, name in enumerate(sorted(items)):
        value = items[name]
        raw = value if isinstance(value, bytes) else _inside(value)
        offset = 16 * (len(items) - number) + len(contents)
        is_bucket = not isinstance(value, bytes)
        elements += struct.pack("<IIII", is_bucket, offset, len(name.encode()), len(raw))
        contents += name.encode() + raw
    return elements + contents


def _inside(bucket: Bucket) -> bytes:
    return struct.pack("<QQ", 0, 0) + _header(0, LEAF, len(bucket)) + _leaf(bucket)


def _fnv(content: bytes) -> int:
    """Return the hash FNV-1a of 64 bits."""
    found = 0xCBF29CE484222325
    for byte in content:
        found = (found ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return found
