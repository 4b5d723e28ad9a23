"""What can go wrong between this side and a server."""

from typing import ClassVar

from connectory.kernel.errors import ConnectoryError, Kind, Problem

ELSEWHERE = "start one with `connectory up`, or name another with `CONNECTORY_URL`"


class RefusedError(ConnectoryError):
    """The server said no; kind, code, message and hint are the server's own.

    Args:
        message: The server's sentence.
        hint: The server's way out.
        kind: What class of trouble it is.
        code: The server's stable name for it.
        request_id: What the operator finds the request by; empty when nothing was given.
        problems: Each problem of a refused document.
    """

    kind: ClassVar[Kind] = Kind.FAILED
    code: ClassVar[str] = "refused"

    def __init__(
        self,
        message: str,
        *,
        hint: str,
        kind: Kind,
        code: str,
        request_id: str = "",
        problems: tuple[Problem, ...] = (),
    ) -> None:
        super().__init__(message, hint=hint, problems=problems)
        self.kind = kind  # type: ignore[misc]  # the server decides, not the class
        self.code = code  # type: ignore[misc]
        self.request_id = request_id


class ServerUnreachableError(ConnectoryError):
    """Nothing answers at the server's address, or the connection broke."""

    kind: ClassVar[Kind] = Kind.UNAVAILABLE
    code: ClassVar[str] = "server-unreachable"

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(f"cannot reach {url}: {reason}", hint=ELSEWHERE, url=url)


class ServerSilentError(ConnectoryError):
    """The server took the request and did not answer in time; the work may still go on."""

    kind: ClassVar[Kind] = Kind.TIMED_OUT
    code: ClassVar[str] = "server-silent"

    def __init__(self, url: str, seconds: float) -> None:
        super().__init__(
            f"{url} did not answer within {seconds:g} s",
            hint="look whether it was done before trying again, or give a longer `--timeout`",
            url=url,
        )


class RedirectedError(ConnectoryError):
    """The server points to another address, where the token is not sent."""

    kind: ClassVar[Kind] = Kind.USAGE
    code: ClassVar[str] = "redirected"

    def __init__(self, url: str, location: str) -> None:
        super().__init__(
            f"{url} points to {location}, and the token is not sent there",
            hint="check the address, then name the right one with `CONNECTORY_URL`",
            url=url,
        )


class UnexpectedAnswerError(ConnectoryError):
    """What answers is no marketplace, or one of another version."""

    kind: ClassVar[Kind] = Kind.FAILED
    code: ClassVar[str] = "unexpected-answer"

    def __init__(self, url: str, what: str) -> None:
        super().__init__(
            f"{url} gave an answer that this client cannot use: {what}",
            hint="check the address and the versions: `connectory doctor`",
            url=url,
        )


class StillRunningError(ConnectoryError):
    """Waiting for an operation or a sync ended before that did."""

    kind: ClassVar[Kind] = Kind.TIMED_OUT
    code: ClassVar[str] = "still-running"

    def __init__(self, operation: str, seconds: float, look: str = "") -> None:
        watch = look or f"connectory operations show {operation} --follow"
        super().__init__(
            f"{operation} is still going on after {seconds:g} s",
            hint=f"watch it with `{watch}`",
            operation=operation,
        )


class StillUnderReviewError(ConnectoryError):
    """Waiting for a review ended before the review did."""

    kind: ClassVar[Kind] = Kind.TIMED_OUT
    code: ClassVar[str] = "still-under-review"

    def __init__(self, review: str, missing: list[str]) -> None:
        super().__init__(
            f"{review} still waits for {', '.join(missing) or 'its checks'}",
            hint=f"connectory review status {review} --follow",
        )
