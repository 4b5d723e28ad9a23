"""Check `terraform`: what it makes is closed, pinned and knows no secrets."""

from collections.abc import Iterator

from connectory.checks import hcl
from connectory.checks.hcl import Group, HclRefusedError
from connectory.checks.rules import Finding, NotRunError, within
from connectory.checks.subject import Subject, Vetted
from connectory.checks.terraform_pins import pins
from connectory.checks.terraform_rules import RULES, keeps_secrets, problem
from connectory.kernel.errors import Problem
from connectory.scaffold.layout import PROVIDER_LOCK as LOCK

ENDINGS = (".tf", ".tofu", LOCK)
JSON = (".tf.json", ".tofu.json")
MOST_CHARACTERS = 400_000  # of all files


def is_terraform(name: str) -> bool:
    """Whether Terraform, or OpenTofu, reads a file of this name."""
    return name.endswith((*ENDINGS, *JSON))


def applies(vetted: Vetted) -> str:
    """Say why there is nothing to check, if there is not."""
    return "" if any(map(is_terraform, vetted.subject.names)) else "it has no Terraform"


def run(vetted: Vetted) -> Iterator[Finding]:
    """Find what is open to the world, unpinned, too powerful, or a secret."""
    subject = vetted.subject
    declared = {one.name for one in vetted.loaded.manifest.secrets}
    files: dict[str, list[Group]] = {}
    for name, text in _texts(subject):
        try:
            files[name] = hcl.read(text) if name.endswith(ENDINGS) else _json()
        except HclRefusedError as refused:
            hint = "see what `terraform validate` says; write plain files with the ending .tf"
            said = problem("terraform-unreadable", str(refused), hint, refused.line)
            yield Finding(subject.named(name), said)
    for name, groups in files.items():
        for group in groups:
            yield from within(subject.named(name), _problems(group, declared))
    for name, one in pins(files):
        yield Finding(subject.named(name), one)


def _texts(subject: Subject) -> Iterator[tuple[str, str]]:
    left = MOST_CHARACTERS
    for name in sorted(filter(is_terraform, subject.names)):
        text = subject.text(name).removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}")
        left -= len(text)
        if left < 0:
            raise NotRunError(f"there is more than {MOST_CHARACTERS:,} characters of Terraform")
        yield name, text


def _problems(group: Group, declared: set[str]) -> Iterator[Problem]:
    for rule in RULES:
        yield from rule(group)
    yield from keeps_secrets(group, declared)


def _json() -> list[Group]:
    raise HclRefusedError("Terraform reads it and no check does: it is written in JSON")
