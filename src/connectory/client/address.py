"""The address of a server, in one form."""

from typing import ClassVar
from urllib.parse import urlsplit

from connectory.kernel.errors import ConnectoryError, Kind

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class BadUrlError(ConnectoryError):
    """The address of the server is not one that can be called."""

    kind: ClassVar[Kind] = Kind.USAGE
    code: ClassVar[str] = "bad-url"

    def __init__(self, url: str) -> None:
        super().__init__(
            f"`{url}` is not the address of a server",
            hint="write it as https://connectory.example.com or http://127.0.0.1:7600",
            field="url",
        )


def normal_url(text: str) -> str:
    """Return a server's address in the one form that tokens are kept under.

    Raises:
        BadUrlError: If it is not http(s), has no host, or carries a password or a query.
    """
    try:
        parts = urlsplit(text.strip())
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        raise BadUrlError(text.rpartition("@")[2]) from None
    wrong = "@" in parts.netloc or parts.query or parts.fragment
    if parts.scheme not in {"http", "https"} or not parts.hostname or wrong:
        raise BadUrlError(text.rpartition("@")[2])
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}{port}{parts.path.rstrip('/')}"


def is_loopback(url: str) -> bool:
    """Whether the address is this machine."""
    return urlsplit(url).hostname in LOOPBACK
