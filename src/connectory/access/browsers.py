"""What a browser calls itself, in words. Pure; nothing is decided by it."""

BROWSERS = (  # the first that is found: most call themselves by the names of others, too
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chromium/", "Chromium"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("curl/", "curl"),
)
SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)
MOST = 300  # characters that are kept of what a browser calls itself


def in_words(agent: str) -> str:
    """Say which browser it is and on which system: `Firefox on Linux`."""
    browser = _first(BROWSERS, agent) or "A browser"
    system = _first(SYSTEMS, agent)
    return f"{browser} on {system}" if system else browser


def kept(agent: str) -> str:
    """Return what is kept of a `User-Agent`: its beginning, without control characters."""
    return "".join(one for one in agent if one.isprintable())[:MOST]


def _first(table: tuple[tuple[str, str], ...], agent: str) -> str:
    return next((word for mark, word in table if mark in agent), "")
