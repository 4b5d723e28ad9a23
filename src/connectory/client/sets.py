"""Curated sets of the home page, and saved searches."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NotRequired, TypedDict

from connectory.client.transport import Transport, path_of


class MemberBody(TypedDict):
    """A connector of a set; `title` stands for its name."""

    connector: str
    title: NotRequired[str]


class Member(MemberBody):
    """A connector of a set as it is now."""

    name: str
    state: str
    url: str


class CuratedSet(TypedDict):
    """A curated set."""

    id: str
    title: str
    why: str
    order: int
    revision: int
    members: list[Member]


class SetBody(TypedDict):
    """What a set should be."""

    title: str
    why: str
    order: int | None
    members: Sequence[MemberBody]


class SavedSearch(TypedDict):
    """A saved search."""

    id: str
    title: str
    query: str
    url: str


@dataclass(frozen=True, slots=True)
class Sets:
    """The routes under /sets. Every method raises what `Transport.send` raises."""

    http: Transport

    def list(self) -> Iterator[CuratedSet]:
        """List all sets in their order."""
        return self.http.pages(CuratedSet, "/sets")

    def show(self, set_id: str) -> CuratedSet:
        """Show one set."""
        return self.http.get(CuratedSet, path_of("sets", set_id))

    def put(self, set_id: str, body: SetBody, revision: int | None) -> CuratedSet:
        """Make a set, or change the one that is at a revision."""
        path = path_of("sets", set_id)
        return self.http.send(CuratedSet, "PUT", path, body=body, if_match=_tag(revision))

    def delete(self, set_id: str, revision: int) -> None:
        """Delete the set that is at a revision."""
        self.http.tell_to("DELETE", path_of("sets", set_id), if_match=_tag(revision))


@dataclass(frozen=True, slots=True)
class Searches:
    """The routes under /searches. Every method raises what `Transport.send` raises."""

    http: Transport

    def list(self) -> Iterator[SavedSearch]:
        """List the caller's saved searches."""
        return self.http.pages(SavedSearch, "/searches")

    def save(self, title: str, query: str) -> SavedSearch:
        """Save a search; `query` is that of its address."""
        body = {"title": title, "query": query}
        return self.http.send(SavedSearch, "POST", "/searches", body=body)

    def rename(self, search_id: str, title: str) -> None:
        """Give a saved search another title."""
        self.http.tell_to("PATCH", path_of("searches", search_id), body={"title": title})

    def delete(self, search_id: str) -> None:
        """Delete a saved search."""
        self.http.tell_to("DELETE", path_of("searches", search_id))


def _tag(revision: int | None) -> str:
    return "" if revision is None else f'"{revision}"'
