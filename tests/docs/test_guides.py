"""What the guides tell readers to type works, in the order in which they tell it.

Blocks fenced as `console runnable` are run against one fresh demo. `$ ` begins a command, `> `
continues it, `# exit N` at its end is the exit code expected, and every other line must appear
in the output, in that order; `…` stands for anything, runs of blanks are alike.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from processes import marketplace_process

ROOT = Path(__file__).parents[2]
GUIDES = (
    "start",
    "find-and-compare",
    "publish",
    "install",
    "people",
    "write-a-connector",
    "policies",
    "operate",
    "monitor",
    "review",
)  # as readers go
WITHOUT_COMMANDS = {"publish-with-forms", "publish-from-git", "runs"}
"""What they say is tried by tests/journeys and tests/cli/test_runs.py."""
FENCE = re.compile(r"^```console runnable\n(.*?)^```", re.DOTALL | re.MULTILINE)
EXIT = re.compile(r"  # exit (\d+)$")
BIN = Path(sys.executable).parent
SECONDS = 60  # for one command


@dataclass
class Command:
    """One command of a guide, and what the guide says of it."""

    place: str
    text: str
    wanted: list[str] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        found = EXIT.search(self.text)
        return int(found[1]) if found else 0


@dataclass
class Reader:
    """Somebody who follows the guides from an empty folder."""

    folder: Path
    environment: Mapping[str, str]

    def type(self, command: Command) -> str:
        """Run a command and return everything it printed; fail on another exit code."""
        done = subprocess.run(
            ["/bin/sh", "-c", command.text],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        assert done.returncode == command.exit_code, f"{command.place}\n{done.stdout}"
        return done.stdout


def commands(guide: str) -> Iterator[Command]:
    path = ROOT / f"docs/guides/{guide}.md"
    for block in FENCE.findall(path.read_text()):
        found: list[Command] = []
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append(Command(f"{guide}: {line}", line[2:]))
            elif line.startswith(("> ", ">")) and not found[-1].wanted:
                found[-1].text += "\n" + line[2:]
            else:
                found[-1].wanted.append(line)
        yield from found


def missing(wanted: list[str], output: str) -> list[str]:
    """Return the lines of the guide that the output does not have, in their order."""
    rest = " ".join(output.split())
    for number, line in enumerate(wanted):
        pattern = ".*?".join(re.escape(part) for part in " ".join(line.split()).split("…"))
        found = re.search(pattern, rest)
        if found is None:
            return wanted[number:]
        rest = rest[found.end() :]
    return []


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    folder = tmp_path / "work"
    folder.mkdir()
    with marketplace_process(tmp_path / "server") as served:
        served.start(health_seconds="5")
        told = {
            "CHECKOUT": str(ROOT),
            "CONNECTORY_TOKEN": served.token,
            "CONNECTORY_URL": str(served.ready["url"]),
            "CRM": served.crm,
            "SLACK": served.slack,
        }
        home = {"HOME": str(tmp_path), "PATH": f"{BIN}:{os.environ['PATH']}"}
        yield Reader(folder, home | told)


@pytest.mark.journey
@pytest.mark.timeout(300)
def test_the_guides_work_as_they_are_written(reader: Reader) -> None:
    for guide in GUIDES:
        for command in commands(guide):
            output = reader.type(command)

            assert missing(command.wanted, output) == [], f"{command.place}\n{output}"


def test_every_guide_is_followed() -> None:
    written = {path.stem for path in (ROOT / "docs/guides").glob("*.md")}

    assert written == set(GUIDES) | WITHOUT_COMMANDS
    assert all(list(commands(guide)) for guide in GUIDES)


def test_only_console_blocks_are_marked_as_runnable() -> None:
    marked = [
        line
        for page in (ROOT / "docs").rglob("*.md")
        for line in page.read_text().splitlines()
        if line.startswith("```") and "runnable" in line
    ]

    assert set(marked) == {"```console runnable"}


def test_a_line_that_the_output_lacks_is_noticed() -> None:
    output = "STATE    running\nhealth   healthy\n"

    assert missing(["STATE running", "health … healthy"], output) == ["health … healthy"]
    assert missing(["STATE …", "health healthy"], output) == []
    assert missing(["health healthy", "STATE running"], output) == ["STATE running"]
