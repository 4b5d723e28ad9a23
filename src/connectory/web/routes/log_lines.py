"""Lines of a log, for pages."""

from connectory.backends.targets import LogLine
from connectory.web.parts import LogLineView


def line_of(line: LogLine) -> LogLineView:
    """Describe a line of a log."""
    return LogLineView(
        line.offset, line.at, line.level, line.message, tuple(line.facts.items())
    )
