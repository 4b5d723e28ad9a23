"""The only door to Git: one branch of a repository, read without ever being checked out.

The repository may be anybody's. Its objects are fetched into a folder of their own and read as
bytes, so no hook, filter, attribute, submodule or link of it has an effect. Git gets fixed
arguments, no settings but those below, no terminal and no credentials but the one it is handed.
"""

import re
import shutil
import tempfile
import time
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar
from urllib.parse import unquote, urlsplit

from connectory.gates import git_program, http, process
from connectory.gates.git_program import RepositoryRefusedError
from connectory.gates.member_names import ArchivePathError, check_name, shown
from connectory.gates.process import ProgramTimedOutError
from connectory.kernel.errors import ConnectoryError, Kind
from connectory.kernel.secret import Secret

BRANCH = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]|[./](?![./])){0,199}", re.ASCII)
COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
ATTRIBUTES = ".gitattributes"
FILTER = re.compile(rb"^[^#\n]*[ \t]filter(?:=|[ \t\r]|$)", re.MULTILINE)
LFS = b"version https://git-lfs.github.com/spec/"
LINK, SUBMODULE, FOLDER = "120000", "160000", "040000"
LISTING = 16 * 1024 * 1024  # bytes of a list of files, or of commits
STEP_S = 0.02
PREFIX = "git-"  # of the folders into which is fetched


class RepositoryUnreachableError(ConnectoryError):
    """Git could not fetch a branch: no such repository, no such branch, or no access."""

    kind: ClassVar[Kind] = Kind.UNAVAILABLE
    code: ClassVar[str] = "repository-unreachable"

    def __init__(self, url: str, said: str) -> None:
        super().__init__(
            f"{shown(url)} could not be fetched: {shown(said)}",
            hint="check its address, its branch and the secret that opens it",
            url=shown(url),
        )


class RepositoryTooLargeError(ConnectoryError):
    """A repository, or a folder of it, has more bytes than are fetched."""

    kind: ClassVar[Kind] = Kind.TOO_LARGE
    code: ClassVar[str] = "repository-too-large"

    def __init__(self, what: str, limit: int) -> None:
        super().__init__(
            f"{shown(what)} has more than {limit:,} bytes",
            hint="keep connectors in a repository of their own, and large files out of it",
            limit=limit,
        )


@dataclass(frozen=True, slots=True)
class Remote:
    """A branch of a repository, and the token that opens it where one is needed."""

    url: str
    branch: str
    token: Secret | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """Where repositories may be and how much of one is fetched."""

    local: Path | None = None
    """The folder whose repositories may be named by `file://`; None allows none."""
    policy: http.Policy = http.PUBLIC
    authority: Path | None = None  # a certificate to trust; None: those of the system
    seconds: float = 120
    max_bytes: int = 500 * 1000 * 1000  # packed
    commits: int = 200  # of the history


@dataclass(frozen=True, slots=True)
class File:
    """A file or folder of a commit. `size` is in bytes, 0 of a folder."""

    path: str
    mode: str
    object: str
    size: int

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder; its `object` then stands for all that is in it."""
        return self.mode == FOLDER


@dataclass(frozen=True, slots=True)
class Landing:
    """A commit of the branch itself, none of what was merged into it, that changed a folder."""

    commit: str
    parents: tuple[str, ...]  # the first is where the branch was before

    @property
    def is_merge(self) -> bool:
        """Whether it brought one other branch in, and kept that branch's commits."""
        return len(self.parents) == 2  # noqa: PLR2004  the branch before, and what came in


@dataclass(frozen=True, slots=True)
class Fetched:
    """A branch as it was fetched, until the end of the block that fetched it."""

    commit: str
    _place: Path

    def files(self, folder: str) -> list[File]:
        """Return what is in a folder (`""`: in all), with attributes that apply to it.

        Raises:
            RepositoryRefusedError: If there are too many.
        """
        above = [f"{parent}{ATTRIBUTES}" for parent in _parents(folder)]
        paths = ["--", *above, f"{folder}/"] if folder else []
        listed = ["ls-tree", "-r", "-t", "-z", "-l", "--full-tree", self.commit, *paths]
        try:
            said = git_program.run(self._place, listed, most=LISTING)
        except process.ProgramTooLoudError:
            hint = "keep connectors in a repository or folder of their own"
            raise RepositoryRefusedError(folder or "it", "has too many files", hint) from None
        return [_file(line) for line in said.split(b"\0") if line]

    def contents(self, files: Iterable[File], most: int) -> dict[str, bytes]:
        """Return the bytes of files by path.

        Raises:
            RepositoryRefusedError: If one is a link, a submodule or kept elsewhere (LFS), or
                has a name that could mislead.
            RepositoryTooLargeError: If they have more than `most` bytes together.
        """
        wanted = [one for one in files if not one.is_folder]
        for one in wanted:
            _check(one)
        if sum(one.size for one in wanted) > most:
            raise RepositoryTooLargeError("the folder", most)
        asked = "".join(f"{one.object}\n" for one in wanted).encode()
        room = most + 200 * (len(wanted) + 1)  # a line before each
        said = git_program.run(
            self._place, ["cat-file", "--batch", "--buffer"], most=room, given=asked
        )
        found = dict(_contents(wanted, said))
        for path, content in found.items():
            if content.startswith(LFS):
                why = "is kept by Git LFS, so the repository does not have its content"
                raise RepositoryRefusedError(path, why, "commit the file itself")
        return found

    def authors(self, folder: str, since: str) -> frozenset[str]:
        """Return the addresses of who wrote a folder: authors, committers, co-authors.

        Only of what came after the commit `since`, where that is known; else of everything that
        was fetched.
        """
        parts = "%ae%n%ce%n%(trailers:key=Co-authored-by,valueonly)%n"
        asked = ["log", f"--format={parts}", *self._span(since), "--", folder or "."]
        said = git_program.run(self._place, asked, most=LISTING).decode("utf-8", "replace")
        lines = (line.rpartition("<")[2].strip(" >") for line in said.splitlines())
        return frozenset(line for line in lines if line)

    def landings(self, folder: str, since: str) -> list[Landing]:
        """Return the newest commits of the branch that changed a folder after `since`.

        At most two, since more than one is all that anybody has to know. If `since` is not
        known, the end of what was fetched counts as a change.
        """
        shown = ["log", "--first-parent", "--max-count=2", "--format=%H %P"]
        said = git_program.run(self._place, [*shown, *self._span(since), "--", folder or "."])
        found = (line.split() for line in said.decode().splitlines())
        return [Landing(commit, tuple(parents)) for commit, *parents in found]

    def _span(self, since: str) -> list[str]:
        """Return what `git log` is to look at: all that was fetched, or what came later."""
        return [self.commit, *([f"^{since}"] if self._has(since) else [])]

    def _has(self, commit: str) -> bool:
        if not COMMIT.fullmatch(commit):
            return False
        asked = ["cat-file", "--batch-check"]
        said = git_program.run(self._place, asked, given=f"{commit}^{{commit}}\n".encode())
        return not said.endswith(b" missing\n")


def check_remote(url: str, branch: str, rules: Rules) -> None:
    """Refuse what could not be fetched whatever the repository, without asking it.

    Raises:
        RepositoryRefusedError, UrlNotAllowedError: With the reason.
    """
    if not BRANCH.fullmatch(branch) or branch.endswith((".lock", "/", ".")):
        hint = "give the name of a branch, such as `main`"
        raise RepositoryRefusedError(branch, "is no name of a branch", hint)
    if urlsplit(url).scheme == "file":
        _local(url, rules)
    else:
        http.check_url(url, rules.policy)


@contextmanager
def fetched(remote: Remote, scratch: Path, rules: Rules) -> Iterator[Fetched]:
    """Fetch a branch for the length of the block, into a folder below `scratch`.

    Raises:
        RepositoryRefusedError, UrlNotAllowedError: If it is none that may be fetched.
        RepositoryUnreachableError: If Git could not fetch it.
        RepositoryTooLargeError: If it is larger than the rules allow.
        ProgramMissingError, ProgramTimedOutError: If there is no Git, or it takes too long.
    """
    check_remote(remote.url, remote.branch, rules)
    scratch.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=scratch, prefix=PREFIX) as made:
        place = Path(made)
        git_program.run(
            place, ["init", "--quiet", "--bare", "--template=", str(place / "repository")]
        )
        place = place / "repository"
        _fetch(remote, place, rules)
        said = git_program.run(
            place, ["rev-parse", "--verify", "--end-of-options", "refs/heads/fetched"]
        )
        yield Fetched(said.decode().strip(), place)


def sweep(scratch: Path) -> None:
    """Delete what a process left that ended while it fetched; none may be fetching now."""
    for left in scratch.glob(f"{PREFIX}*"):
        shutil.rmtree(left, ignore_errors=True)


def _fetch(remote: Remote, place: Path, rules: Rules) -> None:
    """Fetch, looking all the time that it does not become too much."""
    settings = _reached(remote, rules)
    argv = [
        git_program.path(),
        *("fetch", "--quiet", "--no-tags", "--no-recurse-submodules", "--no-auto-gc"),
        *("--no-write-fetch-head", f"--depth={rules.commits}"),
        *("--", remote.url, f"+refs/heads/{remote.branch}:refs/heads/fetched"),
    ]
    end = time.monotonic() + rules.seconds
    told = place.parent / "said"
    with (
        told.open("wb") as output,
        process.beside(
            argv,
            cwd=place,
            environment=git_program.environment(place, settings),
            output=output,
        ) as ended,
    ):
        while (code := ended()) is None:
            _check_size(remote, place, rules)
            if time.monotonic() > end:
                raise ProgramTimedOutError("git", rules.seconds)
            time.sleep(STEP_S)
    _check_size(remote, place, rules)
    if code != 0:
        said = told.read_bytes()[-2000:].decode("utf-8", "replace").strip().splitlines()
        raise RepositoryUnreachableError(remote.url, said[-1] if said else f"exit code {code}")


def _check_size(remote: Remote, place: Path, rules: Rules) -> None:
    size = 0
    for path in place.parent.rglob("*"):
        try:
            size += path.lstat().st_size
        except FileNotFoundError:  # Git renames what it has completed
            continue
    if size > rules.max_bytes:
        raise RepositoryTooLargeError(remote.url, rules.max_bytes)


def _reached(remote: Remote, rules: Rules) -> dict[str, str]:
    """Return the settings that lead to a repository and nowhere else."""
    if urlsplit(remote.url).scheme == "file":
        _check_alternates(_local(remote.url, rules))
        return {"protocol.file.allow": "always"}
    host, port, addresses = http.checked_place(remote.url, rules.policy)
    settings = {
        "protocol.https.allow": "always",
        "http.curloptResolve": f"{host}:{port}:{','.join(addresses)}",
    }
    if rules.authority is not None:
        settings["http.sslCAInfo"] = str(rules.authority)
    if remote.token is not None:
        basic = b64encode(f"x-access-token:{remote.token.reveal()}".encode()).decode()
        settings["http.extraHeader"] = f"Authorization: Basic {basic}"
    return settings


def _local(url: str, rules: Rules) -> Path:
    """Return the folder of a local repository, if it is where such ones may be."""
    parts = urlsplit(url)
    hint = "use https://, or let the operator set CONNECTORY_GIT_LOCAL"
    if rules.local is None or parts.netloc or parts.query or parts.fragment:
        raise RepositoryRefusedError(url, "is no address that may be fetched", hint)
    path = Path(unquote(parts.path)).resolve()
    if not path.is_relative_to(rules.local.resolve()):
        raise RepositoryRefusedError(url, "is outside the folder for repositories", hint)
    return path


def _check_alternates(path: Path) -> None:
    """Refuse a repository that would lend objects of other ones on this machine."""
    for inside in ("objects", ".git/objects"):
        if (path / inside / "info/alternates").exists():
            hint = "make it whole: `git repack -a -d`, then delete objects/info/alternates"
            raise RepositoryRefusedError(str(path), "borrows objects of another one", hint)


def _parents(folder: str) -> list[str]:
    """Return what stands before the files of each folder above one: `["", "a/"]` of `a/b`."""
    parts = folder.split("/")
    return ["".join(f"{part}/" for part in parts[:depth]) for depth in range(len(parts))]


def _file(line: bytes) -> File:
    about, _, raw = line.partition(b"\t")
    mode, _, identity, size = about.decode().split()
    path = raw.decode("utf-8", "surrogateescape")
    return File(path, mode, identity, 0 if size == "-" else int(size))


def _check(one: File) -> None:
    try:
        check_name(one.path)
    except ArchivePathError as refused:
        raise RepositoryRefusedError(one.path, refused.why, "rename it") from None
    if one.mode == LINK:
        raise RepositoryRefusedError(one.path, "is a link", "replace it by the file itself")
    if one.mode == SUBMODULE:
        raise RepositoryRefusedError(one.path, "is a submodule", "commit the files themselves")


def _contents(files: list[File], said: bytes) -> Iterator[tuple[str, bytes]]:
    """Read the answer of `cat-file --batch`: for each object a line, its bytes, a line end."""
    at = 0
    for one in files:
        begin = said.index(b"\n", at) + 1
        at = begin + one.size
        yield one.path, said[begin:at]
        at += 1


def check_unfiltered(attributes: Mapping[str, bytes]) -> None:
    """Refuse files that are to be changed by a program when they are checked out.

    Raises:
        RepositoryRefusedError: If one of the attribute files names a filter.
    """
    for path, content in attributes.items():
        if FILTER.search(content):
            why = "names a filter, so files here are not what was committed"
            raise RepositoryRefusedError(path, why, "remove `filter` from it")
