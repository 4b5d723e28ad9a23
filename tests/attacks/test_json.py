"""Row B126: JSON that two readers read differently, or that costs too much, at every door."""

from collections import Counter

import pytest

from marketplaces import Marketplace
from walks import api_routes, code_of, contents, filled, known_names, on_sqlite

HOSTILE = {
    "duplicate": b'{"slug": "abc", "slug": "other"}',
    "nan": b'{"slug": NaN}',
    "infinity": b'{"slug": -Infinity}',
    "huge": b'{"slug": 1e999}',
    "digits": b'{"slug": ' + b"9" * 5_000 + b"}",
    "deep": b'{"slug": ' + b"[" * 10_000 + b"]" * 10_000 + b"}",
    "many": b'{"slug": [' + b'"",' * 300_000 + b'""]}',
    "nul": b'{"slug": "a\\u0000b"}',
    "half": b'{"slug": "\\ud83d"}',
    "broken": b'{"slug": ',
    "latin": b'{"slug": "\xe9"}',
}
JSON = "application/json"


@on_sqlite
def test_b126_every_route_with_a_body_refuses_it_and_changes_nothing(
    shop: Marketplace,
) -> None:
    known = known_names(shop)
    headers = {**shop.as_("admin"), "Content-Type": JSON}
    doors = [(m, filled(route, known)) for m, route in api_routes() if route.body_field]
    before = contents(shop)

    said = Counter(
        (name, code_of(shop.client.request(method, path, content=body, headers=headers)))
        for name, body in HOSTILE.items()
        for method, path in doors
    )

    assert said == {(name, "json-refused"): len(doors) for name in HOSTILE}
    assert len(doors) > 20
    assert contents(shop) == before


@on_sqlite
@pytest.mark.parametrize("kind", ["application/problem+json", "Application/JSON; charset=x"])
def test_b126_another_name_for_json_does_not_get_around_it(
    marketplace: Marketplace, kind: str
) -> None:
    answer = marketplace.client.post(
        "/api/v1/teams",
        content=HOSTILE["duplicate"],
        headers={**marketplace.as_("admin"), "Content-Type": kind},
    )

    assert (answer.status_code, code_of(answer)) == (400, "json-refused")
