"""What is wrong with single blocks of Terraform: a function for each rule."""

import re
from collections.abc import Callable, Collection, Iterator

from connectory.checks.hcl import Group, Setting
from connectory.kernel.errors import Problem

WAIVER = "or ask security for a waiver"
BY_ENVIRONMENT = (
    "let a provider do it; what has to be passed to a program goes by `environment`"
)
CREDENTIAL = re.compile(
    r"(?i)(?:.*_)?(?:secret|password|passwd|passphrase|token|credentials?"
    r"|(?:access|account|api|app|auth|encryption|private|secret|signing)_?key)"
)
HOLD_CREDENTIALS = {"provider", "terraform", "connection"}
ACTIONS = ("Action", "NotAction", "actions", "not_actions", "verbs")
RESOURCES = ("Resource", "resources")
WILD_ACTION = re.compile(r"\*|[a-z0-9-]*\*?:\*+")
ADMIN = re.compile(
    r"arn:aws[\w-]*:iam::aws:policy/(?:AdministratorAccess|PowerUserAccess|IAMFullAccess)"
    r"|roles/(?:owner|editor)|Owner|Contributor|User Access Administrator"
)
GRANTS = ("policy_arn", "managed_policy_arns", "role", "roles", "role_definition_name")
EVERYBODY = {"*", "0.0.0.0/0", "::/0", "Internet", "Any"}
PUBLIC_MEMBERS = {"allUsers", "allAuthenticatedUsers"}
BLOCKED = (
    *("block_public_acls", "block_public_policy", "ignore_public_acls"),
    "restrict_public_buckets",
)
OPENED = (
    "publicly_accessible",
    "allow_nested_items_to_be_public",
    "allow_blob_public_access",
)
SOURCES = (
    *("cidr_blocks", "ipv6_cidr_blocks", "cidr_ipv4", "cidr_ipv6", "source_ranges"),
    "public_access_cidrs",
)
PREFIXES = ("source_address_prefix", "source_address_prefixes")

Problems = Iterator[Problem]


def runs_programs(group: Group) -> Problems:
    """Provisioners and the data source `external` start programs where Terraform runs."""
    if group.path[-2:-1] == ("provisioner",) and group.path[-1] in {
        "local-exec",
        "remote-exec",
    }:
        where = "here" if group.path[-1] == "local-exec" else "on what it made"
        command = group.get("command", "inline", "script")
        if command and not _is_fixed(command):
            yield problem(
                "terraform-command-injection",
                f"it puts values into a command that runs {where}: who sets one runs theirs",
                BY_ENVIRONMENT,
                command.line,
            )
        else:
            yield problem(
                "terraform-runs-program",
                f"it runs a command {where}, which no plan shows and nothing undoes",
                f"let a provider do it, {WAIVER}",
                group.line,
            )
    if group.path[:2] == ("data", "external"):
        message = "it runs a program of its own with each plan, with the rights of who plans"
        yield problem(
            "terraform-runs-program", message, f"use a provider, {WAIVER}", group.line
        )


def _is_fixed(command: Setting) -> bool:
    """Whether a command, or each of a list of them, has nothing inserted."""
    listed = re.fullmatch(r'\[\s*(?:"(?:[^"\\$%]|\\.)*"\s*,?\s*)*\]', command.text)
    return command.is_fixed or listed is not None


def keeps_secrets(group: Group, declared: Collection[str]) -> Problems:
    """A variable for a secret must not be shown, nor kept in plan and state.

    `declared` are the secrets that the manifest names.
    """
    if group.path != ("variable", group.type) or not _is_secret(group, declared):
        return
    default = group.get("default")
    if default and default.value:
        yield problem(
            "terraform-credential",
            f"the variable {group.type} has a secret as its default",
            "replace it where it was issued, and leave `default` out",
            default.line,
        )
    if group.says("ephemeral", "true"):
        return
    where = (
        "is hidden on the screen and still kept in plans and in the state"
        if group.says("sensitive", "true")
        else "is shown on the screen and kept in plans and in the state"
    )
    yield problem(
        "terraform-secret-kept",
        f"the secret in the variable {group.type} {where}",
        "add `ephemeral = true` and `sensitive = true` (Terraform 1.10 and later)",
        group.line,
    )


def _is_secret(variable: Group, declared: Collection[str]) -> bool:
    is_named = variable.type in declared or CREDENTIAL.fullmatch(variable.type)
    return bool(is_named) or variable.says("sensitive", "true")


def holds_credentials(group: Group) -> Problems:
    """Providers, backends and connections are told their credentials from outside."""
    if group.kind not in HOLD_CREDENTIALS and "connection" not in group.path:
        return
    where = "backend" if "backend" in group.path else group.kind
    for one in group.settings:
        if CREDENTIAL.fullmatch(one.name) and one.text not in {'""', "null"} and one.is_fixed:
            yield problem(
                "terraform-credential",
                f"`{one.name[:40]}` of the {where} is written into the file",
                "replace it where it was issued; then give it by the environment of the run"
                if where != "backend"
                else "replace it where it was issued; then give it by `-backend-config`",
                one.line,
            )


def allows_all(group: Group) -> Problems:
    """Permissions name what they are for."""
    if _denies(group):
        return
    for name in ACTIONS:
        found = group.get(name)
        wild = [one for one in found.strings if WILD_ACTION.fullmatch(one)] if found else []
        if found and (wild or name in {"NotAction", "not_actions"}):
            shown = f"`{wild[0]}`" if wild else "everything but a few actions"
            yield problem(
                "terraform-wildcard-permission",
                f"it is allowed {shown}, also what nobody has thought of",
                "name the actions that it needs, such as `s3:GetObject`",
                found.line,
            )
    resources = group.get(*RESOURCES)
    if resources and "*" in resources.strings and group.get(*ACTIONS):
        yield problem(
            "terraform-wildcard-resource",
            "what it is allowed holds for every resource (`*`)",
            "name the resources, unless the actions know none",
            resources.line,
            severity="warning",
        )
    for name in GRANTS:
        found = group.get(name)
        admin = (
            next((one for one in found.strings if ADMIN.fullmatch(one)), "") if found else ""
        )
        if found and admin:
            yield problem(
                "terraform-wildcard-permission",
                f"`{admin}` allows almost everything",
                "grant a role that has only what it needs",
                found.line,
            )


def _denies(group: Group) -> bool:
    return group.says("Effect", "Deny") or group.says("effect", "Deny")


def _is_limited(group: Group) -> bool:
    """Whether a principal is of a statement that denies, or that has a condition."""
    named = (group, group.around) if group.around else (group,)
    conditions = any(one.get("Condition", "condition", "conditions") for one in named)
    return conditions or any(map(_denies, named))


def is_public(group: Group) -> Problems:
    """Stored data is not for everybody."""
    for name, texts in (
        ("acl", ("public-read", "public-read-write", "authenticated-read")),
        ("container_access_type", ("blob", "container")),
        ("authorization_type", ("NONE",)),
        *((name, ("false",)) for name in BLOCKED),
        *((name, ("true",)) for name in OPENED),
    ):
        found = group.get(name)
        if found and group.says(name, *texts):
            yield _public(f"`{name} = {found.text}` lets everybody in", found.line)
    for name in ("member", "members", "principal", "Principal", "AWS", "identifiers"):
        found = group.get(name)
        everybody = PUBLIC_MEMBERS | ({"*"} if name not in {"member", "members"} else set())
        is_own = found is not None and not found.text.startswith("{")  # not of an object in it
        if found and is_own and everybody & set(found.strings) and not _is_limited(group):
            yield _public("it is allowed to everybody in the world", found.line)


def _public(message: str, line: int) -> Problem:
    hint = "allow it to whom it is for: an account, a role, a network"
    return problem("terraform-public", message, hint, line)


def lets_all_in(group: Group) -> Problems:
    """Firewalls let in who has to come in, and not the world."""
    for name in (*SOURCES, *(PREFIXES if group.says("access", "Allow") else ())):
        found = group.get(name)
        if found and EVERYBODY & set(found.strings) and _comes_in(group):
            yield problem(
                "terraform-open-ingress",
                f"`{name}` lets the whole world reach it",
                f"name the networks that have to reach it, {WAIVER}",
                found.line,
            )


def _comes_in(group: Group) -> bool:
    if "egress" in group.path or "vpc_security_group_egress" in group.type:
        return False
    out = (("type", "egress"), ("direction", "EGRESS"), ("direction", "Outbound"))
    return not any(group.says(*each) for each in out) and group.kind in {"resource", "module"}


def problem(
    code: str, message: str, hint: str, line: int, *, severity: str = "error"
) -> Problem:
    """Return a problem in a line of a file of Terraform."""
    return Problem(code, message, hint, line=line, severity=severity)


RULES: tuple[Callable[[Group], Problems], ...] = (
    runs_programs,
    holds_credentials,
    allows_all,
    is_public,
    lets_all_in,
)
