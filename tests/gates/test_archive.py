"""Reading and writing packages: what is kept, what is dropped, what is the same each time."""

import gzip
import io
import tarfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectory.gates.archive import Limits, Member, members, pack, read, unpack
from connectory.gates.gunzip import ArchiveBombError, ArchiveDamagedError, ArchiveTypeError
from connectory.gates.member_names import ArchiveDuplicateError, ArchivePathError
from connectory.kernel.errors import ConnectoryError

FILES = {
    "manifest.yaml": b"id: crm-to-slack-v1\n",
    "src/crm_to_slack/__init__.py": b"",
    "src/crm_to_slack/main.py": b"print('hello')\n",
}


def packed(tmp_path: Path, files: dict[str, bytes] = FILES) -> Path:
    bundle = tmp_path / "package.tar.gz"
    with bundle.open("wb") as into:
        pack(files, into)
    return bundle


def test_what_was_packed_is_listed_in_the_order_of_names(tmp_path: Path) -> None:
    bundle = packed(tmp_path)

    found = list(members(bundle))

    assert found == [Member(name, len(FILES[name])) for name in sorted(FILES)]


def test_what_was_packed_unpacks_byte_for_byte(tmp_path: Path) -> None:
    bundle = packed(tmp_path)

    unpack(bundle, tmp_path / "into")

    unpacked = {
        str(path.relative_to(tmp_path / "into")): path.read_bytes()
        for path in (tmp_path / "into").rglob("*")
        if path.is_file()
    }
    assert unpacked == FILES


def test_one_file_can_be_read_by_name(tmp_path: Path) -> None:
    bundle = packed(tmp_path)

    assert read(bundle, "manifest.yaml") == FILES["manifest.yaml"]
    assert read(bundle, "src/crm_to_slack/__init__.py") == b""
    assert read(bundle, "absent.txt") is None


def test_the_same_files_give_the_same_bytes_in_any_order() -> None:
    one, other = io.BytesIO(), io.BytesIO()

    pack(FILES, one)
    pack(dict(reversed(FILES.items())), other)

    assert one.getvalue() == other.getvalue()


def test_the_standard_library_reads_what_was_packed(tmp_path: Path) -> None:
    long = {"src/" + "long-folder/" * 20 + "é.py": b"x" * 1000}

    bundle = packed(tmp_path, long)

    with tarfile.open(bundle) as tar:
        assert tar.getnames() == list(long)
        assert tar.getmembers()[0].mode == 0o644
    assert read(bundle, next(iter(long))) == b"x" * 1000


@pytest.mark.parametrize(
    "style", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT, tarfile.USTAR_FORMAT]
)
def test_archives_of_other_tools_are_read_with_folders_and_long_names(
    tmp_path: Path, style: int
) -> None:
    (tmp_path / "tree" / ("d" * 90)).mkdir(parents=True)
    (tmp_path / "tree" / ("d" * 90) / ("f" * 90)).write_bytes(b"deep" * 300)
    bundle = tmp_path / "package.tar.gz"
    with tarfile.open(bundle, "w:gz", format=style) as tar:
        tar.add(tmp_path / "tree", arcname="tree")

    found = list(members(bundle))

    assert found == [Member(f"tree/{'d' * 90}/{'f' * 90}", 1200)]


def test_a_global_comment_as_git_writes_it_is_ignored(tmp_path: Path) -> None:
    bundle = tmp_path / "package.tar.gz"
    comment = {"comment": "0123456789abcdef"}
    with tarfile.open(bundle, "w:gz", format=tarfile.PAX_FORMAT, pax_headers=comment) as tar:
        tar.addfile(tarfile.TarInfo("empty.txt"))

    assert list(members(bundle)) == [Member("empty.txt", 0)]


def test_a_content_that_is_not_read_is_skipped(tmp_path: Path) -> None:
    bundle = packed(tmp_path, {"a": b"1" * 200_000, "b": b"2" * 3})

    assert read(bundle, "b") == b"222"


def test_every_cut_of_an_archive_is_refused(tmp_path: Path) -> None:
    whole = packed(tmp_path).read_bytes()
    cut = tmp_path / "cut.tar.gz"

    for length in range(len(whole)):
        cut.write_bytes(whole[:length])
        with pytest.raises((ArchiveDamagedError, ArchiveTypeError)):
            list(members(cut))


def test_a_flipped_bit_in_the_compressed_data_is_noticed(tmp_path: Path) -> None:
    bundle = packed(tmp_path)
    content = bytearray(bundle.read_bytes())
    content[-6] ^= 1  # the checksum

    bundle.write_bytes(content)

    with pytest.raises(ArchiveDamagedError, match="checksum"):
        list(members(bundle))


def test_an_archive_with_a_broken_second_header_does_not_end_there(tmp_path: Path) -> None:
    plain = bytearray(gzip.decompress(packed(tmp_path, {"a": b"", "b": b""}).read_bytes()))
    plain[512] ^= 1
    bundle = tmp_path / "broken.tar.gz"

    bundle.write_bytes(gzip.compress(plain))

    with pytest.raises(ArchiveDamagedError, match="header"):
        list(members(bundle))


def test_a_folder_that_is_a_link_on_disk_is_not_followed(tmp_path: Path) -> None:
    bundle = packed(tmp_path)
    (tmp_path / "outside").mkdir()
    (tmp_path / "into").mkdir()
    (tmp_path / "into" / "src").symlink_to(tmp_path / "outside")

    with pytest.raises(NotADirectoryError):
        unpack(bundle, tmp_path / "into")

    assert list((tmp_path / "outside").iterdir()) == []


def test_a_file_that_is_there_is_not_overwritten(tmp_path: Path) -> None:
    bundle = packed(tmp_path)
    (tmp_path / "into").mkdir()
    (tmp_path / "into" / "manifest.yaml").write_bytes(b"mine")

    with pytest.raises(FileExistsError):
        unpack(bundle, tmp_path / "into")

    assert (tmp_path / "into" / "manifest.yaml").read_bytes() == b"mine"


def test_the_cpu_time_of_reading_is_limited(tmp_path: Path) -> None:
    bundle = packed(tmp_path, {"a": b"1" * 1_000_000})

    with pytest.raises(ArchiveBombError, match="CPU"):
        list(members(bundle, Limits(cpu_s=0)))


def test_a_name_that_could_not_be_read_back_is_not_packed() -> None:
    with pytest.raises(ArchivePathError):
        pack({"../up": b""}, io.BytesIO())


def test_names_that_are_one_file_are_not_packed() -> None:
    with pytest.raises(ArchiveDuplicateError):
        pack({"a": b"", "a/b": b""}, io.BytesIO())


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(position=st.integers(min_value=0), value=st.integers(0, 255))
def test_a_changed_byte_gives_an_answer_and_writes_nothing_outside(
    tmp_path: Path, position: int, value: int
) -> None:
    plain = bytearray(gzip.decompress(packed(tmp_path).read_bytes()))
    plain[position % len(plain)] = value
    bundle = tmp_path / "changed.tar.gz"
    bundle.write_bytes(gzip.compress(plain))

    answer = outcome(bundle)

    assert answer.startswith("archive-") or "/../" not in f"/{answer}/"


def outcome(bundle: Path) -> str:
    try:
        return "/".join(member.name for member in members(bundle))
    except ConnectoryError as refused:
        return refused.code
