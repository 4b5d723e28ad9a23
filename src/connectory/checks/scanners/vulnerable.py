"""What every scanner says of vulnerable packages, in one form."""

from collections.abc import Sequence

from connectory.checks.scanners.adapter import Said, named


def vulnerable(  # noqa: PLR0913  the fields of a vulnerability, by name
    *,
    names: Sequence[str],
    purl: str,
    package: tuple[str, str],
    place: str,
    severity: str,
    title: str,
    fixed: Sequence[str],
) -> Said:
    """Describe a vulnerable package; `names` are those of the advisory, its own first."""
    name, version = named(purl) or package
    level = severity.lower() if severity.lower() not in {"", "unknown"} else ""
    known = ", ".join(names[:3])
    stated = f"{level} severity" if level else "severity not stated"
    return Said(
        rule=names[0],
        place=place,
        message=f"{name} {version} is concerned by {known} ({stated})"
        + (f": {title}" if title else ""),
        hint=f"use {name} {' or '.join(fixed[:5])} or newer"
        if fixed
        else f"nobody has repaired it: replace {name}, or ask security for a waiver",
        package=(name, version),
        also=tuple(names[1:]),
    )
