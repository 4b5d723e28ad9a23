"""Secret values: a type that hides one, and a filter that removes known ones from text."""

import base64
import math
import re
import threading
from collections.abc import Iterator, Mapping
from typing import NoReturn
from urllib.parse import quote, quote_plus

MASK = "***"
SHORTEST_ENCODED = 4  # characters; shorter encoded forms would match ordinary words


class Secret:
    """Wraps a secret text so that printing, formatting or pickling hides it.

    Only `reveal` gives the value; each call of it is a place to review.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the value itself. Hand it to its one receiver and nowhere else."""
        return self._value

    def __str__(self) -> str:
        return MASK

    def __repr__(self) -> str:
        return f"Secret({MASK})"

    def __format__(self, spec: str) -> str:
        return MASK

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret cannot be pickled or copied into another process")


class Masker:
    """Replaces secret values that it has learnt, in the forms in which they usually leak.

    Safe to use from several threads.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._forms: set[str] = set()
        self._pattern: re.Pattern[str] | None = None

    def learn(self, value: str) -> None:
        """Mask this value from now on: plain, URL-encoded, base64 (also inside) and hex."""
        if not value:
            return
        with self._lock:
            self._forms.update(_forms(value))
            longest_first = sorted(self._forms, key=len, reverse=True)
            self._pattern = re.compile("|".join(map(re.escape, longest_first)))

    def clean(self, text: str) -> str:
        """Return the text with every known value replaced by `***`."""
        pattern = self._pattern
        return text if pattern is None else pattern.sub(MASK, text)

    def clean_json(self, value: object, *, longest: int | None = None) -> object:
        """Turn any value into JSON without known values; what JSON lacks becomes text.

        Texts longer than `longest` characters are cut.
        """
        if value is None or isinstance(value, bool | int):
            return value
        if isinstance(value, float) and math.isfinite(value):
            return value
        if isinstance(value, Mapping):
            return {
                self.clean(str(name)): self.clean_json(part, longest=longest)
                for name, part in value.items()
            }
        if isinstance(value, list | tuple | set | frozenset):
            return [self.clean_json(part, longest=longest) for part in value]
        text = self.clean(str(value))
        return text if longest is None or len(text) <= longest else text[:longest] + "…"


def _forms(value: str) -> Iterator[str]:
    yield value
    raw = value.encode("utf-8", "surrogatepass")
    encoded = {
        quote(raw, safe=""),
        quote_plus(raw),
        raw.hex(),
        raw.hex().upper(),
        *_base64_cores(raw),
    }
    yield from (form for form in encoded if len(form) >= SHORTEST_ENCODED)


def _base64_cores(raw: bytes) -> Iterator[str]:
    """Give the base64 text of `raw` at each alignment, without the digits its neighbours share.

    `user:secret` in a Basic header holds the secret at any of three alignments.
    """
    for offset in range(3):
        shared_start = -(-offset * 8 // 6)
        whole_digits = (offset + len(raw)) * 8 // 6
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            yield encode(b"\0" * offset + raw)[shared_start:whole_digits].decode()


MASKER = Masker()
"""The one filter of this process; `secret` teaches it, logs and answers pass through it."""
