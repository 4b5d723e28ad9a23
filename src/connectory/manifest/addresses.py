"""Where things are: hosts, web addresses, files, secret stores."""

import re
from typing import Annotated

from connectory.manifest.texts import Text, patterned, refusal, shown
from connectory.manifest.ticks import RUN_PATH

HOST_LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
PATH_PATTERN = r"[A-Za-z0-9_][A-Za-z0-9._-]*(?:/[A-Za-z0-9_][A-Za-z0-9._-]*)*"
URL_PATTERN = r"""https://[A-Za-z0-9][A-Za-z0-9.-]*(?::[0-9]{1,5})?(?:[/?#][^\s<>"'`\\]*)?"""
MAIL_PATTERN = r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,188}[A-Za-z0-9])?"
RESERVED_PATHS = frozenset({"/healthz", "/metrics", "/run", RUN_PATH, "/lifecycle/remove"})


def _host_is_a_name(value: str) -> None:
    """Refuse addresses, also in their odd forms: a last label that starts with a digit."""
    host, _, port = value.partition(":")
    if host.rsplit(".", maxsplit=1)[-1][0].isdigit():
        raise refusal(
            "bad-host", f"{shown(value)} is an address", "write the name of the host: slack.com"
        )
    if port and not 0 < int(port) <= 65535:  # noqa: PLR2004 (the largest TCP port)
        raise refusal("bad-host", f"{port} is not a port", "use a port from 1 to 65535")


def _host_hint(value: str) -> str:
    if "*" in value:
        return "list every host by its name; wildcards are not accepted"
    bare = re.sub(r"\A[a-z]+://", "", value.lower()).split("/")[0]
    return f"write `host` or `host:port`, lower case: {bare or 'slack.com'}"


def _scheme_hint(value: str) -> str:
    return "use an https:// address" if ":" in value else "write the whole address: https://…"


def _free_path(value: str) -> None:
    if value in RESERVED_PATHS:
        raise refusal(
            "reserved-path",
            f"{shown(value)} belongs to the platform",
            "choose a path that is none of: " + ", ".join(sorted(RESERVED_PATHS)),
        )


Mail = Annotated[
    str,
    patterned(MAIL_PATTERN, "bad-mail", "an e-mail address", "write name@example.com", 254),
]
Host = Annotated[
    str,
    Text(
        pattern=rf"{HOST_LABEL}(?:\.{HOST_LABEL})*(?::[0-9]{{1,5}})?",
        code="bad-host",
        wanted="a host",
        hint=_host_hint,
        longest=259,
        also=_host_is_a_name,
    ),
]
Url = Annotated[
    str, patterned(URL_PATTERN, "url-scheme", "an https address", _scheme_hint, 500)
]
Contact = Annotated[
    str,
    patterned(
        rf"(?:{URL_PATTERN}|(?:mailto:)?{MAIL_PATTERN})",
        "url-scheme",
        "an https address or an e-mail address",
        _scheme_hint,
        500,
    ),
]
FilePath = Annotated[
    str,
    patterned(
        PATH_PATTERN,
        "bad-path",
        "a path inside the connector's directory",
        "write a relative path without `..`: runbook.md",
    ),
]
Document = Annotated[
    str,
    patterned(
        rf"(?:{URL_PATTERN}|{PATH_PATTERN})",
        "url-scheme",
        "an https address or a path inside the connector's directory",
        _scheme_hint,
        500,
    ),
]
SecretPath = Annotated[
    str,
    patterned(
        r"(?:[A-Za-z0-9_-]|\{(?:team|environment|instance)\})"
        r"(?:[A-Za-z0-9._-]|\{(?:team|environment|instance)\})*"
        r"(?:/(?:[A-Za-z0-9_-]|\{(?:team|environment|instance)\})"
        r"(?:[A-Za-z0-9._-]|\{(?:team|environment|instance)\})*)*",
        "bad-secret-path",
        "a path in a secret store",
        "write teams/{team}/crm; the placeholders are {team}, {environment} and {instance}",
    ),
]
HookPath = Annotated[
    str,
    Text(
        pattern=r"(?:/[A-Za-z0-9_-]+)+",
        code="bad-path",
        wanted="a path of the connector",
        hint="start with a slash: /lead",
        longest=100,
        also=_free_path,
    ),
]
