"""Versions that advisories concern, or not, labelled by the rules of their ecosystems.

Each case has an ecosystem, the events of one range, and a version. The traps are those that the
documents named with them warn of: epochs, tildes, pre-releases, build metadata, inclusive ends.
"""

from labelled import FINE, Case

VULNERABLE, OPEN = "vulnerable", "open"

PEP_440 = "PyPA, Version specifiers (PEP 440)"
SEMVER = "Semantic Versioning 2.0.0, items 10 and 11"
GO = "Go Modules Reference, Versions and Pseudo-versions"
DEBIAN = "Debian Policy Manual 5.6.12 and deb-version(7)"
ALPINE = "Alpine Package Keeper, apk-package(5) and its version test"
OSV = "OpenSSF, OSV schema, affected[].ranges[].events and evaluation"

VERSIONS = (
    # ecosystem, introduced, end, version, verdict, source; an end with `=` is last_affected
    ("PyPI", "0", "3.1.6", "3.1.5", VULNERABLE, PEP_440),
    ("PyPI", "0", "3.1.6", "3.1.6", FINE, PEP_440),
    ("PyPI", "0", "3.1.10", "3.1.9", VULNERABLE, PEP_440),
    ("PyPI", "0", "3.1.9", "3.1.10", FINE, PEP_440),
    ("PyPI", "0", "2.0", "2.0rc1", VULNERABLE, PEP_440),
    ("PyPI", "0", "2.0", "2.0.dev3", VULNERABLE, PEP_440),
    ("PyPI", "0", "2.0", "2.0.post1", FINE, PEP_440),
    ("PyPI", "0", "2.0", "2.0.0", FINE, PEP_440),
    ("PyPI", "0", "2.0", "2", FINE, PEP_440),
    ("PyPI", "0", "2.0", "v1.9", VULNERABLE, PEP_440),
    ("PyPI", "0", "2.0", "1!0.5", FINE, PEP_440),
    ("PyPI", "1!0", "1!1.0", "1!0.5", VULNERABLE, PEP_440),
    ("PyPI", "0", "2.0", "1.9+local.7", VULNERABLE, PEP_440),
    ("PyPI", "0", "=2.0", "2.0+local.7", FINE, PEP_440),
    ("PyPI", "0", "2.0a2", "2.0A1", VULNERABLE, PEP_440),
    ("PyPI", "0", "2.0-beta.2", "2.0b1", VULNERABLE, PEP_440),
    ("PyPI", "0", "1.0", "2004d", OPEN, PEP_440),
    ("npm", "0", "4.17.21", "4.17.20", VULNERABLE, SEMVER),
    ("npm", "0", "4.17.21", "4.17.21", FINE, SEMVER),
    ("npm", "0", "1.10.0", "1.9.0", VULNERABLE, SEMVER),
    ("npm", "0", "1.9.0", "1.10.0", FINE, SEMVER),
    ("npm", "0", "1.0.0", "1.0.0-rc.1", VULNERABLE, SEMVER),
    ("npm", "1.0.0", "2.0.0", "1.0.0-rc.1", FINE, SEMVER),
    ("npm", "0", "1.0.0-alpha.beta", "1.0.0-alpha.1", VULNERABLE, SEMVER),
    ("npm", "0", "1.0.0-beta.2", "1.0.0-beta.11", FINE, SEMVER),
    ("npm", "0", "1.0.0-beta.11", "1.0.0-beta.2", VULNERABLE, SEMVER),
    ("npm", "0", "1.0.0-rc.1", "1.0.0-alpha", VULNERABLE, SEMVER),
    ("npm", "0", "1.0.0-alpha.1", "1.0.0-alpha", VULNERABLE, SEMVER),
    ("npm", "0", "1.0.1", "1.0.0+20130313144700", VULNERABLE, SEMVER),
    ("npm", "0", "1.0.0", "1.0.0+21AF26D3----117B344092BD", FINE, SEMVER),
    ("npm", "0", "1.0.0", "git+ssh://git@github.com/a/b.git#1f2", OPEN, SEMVER),
    ("Go", "0", "0.17.0", "0.16.0", VULNERABLE, GO),
    ("Go", "0", "0.17.0", "0.17.0", FINE, GO),
    (
        "Go",
        "0",
        "0.0.0-20220314234659-1baeb1ce4c0b",
        "0.0.0-20210921155107-089bfa567519",
        VULNERABLE,
        GO,
    ),
    (
        "Go",
        "0",
        "0.0.0-20210921155107-089bfa567519",
        "0.0.0-20220314234659-1baeb1ce4c0b",
        FINE,
        GO,
    ),
    ("Go", "0", "24.0.7+incompatible", "24.0.6+incompatible", VULNERABLE, GO),
    ("Go", "0", "24.0.7", "24.0.7+incompatible", FINE, GO),
    ("Go", "1.2.3", "1.3.0", "1.2.4-0.20191109021931-daa7c04131f5", VULNERABLE, GO),
    ("Go", "0", "1.2.3", "1.2.3-pre.0.20191109021931-daa7c04131f5", VULNERABLE, GO),
    ("Debian:12", "0", "3.0.11-1~deb12u2", "3.0.11-1~deb12u1", VULNERABLE, DEBIAN),
    ("Debian:12", "0", "3.0.11-1~deb12u2", "3.0.11-1~deb12u2", FINE, DEBIAN),
    ("Debian:12", "0", "3.0.11-1", "3.0.11-1~deb12u2", VULNERABLE, DEBIAN),
    ("Debian:12", "0", "3.0.11-1~deb12u2", "3.0.11-1", FINE, DEBIAN),
    ("Debian:12", "0", "1:1.2.13", "2.0-1", VULNERABLE, DEBIAN),
    ("Debian:12", "0", "2.0-1", "1:1.2.13.dfsg-1", FINE, DEBIAN),
    ("Debian:12", "0", "1.0-1", "0:1.0-1", FINE, DEBIAN),
    ("Debian:12", "0", "1.0-2", "1.0-1+b1", VULNERABLE, DEBIAN),
    ("Debian:12", "0", "1.0-1+b1", "1.0-1", VULNERABLE, DEBIAN),
    ("Debian:12", "0", "1.0", "1.0~rc1", VULNERABLE, DEBIAN),
    ("Debian:12", "0", "1.0~rc1", "1.0~~", VULNERABLE, DEBIAN),
    ("Debian:12", "0", "1.0a", "1.0+", FINE, DEBIAN),
    ("Debian:12", "0", "1.0.10", "1.0.9", VULNERABLE, DEBIAN),
    ("Debian:12", "0", "1.0-09", "1.0-9", FINE, DEBIAN),
    ("Debian:12", "0", "2.36-9+deb12u10", "2.36-9+deb12u9", VULNERABLE, DEBIAN),
    ("Debian:12", "0", "1.0", "1.0-0", FINE, DEBIAN),
    ("Debian:12", "0", "1.0-1-2", "1.0-1-1", VULNERABLE, DEBIAN),
    ("Ubuntu:22.04", "0", "3.0.2-0ubuntu1.15", "3.0.2-0ubuntu1.9", VULNERABLE, DEBIAN),
    ("Alpine:v3.20", "0", "3.3.2-r1", "3.3.2-r0", VULNERABLE, ALPINE),
    ("Alpine:v3.20", "0", "3.3.2-r1", "3.3.2-r10", FINE, ALPINE),
    ("Alpine:v3.20", "0", "1.2.5-r1", "1.2.5", VULNERABLE, ALPINE),
    ("Alpine:v3.20", "0", "1.1", "1.1_alpha1", VULNERABLE, ALPINE),
    ("Alpine:v3.20", "0", "1.3_alpha3", "1.3_alpha2", VULNERABLE, ALPINE),
    ("Alpine:v3.20", "0", "3.1_p17", "3.1_p16", VULNERABLE, ALPINE),
    ("Alpine:v3.20", "0", "3.1", "3.1_p16", FINE, ALPINE),
    ("Alpine:v3.20", "0", "1.0_p10-r0", "1.0_p9-r0", VULNERABLE, ALPINE),
    ("Alpine:v3.20", "0", "2.0.0_rc3-r1", "2.0.0_beta9", VULNERABLE, ALPINE),
    ("Alpine:v3.20", "0", "0.15.1b-r2", "0.15.1b", VULNERABLE, ALPINE),
    ("Alpine:v3.20", "0", "1.7b", "1.7", VULNERABLE, ALPINE),
    ("Alpine:v3.20", "0", "1.02.10-r1", "1.02.07", VULNERABLE, ALPINE),
    ("Alpine:v3.20", "0", "0.1.0_alpha", "0.1.0_alpha_pre2", VULNERABLE, ALPINE),
    ("Alpine:v3.20", "0", "2.1.9.200602141850", "1.6", VULNERABLE, ALPINE),
    ("PyPI", "0", "=2.31.0", "2.31.0", VULNERABLE, OSV),
    ("PyPI", "0", "=2.31.0", "2.31.1", FINE, OSV),
    ("npm", "1.0.0", "=1.2.5", "1.2.5", VULNERABLE, OSV),
    ("npm", "1.0.0", "=1.2.5", "0.9.9", FINE, OSV),
    ("npm", "1.0.0", "", "99.0.0", VULNERABLE, OSV),
    ("Debian:12", "0", "", "1:9.9-1", VULNERABLE, OSV),
    ("Debian:11", "0", "2.0-1", "1.0-1", FINE, OSV),
    ("crates.io", "0", "1.0.0", "0.9.0", VULNERABLE, OSV),
)
"""An advisory about Debian 12, Ubuntu 22.04 or Alpine 3.20 says nothing of another release."""

RELEASES = {"Debian": "Debian:12", "Ubuntu": "Ubuntu:22.04", "Alpine": "Alpine:v3.20"}


def _events(introduced: str, end: str) -> list[dict[str, str]]:
    """Write a range as OSV does."""
    last = {"last_affected": end[1:]} if end.startswith("=") else {"fixed": end}
    return [{"introduced": introduced}, *([last] if end else [])]


def cases() -> list[Case[tuple[str, list[dict[str, str]], str]]]:
    """Give every case: the ecosystem of the package, the events, and the version."""
    return [
        Case(
            f"{ecosystem} {version} in [{introduced}, {end})",
            (ecosystem, _events(introduced, end), version),
            expected,
            source,
        )
        for ecosystem, introduced, end, version, expected, source in VERSIONS
    ]
