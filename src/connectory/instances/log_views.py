"""The JSON of log lines."""

from pydantic import BaseModel

from connectory.backends.targets import LogLine
from connectory.kernel.clock import rfc3339


class LineView(BaseModel):
    """One line of a log."""

    offset: int
    ts: str
    level: str
    message: str
    facts: dict[str, str]


def line_view(line: LogLine) -> LineView:
    """Describe a line of a log."""
    return LineView(
        offset=line.offset,
        ts=rfc3339(line.at),
        level=line.level,
        message=line.message,
        facts=dict(line.facts),
    )
