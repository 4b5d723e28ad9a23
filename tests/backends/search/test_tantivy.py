import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectory.backends.search import Document, Query, SearchUnavailableError
from connectory.backends.search.tantivy import VERSION, TantivySearch

NOW = datetime(2026, 11, 23, tzinfo=UTC)
PLACE = f"v{VERSION}"  # the folder of this version's index
HOLD = """
import sys
from pathlib import Path
import tantivy
writer = tantivy.Index.open(sys.argv[1]).writer(15_000_000, num_threads=1)
print("held", flush=True)
sys.stdin.read()
"""
DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "cut": lambda content: content[: len(content) // 2],
    "changed": lambda content: bytes([content[0] ^ 255]) + content[1:],
    "empty": lambda _: b"",
}


def document(n: int) -> Document:
    return Document(f"a/{n}", {"name": (f"Word {n}",)}, {"tag": ("x",)}, NOW)


def filled(directory: Path) -> TantivySearch:
    index = TantivySearch(directory)
    index.put([document(n) for n in range(50)], position=5)
    return index


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
@pytest.mark.parametrize(
    "file", ["meta.json", "*.idx", "*.term", "*.store", "*.fast", "*.fieldnorm"]
)
def test_an_index_with_damaged_files_begins_anew(
    tmp_path: Path, file: str, damage: Callable[[bytes], bytes]
) -> None:
    filled(tmp_path)
    (victim,) = (tmp_path / PLACE).glob(file)
    victim.write_bytes(damage(victim.read_bytes()))

    index = TantivySearch(tmp_path)

    assert (index.position(), index.find(Query()).total) == (0, 0)
    index.put([document(1)], position=1)
    assert index.find(Query(words=("word",))).total == 1


def test_a_missing_file_makes_the_index_begin_anew(tmp_path: Path) -> None:
    filled(tmp_path)
    next((tmp_path / PLACE).glob("*.store")).unlink()

    assert TantivySearch(tmp_path).position() == 0


def test_files_that_were_never_committed_do_no_harm(tmp_path: Path) -> None:
    filled(tmp_path)
    (tmp_path / PLACE / "0123456789abcdef0123456789abcdef.store").write_bytes(b"half")

    assert TantivySearch(tmp_path).position() == 5


def test_a_commit_that_broke_off_is_made_again(tmp_path: Path) -> None:
    index = filled(tmp_path)
    (meta,) = tmp_path.glob(f"{PLACE}/meta.json")
    before = meta.read_bytes()
    # writes which documents are deleted, and then what is in the index
    index.put([], position=index.position(), gone=["a/1"])
    meta.write_bytes(before)

    index = TantivySearch(tmp_path)
    index.put([], position=index.position(), gone=["a/1"])

    assert (index.position(), index.find(Query(limit=0)).total) == (5, 49)


def test_an_index_of_another_version_is_thrown_away(tmp_path: Path) -> None:
    filled(tmp_path)
    (tmp_path / PLACE).rename(tmp_path / "v0")

    index = TantivySearch(tmp_path)

    assert index.position() == 0
    assert [path.name for path in tmp_path.iterdir()] == [PLACE]


def test_a_second_writer_is_told_so_and_the_lock_ends_with_its_process(tmp_path: Path) -> None:
    index = filled(tmp_path)
    index.close()
    holder = [sys.executable, "-c", HOLD, str(tmp_path / PLACE)]
    with subprocess.Popen(holder, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        other.stdout.readline()

        with pytest.raises(SearchUnavailableError, match="LockBusy"):
            index.ping()

        other.kill()
    index.put([document(99)], position=6)
    assert index.position() == 6


def test_a_directory_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    index = filled(tmp_path)
    for file in (tmp_path / PLACE).iterdir():
        file.unlink()
    (tmp_path / PLACE).rmdir()

    with pytest.raises(SearchUnavailableError) as caught:
        index.put([document(1)], position=6)

    assert str(tmp_path) in caught.value.message


def test_numbers_of_documents_outlive_removals_and_restarts(tmp_path: Path) -> None:
    index = filled(tmp_path)
    index.put([document(60)], position=6, gone=["a/3", "a/49"])
    index = TantivySearch(tmp_path)
    index.put([document(3), document(61)], position=7)

    found = index.find(Query(words=("word",), limit=100))

    expected = {f"a/{n}" for n in (*range(49), 60, 61)}
    assert {hit.key for hit in found.hits} == expected
    assert (found.total, found.counts["tag"]) == (51, {"x": 51})
    assert {hit.key for hit in index.find(Query(limit=100)).hits} == expected


@pytest.mark.parametrize(
    ("query", "total"),
    [
        (Query(), 50),
        (Query(words=("wrod",)), 50),
        (Query(words=("word", "7")), 1),
        (Query(words=("word-7",)), 1),
        (Query(words=("-",)), 0),
        (Query(since=NOW), 50),
        (Query(words=("word",), excluded={"tag": ("x",)}), 0),
    ],
)
def test_the_total_is_that_of_what_is_found_before_and_after_a_change(
    tmp_path: Path, query: Query, total: int
) -> None:
    index = filled(tmp_path)
    before = (index.total(query), index.find(query).total)

    index.put([], position=6, gone=[f"a/{n}" for n in range(50)])

    assert before == (total, total)
    assert (index.total(query), index.find(query).total) == (0, 0)
