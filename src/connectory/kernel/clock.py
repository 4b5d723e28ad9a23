"""The only reader of the wall clock. Everything else is handed a time."""

from datetime import UTC, datetime


def now() -> datetime:
    """Return the current time, aware, in UTC."""
    return datetime.now(UTC)  # noqa: TID251  this is the place


def rfc3339(moment: datetime) -> str:
    """Write an aware time as RFC 3339 in UTC, in milliseconds: `2026-11-24T07:00:00.000Z`."""
    utc = moment.astimezone(UTC)
    return utc.strftime("%Y-%m-%dT%H:%M:%S.") + f"{utc.microsecond // 1000:03d}Z"


def parse_rfc3339(text: str) -> datetime:
    """Read an RFC 3339 time.

    Raises:
        ValueError: If the text is not a time or has no offset.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text} has no time zone")
    return moment.astimezone(UTC)


def in_time(seconds: int) -> str:
    """Write a length of time: `5 min`, `90 s`."""
    minutes, rest = divmod(seconds, 60)
    return f"{seconds} s" if rest else f"{minutes} min"
