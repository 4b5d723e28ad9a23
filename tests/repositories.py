"""Real Git repositories on this machine, made by the real Git, for tests that pull them."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

QUIET = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "PATH": os.environ["PATH"],
}


@dataclass(frozen=True)
class Repository:
    """A repository with a work tree, on the branch `main`."""

    path: Path

    @property
    def url(self) -> str:
        return f"file://{self.path}"

    def git(self, *arguments: str, by: str = "ana") -> str:
        """Run Git in it as a person, and return what it prints."""
        who = {"NAME": by.title(), "EMAIL": f"{by}@example.com"}
        people = {
            f"GIT_{role}_{what}": value
            for role in ("AUTHOR", "COMMITTER")
            for what, value in who.items()
        }
        done = subprocess.run(
            ["git", *arguments],
            cwd=self.path,
            env=QUIET | people | {"HOME": str(self.path)},
            capture_output=True,
            check=True,
        )
        return done.stdout.decode().strip()

    def commit(self, files: dict[str, bytes], *, by: str = "ana", say: str = "Change") -> str:
        """Write files, commit them and return the commit."""
        for name, content in files.items():
            place = self.path / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
        self.git("add", "--all", "--force")
        self.git("commit", "--quiet", "--allow-empty", "--message", say, by=by)
        return self.git("rev-parse", "HEAD")


def made(path: Path) -> Repository:
    """Make an empty repository at `path`."""
    path.mkdir(parents=True)
    repository = Repository(path)
    repository.git("init", "--quiet", "--initial-branch=main")
    return repository
