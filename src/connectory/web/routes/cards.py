"""Listings as cards."""

from collections.abc import Mapping

from connectory.backends.search import Piece
from connectory.catalog.read import Listing
from connectory.catalog.rules import Status
from connectory.web.parts import Card, Span, plain

NOTHING: Mapping[str, tuple[Piece, ...]] = {}


def card_of(
    listing: Listing,
    *,
    title: str = "",
    why: tuple[str, ...] = (),
    highlights: Mapping[str, tuple[Piece, ...]] = NOTHING,
) -> Card:
    """Describe a listing; `title` stands for its name, highlights for what they cover."""
    page = f"/c/{listing.key}"
    is_approved = listing.status is Status.APPROVED
    return Card(
        namespace=listing.namespace,
        id=listing.id,
        version=listing.version,
        name=plain(title) if title else _text(listing.name, highlights.get("name")),
        description=_text(listing.description, highlights.get("description")),
        status=listing.status,
        url=page,
        tags=tuple(tag for tag in listing.tags if ":" not in tag),
        runtime=next(iter(listing.facets.get("runtime", ())), ""),
        risk=next(iter(listing.facets.get("risk", ())), ""),
        why=why,
        install_url=f"{page}@{listing.version}/install" if is_approved else "",
    )


def _text(whole: str, pieces: tuple[Piece, ...] | None) -> tuple[Span, ...]:
    if pieces is None:
        return plain(whole)
    return tuple(Span(text, is_match) for text, is_match in pieces)
