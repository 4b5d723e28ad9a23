"""What a connector prints, on its way to the log: cut into lines, masked, escaped, rotated."""

import json
import os
import re
import time
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

TYPE_CHECKING = False  # nothing imports `typing`: it would be 0.6 MB of each instance
if TYPE_CHECKING:
    from typing import IO

LINE = 16 * 1024  # bytes of one printed line that are kept
LEVELS = {"debug": "debug", "info": "info", "warn": "warn", "warning": "warn", "error": "error"}
SHORTEST_SECRET = 6  # characters; masking shorter ones would tear ordinary words apart
UNPRINTABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff]"
)


class Log:
    """A log in segments, each named by the offset of its first byte, so that offsets last."""

    def __init__(self, folder: Path, *, segment_bytes: int, segments: int) -> None:
        self._folder = folder
        self._segment_bytes = segment_bytes
        self._segments = segments
        folder.mkdir(exist_ok=True)
        self._open(max((int(old.stem) for old in folder.iterdir()), default=0))

    def write(self, record: dict[str, str]) -> None:
        """Append one record as one line and begin a new segment when this one is full."""
        line = json.dumps(record, ensure_ascii=False).encode() + b"\n"
        # A full disk costs lines of the log, not the connector.
        with suppress(OSError):
            self._size += os.write(self._file, line)
            if self._size >= self._segment_bytes:
                os.close(self._file)
                self._open(self._begin + self._size)
                for old in sorted(self._folder.iterdir())[: -self._segments]:
                    old.unlink()

    def _open(self, begin: int) -> None:
        self._begin = begin
        path = self._folder / f"{begin:020d}.ndjson"
        self._file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        self._size = os.fstat(self._file).st_size
        if self._size and os.pread(self._file, 1, self._size - 1) != b"\n":
            self._size += os.write(self._file, b"\n")  # a crash has cut the last line


class Scribe:
    """Turns printed lines into records without secrets and without control characters."""

    def __init__(self, secrets: Iterable[str]) -> None:
        parts = {part for value in secrets for part in (value, *value.splitlines())}
        long = {part for part in parts if len(part) >= SHORTEST_SECRET}
        forms = {form for part in long for form in _forms(part)}
        ordered = sorted(forms, key=len, reverse=True)  # the whole before its parts
        self._secrets = re.compile("|".join(map(re.escape, ordered)) or r"(?!)")

    def record(self, raw: bytes, *, level: str) -> dict[str, str]:
        """Return a line as a record. JSON objects with a `msg` keep their level and facts."""
        text = raw[:LINE].decode("utf-8", "backslashreplace")
        if len(raw) > LINE:
            text += " (cut)"
        facts = _parsed(text)
        message = self._clean(facts.pop("msg"))
        level = LEVELS.get(facts.pop("level", "").lower(), level)
        facts.pop("ts", None)  # a connector can claim any time; the one below is ours
        cleaned = {self._clean(name): self._clean(value) for name, value in facts.items()}
        return {"ts": stamp(), "level": level, "msg": message, **cleaned}

    def _clean(self, text: str) -> str:
        masked = self._secrets.sub("***", text)
        return UNPRINTABLE.sub(lambda found: ascii(found[0])[1:-1], masked)


def _forms(secret: str) -> Iterator[str]:
    """Give the ways in which a secret is likely to be written; nobody can know all of them."""
    raw = secret.encode()
    yield from (secret, json.dumps(secret)[1:-1], quote(secret, safe=""), raw.hex())
    for encode in (b64encode, urlsafe_b64encode):
        # What stands before it shifts it against the groups of three bytes; the first and the
        # last characters depend on the neighbours, those between them do not.
        for before in range(3):
            begin, end = -(-8 * before // 6), 8 * (before + len(raw)) // 6
            yield encode(bytes(before) + raw).decode()[begin:end]


class Output:
    """One pipe that the connector prints to, cut into lines; holds no more than one of them."""

    def __init__(self, pipe: "IO[bytes]", level: str, *, is_ours: bool = False) -> None:
        os.set_blocking(pipe.fileno(), False)
        self.pipe = pipe
        self.level = level
        self.is_ours = is_ours  # what the platform says there, not the connector
        self._rest = b""

    def lines(self, piece: bytes) -> list[bytes]:
        """Return the lines that are complete now; after an empty piece the last one is, too."""
        *lines, rest = (self._rest + piece).split(b"\n")
        self._rest = rest[: LINE + 1]  # one byte more shows that there were more
        return [line for line in (lines if piece else [rest]) if line.strip()]


def stamp() -> str:
    """Return the time in UTC as RFC 3339 with milliseconds."""
    now = datetime.fromtimestamp(time.time(), UTC)
    return now.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _parsed(text: str) -> dict[str, str]:
    """Return the facts of a JSON line as texts, or the whole line as `msg`."""
    with suppress(ValueError, RecursionError):
        value = json.loads(text)
        if isinstance(value, dict) and isinstance(value.get("msg"), str):
            return {
                name: fact if isinstance(fact, str) else json.dumps(fact, ensure_ascii=False)
                for name, fact in value.items()
            }
    return {"msg": text}
