import dataclasses
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from connectory.gates import git
from connectory.gates.git import (
    Fetched,
    Remote,
    RepositoryTooLargeError,
    RepositoryUnreachableError,
    Rules,
)
from connectory.gates.git_program import RepositoryRefusedError, environment
from connectory.gates.http import Policy, UrlNotAllowedError, checked_place
from connectory.gates.process import ProgramTimedOutError
from connectory.kernel.errors import ConnectoryError
from repositories import Repository, made

MOST = 1_000_000


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return made(tmp_path / "local/market")


@pytest.fixture
def rules(tmp_path: Path) -> Rules:
    return Rules(local=tmp_path / "local")


@pytest.fixture
def scratch(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "scratch"
    place.mkdir()
    yield place
    assert list(place.iterdir()) == []  # nothing is left of any fetch


def read(found: Fetched, folder: str = "connectors") -> dict[str, bytes]:
    return found.contents(found.files(folder), MOST)


def test_the_files_of_a_branch_are_read_as_they_were_committed(
    repository: Repository, rules: Rules, scratch: Path
) -> None:
    content = b"line\r\n$Id$\n\0\xff"
    attributes = b"* text=auto eol=lf ident export-subst\n*.bin export-ignore\n"
    commit = repository.commit(
        {".gitattributes": attributes, "connectors/a/x.bin": content, "other/y": b"1"}
    )

    with git.fetched(Remote(repository.url, "main"), scratch, rules) as found:
        assert found.commit == commit
        assert read(found) == {".gitattributes": attributes, "connectors/a/x.bin": content}
        assert read(found, "")["other/y"] == b"1"


def test_a_folder_has_another_object_only_when_something_in_it_changed(
    repository: Repository, rules: Rules, scratch: Path
) -> None:
    def objects() -> dict[str, str]:
        with git.fetched(Remote(repository.url, "main"), scratch, rules) as found:
            return {one.path: one.object for one in found.files("") if one.is_folder}

    repository.commit({"connectors/a/x": b"1", "connectors/b/x": b"1"})
    before = objects()
    repository.commit({"connectors/b/deep/y": b"2"})

    after = objects()

    assert after["connectors/a"] == before["connectors/a"]
    assert after["connectors/b"] != before["connectors/b"]


def test_authors_are_those_of_the_folder_since_a_commit(
    repository: Repository, rules: Rules, scratch: Path
) -> None:
    first = repository.commit({"connectors/a/x": b"1"}, by="ana")
    repository.commit({"connectors/b/x": b"1"}, by="bob")
    said = "More\n\nCo-authored-by: Max <max@example.com>"
    repository.commit(
        {"connectors/a/x": b"2", ".mailmap": b"Zoe <zoe@example.com> <kim@example.com>\n"},
        by="kim",
        say=said,
    )

    with git.fetched(Remote(repository.url, "main"), scratch, rules) as found:
        new = found.authors("connectors/a", first)
        unknown = found.authors("connectors/a", "f" * 40)
        no_commit = found.authors("connectors/a", "--output=x")

    assert new == {"kim@example.com", "max@example.com"}
    assert unknown == no_commit == {*new, "ana@example.com"}


@pytest.mark.parametrize(
    "url",
    [
        "ext::sh -c touch% /tmp/pwned",
        "--upload-pack=touch /tmp/pwned",
        "-cfoo",
        "ssh://git@example.com/a",
        "git@example.com:a/b",
        "git://example.com/a",
        "http://example.com/a",
        "https://ana:secret@example.com/a",
        "https://127.0.0.1/a",
        "https://[::ffff:169.254.169.254]/a",
        "https://2130706433/a",
        "file://example.com/a",
        "file:///etc",
        "/etc",
        "https://example.com/a\n--upload-pack=x",
    ],
    ids=range(15),
)
def test_addresses_that_are_not_plainly_allowed_are_refused_unasked(
    url: str, rules: Rules, scratch: Path
) -> None:
    with (
        pytest.raises((RepositoryRefusedError, UrlNotAllowedError)),
        git.fetched(Remote(url, "main"), scratch, rules),
    ):
        pass


@pytest.mark.parametrize(
    "branch",
    ["", "--output=x", "-b", "a b", "a..b", "a:b", "@{-1}", "a/", "a.lock", "a\nb", "*"],
)
def test_branches_that_could_be_read_as_something_else_are_refused(
    branch: str, repository: Repository, rules: Rules
) -> None:
    with pytest.raises(RepositoryRefusedError, match="no name of a branch"):
        git.check_remote(repository.url, branch, rules)


def test_a_local_repository_is_refused_unless_the_operator_allows_its_folder(
    repository: Repository, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()

    for local in (None, tmp_path / "other"):
        with pytest.raises(RepositoryRefusedError):
            git.check_remote(repository.url, "main", Rules(local=local))


def test_a_link_does_not_lead_out_of_the_folder_for_repositories(
    tmp_path: Path, rules: Rules
) -> None:
    outside = made(tmp_path / "outside")
    (tmp_path / "local").mkdir()
    (tmp_path / "local/inside").symlink_to(outside.path)

    with pytest.raises(RepositoryRefusedError, match="outside"):
        git.check_remote(f"file://{tmp_path}/local/inside", "main", rules)


def test_a_repository_that_borrows_objects_is_refused(
    repository: Repository, rules: Rules, scratch: Path, tmp_path: Path
) -> None:
    repository.commit({"x": b"1"})
    repository.git("clone", "--quiet", "--shared", str(repository.path), "../borrower")

    remote = Remote(f"file://{tmp_path}/local/borrower", "main")

    with pytest.raises(RepositoryRefusedError, match="borrows"), fetch(remote, scratch, rules):
        pass


def test_hooks_filters_and_settings_of_a_repository_have_no_effect(
    repository: Repository, rules: Rules, scratch: Path, tmp_path: Path
) -> None:
    sign = tmp_path / "pwned"
    act = f"#!/bin/sh\ntouch {sign}\ncat\n"
    for hook in ("post-checkout", "reference-transaction", "post-merge", "pre-auto-gc"):
        place = repository.path / ".git/hooks" / hook
        place.write_text(act)
        place.chmod(0o755)
    repository.commit({".gitattributes": b"* filter=evil diff=evil\n", "connectors/a/x": b"1"})
    repository.git("config", "filter.evil.smudge", f"touch {sign}")
    repository.git("config", "uploadpack.packObjectsHook", f"touch {sign}")
    repository.git("config", "core.fsmonitor", f"touch {sign}")
    sign.unlink(missing_ok=True)  # the hooks worked for whoever owns the repository

    with fetch(Remote(repository.url, "main"), scratch, rules) as found:
        files = read(found)

    assert not sign.exists()
    with pytest.raises(RepositoryRefusedError, match="names a filter"):
        git.check_unfiltered(files)


@pytest.mark.parametrize(
    ("attributes", "is_refused"),
    [
        (b"*.psd filter=lfs diff=lfs merge=lfs -text\n", True),
        (b"[attr]big\tfilter=lfs\n", True),
        (b"* text=auto\n*.png binary\n", False),
        (b"# no filter=lfs here\n", False),
        (b"filter.txt text\n", False),
    ],
    ids=range(5),
)
def test_attributes_are_refused_for_their_filters_only(
    attributes: bytes, *, is_refused: bool
) -> None:
    try:
        git.check_unfiltered({"a/.gitattributes": attributes})
    except RepositoryRefusedError:
        assert is_refused
    else:
        assert not is_refused


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("a\nb", "control"),
        ("a\\b", "backslash"),
        ("\u202eb", "invisible"),
        ("Ā".encode()[:1], "undecodable"),
    ],
    ids=["line-end", "backslash", "bidi", "no-text"],
)
def test_names_that_mislead_are_refused(
    name: str | bytes, why: str, repository: Repository, rules: Rules, scratch: Path
) -> None:
    folder = repository.path / "connectors"
    folder.mkdir()
    (
        folder / (name if isinstance(name, str) else name.decode(errors="surrogateescape"))
    ).touch()
    repository.commit({})

    with (
        fetch(Remote(repository.url, "main"), scratch, rules) as found,
        pytest.raises(RepositoryRefusedError, match=why),
    ):
        read(found)


def test_links_are_refused(repository: Repository, rules: Rules, scratch: Path) -> None:
    (repository.path / "connectors").mkdir()
    (repository.path / "connectors/x").symlink_to("/etc/passwd")
    repository.commit({})

    refuse(repository, rules, scratch, "is a link")


def test_submodules_are_refused(repository: Repository, rules: Rules, scratch: Path) -> None:
    commit = repository.commit({"x": b"1"})
    repository.git("update-index", "--add", "--cacheinfo", f"160000,{commit},connectors/sub")
    repository.git("commit", "--quiet", "--message", "Add a submodule")

    refuse(repository, rules, scratch, "is a submodule")


def test_files_that_git_lfs_keeps_elsewhere_are_refused(
    repository: Repository, rules: Rules, scratch: Path
) -> None:
    repository.commit({"connectors/x": b"version https://git-lfs.github.com/spec/v1\noid 1\n"})

    refuse(repository, rules, scratch, "Git LFS")


def test_a_tree_with_a_part_of_git_in_it_is_refused(
    repository: Repository, rules: Rules, scratch: Path
) -> None:
    blob = repository.git("hash-object", "-w", "/dev/null")
    evil = repository.path / "tree"
    evil.write_bytes(b"100644 .git\0" + bytes.fromhex(blob))
    tree = repository.git("hash-object", "-t", "tree", "-w", "--literally", str(evil))
    commit = repository.git("commit-tree", "-m", "evil", tree)
    repository.git("update-ref", "refs/heads/main", commit)

    with (
        pytest.raises(RepositoryUnreachableError, match=r"fsck|\.git|hasDotgit|index-pack|bad"),
        fetch(Remote(repository.url, "main"), scratch, rules),
    ):
        pass


def test_a_tree_that_unfolds_to_too_many_files_is_refused(
    repository: Repository, rules: Rules, scratch: Path
) -> None:
    blob = repository.git("hash-object", "-w", "/dev/null")
    kind, inner = "100644 blob", blob
    for _ in range(7):  # 10 files, of 10 folders of 10 folders ...
        lines = "".join(f"{kind} {inner}\tn{n}\n" for n in range(10))
        (repository.path / "lines").write_text(lines)
        inner = repository.git("-c", "alias.t=!git mktree < lines", "t")
        kind = "040000 tree"
    commit = repository.git("commit-tree", "-m", "bomb", inner)
    repository.git("update-ref", "refs/heads/main", commit)

    with (
        fetch(Remote(repository.url, "main"), scratch, rules) as found,
        pytest.raises(RepositoryRefusedError, match="too many"),
    ):
        found.files("")


def test_what_is_too_large_is_not_fetched_and_not_read(
    repository: Repository, rules: Rules, scratch: Path
) -> None:
    repository.commit({"connectors/x": bytes(range(256)) * 4000})
    remote = Remote(repository.url, "main")
    small = dataclasses.replace(rules, max_bytes=2000)

    with pytest.raises(RepositoryTooLargeError), fetch(remote, scratch, small):
        pass
    with fetch(remote, scratch, rules) as found, pytest.raises(RepositoryTooLargeError):
        found.contents(found.files(""), 1000)


def test_what_takes_too_long_is_ended(
    repository: Repository, rules: Rules, scratch: Path
) -> None:
    repository.commit({"x": b"1"})
    hasty = dataclasses.replace(rules, seconds=0)
    began = time.monotonic()

    with (
        pytest.raises(ProgramTimedOutError),
        fetch(Remote(repository.url, "main"), scratch, hasty),
    ):
        pass

    assert time.monotonic() - began < 5


@pytest.mark.parametrize("branch", ["none", "main"])
def test_what_is_not_there_is_said(branch: str, rules: Rules, scratch: Path) -> None:
    empty = made(rules.local / "empty") if rules.local else None
    assert empty

    with (
        pytest.raises(RepositoryUnreachableError, match="remote ref"),
        fetch(Remote(empty.url, branch), scratch, rules),
    ):
        pass


def test_only_the_end_of_the_history_is_fetched(
    repository: Repository, rules: Rules, scratch: Path
) -> None:
    for number, by in enumerate(["ana", "bob", "kim"]):
        repository.commit({"x": str(number).encode()}, by=by)
    short = dataclasses.replace(rules, commits=1)

    with fetch(Remote(repository.url, "main"), scratch, short) as found:
        assert found.authors("", "") == {"kim@example.com"}


def test_what_a_killed_process_left_is_deleted(scratch: Path) -> None:
    (scratch / "git-abc/repository").mkdir(parents=True)

    git.sweep(scratch)


def test_git_sees_nothing_of_this_process_and_no_secret_stands_in_its_arguments() -> None:
    seen = environment(Path("/place"), {"http.extraHeader": "Authorization: Basic x"})

    assert seen["HOME"] == "/place"
    assert not {"SSH_AUTH_SOCK", "http_proxy", "GIT_DIR"} & set(seen)
    assert "Authorization: Basic x" in seen.values()


def test_a_name_is_resolved_once_and_private_hosts_are_those_of_the_operator() -> None:
    policy = Policy(resolve=lambda *_: ["10.0.0.7", "fd00::7"])
    url = "https://git.corp.example:8443/market.git"

    with pytest.raises(UrlNotAllowedError, match="not public"):
        checked_place(url, policy)
    ours = dataclasses.replace(policy, private=frozenset({"git.corp.example"}))
    assert checked_place(url, ours) == ("git.corp.example", 8443, ["10.0.0.7", "[fd00::7]"])


def fetch(remote: Remote, scratch: Path, rules: Rules) -> AbstractContextManager[Fetched]:
    return git.fetched(remote, scratch, rules)


def refuse(repository: Repository, rules: Rules, scratch: Path, why: str) -> None:
    with (
        fetch(Remote(repository.url, "main"), scratch, rules) as found,
        pytest.raises(ConnectoryError, match=why),
    ):
        read(found)
