"""Which lines of a log somebody wants to see. Pure."""

from connectory.backends.targets import LogLine

LEVELS = ("debug", "info", "warn", "error")


def fits(line: LogLine, *, level: str, text: str) -> bool:
    """Whether a line is at least of this level and has the text; other levels rank as info."""
    least = LEVELS.index(level) if level in LEVELS else 0
    rank = LEVELS.index(line.level) if line.level in LEVELS else 1
    return rank >= least and text.lower() in line.message.lower()
