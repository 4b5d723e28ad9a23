"""An index in one directory, memory-mapped, owned by one process.

Ranking is made of constants instead of word statistics, so that it can be explained: each word
that was found as it was typed is worth more than all fields together, then the fields count by
`WEIGHTS`, then what is only nearly the word. Queries are built from words, never parsed.
"""

import json
import os
import shutil
import struct
import sys
import threading
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import lru_cache
from itertools import chain, islice
from pathlib import Path

import tantivy

from connectory.backends.search import (
    FACETS,
    WEIGHTS,
    Document,
    Found,
    Model,
    Query,
    SearchUnavailableError,
    Sort,
)
from connectory.backends.search.columns import (
    NONE,
    Columns,
    Members,
    Row,
    numbers_of,
)
from connectory.backends.search.generation import Generation, Matches
from connectory.backends.search.marking import hits, instead, words_of
from connectory.backends.search.nodes import (
    LISTING,
    POSITION,
    SCHEMA,
    WORDS,
    milliseconds,
    term,
)
from connectory.backends.search.words import (
    Wanted,
    fold,
    normal,
    wanted,
)
from connectory.backends.search.written import written

VERSION = 4  # of schema, `words` and what is stored; an index of another one is thrown away
WRITER_BYTES = 15_000_000  # the least that tantivy accepts for its one thread
MOST_SHARED = 1_000  # tuples of values
PIECE = 1_000_000  # bytes of a file that are read at once
MOST_PAGED = 32  # generations that are kept for those who page through them


class TantivySearch:
    """One index below `directory`. Its log position is a document, so both change together."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / f"v{VERSION}"
        self._writing = threading.Lock()
        self._held: tantivy.IndexWriter | None = None
        columns = _read(_open(self._path).searcher())
        # opened again, or all that was read just now would stay mapped into memory
        self._index = _opened(self._path)
        self._now = Generation(self._index.searcher(), columns)
        self._numbers = _numbers(self._now.columns)  # only grows, but for `replace`
        self._paging = threading.Lock()
        self._paged: dict[str, Generation] = {}

    def put(
        self, documents: Iterable[Document], *, position: int, gone: Iterable[str] = ()
    ) -> None:
        """Add, replace and forget documents and move the position, in one commit."""
        rows = {one.key: (one, _row(one)) for one in documents}
        with self._writer() as writer:
            after, numbers = self._now.columns.copy(), dict[str, int]()
            for key in gone:
                writer.delete_documents_by_term("key", key)
                if key in self._numbers:
                    after.remove(self._numbers[key])
            for key, (one, row) in rows.items():
                number = numbers[key] = self._numbers.get(key, len(after.rows))
                _add(writer, _stored(one, row, number))
                after.put(number, row)
            _add(writer, _marker(position))
            self._commit(writer, after)
            self._numbers |= numbers

    def replace(self, documents: Iterable[Document], *, position: int) -> None:
        """Forget all and add these, in one commit."""
        found = {one.key: (one, _row(one)) for one in documents}
        with self._writer() as writer:
            writer.delete_all_documents()
            for number, (one, row) in enumerate(found.values()):
                _add(writer, _stored(one, row, number))
            _add(writer, _marker(position))
            after = Columns.of(dict(enumerate(row for _, row in found.values())))
            self._commit(writer, after)
            self._numbers = _numbers(after)

    def find(self, query: Query) -> Found:
        """Answer from one generation, however many commits come in between."""
        now = self._paged.get(query.generation, self._now)
        looked_for = wanted(query.words)
        matches = now.matches(query, looked_for)
        found = matches.bits & now.columns.kept(query)
        numbers = _in_order(now.columns, query, found, matches)
        page = list(islice(numbers, query.offset, query.offset + query.limit))
        rows = [now.columns.rows[number] for number in page]
        total = found.bit_count()
        if query.offset + len(rows) < total:
            self._keep(now)
        return Found(
            hits=hits(rows, looked_for),
            total=total,
            counts=now.counts(query, matches.bits),
            generation=now.name,
            instead=_instead(page, rows, looked_for, matches),
        )

    def total(self, query: Query) -> int:
        """Count them, and look at none."""
        now = self._now
        matches = now.matches(query, wanted(query.words))
        return (matches.bits & now.columns.kept(query)).bit_count()

    def like(self, model: Model) -> tuple[str, ...]:
        """Look up what shares words or values with the model, and rank it by how many."""
        now = self._now
        return tuple(now.columns.rows[number].key for number in now.like(model))

    def body(self, key: str) -> bytes:
        """Read it from the index; it is not kept in memory."""
        searcher = self._now.searcher
        found = searcher.search(term("key", key), limit=1, count=False).hits
        return bytes(searcher.doc(found[0][1])["body"][0]) if found else b""

    def generation(self) -> str:
        """Return the name of the newest generation."""
        return self._now.name

    def position(self) -> int:
        """Return the position of the newest commit."""
        return _position(self._now.searcher)

    def ping(self) -> None:
        """Read, and open what writes."""
        self.position()
        with self._writer():
            pass

    def close(self) -> None:
        """End merges and give the directory free."""
        with self._writing:
            self._release()

    def _keep(self, shown: Generation) -> None:
        """Keep a generation of which somebody may ask for the next page."""
        with self._paging:
            self._paged.pop(shown.name, None)
            self._paged[shown.name] = shown
            while len(self._paged) > MOST_PAGED:
                del self._paged[next(iter(self._paged))]

    @contextmanager
    def _writer(self) -> Iterator[tantivy.IndexWriter]:
        """Lend the writer, which stays open: to open one costs as much as a commit.

        After a failure it is closed, and what it had not committed is lost.
        """
        with self._writing:
            try:
                yield self._held or self._open_writer()
            except BaseException as failure:
                self._release()
                if isinstance(failure, ValueError):  # the only error that tantivy raises
                    raise SearchUnavailableError(str(self._path), str(failure)) from failure
                raise

    def _open_writer(self) -> tantivy.IndexWriter:
        self._held = self._index.writer(WRITER_BYTES, num_threads=1)
        # a commit that broke off left files; the next one would use their names
        self._held.garbage_collect_files()
        return self._held

    def _release(self) -> None:
        if self._held is not None:
            held, self._held = self._held, None
            with suppress(ValueError):  # of a merge that failed; it is made again
                held.wait_merging_threads()

    def _commit(self, writer: tantivy.IndexWriter, after: Columns) -> None:
        writer.commit()
        self._index.reload()
        self._now = Generation(self._index.searcher(), after)


def _open(path: Path) -> tantivy.Index:
    """Open the index, or begin an empty one if there is none that can be relied on.

    The lock that tantivy takes to write ends with its process; its file may stay.
    """
    for other in path.parent.glob("v[0-9]*"):
        if other != path or not _is_sound(other):
            shutil.rmtree(other)
    path.mkdir(parents=True, exist_ok=True)
    try:
        return _opened(path)
    except ValueError:  # another schema, or files of another tantivy
        shutil.rmtree(path)
        path.mkdir()
        return _opened(path)


def _opened(path: Path) -> tantivy.Index:
    index = tantivy.Index(SCHEMA, path=str(path))
    index.config_reader("manual")
    return index


def _is_sound(path: Path) -> bool:
    """Whether all committed files have the checksum that tantivy wrote at their end.

    tantivy itself does not compare it, and panics or answers nonsense where bytes have changed.
    A file ends with a JSON object with `crc`, its length and a magic number, 4 bytes each.
    """
    try:
        segments = json.loads((path / "meta.json").read_bytes())["segments"]
        committed = tuple(str(found["segment_id"]).replace("-", "") for found in segments)
        files = [file for file in path.iterdir() if file.name.startswith(committed)]
        return all(map(_has_its_checksum, files))
    except (OSError, ValueError, LookupError, TypeError, struct.error):
        return False


def _has_its_checksum(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-8, os.SEEK_END)
        length, _magic = struct.unpack("<II", file.read(8))
        end = file.seek(-8 - length, os.SEEK_END)
        footer: dict[str, int] = json.loads(file.read(length))
        file.seek(0)
        found = 0
        for at in range(0, end, PIECE):
            found = zlib.crc32(file.read(min(PIECE, end - at)), found)
        return footer["crc"] == found


def _position(searcher: tantivy.Searcher) -> int:
    found = searcher.search(term("kind", POSITION), limit=1).hits
    return int(searcher.doc(found[0][1])["position"][0]) if found else 0


def _read(searcher: tantivy.Searcher) -> Columns:
    """Read all documents of an index."""
    found = searcher.search(term("kind", LISTING), limit=max(searcher.num_docs, 1)).hits
    rows = {}
    for _, address in found:
        document = searcher.doc(address)
        name, updated, facets = json.loads(document["row"][0])
        rows[document["number"][0]] = Row(
            key=document["key"][0],
            name=name,
            updated=updated,
            facets={facet: _shared(values) for facet, values in facets.items()},
            texts=bytes(document["texts"][0]),
            words=bytes(document["words"][0]),
            told=bytes(document["told"][0]),
        )
    return Columns.of(rows)


def _shared(values: Iterable[str]) -> tuple[str, ...]:
    """Return the values of a facet, one object for all documents that have the same ones."""
    return _same(tuple(map(sys.intern, values)))


@lru_cache(MOST_SHARED)
def _same(values: tuple[str, ...]) -> tuple[str, ...]:
    return values


def _numbers(columns: Columns) -> dict[str, int]:
    return {row.key: number for number, row in enumerate(columns.rows) if row is not NONE}


def _add(writer: tantivy.IndexWriter, document: tantivy.Document) -> None:
    writer.delete_documents_by_term("key", document["key"][0])
    writer.add_document(document)


def _marker(position: int) -> tantivy.Document:
    marker = tantivy.Document(kind=POSITION, key=POSITION)
    marker.add_integer("position", position)
    return marker


def _row(document: Document) -> Row:
    texts = {name: [normal(text) for text in document.texts.get(name, ())] for name in WEIGHTS}
    return Row(
        key=document.key,
        name=" ".join(fold(word) for word in " ".join(texts["name"]).split()),
        updated=milliseconds(document.updated),
        facets={
            facet: _shared(dict.fromkeys(document.facets.get(facet, ()))) for facet in FACETS
        },
        texts=json.dumps(texts).encode(),
        words=written(chain.from_iterable(texts.values())),
        told=document.told,
    )


def _stored(document: Document, row: Row, number: int) -> tantivy.Document:
    stored = tantivy.Document(kind=LISTING, key=row.key)
    stored.add_integer("number", number)
    stored.add_integer("updated", row.updated)
    told = json.dumps([row.name, row.updated, row.facets]).encode()
    for name, kept in (
        ("row", told),
        ("texts", row.texts),
        ("words", row.words),
        ("told", row.told),
        ("body", document.body),
    ):
        stored.add_bytes(name, kept)
    texts: Mapping[str, list[str]] = json.loads(row.texts)
    for name, fields in WORDS.items():
        found = set[str]().union(*(words_of(texts[each]) for each in fields))
        stored.add_text(name, " ".join(sorted(found)))
    for facet, values in row.facets.items():
        for value in values:
            stored.add_text(f"facet_{facet}", value)
    return stored


def _in_order(columns: Columns, query: Query, found: int, matches: Matches) -> Iterable[int]:
    """Return the numbers of what was found in the order that a query asks for."""
    if query.sort is not Sort.BEST or not query.words:
        return columns.in_order(found, query.sort)
    numbers = list(numbers_of(found))
    scores = matches.scores(numbers)
    liked = Members(columns.having(query.preferred))

    def rank(number: int) -> tuple[float, bool, int]:
        return -scores[number], number not in liked, number

    return sorted(numbers, key=rank)


def _instead(
    page: list[int], rows: list[Row], looked_for: tuple[Wanted, ...], matches: Matches
) -> tuple[str, ...]:
    if not (page and looked_for):
        return ()
    best = page[:1]
    return instead(rows, looked_for, matches.scores(best)[best[0]])
