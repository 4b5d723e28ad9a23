"""HTTP: publish many manifests with one request, one line of JSON for each."""

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, ValidationError

from connectory.access.actors import BulkPublisher
from connectory.access.edge import Opening
from connectory.kernel import strict_json
from connectory.kernel.errors import ConnectoryError, Kind
from connectory.kernel.strict_json import JsonRefusedError
from connectory.manifest import loader
from connectory.manifest.errors import ManifestError
from connectory.publishing.release import (
    Depot,
    Outcome,
    Upload,
    publish_manifests,
    text_of,
)
from connectory.publishing.views import ProblemView, Published, problem_view, published_view

router = APIRouter(prefix="/api/v1", tags=["publishing"])

MOST_LINES = 200  # of one request: one transaction, and one commit of the index
LINES = "application/x-ndjson"
RESULTS = {
    "type": "string",
    "description": "One line of JSON for each line that was sent, in order: `result` (created, "
    "identical, refused) and `version`, or `error` with kind, code, message, hint, problems.",
}


class BulkTooLongError(ConnectoryError):
    """A bulk publication has more lines than one request may have."""

    kind: ClassVar[Kind] = Kind.TOO_LARGE
    code: ClassVar[str] = "bulk-too-long"

    def __init__(self, lines: int) -> None:
        super().__init__(
            f"{lines} manifests came in one request",
            hint=f"send at most {MOST_LINES} at a time",
            limit=MOST_LINES,
        )


class BulkLineError(ConnectoryError):
    """A line of a bulk publication is not a JSON object with a manifest."""

    kind: ClassVar[Kind] = Kind.USAGE
    code: ClassVar[str] = "bulk-line"

    def __init__(self, line: int) -> None:
        super().__init__(
            f"line {line} is not a JSON object with a manifest",
            hint='write {"manifest": "<YAML>"}; `readme` and `runbook` may stand beside it',
            line=line,
        )


class BulkLine(BaseModel):
    """One connector to publish: its manifest as YAML, and its texts."""

    model_config = ConfigDict(extra="forbid", strict=True)

    manifest: str
    readme: str = ""
    runbook: str = ""


class Refusal(BaseModel):
    """Why a line was refused, as a request of its own would be."""

    kind: str
    code: str
    message: str
    hint: str
    problems: list[ProblemView]


class BulkResult(BaseModel):
    """What became of one line: `version` unless it was refused, else `error`."""

    result: Literal["created", "identical", "refused"]
    version: Published | None = None
    error: Refusal | None = None


async def _sent(request: Request) -> list[bytes]:
    lines = (await request.body()).splitlines()
    if len(lines) > MOST_LINES:
        raise BulkTooLongError(len(lines))
    return lines


@router.post(
    "/connectors:bulk",
    response_class=Response,
    responses={200: {"content": {LINES: {"schema": RESULTS}}}},
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {LINES: {"schema": BulkLine.model_json_schema()}},
        }
    },
)
def publish_many(
    request: Request,
    by: BulkPublisher,
    sent: Annotated[list[bytes], Depends(_sent)],
    opener: Opening,
) -> Response:
    """Publish up to 200 manifests, each on its own; the answer has a line for each."""
    depot: Depot = request.app.state.depot
    uploads = list(_uploads(sent))  # before the transaction: other writers need not wait
    done = publish_manifests(opener, depot, uploads, by)
    text = "".join(f"{_result(one).model_dump_json()}\n" for one in done)
    return Response(text, media_type=LINES)


def _uploads(lines: list[bytes]) -> Iterator[Upload | ConnectoryError]:
    for number, line in enumerate(lines, 1):
        try:
            yield _upload(number, line)
        except ConnectoryError as refused:
            yield refused


def _upload(number: int, line: bytes) -> Upload:
    try:
        one = BulkLine.model_validate(strict_json.read(line))
    except (JsonRefusedError, ValidationError):
        raise BulkLineError(number) from None
    readme, runbook = text_of(one.readme.encode()), text_of(one.runbook.encode())
    return Upload(loader.load(one.manifest.encode()), readme=readme, runbook=runbook)


def _result(done: Outcome) -> BulkResult:
    if isinstance(done, ConnectoryError):
        return BulkResult(result="refused", error=_refusal(done))
    view = published_view(done)
    return BulkResult(result="created" if view.created else "identical", version=view)


def _refusal(refused: ConnectoryError) -> Refusal:
    problems = refused.problems if isinstance(refused, ManifestError) else ()
    return Refusal(
        kind=refused.kind,
        code=refused.code,
        message=str(refused),
        hint=refused.hint,
        problems=[problem_view(one) for one in problems],
    )
