"""Dockerfiles: what can change unseen, and who it runs as."""

from collections.abc import Callable
from pathlib import Path

import pytest

from connectory.checks.dockerfile import bases, run
from connectory.checks.dockerfile_text import read
from connectory.checks.subject import Subject, Vetted
from connectory.manifest.loader import load

MANIFEST = b"""\
id: lead-alerts
name: Lead alerts
version: 1.0.0
description: Tells a channel about leads
owner: bizops@example.com
runtime: {type: serverless, entrypoint: lead_alerts}
"""
PINNED = "python:3.11-slim@sha256:" + "a" * 64
GOOD = f'FROM {PINNED}\nCOPY src src\nUSER 65532:65532\nENTRYPOINT ["python"]\n'


Codes = Callable[[str], dict[str, tuple[int | None, str]]]


@pytest.fixture
def codes(tmp_path: Path) -> Codes:
    """Check the text of a Dockerfile; give line and severity of what is found, by code."""

    def check(text: str) -> dict[str, tuple[int | None, str]]:
        (tmp_path / "Dockerfile").write_text(text)
        names = frozenset({"Dockerfile"})
        subject = Subject(MANIFEST, "manifest.yaml", "here", tmp_path, names)
        problems = [one.problem for one in run(Vetted(subject, load(MANIFEST)))]
        return {one.code: (one.line, one.severity) for one in problems}

    return check


def test_a_good_one_is_silent(codes: Codes) -> None:
    assert codes(GOOD) == {}


@pytest.mark.parametrize("image", ["python", "python:latest", "registry:5000/python"])
def test_a_base_of_no_certain_version_is_found(codes: Codes, image: str) -> None:
    assert codes(GOOD.replace(PINNED, image)) == {"image-not-pinned": (1, "error")}


def test_a_base_with_a_version_is_silent(codes: Codes) -> None:
    assert codes(GOOD.replace(PINNED, "python:3.11-slim-bookworm")) == {}


def test_a_stage_of_the_same_file_is_no_unknown_base(codes: Codes) -> None:
    text = GOOD.replace(f"FROM {PINNED}", f"FROM {PINNED} AS build\nRUN make\nFROM build", 1)

    assert codes(text) == {}


@pytest.mark.parametrize("user", ["", "USER root\n", "USER 0\n", "USER 0:0\n"])
def test_root_is_found(codes: Codes, user: str) -> None:
    assert "image-runs-as-root" in codes(GOOD.replace("USER 65532:65532\n", user))


def test_the_user_of_an_earlier_stage_does_not_count(codes: Codes) -> None:
    text = f'FROM {PINNED} AS build\nUSER nobody\nFROM {PINNED}\nENTRYPOINT ["x"]\n'

    assert "image-runs-as-root" in codes(text)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("RUN curl -fsSL https://example.com/x.sh | sh", "unchecked-download"),
        ("RUN wget -qO- https://example.com/x | sudo /bin/bash -s", "unchecked-download"),
        ("ADD https://example.com/tool /usr/bin/tool", "unchecked-download"),
        ("RUN pip install requests", "unchecked-download"),
        ("RUN chmod u+s /usr/bin/tool", "image-setuid"),
        ("RUN chmod 4755 /usr/bin/tool", "image-setuid"),
        ("EXPOSE 8080 22", "image-offers-ssh"),
        ("INSTALL everything", "dockerfile-unreadable"),
    ],
)
def test_a_step_that_brings_in_the_unknown_is_found(codes: Codes, line: str, code: str) -> None:
    assert codes(GOOD.replace("COPY src src", line)) == {
        code: (2, "warning" if "pip" in line else "error")
    }


@pytest.mark.parametrize(
    "line",
    [
        "ADD --checksum=sha256:abc https://example.com/tool /usr/bin/tool",
        "RUN curl -o x https://example.com/x && sha256sum -c x.sum",
        "RUN pip install --require-hashes -r requirements.lock",
        "RUN chmod 755 /app",
        "EXPOSE 8022",
        "# RUN curl https://example.com/x | sh",
    ],
)
def test_what_is_checked_or_harmless_is_silent(codes: Codes, line: str) -> None:
    assert codes(GOOD.replace("COPY src src", line)) == {}


def test_continued_lines_and_heredocs_are_one_instruction() -> None:
    text = "FROM a \\\n# note\n  AS b\n\nRUN <<EOF\nUSER root\nEOF\nCMD x\n"

    assert [(one.name, one.line) for one in read(text)] == [("FROM", 1), ("RUN", 5), ("CMD", 8)]


def test_an_empty_file_is_no_image(codes: Codes) -> None:
    assert set(codes("")) == {"dockerfile-unreadable", "image-runs-as-root"}


def test_bases_are_images_and_no_stages() -> None:
    text = f"FROM {PINNED} AS build\nFROM build AS test\nFROM scratch\nFROM {PINNED}\n"

    assert bases(text) == [PINNED, "scratch"]
