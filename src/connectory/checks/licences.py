"""Check `licences`: of the connector itself and of the wheels that it brings along."""

import email.parser
from collections.abc import Iterator, Mapping
from functools import cache

from license_expression import ExpressionError, Licensing, get_spdx_licensing

from connectory.checks.rules import Finding, within
from connectory.checks.subject import Subject, Vetted, is_wheel
from connectory.gates.wheel import WheelDamagedError
from connectory.kernel.errors import Problem

ALLOWED = frozenset(
    [
        *("0BSD", "Apache-2.0", "BlueOak-1.0.0", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0"),
        *("CC0-1.0", "HPND", "ISC", "MIT", "MIT-0", "MPL-2.0", "PSF-2.0", "Python-2.0"),
        *("Unicode-3.0", "Unlicense", "Zlib"),
    ]
)
"""What binds nobody to more than naming the authors, or to changes of the files themselves."""
OWN = frozenset(["LicenseRef-Internal", "LicenseRef-Proprietary"])
"""What a connector of the organisation may say of itself."""
LONGEST = 300  # characters of an expression
CLASSIFIED: Mapping[str, str] = {
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "MIT No Attribution License (MIT-0)": "MIT-0",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
    "The Unlicense (Unlicense)": "Unlicense",
    "Zero-Clause BSD (0BSD)": "0BSD",
    "GNU General Public License v2 (GPLv2)": "GPL-2.0-only",
    "GNU General Public License v3 (GPLv3)": "GPL-3.0-only",
    "GNU Affero General Public License v3": "AGPL-3.0-only",
    "GNU Lesser General Public License v3 (LGPLv3)": "LGPL-3.0-only",
}
"""What the classifiers of older Python packages mean."""
NAMED: Mapping[str, str] = {
    "apache 2.0": "Apache-2.0",
    "apache license 2.0": "Apache-2.0",
    "apache license, version 2.0": "Apache-2.0",
    "bsd": "BSD-3-Clause",
    "bsd 3-clause": "BSD-3-Clause",
    "bsd 3-clause license": "BSD-3-Clause",
    "mit license": "MIT",
    "mpl 2.0": "MPL-2.0",
}
"""What people wrote before there were identifiers."""
CLASSIFIER = "License :: OSI Approved :: "
OTHERS, PARENT = "License :: ", "License :: OSI Approved"


def applies(_vetted: Vetted) -> str:
    """A connector always has a licence, or lacks one."""
    return ""


def run(vetted: Vetted) -> Iterator[Finding]:
    """Find licences that are missing, unknown or not accepted."""
    subject = vetted.subject
    own = vetted.loaded.manifest.license
    if own is None:
        missing = Problem(
            "licence-missing",
            "the manifest names no licence",
            "add `license:` with an SPDX identifier: Apache-2.0, or LicenseRef-Internal",
            "license",
            severity="warning",
        )
        yield Finding(subject.manifest_file, missing)
    else:
        yield from within(subject.manifest_file, _judged(own, "the connector", ALLOWED | OWN))
    for name in sorted(filter(is_wheel, subject.names)):
        yield from within(subject.named(name), _of_wheel(subject, name))


def _of_wheel(subject: Subject, name: str) -> Iterator[Problem]:
    try:
        said = subject.about_wheel(name)
    except WheelDamagedError as damaged:
        yield Problem(damaged.code, damaged.message, damaged.hint)
        return
    package, expression = licence_of(said)
    if not expression:
        yield Problem(
            "licence-unknown",
            f"{package} does not say under which licence it is",
            "look it up; then ask security for a waiver, or use another package",
        )
        return
    yield from _judged(expression, package, ALLOWED)


def licence_of(metadata: str) -> tuple[str, str]:
    """Return the name of a Python package and its licence, `""` where that is not clear."""
    headers = email.parser.HeaderParser().parsestr(metadata)
    package = f"{headers['Name']} {headers['Version']}"
    if headers["License-Expression"]:
        return package, str(headers["License-Expression"])
    written = str(headers["License"] or "").strip()
    if written.lower() in NAMED or is_known(written):
        return package, NAMED.get(written.lower(), written)
    told = [
        CLASSIFIED.get(each.removeprefix(CLASSIFIER), "")
        for each in headers.get_all("Classifier", [])
        if each.startswith(OTHERS) and each != PARENT
    ]
    return package, " AND ".join(told) if told and all(told) else ""


def _judged(expression: str, whose: str, allowed: frozenset[str]) -> Iterator[Problem]:
    """Say what is wrong with an SPDX expression: of `OR` one side is enough."""
    try:
        if not is_accepted(expression, allowed):
            yield Problem(
                "licence-not-accepted",
                f"{whose} is under {expression}, which is not accepted here",
                "use another package, or ask security for a waiver",
                "license",
            )
    except ValueError as unreadable:
        yield Problem(
            "licence-unreadable",
            f"the licence of {whose} is no SPDX expression: {unreadable}",
            "write identifiers of https://spdx.org/licenses joined by AND, OR, WITH",
            "license",
        )


def is_known(expression: str) -> bool:
    """Whether a text is an expression of SPDX with identifiers of its list only."""
    if not 0 < len(expression) <= LONGEST:
        return False
    try:
        spdx().parse(expression, validate=True, strict=True)
    except (ExpressionError, ValueError, RecursionError):
        return False
    return True


def is_accepted(expression: str, allowed: frozenset[str]) -> bool:
    """Whether some choice that the expression leaves has accepted licences only.

    Raises:
        ValueError: If it is no SPDX expression.
    """
    if len(expression) > LONGEST:
        raise ValueError(f"it is longer than {LONGEST} characters")
    try:
        parsed = spdx().parse(expression, validate=False, strict=True)
    except (ExpressionError, ValueError, RecursionError) as error:
        raise ValueError(str(error) or type(error).__name__) from None
    return parsed is not None and _accepts(parsed, allowed)


def _accepts(node: object, allowed: frozenset[str]) -> bool:
    name, arguments = type(node).__name__, getattr(node, "args", ())
    if name == "OR":
        return any(_accepts(each, allowed) for each in arguments)
    if name == "AND":
        return all(_accepts(each, allowed) for each in arguments)
    excepted = getattr(node, "license_symbol", node)  # an exception permits more, never less
    return str(excepted).removesuffix("+") in allowed  # or later: also the one that is named


@cache
def spdx() -> Licensing:
    """Return the list of SPDX licences; reading it takes a moment."""
    licensing: Licensing = get_spdx_licensing()
    return licensing
