"""connectory api: any request, for what has no command."""

import json
from typing import BinaryIO, ClassVar

import click

from connectory.cli.assignments import ASSIGNMENT
from connectory.cli.pieces import clean
from connectory.cli.session import Session
from connectory.cli.verbs import Verb, dry_run_option
from connectory.client.refusals import refusal
from connectory.client.transport import API, RawAnswer
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


@click.command(cls=Verb)
@click.argument("method", type=click.Choice(METHODS, case_sensitive=False))
@click.argument("path")
@click.option(
    "--field", "fields", multiple=True, type=ASSIGNMENT, help="Text field of a JSON body."
)
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
) -> None:
    r"""Send a request to the server and print the body of the answer.

    PATH is below /api/v1, unless it begins with another address of the server such as /healthz.
    With --json, the status and the body are printed as one document.

    \b
    Example:
        connectory api GET "/connectors?q=slack"
    """
    if not path.startswith("/") or path.startswith("//"):
        raise BadPathError(path)
    whole = path if path.startswith(OUTSIDE) else f"{API}{path}"
    content = data.read() if data else json.dumps(dict(fields)).encode() if fields else None
    answer = session.client.http.raw(method, whole, content, media_type)
    if answer.status >= REFUSED:
        raise refusal(session.url, answer.status, answer.content)
    _show(session, answer)


def _show(session: Session, answer: RawAnswer) -> None:
    text = answer.content.decode("utf-8", "replace")
    is_json = "json" in answer.media_type
    if session.out.as_json:
        body = json.loads(text) if is_json else text
        session.out.document({"status": answer.status, "body": body})
    elif is_json:
        click.echo(json.dumps(json.loads(text), indent=2))
    else:
        click.echo(clean(text), nl=not text.endswith("\n"))
