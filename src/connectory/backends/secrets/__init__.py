"""Where secret values live. The rest of the product knows only their paths."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Protocol

from connectory.kernel.errors import ConnectoryError, Kind
from connectory.kernel.secret import Secret


class SecretMissingError(ConnectoryError):
    """No secret is stored under this path."""

    kind: ClassVar[Kind] = Kind.NOT_FOUND
    code: ClassVar[str] = "secret-missing"

    def __init__(self, path: str) -> None:
        super().__init__(
            f"no secret is stored at {path}",
            hint=f"store it with `connectory secret set {path}`",
            path=path,
        )


class SecretUnreadableError(ConnectoryError):
    """A stored secret cannot be opened: wrong key, moved row, or changed bytes."""

    kind: ClassVar[Kind] = Kind.FAILED
    code: ClassVar[str] = "secret-unreadable"

    def __init__(self, path: str) -> None:
        super().__init__(
            f"the secret at {path} cannot be opened with the present key file",
            hint="restore the key file that was in use when it was stored, or set it again",
            path=path,
        )


@dataclass(frozen=True, slots=True)
class SecretEntry:
    """What may be shown of a secret: where it is, which version, when and by whom set."""

    path: str  # `teams/payments/slack`
    version: int
    set_at: datetime
    set_by: str


class Secrets(Protocol):
    """A place for secret values, addressed by slash-separated paths.

    Every implementation passes `tests/contracts/test_secrets.py`. Values are versioned: `put`
    never overwrites. Safe to use from several threads.
    """

    def put(self, path: str, value: Secret, *, by: str, at: datetime) -> SecretEntry:
        """Store a new version of the secret."""
        ...

    def read(self, path: str) -> Secret:
        """Return the newest value, for its one receiver.

        Raises:
            SecretMissingError: If nothing is stored there.
            SecretUnreadableError: If what is stored cannot be opened or was moved.
        """
        ...

    def entries(self, prefix: str) -> tuple[SecretEntry, ...]:
        """Return what is stored under `prefix` (a path ending in `/`), by path."""
        ...

    def delete(self, path: str) -> None:
        """Forget every version. Deleting what is not there is no error."""
        ...

    def ping(self) -> None:
        """Raise a ConnectoryError unless secrets can be read and written now."""
        ...
