"""Every setting: name, default, unit. Each is read from `CONNECTORY_<NAME>`, here only.

`docs/reference/settings.md` lists the same fields; a test compares the two.
"""

import dataclasses
import os
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import ClassVar

from connectory.kernel.errors import ConnectoryError, Kind

PREFIX = "CONNECTORY_"
MOST = 1_000_000
RANGES = {
    "port": (0, 65_535),
    "reserve_mb": (0, MOST),
    "oidc_fresh_seconds": (0, 3600),
    "rate_read_per_minute": (0, MOST),
    "rate_write_per_minute": (0, MOST),
    "rate_hook_per_minute": (0, MOST),
    "rate_publish_per_hour": (0, MOST),
    "try_per_hour": (0, MOST),
}
USUAL_RANGE = (1, MOST)
CHOICES = {"log_level": ("debug", "info", "warning", "error")}
NETWORKS = {"trusted_proxies"}
TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off"}


class BadSettingError(ConnectoryError):
    """An environment variable holds a value that the setting cannot take."""

    kind: ClassVar[Kind] = Kind.USAGE
    code: ClassVar[str] = "bad-setting"

    def __init__(self, name: str, value: str, wanted: str) -> None:
        super().__init__(
            f"{PREFIX}{name.upper()} is `{value}`, which is not {wanted}",
            hint=f"set it to {wanted}, or unset it to use the default",
            field=name,
        )


def default_data() -> Path:
    """Return the data directory of this user: `$XDG_DATA_HOME/connectory` or its default."""
    base = os.environ.get("XDG_DATA_HOME")  # noqa: TID251  the platform's own convention
    return (Path(base) if base else Path.home() / ".local/share") / "connectory"


@dataclass(frozen=True, slots=True)
class Settings:
    """What an operator can choose. Every field has a default that works on a laptop."""

    data: Path = field(default_factory=default_data)
    """Directory of the embedded backends: database, blobs, index, instances, key files."""

    host: str = "127.0.0.1"
    """Address that the server listens on."""

    port: int = 7600
    """Port that the server listens on; 0 picks a free one."""

    base_url: str = ""
    """URL under which people and hooks reach the server; empty means http://host:port."""

    allowed_hosts: str = ""
    """Comma-separated names accepted in the `Host` header, beside loopback and `base_url`."""

    trusted_proxies: str = ""
    """Comma-separated networks of proxies whose `X-Forwarded-*` headers are believed."""

    database: str = ""
    """SQLAlchemy URL; empty means SQLite in the data directory."""

    blobs: str = "directory"
    """Backend for package bytes: `directory`."""

    search: str = "tantivy"
    """Backend for the search index: `tantivy`."""

    policy: str = "embedded"
    """Engine that policies are asked of: `embedded`, `opa-server` or `opa` (a program)."""

    policy_url: str = ""
    """Address of the OPA server, on this machine or in public: http://127.0.0.1:8181."""

    policy_token_file: str = ""
    """File with the bearer token for the OPA server; empty sends none."""

    policy_program: str = "/usr/local/bin/opa"
    """Path of the `opa` program."""

    scanner_trivy: str = ""
    """Path of Trivy, which then looks at each connector, too; empty for none."""

    scanner_trivy_sha256: str = ""
    """SHA-256 of that program, in hexadecimal; another one is not run."""

    scanner_trivy_data: str = ""
    """Cache directory of Trivy with its database; empty: it looks up no packages."""

    scanner_grype: str = ""
    """Path of Grype, which then looks at each connector, too; empty for none."""

    scanner_grype_sha256: str = ""
    """SHA-256 of that program, in hexadecimal; another one is not run."""

    scanner_grype_data: str = ""
    """Directory with the database of Grype; without it, Grype is not run."""

    scanner_gitleaks: str = ""
    """Path of Gitleaks, which then looks at each connector, too; empty for none."""

    scanner_gitleaks_sha256: str = ""
    """SHA-256 of that program, in hexadecimal; another one is not run."""

    scanner_hadolint: str = ""
    """Path of Hadolint, which then looks at each Dockerfile, too; empty for none."""

    scanner_hadolint_sha256: str = ""
    """SHA-256 of that program, in hexadecimal; another one is not run."""

    scanner_checkov: str = ""
    """Path of Checkov, which then looks at Terraform and Dockerfiles, too; empty for none."""

    scanner_checkov_sha256: str = ""
    """SHA-256 of that program, in hexadecimal; another one is not run."""

    secrets: str = "sealed"
    """Backend for secret values: `sealed` (AES-256-GCM table with a key file)."""

    anonymous_read: bool = True
    """Whether people who are not signed in may read the catalog (never instances)."""

    oidc_issuer: str = ""
    """Address of the OpenID Connect provider that signs people in; empty for none."""

    oidc_client_id: str = ""
    """How the provider knows this marketplace."""

    oidc_secret_file: str = ""
    """File with the secret of that client; empty for a public client."""

    oidc_title: str = "your organisation"
    """What people call the provider: `Sign in with …`."""

    oidc_scopes: str = "openid profile email"
    """Scopes that the provider is asked for, separated by spaces."""

    oidc_groups_claim: str = "groups"
    """Claim of the provider's user info that lists groups."""

    oidc_groups: str = ""
    """Rights by group: `sec=review:security, eng-bizops=bizops:owner`."""

    oidc_fresh_seconds: int = 10
    """Seconds for which groups are not asked for again before somebody reads; 0 always asks."""

    demo: bool = False
    """Whether the demo teams, accounts and stand-ins are set up at start."""

    log_level: str = "warning"
    """Smallest level that the server logs: debug, info, warning, error."""

    plan_minutes: int = 15
    """Minutes for which a plan stays installable."""

    session_hours: int = 12
    """Hours after which a browser session ends."""

    draft_days: int = 90
    """Days after which a draft of the wizard that nobody changes is deleted."""

    token_days: int = 90
    """Longest life of an access token in days."""

    lease_seconds: int = 15
    """Seconds for which a worker owns an operation before another may take it over."""

    health_seconds: int = 60
    """Seconds that an install waits for a connector's first healthy answer."""

    run_attempts: int = 8
    """Attempts to deliver an event to a connector, after which it is a dead letter."""

    run_days: int = 30
    """Days for which runs are kept with what went in and came out, dead letters too."""

    local_region: str = "us-east-1"
    """Region that this machine stands in, for the targets `local` and `container`."""

    local_sandbox: str = "auto"
    """Sandbox of the local target: `auto` where bubblewrap works, `required`, or `off`."""

    containers: bool = False
    """Whether connectors can be installed as containers of this machine too, by podman."""

    local_private: str = ""
    """Comma-separated `host:port` that are not public and that connectors here may reach."""

    local_disk_mb: int = 1000
    """Megabytes of files that one connector here may keep; one with more is ended."""

    local_public: bool = True
    """Whether connectors here may reach the public hosts that they declare, too."""

    git_local: str = ""
    """Folder whose Git repositories may be pulled by `file://`; empty allows none."""

    git_private: str = ""
    """Comma-separated hosts with Git repositories that are not public and may be pulled."""

    max_upload_mb: int = 64
    """Largest package upload in megabytes (10^6 bytes)."""

    rate_read_per_minute: int = 6_000
    """Requests to read that one account, or one address, may send; 0 is no limit."""

    rate_write_per_minute: int = 600
    """Requests to change something that one account may send; 0 is no limit."""

    rate_hook_per_minute: int = 6_000
    """Calls of hooks that may come from one address; 0 is no limit."""

    rate_publish_per_hour: int = 10_000
    """Versions that one token without the scope `bulk` may publish; 0 is no limit."""

    anonymous_try: bool = False
    """Whether people who are not signed in may try connectors with sample data."""

    try_uncontained: bool = False
    """Whether connectors may be tried where no sandbox contains them."""

    try_per_hour: int = 30
    """Connectors that one account, or one address, may try in an hour; 0 is no limit."""

    try_at_once: int = 2
    """Connectors that are tried at the same time by all together."""

    metrics_seconds: int = 30
    """Seconds between two readings of the metrics of one instance."""

    metrics_raw_hours: int = 24
    """Hours for which each reading is kept; then means and sums of 5 minutes, later 1 hour."""

    metrics_days: int = 30
    """Days after which the metrics of instances are deleted."""

    metrics_series: int = 200
    """Series that one instance may report; those beyond are refused and counted."""

    metrics_open: bool = False
    """Whether `/metrics` of the server is for everybody; else for tokens of admins."""

    metrics_push_url: str = ""
    """OTLP/HTTP address that metrics are sent to, such as http://localhost:4318/v1/metrics."""

    reserve_mb: int = 16
    """Megabytes (10^6 bytes) of disk kept back to work on when it is full; 0 keeps none."""

    crash_at: str = ""
    """For fault tests only: boundary of an operation at which the server kills itself."""

    @property
    def url(self) -> str:
        """The address to show and to give to hooks, without a trailing slash."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return self.base_url.rstrip("/") or f"http://{host}:{self.port}"

    @property
    def database_url(self) -> str:
        """The SQLAlchemy URL in force."""
        return self.database or f"sqlite:///{self.data / 'connectory.db'}"


def load(environment: Mapping[str, str] | None = None, **overrides: object) -> Settings:
    """Read the settings from the environment; `overrides` (from flags) win when not None.

    Raises:
        BadSettingError: If a variable cannot be read as its setting's type.
    """
    given = os.environ if environment is None else environment  # noqa: TID251  the one reader
    values: dict[str, object] = {}
    hints = typing.get_type_hints(Settings)
    for setting in dataclasses.fields(Settings):
        text = given.get(f"{PREFIX}{setting.name.upper()}")
        if text is not None:
            values[setting.name] = _read(setting.name, text, hints[setting.name])
    values |= {name: value for name, value in overrides.items() if value is not None}
    return Settings(**values)  # type: ignore[arg-type]  # each value was read by its field's type


def names(text: str) -> frozenset[str]:
    """Read a comma-separated list of host names; they come back in lower case."""
    return frozenset(one.strip().lower() for one in text.split(",") if one.strip())


def networks(listed: str) -> tuple[IPv4Network | IPv6Network, ...]:
    """Return the networks of a comma-separated list; an address alone is a network of one.

    Raises:
        ValueError: If one of them is neither.
    """
    return tuple(ip_network(one.strip()) for one in listed.split(",") if one.strip())


def _read(name: str, text: str, wanted: type) -> object:
    if wanted is bool:
        if text.lower() not in TRUE | FALSE:
            raise BadSettingError(name, text, "true or false")
        return text.lower() in TRUE
    if wanted is int:
        return _number(name, text)
    if name in CHOICES and text not in CHOICES[name]:
        raise BadSettingError(name, text, f"one of {', '.join(CHOICES[name])}")
    if name in NETWORKS and not _are_networks(text):
        raise BadSettingError(name, text[:80], "networks such as `10.0.0.0/8, 192.0.2.7`")
    return Path(text).expanduser() if wanted is Path else text


def _are_networks(text: str) -> bool:
    try:
        networks(text)
    except ValueError:
        return False
    return True


def _number(name: str, text: str) -> int:
    least, most = RANGES.get(name, USUAL_RANGE)
    try:
        number = int(text)
    except ValueError:
        number = least - 1
    if not least <= number <= most:
        raise BadSettingError(name, text[:80], f"a whole number from {least} to {most}")
    return number
