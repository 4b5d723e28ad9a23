"""Hostile packages: each is refused by name, and nothing of it is written anywhere."""

import gzip
import io
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from connectory.gates.archive import Limits, members, unpack
from connectory.kernel.errors import ConnectoryError, Kind

MIB = 1024 * 1024


def entry(name: str, kind: bytes = tarfile.REGTYPE, **fields: object) -> tarfile.TarInfo:
    header = tarfile.TarInfo(name)
    header.type = kind
    for key, value in fields.items():
        setattr(header, key, value)
    return header


def gzipped(*headers: tarfile.TarInfo, style: int = tarfile.PAX_FORMAT) -> bytes:
    blocks = [header.tobuf(style, "utf-8", "surrogateescape") for header in headers]
    return gzip.compress(b"".join(blocks) + bytes(1024))


def raw_name(name: bytes) -> bytes:
    """Build an archive whose one header has exactly these bytes as its name."""
    block = bytearray(entry("x").tobuf(tarfile.USTAR_FORMAT))
    block[: len(name)] = name
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return gzip.compress(bytes(block) + bytes(1024))


def link(name: str, to: str, kind: bytes = tarfile.SYMTYPE) -> tarfile.TarInfo:
    return entry(name, kind, linkname=to)


def zip_file() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("manifest.yaml", "id: x")
    return content.getvalue()


def chain() -> bytes:
    """Build the PATH_MAX chain: folders and links that outgrow what realpath resolves."""
    headers, path = [], ""
    for step in "abcdefghijklmnop":
        folder = step * 200
        headers += [
            entry(path + folder, tarfile.DIRTYPE),
            link(path + step, folder),
        ]
        path += f"{step}/"
    return gzipped(
        *headers, link(path + "l" * 200, "../" * 16), link("escape", path + "l" * 200)
    )


def bomb_of_zeros() -> bytes:
    squeeze = zlib.compressobj(wbits=31)
    zeros = bytes(MIB)
    return b"".join(squeeze.compress(zeros) for _ in range(201)) + squeeze.flush()


def two_names() -> bytes:
    """Build a file that has one long name for GNU tar and another for pax readers."""
    gnu = entry("x" * 200).tobuf(tarfile.GNU_FORMAT)[: 2 * tarfile.BLOCKSIZE]
    return gzip.compress(gnu + entry("y" * 200).tobuf(tarfile.PAX_FORMAT) + bytes(1024))


def old_gnu_prefix() -> bytes:
    """Build a header where some readers see a name prefix and GNU tar sees a time."""
    block = bytearray(entry("a").tobuf(tarfile.GNU_FORMAT))
    block[345:348] = b"src"
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return gzip.compress(bytes(block) + bytes(1024))


def pax_record(records: bytes) -> bytes:
    """Build a file whose pax header has exactly these bytes."""
    header = entry("x", tarfile.XHDTYPE, size=len(records)).tobuf(tarfile.USTAR_FORMAT)
    content = records.ljust(tarfile.BLOCKSIZE, b"\0")
    return gzip.compress(header + content + entry("b").tobuf() + bytes(1024))


def global_path() -> bytes:
    start = tarfile.TarInfo.create_pax_global_header({"path": "../evil"})
    return gzip.compress(start + entry("a").tobuf() + bytes(1024))


NAMES = [
    "../evil",
    "/abs",
    "a/../../b",
    "..\\evil",
    "C:\\x",
    "C:evil",
    "a//b",
    "./",
    "./a",
    "/",
    "a/.",
    "",
    "a\nb",
    "a\x1b[31mb",
    "a\x7fb",
    "a\u202egpj.exe",
    "a\u200bb",
    "e\u0301.py",
    "x" * 256,
    "d/" * 33 + "x",
    "\udcff",
]
REFUSED: list[tuple[str, str, bytes]] = [
    *((f"B20-{n}", "archive-path", gzipped(entry(name))) for n, name in enumerate(NAMES)),
    ("B20-nul", "archive-path", raw_name(b"a\0/../evil")),
    ("B20-gnu", "archive-path", gzipped(entry("../" * 50 + "x"), style=tarfile.GNU_FORMAT)),
    ("B20-folder", "archive-path", gzipped(entry("../out", tarfile.DIRTYPE))),
    ("B20-pax-latin-1", "archive-path", gzipped(entry("\udce9"))),
    ("B21-etc", "archive-link", gzipped(link("a", "/etc"))),
    ("B21-up", "archive-link", gzipped(link("a", "../.."))),
    ("B21-chain", "archive-link", gzipped(link("a", "b"), link("b", "/"))),
    ("B21-dangling", "archive-link", gzipped(link("a", "nowhere"))),
    ("B21-path-max", "archive-link", chain()),
    ("B21-long", "archive-link", gzipped(link("a", "x" * 300), style=tarfile.GNU_FORMAT)),
    ("B22-outside", "archive-link", gzipped(link("a", "/etc/passwd", tarfile.LNKTYPE))),
    ("B22-to-link", "archive-link", gzipped(link("b", "a", tarfile.LNKTYPE))),
    ("B23-character", "archive-special-file", gzipped(entry("a", tarfile.CHRTYPE))),
    ("B23-block", "archive-special-file", gzipped(entry("a", tarfile.BLKTYPE))),
    ("B23-fifo", "archive-special-file", gzipped(entry("a", tarfile.FIFOTYPE))),
    ("B23-socket", "archive-special-file", gzipped(entry("a", b"s"))),
    ("B23-contiguous", "archive-special-file", gzipped(entry("a", tarfile.CONTTYPE))),
    ("B25-twice", "archive-duplicate", gzipped(entry("a"), entry("a"))),
    ("B25-case", "archive-duplicate", gzipped(entry("README"), entry("readme"))),
    ("B25-folded", "archive-duplicate", gzipped(entry("stra\u00dfe"), entry("STRASSE"))),
    ("B25-folder-case", "archive-duplicate", gzipped(entry("a/x"), entry("A/y"))),
    ("B25-file-folder", "archive-duplicate", gzipped(entry("a"), entry("a/b"))),
    ("B25-folder-file", "archive-duplicate", gzipped(entry("a/b"), entry("a"))),
    ("B26-bytes", "archive-bomb", bomb_of_zeros()),
    ("B26-nested", "archive-type", gzip.compress(bomb_of_zeros())),
    ("B26-entries", "archive-bomb", gzipped(*(entry(str(n)) for n in range(5001)))),
    ("B26-sparse", "archive-bomb", gzipped(entry("a", tarfile.GNUTYPE_SPARSE))),
    (
        "B26-pax-sparse",
        "archive-bomb",
        gzipped(entry("a", pax_headers={"GNU.sparse.major": "1"})),
    ),
    ("B26-header", "archive-bomb", gzipped(entry("a", pax_headers={"x": "y" * MIB}))),
    ("B28-zip", "archive-type", zip_file()),
    ("B28-elf", "archive-type", b"\x7fELF" + bytes(600)),
    ("B28-tar", "archive-type", gzip.decompress(gzipped(entry("a")))),
    ("B28-bzip2", "archive-type", b"BZh91AY"),
    ("B28-empty", "archive-type", b""),
    ("B28-text-in-gzip", "archive-type", gzip.compress(b"hello " * 100)),
    ("B28-zip-behind-gzip", "archive-type", gzipped(entry("a")) + zip_file()),
    ("B28-two-gzips", "archive-type", gzipped(entry("a")) + gzipped(entry("b"))),
    (
        "B28-zip-behind-tar",
        "archive-type",
        gzip.compress(gzip.decompress(gzipped(entry("a"))) + zip_file()),
    ),
    ("B28-zip-in-gzip", "archive-type", gzip.compress(zip_file().ljust(600, b"\0"))),
    ("B28-no-end", "archive-damaged", gzip.compress(entry("a").tobuf())),
    ("B28-size-lie", "archive-damaged", gzipped(entry("a", pax_headers={"size": "9"}))),
    ("B28-folder-size", "archive-damaged", gzipped(entry("a", tarfile.DIRTYPE, size=512))),
    ("B28-pax-record", "archive-damaged", pax_record(b"99 path=a\n")),
    ("B28-pax-no-length", "archive-damaged", pax_record(b"path=a\n")),
    ("B28-pax-two-paths", "archive-damaged", pax_record(b"9 path=a\n9 path=b\n")),
    ("B28-two-names", "archive-damaged", two_names()),
    ("B28-old-gnu-prefix", "archive-damaged", old_gnu_prefix()),
    ("B28-global-path", "archive-damaged", global_path()),
]


@pytest.mark.parametrize(("code", "content"), [pytest.param(*r[1:], id=r[0]) for r in REFUSED])
def test_a_hostile_package_is_refused_and_nothing_is_written(
    tmp_path: Path, code: str, content: bytes
) -> None:
    bundle = tmp_path / "package.tar.gz"
    bundle.write_bytes(content)

    with pytest.raises(ConnectoryError) as refused:
        unpack(bundle, tmp_path / "into")

    assert (refused.value.code, refused.value.kind) == (code, Kind.USAGE)
    assert list(tmp_path.iterdir()) == [bundle]
    assert refused.value.message.isascii()
    assert refused.value.message.isprintable()


def test_a_refused_member_is_named(tmp_path: Path) -> None:
    bundle = tmp_path / "package.tar.gz"
    bundle.write_bytes(gzipped(entry("fine"), entry("../evil\n")))

    with pytest.raises(ConnectoryError) as refused:
        list(members(bundle))

    assert refused.value.facts["member"] == "../evil\\n"


@pytest.mark.parametrize(
    ("header", "dropped"),
    [
        pytest.param(entry("a", mode=0o6777), ("setuid", "setgid", "world-writable"), id="B24"),
        pytest.param(entry("a", uid=0, gid=0, uname="root"), (), id="B24-owner"),
        pytest.param(
            entry("a", pax_headers={"SCHILY.acl.access": "user::rwx"}),
            ("attributes",),
            id="B24-acl",
        ),
        pytest.param(
            entry("a", pax_headers={"SCHILY.xattr.security.capability": "x"}),
            ("attributes",),
            id="B24-xattr",
        ),
    ],
)
def test_modes_owners_and_attributes_are_noted_and_not_applied(
    tmp_path: Path, header: tarfile.TarInfo, dropped: tuple[str, ...]
) -> None:
    bundle = tmp_path / "package.tar.gz"
    bundle.write_bytes(gzipped(header))

    (member,) = unpack(bundle, tmp_path / "into")

    assert member.dropped == dropped
    assert (tmp_path / "into" / "a").stat().st_mode & 0o7133 == 0


@pytest.mark.parametrize(
    ("content", "limits"),
    [
        pytest.param(bytes(3 * MIB), Limits(ratio_from=2 * MIB), id="B26-ratio"),
        pytest.param(bytes(3 * MIB), Limits(size=2 * MIB), id="B26-size"),
    ],
)
def test_decompression_stops_at_the_limit(
    tmp_path: Path, content: bytes, limits: Limits, archived: Callable[[bytes], bytes]
) -> None:
    bundle = tmp_path / "package.tar.gz"
    bundle.write_bytes(archived(content))

    with pytest.raises(ConnectoryError) as refused:
        list(members(bundle, limits))

    assert refused.value.code == "archive-bomb"


@pytest.fixture
def archived() -> Callable[[bytes], bytes]:
    def build(content: bytes) -> bytes:
        header = entry("a", size=len(content)).tobuf()
        return gzip.compress(header + content + bytes(-len(content) % 512) + bytes(1024))

    return build


def test_large_content_that_hardly_shrinks_is_no_bomb(
    tmp_path: Path, archived: Callable[[bytes], bytes]
) -> None:
    bundle = tmp_path / "package.tar.gz"
    bundle.write_bytes(archived(bytes(range(256)) * 8192))

    (member,) = members(bundle, Limits(ratio_from=MIB, ratio=500))

    assert member.size == 2 * MIB
