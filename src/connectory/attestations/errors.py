"""Why something signed is not believed."""

from typing import ClassVar

from connectory.kernel.errors import ConnectoryError, Kind


class AttestationMismatchError(ConnectoryError):
    """Bytes, signed statements and key of a version do not fit together, or approve nothing."""

    kind: ClassVar[Kind] = Kind.FAILED
    code: ClassVar[str] = "attestation-mismatch"

    def __init__(self, what: str, hint: str = "") -> None:
        super().__init__(
            what, hint=hint or "do not use these bytes; fetch them again, and ask who sent them"
        )


class KeyUnusableError(ConnectoryError):
    """A file holds no public key that could have signed statements."""

    kind: ClassVar[Kind] = Kind.USAGE
    code: ClassVar[str] = "key-unusable"

    def __init__(self) -> None:
        super().__init__(
            "this is no Ed25519 public key in PEM",
            hint="save the server's: `connectory verify <connector>@<version> --save DIR`",
            field="key",
        )
