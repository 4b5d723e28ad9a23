"""Check `dockerfile`: the image is built from known things, and runs as nobody special."""

import re
from collections.abc import Iterator

from connectory.checks.dockerfile_text import Instruction, read
from connectory.checks.dockerfile_user import FROM, final, is_root
from connectory.checks.rules import Finding, within
from connectory.checks.subject import Vetted
from connectory.kernel.errors import Problem

FILE = "Dockerfile"
INSTRUCTIONS = frozenset(
    [
        *("ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK"),
        *("LABEL", "MAINTAINER", "ONBUILD", "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME"),
        "WORKDIR",
    ]
)
UNCHECKED = re.compile(r"^(?!.*--checksum=).*https?://")
PIPED = re.compile(r"\b(?:curl|wget)\b[^|;&]*\|\s*(?:sudo\s+)?(?:\S*/)?(?:ba|da|z|k)?sh\b")
UNHASHED = re.compile(r"\bpip3?\b[^;&|]*\binstall\b(?![^;&|]*--require-hashes)")
SETUID = re.compile(r"\bchmod\b[^;&|]*(?:\b[246]\d{3}\b|[ug]*\+[rwx]*s)")


def applies(vetted: Vetted) -> str:
    """Say why there is nothing to check, if there is not."""
    return "" if FILE in vetted.subject.names else f"there is no {FILE}"


def run(vetted: Vetted) -> Iterator[Finding]:
    """Find what makes the image unknown, or too powerful."""
    instructions = read(vetted.subject.text(FILE))
    found = (*_unknown(instructions), *_bases(instructions), *_user(instructions))
    steps = (each for one in instructions for each in _step(one))
    yield from within(vetted.subject.named(FILE), (*found, *steps))


def _unknown(instructions: list[Instruction]) -> Iterator[Problem]:
    for one in instructions:
        if one.name not in INSTRUCTIONS:
            yield _problem(
                "dockerfile-unreadable",
                f"`{one.name[:20]}` is no instruction",
                "correct it; `docker build` would refuse it",
                one.line,
            )
    if not any(one.name == "FROM" for one in instructions):
        message, hint = "it names no base image", "begin it with FROM and an image"
        yield _problem("dockerfile-unreadable", message, hint, 1)


def bases(text: str) -> list[str]:
    """Return the images that a Dockerfile builds on, each once; its own stages are none."""
    return list(dict.fromkeys(image for image, _line in _froms(read(text))))


def _froms(instructions: list[Instruction]) -> Iterator[tuple[str, int]]:
    """Yield each image that is built on, and the line that says so."""
    stages: set[str] = set()
    for one in instructions:
        match = FROM.match(one.arguments) if one.name == "FROM" else None
        if match is None:
            continue
        if match["image"].lower() not in stages:
            yield match["image"], one.line
        stages.add((match["stage"] or "").lower())


def _bases(instructions: list[Instruction]) -> Iterator[Problem]:
    """Find base images of no certain version: without tag or digest, or `latest`."""
    for image, line in _froms(instructions):
        name, _, tag = image.rpartition("/")[2].partition(":")
        if image != "scratch" and "@" not in image and tag in {"", "latest"}:
            yield _problem(
                "image-not-pinned",
                f"the base image {image} is another one with each of its releases",
                f"name a version, or better its digest: FROM {name}:3.11@sha256:…",
                line,
            )


def _user(instructions: list[Instruction]) -> Iterator[Problem]:
    """Look at the user of the last stage: that is who runs."""
    last = final(instructions)
    if is_root(last.user):
        yield _problem(
            "image-runs-as-root",
            "the connector runs as root in its image",
            "add `USER 65532:65532` before ENTRYPOINT",
            last.line,
        )


def _step(one: Instruction) -> Iterator[Problem]:
    if one.name == "ADD" and UNCHECKED.search(one.arguments):
        message = "it adds a file of the network that nobody checked"
        hint = "give `ADD --checksum=sha256:…`, or put the file into the package"
        yield _problem("unchecked-download", message, hint, one.line)
    if one.name == "EXPOSE" and re.search(r"\b22\b", one.arguments):
        message, hint = "it offers SSH", "remove it: nobody signs in to a connector"
        yield _problem("image-offers-ssh", message, hint, one.line)
    if one.name == "RUN":
        yield from _command(one)


def _command(one: Instruction) -> Iterator[Problem]:
    if PIPED.search(one.arguments):
        message = "it runs a script of the network that nobody checked"
        hint = "put the script into the package, or check its digest before running it"
        yield _problem("unchecked-download", message, hint, one.line)
    if SETUID.search(one.arguments):
        message, hint = "it lets a program run as somebody else", "leave out setuid and setgid"
        yield _problem("image-setuid", message, hint, one.line)
    if UNHASHED.search(one.arguments):
        message = "it installs Python packages without checking their hashes"
        hint = "add --require-hashes, with the hashes in requirements.lock"
        yield _problem("unchecked-download", message, hint, one.line, severity="warning")


def _problem(
    code: str, message: str, hint: str, line: int, *, severity: str = "error"
) -> Problem:
    return Problem(code, message, hint, line=line or None, severity=severity)
