"""Dockerfiles, and users of images, labelled by who runs: root, or somebody else."""

from collections.abc import Iterator

from labelled import FINE, Case

ROOT = "root"
USER = "Docker Docs, Dockerfile reference, USER"
STAGES = "Docker Docs, Multi-stage builds"
FORMAT = "Docker Docs, Dockerfile reference, Format and parser directives"
HEREDOC = "Docker Docs, Dockerfile reference, Here-documents"
ARG = "Docker Docs, Dockerfile reference, ARG, ENV and environment replacement"
ONBUILD = "Docker Docs, Dockerfile reference, ONBUILD"
DISTROLESS = "Distroless, README, tags nonroot and debug-nonroot"
CHAINGUARD = "Chainguard Academy, images run as nonroot by default"
BITNAMI = "Bitnami, Work with non-root containers"
OCI = "OCI Image Specification, image configuration, config.User"

BASE = "FROM debian:12\n"
FILES = (
    (BASE, ROOT, USER),
    (BASE + "USER root\n", ROOT, USER),
    (BASE + "USER 0\n", ROOT, USER),
    (BASE + "USER 00\n", ROOT, USER),
    (BASE + "USER 0:0\n", ROOT, USER),
    (BASE + "USER 0:1000\n", ROOT, USER),
    (BASE + "USER root:root\n", ROOT, USER),
    (BASE + "USER root:app\n", ROOT, USER),
    (BASE + "user root\n", ROOT, USER),
    (BASE + "USER\troot\n", ROOT, USER),
    (BASE + "USER   root  \n", ROOT, USER),
    (BASE + 'USER "root"\n', ROOT, USER),
    (BASE + "USER app\nRUN id\nUSER root\n", ROOT, USER),
    (BASE + "USER app\nUSER 0\n", ROOT, USER),
    ("FROM scratch\nCOPY app /\n", ROOT, USER),
    (BASE + 'USER root\nENTRYPOINT ["gosu", "app", "run"]\n', ROOT, USER),
    (BASE + "USER app\n", FINE, USER),
    (BASE + "USER 1000\n", FINE, USER),
    (BASE + "USER 65532:65532\n", FINE, USER),
    (BASE + "USER 1000:0\n", FINE, USER),
    (BASE + "USER nobody\n", FINE, USER),
    (BASE + "USER www-data:www-data\n", FINE, USER),
    (BASE + "user app\n", FINE, USER),
    (BASE + "USER\tapp\n", FINE, USER),
    (BASE + 'USER "app"\n', FINE, USER),
    (BASE + "USER rooter\n", FINE, USER),
    (BASE + "USER root-less\n", FINE, USER),
    (BASE + "USER 10\n", FINE, USER),
    (BASE + "USER root\nRUN apt-get update\nUSER app\n", FINE, USER),
    (BASE + 'USER app\nCMD ["USER", "root"]\n', FINE, USER),
    (BASE + 'USER app\nLABEL note="USER root"\n', FINE, USER),
    (BASE + "USER app\n# USER root\n", FINE, FORMAT),
    (BASE + "# USER app\n", ROOT, FORMAT),
    (BASE + "RUN echo \\\nUSER app\n", ROOT, FORMAT),
    (BASE + "RUN echo \\\n# a comment\nUSER app\n", ROOT, FORMAT),
    (BASE + "USER \\\n  app\n", FINE, FORMAT),
    (BASE + "USER \\\n  root\n", ROOT, FORMAT),
    (BASE + "USER \\  \n  root\n", ROOT, FORMAT),
    ("# escape=`\n" + BASE + "RUN dir C:\\\nUSER app\n", FINE, FORMAT),
    ("# escape=`\n" + BASE + "RUN dir `\nUSER app\n", ROOT, FORMAT),
    (
        "# syntax=docker/dockerfile:1\n# escape=`\n" + BASE + "RUN dir `\nUSER app\n",
        ROOT,
        FORMAT,
    ),
    ("# about\n# escape=`\n" + BASE + "RUN dir `\nUSER app\n", FINE, FORMAT),
    (BASE.replace("\n", "\r\n") + "USER app\r\n", FINE, FORMAT),
    ("\ufeff" + BASE + "USER app\n", FINE, FORMAT),
    (BASE + "RUN echo \u2028USER app\n", ROOT, FORMAT),
    (BASE + "RUN <<EOF\nUSER app\nEOF\n", ROOT, HEREDOC),
    (BASE + "USER app\nRUN <<EOF\nUSER root\nEOF\n", FINE, HEREDOC),
    (BASE + "USER app\nCOPY <<EOF /etc/x\nUSER root\nEOF\n", FINE, HEREDOC),
    (BASE + "RUN <<-EOF\n\tUSER app\n\tEOF\n", ROOT, HEREDOC),
    (BASE + "RUN <<-EOF\n\techo\n\tEOF\nUSER app\n", FINE, HEREDOC),
    (BASE + "RUN <<EOF\n EOF\nUSER app\nEOF\n", ROOT, HEREDOC),
    (BASE + "RUN <<'EOF'\nUSER app\nEOF\n", ROOT, HEREDOC),
    (BASE + "RUN python3 <<A && cat <<B\nUSER app\nA\nUSER app\nB\n", ROOT, HEREDOC),
    (BASE + "COPY <<a <<b /etc/\nx\na\ny\nb\nUSER app\n", FINE, HEREDOC),
    (BASE + "USER app\nRUN cat <<<EOF\nUSER root\n", ROOT, HEREDOC),
    (BASE + 'USER app\nRUN echo "a <<EOF b"\nUSER root\n', ROOT, HEREDOC),
    (BASE + "USER app\nLABEL a=<<EOF\nUSER root\n", ROOT, HEREDOC),
    (BASE + "USER app\nRUN echo $((1<<EOF))\nUSER root\n", ROOT, HEREDOC),
    ("FROM golang:1.22 AS build\nUSER app\nFROM debian:12\n", ROOT, STAGES),
    ("FROM golang:1.22 AS build\nUSER root\nFROM debian:12\nUSER app\n", FINE, STAGES),
    ("FROM debian:12 AS base\nUSER app\nFROM base\nCOPY a b\n", FINE, STAGES),
    ("FROM debian:12 AS base\nUSER app\nFROM Base AS final\nUSER root\n", ROOT, STAGES),
    ("FROM debian:12 AS base\nUSER app\nFROM golang:1.22\nRUN make\nFROM base\n", FINE, STAGES),
    ("FROM debian:12 AS base\nFROM base\n", ROOT, STAGES),
    ("FROM --platform=linux/amd64 debian:12 AS b\nUSER app\nFROM b\n", FINE, STAGES),
    ("ARG UID=1000\n" + BASE + "USER $UID\n", ROOT, ARG),
    ("ARG UID=1000\n" + BASE + "ARG UID\nUSER $UID\n", FINE, ARG),
    (BASE + "ARG UID=0\nUSER ${UID}\n", ROOT, ARG),
    (BASE + "ARG UID=1000\nUSER ${UID}:${UID}\n", FINE, ARG),
    (BASE + "ARG UID\nUSER $UID\n", ROOT, ARG),
    (BASE + "ARG UID\nUSER ${UID:-1000}\n", FINE, ARG),
    (BASE + "ARG UID\nUSER ${UID:-0}\n", ROOT, ARG),
    (BASE + "ENV APP_USER=root\nUSER $APP_USER\n", ROOT, ARG),
    (BASE + "ENV APP_USER root\nUSER $APP_USER\n", ROOT, ARG),
    (BASE + 'ENV A=1 APP_USER="app"\nUSER ${APP_USER}\n', FINE, ARG),
    (BASE + "ARG WHO=app\nENV WHO=root\nUSER $WHO\n", ROOT, ARG),
    (BASE + "ENV WHO=app\nENV IT=$WHO\nUSER $IT\n", FINE, ARG),
    (BASE + "USER $NOBODY_SET_IT\n", ROOT, ARG),
    ("FROM debian:12 AS b\nENV WHO=app\nFROM b\nUSER $WHO\n", FINE, ARG),
    ("FROM debian:12 AS b\nARG WHO=app\nFROM b\nUSER $WHO\n", ROOT, ARG),
    (BASE + "ONBUILD USER app\n", ROOT, ONBUILD),
    (BASE + "USER app\nONBUILD USER root\n", FINE, ONBUILD),
    ("FROM gcr.io/distroless/static-debian12:nonroot\n", FINE, DISTROLESS),
    ("FROM gcr.io/distroless/base:debug-nonroot\n", FINE, DISTROLESS),
    ("FROM gcr.io/distroless/static-debian12\n", ROOT, DISTROLESS),
    ("FROM cgr.dev/chainguard/python:3.12\n", FINE, CHAINGUARD),
    ("FROM bitnami/redis:7.2\n", FINE, BITNAMI),
    ("FROM gcr.io/distroless/static:nonroot\nUSER 0\n", ROOT, DISTROLESS),
)
USERS = (
    ("", ROOT), ("0", ROOT), ("00", ROOT), ("root", ROOT), ("0:0", ROOT), ("root:app", ROOT),
    ("0:1000", ROOT), ("root:0", ROOT), ("toor", ROOT), ("toor:app", ROOT),
    ("app", FINE), ("1000", FINE), ("1000:1000", FINE), ("app:app", FINE), ("app:0", FINE),
    ("65532:65532", FINE), ("1000:root", FINE),
)  # fmt: skip
"""Of an image whose /etc/passwd has root and toor with number 0, and app with number 1000."""


def files() -> Iterator[Case[str]]:
    """Give the cases of Dockerfiles."""
    for text, verdict, source in FILES:
        yield Case(repr(text.removeprefix(BASE)), text, verdict, source)


def users() -> Iterator[Case[str]]:
    """Give the cases of users of an image."""
    for user, verdict in USERS:
        yield Case(repr(user), user, verdict, OCI)
