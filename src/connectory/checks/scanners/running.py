"""Running a scanner: pinned, contained, without a network, in limits; then its findings."""

import functools
import hashlib
import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from connectory.checks.rules import Finding, NotRunError
from connectory.checks.scanners import copying
from connectory.checks.scanners.adapter import Adapter, Job, Output, Said, UnreadableError
from connectory.checks.scanners.news import news
from connectory.checks.subject import Pinned, Subject, Vetted
from connectory.gates import bubblewrap, process
from connectory.gates.process import (
    ProgramMissingError,
    ProgramTimedOutError,
    ProgramTooLoudError,
)
from connectory.kernel.errors import Problem
from connectory.kernel.texts import on_one_line, storable

MOST_OUTPUT = 32_000_000  # bytes
MOST_TEXT = 300  # characters that are taken over
VERSION = re.compile(rb"(\d+\.\d+\.\d+)(?:[.-][0-9A-Za-z.]{1,20})?")
NO_RULE = re.compile(r"[^A-Za-z0-9_.:-]")
DIGEST = re.compile(r"[0-9a-f]{64}")
BLOCK = 1024 * 1024


def run(adapter: Adapter, vetted: Vetted) -> Iterator[Finding]:
    """Find what a scanner finds, but for what the checks before it have told.

    Raises:
        NotRunError: If it is not the program that is pinned, or did not look to an end.
    """
    pinned = vetted.around.scanners[adapter.id]
    if reason := unfit(adapter, pinned):
        raise NotRunError(reason)
    with tempfile.TemporaryDirectory(prefix="connectory-scan-") as name:
        folder = Path(name).resolve()
        home, package = folder / "home", folder / "package"
        home.mkdir()
        copying.copy(vetted.subject, package)
        data = Path(pinned.data).expanduser().resolve() if pinned.data else None
        job = Job(Path(pinned.program).expanduser(), package, data)
        version, output = _output(adapter, job, home)
    tool = f"{adapter.name} {_short(version or output.version)}"
    found = [_finding(tool, one, vetted.subject, package) for one in output.said]
    fresh = list(news(found, vetted.told))
    yield from fresh
    if again := len(found) - len(fresh):
        message = f"{tool} finds {again} of what is told by the checks before it, too"
        yield Finding(
            _whole(vetted.subject), Problem("found-again", message, "", severity="warning")
        )


def unfit(adapter: Adapter, pinned: Pinned) -> str:
    """Say why a program is not the one that is pinned, or `""`."""
    wanted = pinned.sha256.strip().lower().removeprefix("sha256:")
    if not DIGEST.fullmatch(wanted):
        setting = f"CONNECTORY_SCANNER_{adapter.id.upper()}_SHA256"
        return f"{setting} has to say the SHA-256 of {pinned.program}"
    program = Path(pinned.program).expanduser()
    try:
        about = program.stat()
        times = about.st_mtime_ns, about.st_ctime_ns
        found = _digest(program, (about.st_dev, about.st_ino, about.st_size, *times))
    except OSError as failure:
        return f"{pinned.program}: {failure.strerror}"
    if found == wanted:
        return ""
    shown = f"begins with {found[:12]} and not with {wanted[:12]}"
    return f"{pinned.program} is not the program that is pinned: its SHA-256 {shown}"


@functools.lru_cache(maxsize=16)
def _digest(program: Path, _identity: tuple[int, ...]) -> str:
    """Return the digest of a file, read again when anything about it changed."""
    digest = hashlib.sha256()
    with program.open("rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _output(adapter: Adapter, job: Job, home: Path) -> tuple[str, Output]:
    """Run the scanner and read what it says; the first is its version, if it was asked for."""
    if reason := adapter.ready(job):
        raise NotRunError(reason)
    version = ""
    if adapter.version:
        match = VERSION.search(_printed(adapter, job, home, adapter.version))
        if match is None:
            raise NotRunError(f"{adapter.name} does not say its version")
        version = match[0].decode()
        if why := adapter.refused.get(match[1].decode()):
            raise NotRunError(f"{adapter.name} {version} {why}: replace it")
    raw = _printed(adapter, job, home, adapter.arguments(job))
    try:
        return version, adapter.read(raw)
    except UnreadableError as unreadable:
        said = _short(str(unreadable))
        raise NotRunError(f"the output of {adapter.name} cannot be read: {said}") from None


def _printed(adapter: Adapter, job: Job, home: Path, arguments: Sequence[str]) -> bytes:
    command = [str(job.program), *arguments]
    if bubblewrap.works():
        data = [job.data] if job.data else []
        readable = [*_code(job.program), job.package, *data]
        command = bubblewrap.alone(command, readable=readable, writable=home)
    try:
        ended = process.run(
            command,
            cwd=home,
            environment=_environment(adapter, job, home),
            timeout_s=adapter.seconds,
            max_output=MOST_OUTPUT,
        )
    except ProgramTimedOutError:
        raise NotRunError(f"{adapter.name} did not end within {adapter.seconds:g} s") from None
    except ProgramTooLoudError:
        raise NotRunError(f"{adapter.name} printed more than {MOST_OUTPUT:,} bytes") from None
    except ProgramMissingError as missing:
        raise NotRunError(missing.message) from None
    if ended.returncode != 0:
        said = _short(ended.stderr.decode("utf-8", "replace")) or "it does not say why"
        raise NotRunError(f"{adapter.name} ended with {ended.returncode}: {said}")
    return ended.stdout


def _environment(adapter: Adapter, job: Job, home: Path) -> dict[str, str]:
    """Return all that a scanner sees: nothing of what the server knows."""
    data = {adapter.data_variable: str(job.data)} if adapter.data_variable else {}
    base = {"HOME": str(home), "TMPDIR": str(home), "PATH": os.defpath, "LANG": "C.UTF-8"}
    return {**base, **adapter.environment, **data}


def _code(program: Path) -> list[Path]:
    """Return what has to be seen of this machine, so that a program can run."""
    real = program.resolve()
    environment = program.parent.parent
    about = environment / "pyvenv.cfg"
    if not about.is_file():
        return [program] if real == program else [program, real]
    home = re.search(r"(?m)^home\s*=\s*(\S+)", about.read_text("utf-8"))
    return [environment, *([Path(home[1]).parent] if home else [])]


def _finding(tool: str, said: Said, subject: Subject, package: Path) -> tuple[Finding, int]:
    """Say in our form what a scanner says, with the last line that it is about."""
    file = copying.original(subject, said.place, package)
    is_placed = file is not None and said.line is not None and said.line > 0
    rule = NO_RULE.sub("", said.rule)[:80]
    problem = Problem(
        rule,
        f"{tool}: {_short(said.message)}",
        _short(said.hint),
        line=said.line if is_placed else None,
        severity="error" if said.is_error else "warning",
    )
    meaning = said.meaning if file else ""
    about = f"{rule} {_short(' '.join(said.package))}" if said.package else meaning
    end = max(said.line or 0, said.end or 0)
    return Finding(file or _whole(subject), problem, about, tuple(map(_short, said.also))), end


def _whole(subject: Subject) -> str:
    """Return the name of a connector for messages about no file of it."""
    return subject.place or subject.manifest_file


def _short(text: str) -> str:
    """Return a text of others without what a terminal or a table would trip over."""
    plain = on_one_line(storable(text)).strip()
    return plain if len(plain) <= MOST_TEXT else f"{plain[: MOST_TEXT - 1]}…"
