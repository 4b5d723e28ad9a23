"""GET /docs and /docs/errors: the references that a server publishes about itself."""

from collections.abc import Iterator, Mapping
from typing import ClassVar

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from connectory.access.actors import Anybody
from connectory.gates.code_table import read_rows
from connectory.kernel.errors import ConnectoryError, Kind
from connectory.web.answering import show
from connectory.web.pages.docs import DocsPage
from connectory.web.pages.errors import ErrorCode, ErrorCodePage, ErrorCodesPage

router = APIRouter(include_in_schema=False)

ADVICE: Mapping[Kind, str] = {
    Kind.MALFORMED: "Change what is sent: it cannot be read. Sending it again will not help.",
    Kind.USAGE: "Change what is sent, as the hint says. Sending it again will not help.",
    Kind.TOO_LARGE: "Send less, or ask the operator to raise the limit that the hint names.",
    Kind.NOT_SIGNED_IN: "Sign in, or send a token that still works.",
    Kind.NOT_ALLOWED: "Ask somebody who has the role or scope that the answer names.",
    Kind.NOT_FOUND: "Check the spelling. What you may not see looks like what is not there.",
    Kind.BLOCKED: "Put right what policy or vetting names, or ask who may decide otherwise.",
    Kind.CONFLICT: "Look at the present state, then decide again.",
    Kind.OUTDATED: "Read it again, and make the change to what it is now.",
    Kind.MISDIRECTED: "Use the name under which the operator runs this server.",
    Kind.RATE_LIMITED: "Wait as long as the answer says, then go on more slowly.",
    Kind.UNAVAILABLE: "Try again later; repeating it is safe.",
    Kind.TIMED_OUT: "Look whether it is still going on before you repeat it.",
    Kind.STORAGE_FULL: "Tell the operator: there is no space left.",
    Kind.FAILED: "Read the message: a run or a check said no.",
}


class ErrorCodeMissingError(ConnectoryError):
    """There is no error code of this name."""

    kind: ClassVar[Kind] = Kind.NOT_FOUND
    code: ClassVar[str] = "error-code-missing"

    def __init__(self, code: str) -> None:
        super().__init__(
            f"there is no error code `{code[:60]}`", hint="see /docs/errors for all of them"
        )


@router.get("/docs")
def docs(request: Request, by: Anybody) -> HTMLResponse:
    """List the references."""
    return show(request, DocsPage())


@router.get("/docs/errors")
def error_codes(request: Request, by: Anybody) -> HTMLResponse:
    """List every error code with its meaning."""
    known = sorted(_classes(ConnectoryError).items())
    return show(request, ErrorCodesPage(tuple(_code(error) for _, error in known)))


@router.get("/docs/errors/{code}")
def error_code(request: Request, code: str, by: Anybody) -> HTMLResponse:
    """Say what one error code means and what to do."""
    error = _classes(ConnectoryError).get(code)
    if error is not None:
        return show(request, ErrorCodePage(_code(error), ADVICE[error.kind]))
    row = read_rows().get(code)
    if row is None:
        raise ErrorCodeMissingError(code)
    problem = ErrorCode(code, "problem", row.get("says, for example", ""))
    return show(request, ErrorCodePage(problem, ADVICE[Kind.USAGE]))


def _classes(base: type[ConnectoryError]) -> dict[str, type[ConnectoryError]]:
    return {error.code: error for error in _below(base) if "code" in vars(error)}


def _below(base: type[ConnectoryError]) -> Iterator[type[ConnectoryError]]:
    for error in base.__subclasses__():
        yield error
        yield from _below(error)


def _code(error: type[ConnectoryError]) -> ErrorCode:
    meaning = (error.__doc__ or "").partition("\n\n")[0]
    return ErrorCode(error.code, error.kind, " ".join(meaning.split()))
