"""docs/reference/checks.md: every check of a connector, what for, and when it applies."""

from markdown_table import code, table

from connectory.checks.scanners.table import SCANNERS
from connectory.checks.table import CHECKS, MANIFEST

HEAD = """\
# Checks

What `connectory vet` looks at on a laptop, and the marketplace in each version that is
published. A finding is an error, which makes its check fail, or a warning, which does not.
A check that could not look says why (`not-run`): that is no good news. `vet --strict` fails for
it, and an approval waits for it unless security [waives it](../guides/review.md). Each finding
has a code, its file, its line where there is one, and the way out.

"""


def checks_page() -> str:
    """Return the page."""
    rows = [
        (code(check.id), f"{check.title}.", check.why, check.when)
        for check in (MANIFEST, *CHECKS, *SCANNERS)
    ]
    return HEAD + table(("check", "what it demands", "why", "applies to connectors"), rows)
