"""How a folder came to a branch: by which commits of the branch itself."""

from pathlib import Path

from connectory.gates import git
from connectory.gates.git import Remote, Rules
from repositories import made


def test_landings_are_commits_of_the_branch_itself_that_changed_a_folder(
    tmp_path: Path,
) -> None:
    repository = made(tmp_path / "local/market")
    first = repository.commit({"connectors/a/x": b"1"})
    repository.git("checkout", "--quiet", "-b", "change")
    repository.commit({"connectors/a/x": b"2"})
    tip = repository.commit({"connectors/a/x": b"3"})
    repository.git("checkout", "--quiet", "main")
    before = repository.commit({"connectors/b/x": b"1"})
    repository.git("merge", "--quiet", "--no-ff", "--message", "Merge", "change")
    merge = repository.git("rev-parse", "HEAD")

    remote, rules = Remote(repository.url, "main"), Rules(local=tmp_path / "local")
    with git.fetched(remote, tmp_path / "scratch", rules) as found:
        [landing] = found.landings("connectors/a", first)
        every = found.landings("connectors/a", "")
        none = found.landings("connectors/b", before)

    assert (landing.commit, landing.parents, landing.is_merge) == (merge, (before, tip), True)
    assert [(one.commit, one.is_merge) for one in every] == [(merge, True), (first, False)]
    assert none == []
