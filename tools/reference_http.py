"""docs/reference/http.md: every route of the API, from the routers themselves."""

import ast
from collections.abc import Iterator
from http import HTTPStatus
from inspect import signature
from itertools import pairwise
from pathlib import Path

from fastapi.routing import APIRoute
from markdown_table import code, sentence, table

from connectory.access import actors
from connectory.app.mounted import ROUTERS

HEAD = """\
# HTTP API

JSON over `/api/v1`. The exact bodies are in the OpenAPI document that every server gives at
`/openapi.json`.

- Send `Authorization: Bearer cty_…`. A thing that you may not see is answered as missing.
- An error is `application/problem+json` with a stable `code` ([all codes](errors.md)), a `hint`
  and a `request_id`, which every answer also carries as `X-Request-Id`.
- JSON is read strictly: a name given twice, `NaN` or endless numbers are 400 `json-refused`.
- Lists have `limit` (at most 100) and `next`, the cursor to send as `cursor`.
- Times are RFC 3339 in UTC. Money is `{"amount": "2.40", "currency": "USD"}`.

## Who may call what

Every route names one of these in its signature; the column `who` below repeats it.

"""


def http_page() -> str:
    """Return the page, one section per tag."""
    text = HEAD + table(("who", "meaning"), ((code(name), says) for name, says in callers()))
    routes = sorted(api_routes(), key=lambda route: (route.path, _method(route)))
    for tag in sorted({str(route.tags[0]) for route in routes}):
        rows = [_row(route) for route in routes if route.tags[0] == tag]
        text += f"\n## {tag.capitalize()}\n\n"
        text += table(("route", "does", "success", "who"), rows)
    return text


def callers() -> Iterator[tuple[str, str]]:
    """Yield each type of actor and the sentence that stands below it."""
    tree = ast.parse(Path(actors.__file__).read_text())
    for node, text in pairwise(tree.body):
        match node, text:
            case (
                ast.Assign(targets=[ast.Name(id=name)]),
                ast.Expr(value=ast.Constant(value=str(says))),
            ):
                yield name, sentence(says)


def api_routes() -> Iterator[APIRoute]:
    """Yield the routes of the API; pages are for people and have no reference."""
    for router in ROUTERS:
        yield from (route for route in router.routes if isinstance(route, APIRoute))


def who(route: APIRoute) -> str:
    """Return the type of actor that a route names in its signature, `""` for none."""
    wanted = [
        parameter.annotation for parameter in signature(route.endpoint).parameters.values()
    ]
    return next((name for name, _ in callers() if getattr(actors, name) in wanted), "")


def _row(route: APIRoute) -> tuple[str, str, str, str]:
    success = str(route.status_code or HTTPStatus.OK.value)
    does = sentence(route.endpoint.__doc__)
    return code(f"{_method(route)} {route.path}"), does, success, code(who(route))


def _method(route: APIRoute) -> str:
    return " ".join(sorted(route.methods or ()))
