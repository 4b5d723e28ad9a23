"""Write docs/reference/ from the code, so that it lists what exists and nothing else.

    python tools/reference.py           write the pages
    python tools/reference.py --check   write nothing; exit 1 if a page is out of date

A page is a function without arguments that returns Markdown; `PAGES` names them. What people
wrote in docstrings and help texts is used as it stands, so a bad sentence here is mended there.
"""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from reference_checks import checks_page
from reference_cli import cli_page
from reference_errors import errors_page
from reference_events import events_page
from reference_http import http_page
from reference_manifest import manifest_page
from reference_policies import policies_page
from reference_settings import settings_page

REFERENCE = Path(__file__).parents[1] / "docs/reference"

PAGES: Mapping[str, Callable[[], str]] = {
    "checks.md": checks_page,
    "cli.md": cli_page,
    "errors.md": errors_page,
    "events.md": events_page,
    "http.md": http_page,
    "manifest.md": manifest_page,
    "policies.md": policies_page,
    "settings.md": settings_page,
}


def outdated() -> list[str]:
    """Return the names of the pages that are not what the code says."""
    return [name for name, page in PAGES.items() if _stored(name) != page()]


def _stored(name: str) -> str:
    path = REFERENCE / name
    return path.read_text() if path.exists() else ""


def main(arguments: list[str]) -> int:
    """Write the pages, or with `--check` compare them; 1 means that one is out of date."""
    if arguments == ["--check"]:
        late = outdated()
        for name in late:
            print(f"docs/reference/{name} is out of date; run ./dev docs")
        return 1 if late else 0
    if arguments:
        print("usage: python tools/reference.py [--check]", file=sys.stderr)
        return 2
    for name, page in PAGES.items():
        (REFERENCE / name).write_text(page())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
