"""Finding documents by words. A document is a listing; the index is rebuilt when lost."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Protocol

from connectory.kernel.errors import ConnectoryError, Kind

WEIGHTS: Mapping[str, float] = {
    "id": 8,
    "name": 8,
    "tags": 4,
    "uses": 2,
    "examples": 2,
    "owner": 1,
    "description": 1,
}
"""The text fields, and how much a word found there says about the document."""

COUNTED = ("tag", "owner", "team", "domain", "runtime", "risk", "status", "uses")
"""What documents are counted by."""

FACETS = (*COUNTED, "audience")
"""What documents are filtered by. `audience` says who may find a document."""

Piece = tuple[str, bool]
"""Some text, and whether it is what the query was looking for."""


class SearchUnavailableError(ConnectoryError):
    """The search index cannot be read or written right now."""

    kind: ClassVar[Kind] = Kind.UNAVAILABLE
    code: ClassVar[str] = "search-unavailable"

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(
            f"the search index in {place} cannot be used: {reason}",
            hint="see that one server only uses this directory and that its disk has space; "
            "the index can be deleted while the server is stopped, it is rebuilt at start",
        )


class Sort(StrEnum):
    """The order of hits."""

    BEST = "best"  # best match first; without words the same as UPDATED
    NAME = "name"  # by name, case and accents ignored
    UPDATED = "updated"  # newest change first


@dataclass(frozen=True, slots=True)
class Document:
    """What can be found of one listing. `key` is its identity (`bizops/crm-to-slack-v1`)."""

    key: str
    texts: Mapping[str, tuple[str, ...]]
    """Field of `WEIGHTS` -> its values; several for tags, uses and examples."""
    facets: Mapping[str, tuple[str, ...]]
    """Facet of `FACETS` -> its values, compared exactly."""
    updated: datetime
    told: bytes = b""
    """What a list tells of it; handed back with each hit."""
    body: bytes = b""
    """All there is to tell of it; handed back by `body`."""


@dataclass(frozen=True, slots=True)
class Query:
    """Words to find (all of them, the last one as a prefix) and facet values to keep to.

    Values of one facet are alternatives, different facets must all match; `excluded` must not.
    Among documents that match equally well, those with a `preferred` value come first.
    """

    words: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    """Words to find in the field `examples` alone (all of them, spelled as they are)."""
    since: datetime | None = None
    """Keep to what was updated then or later."""
    facets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    excluded: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    preferred: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sort: Sort = Sort.BEST
    limit: int = 50
    offset: int = 0
    generation: str = ""
    """The state of the index that an earlier page was of; "" is the newest one."""


@dataclass(frozen=True, slots=True)
class Model:
    """What to find the like of: words and facet values, each worth the more, the more match.

    `kept` and `excluded` are as in a `Query`.
    """

    words: tuple[str, ...] = ()
    facets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    kept: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    excluded: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    limit: int = 50


@dataclass(frozen=True, slots=True)
class Hit:
    """One found document and where the words were found in it.

    `matched` maps a field to those of its values in which a word was found, each cut into
    pieces; the pieces of a value joined are the value (in Unicode normal form C).
    """

    key: str
    matched: Mapping[str, tuple[tuple[Piece, ...], ...]]
    told: bytes


@dataclass(frozen=True, slots=True)
class Found:
    """The answer: hits in order, how many there are in all, counts per facet value.

    The count of a facet ignores what the query itself keeps or excludes by that facet.
    """

    hits: tuple[Hit, ...]
    total: int
    counts: Mapping[str, Mapping[str, int]]
    generation: str
    """Names the state of the index; a query with it finds the further pages of the same."""
    instead: tuple[str, ...] = ()
    """The words of the best hit, where it only has words that are nearly those of the query."""


class Search(Protocol):
    """An index of documents. Every implementation passes `tests/contracts/test_search.py`.

    Changes can be found as soon as the method returns. Safe to use from several threads.
    """

    def put(
        self, documents: Iterable[Document], *, position: int, gone: Iterable[str] = ()
    ) -> None:
        """Add or replace documents and remember the log position that they reflect, at once.

        Documents with a key in `gone` are forgotten; unknown keys are no error.

        Raises:
            SearchUnavailableError: If nothing could be written; the index is as it was.
        """
        ...

    def replace(self, documents: Iterable[Document], *, position: int) -> None:
        """Like `put`, but also forget all other documents; readers see all or nothing of it.

        Raises:
            SearchUnavailableError: If nothing could be written; the index is as it was.
        """
        ...

    def find(self, query: Query) -> Found:
        """Answer a query. Any text is literal; no text raises.

        Words of 4 letters may differ in one letter, words of 8 in two, words with a digit in
        none; such documents come after those that have the word itself. Words without letter
        and digit are ignored, unless there are no others: then nothing is found. Of a
        generation that is forgotten the newest state answers; a while of paging is remembered.
        """
        ...

    def total(self, query: Query) -> int:
        """Return how many documents a query finds, of the newest state."""
        ...

    def like(self, model: Model) -> tuple[str, ...]:
        """Return the keys of the documents that share most with a model, best first."""
        ...

    def body(self, key: str) -> bytes:
        """Return the body that was put with a document; empty if there is no such document."""
        ...

    def generation(self) -> str:
        """Name the newest state of the index; another name after every change of it."""
        ...

    def position(self) -> int:
        """Return the log position of the last `put` or `replace`; 0 for a lost index."""
        ...

    def ping(self) -> None:
        """Try to read and to write.

        Raises:
            SearchUnavailableError: If one of them fails.
        """
        ...

    def close(self) -> None:
        """Let go of what is open for writing; the next change opens it again."""
        ...
