"""An index in one directory, memory-mapped, owned by one process.

Ranking is made of constants instead of word statistics, so that it can be explained: each word
that was found as it was typed is worth more than all fields together, then the fields count by
`WEIGHTS`, then what is only nearly the word. Queries are built from words, never parsed.
"""

import json
import shutil
import struct
import threading
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path

import tantivy
from tantivy import Query as Node

from connectory.backends.search import (
    COUNTED,
    FACETS,
    WEIGHTS,
    Document,
    Found,
    Hit,
    Model,
    Piece,
    Query,
    SearchUnavailableError,
    Sort,
)
from connectory.backends.search.nodes import (
    ANYWHERE,
    LISTING,
    POSITION,
    SCHEMA,
    every,
    kept,
    like,
    matching,
    milliseconds,
    preferred,
    term,
)
from connectory.backends.search.words import (
    Wanted,
    corrected,
    fold,
    known_by,
    mark,
    normal,
    wanted,
)
from connectory.kernel.ids import new_id

VERSION = 2  # of the schema and of `words`; an index of another version is thrown away
WRITER_BYTES = 15_000_000  # the least that tantivy accepts for its one thread
MOST_VALUES = 10_000  # of one facet; up to here counts are exact
MOST_COUNTS = 256  # of one generation that are remembered
MOST_PAGED = 64  # generations that are kept for those who page through them

Counts = Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Generation:
    """The index as one commit left it, and the counts that were made of it so far."""

    searcher: tantivy.Searcher
    counts: dict[object, Counts] = field(default_factory=dict)
    name: str = field(default_factory=partial(new_id, "gen"))


class TantivySearch:
    """One index below `directory`. Its log position is a document, so both change together."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / f"v{VERSION}"
        self._writing = threading.Lock()
        self._index = _open(self._path)
        self._now = Generation(self._index.searcher())
        self._paging = threading.Lock()
        self._paged: dict[str, Generation] = {}

    def put(self, documents: Iterable[Document], *, position: int) -> None:
        """Add or replace documents and the position."""
        added = _as_stored(documents, position)
        with self._writer() as writer:
            _add(writer, added)
            self._commit(writer)

    def remove(self, keys: Iterable[str]) -> None:
        """Forget documents."""
        with self._writer() as writer:
            for key in keys:
                writer.delete_documents_by_term("key", key)
            self._commit(writer)

    def replace(self, documents: Iterable[Document], *, position: int) -> None:
        """Forget all and add these, in one commit."""
        added = _as_stored(documents, position)
        with self._writer() as writer:
            writer.delete_all_documents()
            _add(writer, added)
            self._commit(writer)

    def find(self, query: Query) -> Found:
        """Answer from one generation, however many commits come in between."""
        now = self._paged.get(query.generation, self._now)
        looked_for = wanted(query.words)
        words = matching(query, looked_for)
        by = _order(query)
        found = now.searcher.search(
            every([*words, *kept(query.facets, query.excluded), preferred(query)]),
            limit=max(query.limit, 1),
            offset=query.offset,
            order_by_field=by,
            order=tantivy.Order.Asc if by == "order" else tantivy.Order.Desc,
        )
        stored = [now.searcher.doc(address) for _, address in found.hits[: query.limit]]
        total: int = found.count  # type: ignore[attr-defined]  # the stub forgot it
        if query.offset + len(stored) < total:
            self._keep(now)
        return Found(
            hits=_hits(stored, looked_for),
            total=total,
            counts=_counts(now, query, words),
            generation=now.name,
            instead=_instead(stored, looked_for),
        )

    def like(self, model: Model) -> tuple[str, ...]:
        """Look up what shares words or values with the model, and rank it by how many."""
        now = self._now.searcher
        found = now.search(like(model), limit=model.limit)
        return tuple(now.doc(address)["key"][0] for _, address in found.hits)

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

    def _keep(self, shown: Generation) -> None:
        """Keep a generation of which somebody may ask for the next page."""
        with self._paging:
            self._paged.pop(shown.name, None)
            self._paged[shown.name] = shown
            while len(self._paged) > MOST_PAGED:
                del self._paged[next(iter(self._paged))]

    @contextmanager
    def _writer(self) -> Iterator[tantivy.IndexWriter]:
        """Open the writer of the directory; what is not committed when it closes is lost."""
        with self._writing:
            try:
                writer = self._index.writer(WRITER_BYTES, num_threads=1)
                try:
                    # a commit that broke off left files; the next one would use their names
                    writer.garbage_collect_files()
                    yield writer
                finally:
                    writer.wait_merging_threads()
            except ValueError as failure:  # the only error that tantivy raises
                raise SearchUnavailableError(str(self._path), str(failure)) from failure

    def _commit(self, writer: tantivy.IndexWriter) -> None:
        writer.commit()
        self._index.reload()
        self._now = Generation(self._index.searcher())


def _open(path: Path) -> tantivy.Index:
    """Open the index, or begin an empty one if there is none that can be relied on.

    The lock that tantivy takes to write ends with its process; its file may stay.
    """
    for other in path.parent.glob("v[0-9]*"):
        if other != path or not _is_sound(other):
            shutil.rmtree(other)
    path.mkdir(parents=True, exist_ok=True)
    try:
        index = tantivy.Index(SCHEMA, path=str(path))
    except ValueError:  # another schema, or files of another tantivy
        shutil.rmtree(path)
        path.mkdir()
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
        return all(_has_its_checksum(file.read_bytes()) for file in files)
    except (OSError, ValueError, LookupError, TypeError, struct.error):
        return False


def _has_its_checksum(content: bytes) -> bool:
    length, _magic = struct.unpack("<II", content[-8:])
    end = len(content) - 8 - length
    footer: dict[str, int] = json.loads(content[end:-8])
    return footer["crc"] == zlib.crc32(content[:end])


def _position(searcher: tantivy.Searcher) -> int:
    found = searcher.search(term("kind", POSITION), limit=1).hits
    return int(searcher.doc(found[0][1])["position"][0]) if found else 0


def _add(writer: tantivy.IndexWriter, documents: list[tantivy.Document]) -> None:
    for document in documents:
        writer.delete_documents_by_term("key", document["key"][0])
        writer.add_document(document)


def _as_stored(documents: Iterable[Document], position: int) -> list[tantivy.Document]:
    marker = tantivy.Document(kind=POSITION, key=POSITION)
    marker.add_integer("position", position)
    return [*map(_stored, documents), marker]


def _stored(document: Document) -> tantivy.Document:
    texts = {name: [normal(text) for text in document.texts.get(name, ())] for name in WEIGHTS}
    stored = tantivy.Document(kind=LISTING, key=document.key, order=_ordinal(texts["name"]))
    stored.add_bytes("texts", json.dumps(texts).encode())
    stored.add_integer("updated", milliseconds(document.updated))
    words = {name: _words(values) for name, values in texts.items()}
    for name, found in (*words.items(), (ANYWHERE, set[str]().union(*words.values()))):
        stored.add_text(name, " ".join(sorted(found)))
    for facet in FACETS:
        for value in document.facets.get(facet, ()):
            stored.add_text(f"facet_{facet}", value)
    return stored


def _words(texts: Iterable[str]) -> set[str]:
    return set[str]().union(*map(known_by, texts))


def _ordinal(name: list[str]) -> str:
    return " ".join(fold(word) for word in " ".join(name).split())


def _hits(stored: list[tantivy.Document], looked_for: tuple[Wanted, ...]) -> tuple[Hit, ...]:
    """Mark in each document the words that were found, or else those that nearly were."""
    terms = [term for chunk in looked_for for term in (*chunk.parts, chunk.whole)]
    exactly = cache(lambda word: any(term.is_exactly(word) for term in terms))
    nearly = cache(lambda word: any(term.is_nearly(word) for term in terms))
    hits = []
    for document in stored:
        texts = json.loads(document["texts"][0]) if terms else {}
        matched = _marked(texts, exactly) or _marked(texts, nearly)
        hits.append(Hit(document["key"][0], matched))
    return tuple(hits)


def _instead(stored: list[tantivy.Document], looked_for: tuple[Wanted, ...]) -> tuple[str, ...]:
    """Return the words that the best hit has in place of mistyped ones; () if none is."""
    if not stored or not looked_for:
        return ()
    texts: Mapping[str, list[str]] = json.loads(stored[0]["texts"][0])
    known = set[str]().union(*map(_words, texts.values()))
    return corrected(looked_for, known)


def _marked(
    texts: Mapping[str, list[str]], is_wanted: Callable[[str], bool]
) -> dict[str, tuple[tuple[Piece, ...], ...]]:
    marked = {
        name: tuple(filter(None, (mark(text, is_wanted) for text in values)))
        for name, values in texts.items()
    }
    return {name: values for name, values in marked.items() if values}


def _order(query: Query) -> str | None:
    """Return the field to sort by; None sorts by score."""
    if query.sort is Sort.NAME:
        return "order"
    return "updated" if query.sort is Sort.UPDATED or not query.words else None


def _counts(now: Generation, query: Query, words: list[Node]) -> Counts:
    """Count all facets. Without words few questions are ever asked, so these are remembered."""
    if query.words or query.examples or query.since:
        return _counted(now, query, words)
    question = (frozenset(query.facets.items()), frozenset(query.excluded.items()))
    counts = now.counts.get(question)
    if counts is None:
        counts = _counted(now, query, words)
        if len(now.counts) < MOST_COUNTS:
            now.counts[question] = counts
    return counts


def _counted(now: Generation, query: Query, words: list[Node]) -> Counts:
    """Count; each facet that the query filters by is counted without its own filter.

    That takes a look at the index for each of them. If the first finds nothing that is excluded
    by its facet, it has counted what the filter would leave, and so all that is not filtered.
    """
    filtered = [name for name in COUNTED if query.facets.get(name) or query.excluded.get(name)]
    rest = [name for name in COUNTED if name not in filtered]
    filtered.sort(key=lambda name: bool(query.facets.get(name)))
    counts: dict[str, Mapping[str, int]] = {}
    for facet in filtered:
        matching = every([*words, *kept(query.facets, query.excluded, apart_from=facet)])
        found = _count(now, matching, [facet, *rest])
        is_unfiltered = not query.facets.get(facet)
        if is_unfiltered and found[facet].keys().isdisjoint(query.excluded[facet]):
            counts, rest = {**found, **counts}, []
        counts[facet] = found[facet]
    if rest:
        counts |= _count(now, every([*words, *kept(query.facets, query.excluded)]), rest)
    return counts


def _count(now: Generation, matching: Node, facets: list[str]) -> dict[str, Mapping[str, int]]:
    sizes = {"size": MOST_VALUES, "segment_size": MOST_VALUES}
    terms = {facet: {"terms": {"field": f"facet_{facet}", **sizes}} for facet in facets}
    found = now.searcher.aggregate(matching, terms)
    return {
        facet: {bucket["key"]: bucket["doc_count"] for bucket in found[facet]["buckets"]}
        for facet in facets
    }
