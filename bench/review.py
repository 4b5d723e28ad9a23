"""How long the review of an update takes that asks for nothing new: no human has a part in it.

python bench/review.py [updates]

A demo pulls a real Git repository. The first version of a connector is signed by the reviewers.
Each update changes its code; the time is from its merge until the version is approved, with the
webhook, the pull, checks and policies.
"""

import hashlib
import hmac
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from kit.bounds import AtMost, say

from connectory.client import Client
from connectory.client.reviews import Review
from connectory.client.sources import SourceMade
from connectory.kernel.secret import Secret
from connectory.scaffold.files import Wish, files_of

UPDATES = 9
NAMESPACE, ID = "bizops", "greeter"
REVIEWERS = {"architect": "lee", "security": "sam", "ops": "olu"}
BOUND = AtMost(10)  # seconds
MOST_S, LOOK_S = 120.0, 0.05
COMMAND = [sys.executable, "-m", "connectory.cli", "up", "--demo", "--no-browser", "--json"]
AUTHOR = {
    f"GIT_{role}_{what}": value
    for role in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "Ana"), ("EMAIL", "ana@example.com"))
}


@dataclass(frozen=True, slots=True)
class Market:
    """The demo, and the repository that it pulls."""

    admin: Client
    repository: Path
    source: SourceMade

    def merge(self, version: str, files: dict[str, bytes]) -> None:
        """Merge a version into the branch, and tell the marketplace as the host does."""
        folder = self.repository / "connectors" / ID
        told = files["manifest.yaml"].replace(b"version: 0.1.0", f"version: {version}".encode())
        said = f"\nVERSION = {version!r}\n".encode()
        code = f"src/{ID}/__main__.py"
        changed = {"manifest.yaml": told, code: files[code] + said}
        self.git("checkout", "--quiet", "-b", version)
        for name, content in (files | changed).items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", version)
        self.git("checkout", "--quiet", "main")
        self.git("merge", "--quiet", "--no-ff", "--message", f"Merge {version}", version)
        self.tell()

    def tell(self) -> None:
        """Call the webhook, signed."""
        pushed = {"ref": "refs/heads/main", "after": self.git("rev-parse", "HEAD")}
        body = json.dumps(pushed).encode()
        key = self.source["hook_secret"].encode()
        signature = "sha256=" + hmac.new(key, body, hashlib.sha256).hexdigest()
        headers = {"X-Hub-Signature-256": signature, "Content-Type": "application/json"}
        asked = urllib.request.Request(self.source["hook_url"], body, headers)  # noqa: S310  own
        urllib.request.urlopen(asked).close()  # noqa: S310  the demo that was just started

    def git(self, *arguments: str) -> str:
        """Run Git in the repository; return what it prints."""
        known = {"HOME": str(self.repository), "PATH": os.environ["PATH"]}
        done = subprocess.run(
            ["git", *arguments],  # noqa: S607  that of this machine
            cwd=self.repository,
            env=known | AUTHOR,
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
        return done.stdout.strip()

    def review(self, version: str, state: str) -> Review:
        """Return the review of a version, as soon as it has that state."""
        end, mine = time.monotonic() + MOST_S, (f"{NAMESPACE}/{ID}", version)
        while time.monotonic() < end:
            for one in self.admin.reviews.list(state=state):
                if (one["connector"], one["version"]) == mine:
                    return self.admin.reviews.show(one["id"])
            time.sleep(LOOK_S)
        raise SystemExit(f"the review of {ID} {version} was not {state} in {MOST_S:g} s")


@contextmanager
def market(folder: Path) -> Iterator[Market]:
    """Start the product, and let it pull a repository."""
    token = folder / "token"
    repository = folder / "git/market"
    repository.mkdir(parents=True)
    own = {k: v for k, v in os.environ.items() if not k.startswith("CONNECTORY_")}
    flags = ["--port", "0", "--data", str(folder / "data"), "--admin-token-file", str(token)]
    with subprocess.Popen(
        [*COMMAND, *flags],
        env=own | {"CONNECTORY_GIT_LOCAL": str(folder / "git"), "HOME": str(folder)},
        stdout=subprocess.PIPE,
    ) as server:
        try:
            if server.stdout is None or not (line := server.stdout.readline()):
                raise SystemExit("the server did not start; its messages are above")
            admin = Client(json.loads(line)["url"], Secret(token.read_text().strip()))
            source = admin.sources.add(
                {
                    "name": "market",
                    "url": f"file://{repository}",
                    "branch": "main",
                    "folder": "connectors",
                    "team": NAMESPACE,
                    "namespace": NAMESPACE,
                    "secret": "",
                }
            )
            found = Market(admin, repository, source)
            found.git("init", "--quiet", "--initial-branch=main")
            found.git("commit", "--quiet", "--allow-empty", "--message", "Begin")
            yield found
        finally:
            server.terminate()
            server.wait(20)


def sign(here: Market, review: Review) -> None:
    """Let the reviewers sign a version."""
    for role, name in REVIEWERS.items():
        made = here.admin.access.create_token("review", account=name)
        with Client(here.admin.http.url, Secret(made["token"])) as reviewer:
            digest = review["digest"]
            reviewer.reviews.decide(
                review["id"], "approve", role=role, digest=digest, comment=""
            )


def main() -> int:
    """Print the times and their median; exit 1 beyond the bound."""
    updates = int(sys.argv[1]) if len(sys.argv) > 1 else UPDATES
    files = files_of(Wish(ID, "blank", "ana@example.com"))
    times = []
    with tempfile.TemporaryDirectory() as folder, market(Path(folder)) as here:
        here.merge("0.1.0", files)
        sign(here, here.review("0.1.0", "open"))
        here.review("0.1.0", "approved")
        for number in range(1, updates + 1):
            began = time.monotonic()
            here.merge(f"0.1.{number}", files)
            found = here.review(f"0.1.{number}", "approved")
            times.append(time.monotonic() - began)
            if any(not one["carried_from"] for one in found["decisions"]):
                raise SystemExit(f"somebody decided about {found['version']}")
    print(" ".join(f"{one:.1f}" for one in times), "s, each from its merge")
    took = median(times)
    say("merged to approved, same permissions, no human step", took, BOUND, "s")
    return int(not BOUND.holds(took))


if __name__ == "__main__":
    sys.exit(main())
