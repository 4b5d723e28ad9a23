"""What a reader sees when something did not work, and the reference page of each code."""

from dataclasses import dataclass
from typing import ClassVar

from connectory.web.parts import Link, Trouble


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """A request that was not answered as asked. Template: error.html."""

    template: ClassVar[str] = "error.html"

    status: int
    title: str
    code: str
    message: str
    hint: str
    problems: tuple[Trouble, ...] = ()
    search: str = ""  # what to look for instead: the last word of the path
    next: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class ErrorCode:
    """One stable code: what it means and what kind of trouble it is."""

    code: str
    kind: str
    meaning: str


@dataclass(frozen=True, slots=True)
class ErrorCodePage:
    """The reference page of one code. Template: error-code.html."""

    template: ClassVar[str] = "error-code.html"

    error: ErrorCode
    advice: str


@dataclass(frozen=True, slots=True)
class ErrorCodesPage:
    """All codes. Template: error-codes.html."""

    template: ClassVar[str] = "error-codes.html"

    errors: tuple[ErrorCode, ...]
