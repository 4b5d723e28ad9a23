"""connectory api: any request, for what has no command."""

import json
from typing import Any, BinaryIO, ClassVar
from urllib.parse import parse_qsl, urlencode

import click

from connectory.cli.assignments import ASSIGNMENT
from connectory.cli.pieces import clean
from connectory.cli.session import Session
from connectory.cli.verbs import Verb, dry_run_option
from connectory.client.refusals import refusal
from connectory.client.transport import API
from connectory.client.wire import RawAnswer
from connectory.kernel.errors import ConnectoryError, Kind

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
OUTSIDE = ("/api/", "/docs/", "/healthz", "/hooks/", "/openapi.json", "/readyz", "/schemas/")
REFUSED = 400


class BadPathError(ConnectoryError):
    """The path of a request does not begin with one slash, so it could lead elsewhere."""

    kind: ClassVar[Kind] = Kind.USAGE
    code: ClassVar[str] = "bad-path"

    def __init__(self, path: str) -> None:
        super().__init__(
            f"`{path}` is not a path of the server",
            hint="write it as /connectors?q=slack, below /api/v1",
            field="path",
        )


class NoPagesError(ConnectoryError):
    """All pages of something were asked for that is no list."""

    kind: ClassVar[Kind] = Kind.USAGE
    code: ClassVar[str] = "no-pages"

    def __init__(self, path: str) -> None:
        super().__init__(f"{path} is no list", hint="leave --all out", field="path")


@click.command(cls=Verb)
@click.argument("method", type=click.Choice(METHODS, case_sensitive=False))
@click.argument("path")
@click.option(
    "-f",
    "--field",
    "fields",
    multiple=True,
    type=ASSIGNMENT,
    help="Text field of a JSON body; of GET, of the query.",
)
@click.option("--all", "every", is_flag=True, help="Read all pages of a list as one.")
@click.option("--data", type=click.File("rb"), help="File with the body; - is standard input.")
@click.option(
    "--type", "media_type", default="application/json", help="Media type of the body."
)
@dry_run_option
@click.pass_obj
def api(
    session: Session,
    method: str,
    path: str,
    fields: tuple[tuple[str, str], ...],
    data: BinaryIO | None,
    media_type: str,
    *,
    every: bool,
) -> None:
    r"""Send a request to the server and print the body of the answer.

    PATH is below /api/v1, unless it begins with another address of the server such as /healthz.
    With --json, the status and the body are printed as one document.

    \b
    Example:
        connectory api GET "/connectors?q=slack"
        connectory api GET /audit -f team=payments --all
    """
    if not path.startswith("/") or path.startswith("//"):
        raise BadPathError(path)
    whole = path if path.startswith(OUTSIDE) else f"{API}{path}"
    if method == "GET":
        whole, fields = _asking(whole, dict(fields)), ()
    elif every:
        raise click.UsageError("--all reads pages, so the method must be GET")
    content = data.read() if data else json.dumps(dict(fields)).encode() if fields else None
    answer = _answer(session, method, whole, content, media_type)
    body = _body(answer)
    if every:
        body = _all_pages(session, whole, body)
    _show(session, answer.status, body)


def _answer(
    session: Session, method: str, path: str, content: bytes | None, media_type: str
) -> RawAnswer:
    answer = session.client.http.raw(method, path, content, media_type)
    if answer.status >= REFUSED:
        raise refusal(session.url, answer.status, answer.content)
    return answer


def _all_pages(session: Session, path: str, first: object) -> dict[str, Any]:
    """Follow `next` from page to page; where it is a number it counts entries of a log."""
    if not isinstance(first, dict) or "items" not in first:
        raise NoPagesError(path)
    items, page = list(first["items"]), first
    while page.get("next") is not None:
        after = "after" if isinstance(page["next"], int) else "cursor"
        further = _asking(path, {after: str(page["next"])})
        page = json.loads(_answer(session, "GET", further, None, "").content)
        items += page["items"]
    return {**first, "items": items, "next": None}


def _asking(path: str, fields: dict[str, str]) -> str:
    """Return a path with more in its query; what is named there already is replaced."""
    bare, _, query = path.partition("?")
    kept = [one for one in parse_qsl(query, keep_blank_values=True) if one[0] not in fields]
    return f"{bare}?{urlencode([*kept, *fields.items()])}" if fields else path


def _body(answer: RawAnswer) -> object:
    text = answer.content.decode("utf-8", "replace")
    return json.loads(text) if "json" in answer.media_type else text


def _show(session: Session, status: int, body: object) -> None:
    if session.out.as_json:
        session.out.document({"status": status, "body": body})
    elif isinstance(body, str):
        click.echo(clean(body), nl=not body.endswith("\n"))
    else:
        click.echo(json.dumps(body, indent=2))
