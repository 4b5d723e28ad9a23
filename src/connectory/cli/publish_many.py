"""Publishing several connectors with one command."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import ClassVar, cast

from connectory.cli.bundle import Source, read_source
from connectory.cli.packing import completed
from connectory.cli.pieces import BAD, GOOD, bold, one_line
from connectory.cli.reports import problem_body, problem_line
from connectory.cli.session import Session
from connectory.client.catalog import MANIFEST_TYPE, BulkResult, Refusal
from connectory.client.refusals import ProblemBody, problem
from connectory.client.transport import Part
from connectory.kernel.errors import ConnectoryError, Kind
from connectory.scaffold.layout import README, RUNBOOK

PACKAGE_TYPE, TEXT_TYPE = "application/gzip", "text/markdown"
TEXTS = (("readme", README), ("runbook", RUNBOOK))
BULK = "bulk"
MOST_LINES, MOST_BYTES = 200, 800_000  # of one request
OF_ALL = {Kind.NOT_SIGNED_IN, Kind.RATE_LIMITED, Kind.UNAVAILABLE, Kind.STORAGE_FULL}
"""Refusals that the next connector would get too."""


class SomeRefusedError(ConnectoryError):
    """Of several connectors some were refused; the others are published."""

    kind: ClassVar[Kind] = Kind.FAILED
    code: ClassVar[str] = "some-refused"

    def __init__(self, refused: int, total: int, kind: Kind) -> None:
        super().__init__(
            f"{refused} of {total} were refused",
            hint="correct them and run the command again; what is there already stays as it is",
        )
        self.kind = kind  # type: ignore[misc]  # of this one, so that the exit code tells


def publish_many(session: Session, paths: Sequence[Path]) -> None:
    """Publish each path on its own and say what became of it.

    Raises:
        SomeRefusedError: At the end, if any was refused.
    """
    sources = [completed(read_source(path)) for path in paths]
    may_bulk = BULK in session.client.access.me().get("scopes", [])
    items: list[dict[str, object]] = []
    kinds = []
    for source, done in _published(session, sources, may_bulk=may_bulk):
        items.append({"path": str(source.path), **done})
        session.out.live(f"{len(items)} of {len(sources)}")
        if done["error"]:
            kinds.append(done["error"]["kind"])
        if not session.out.as_json:
            _show(session, source, done)
    session.out.settle()
    if session.out.as_json:
        session.out.document({"items": items})
    if kinds:
        kind = Kind.CONFLICT if set(kinds) == {Kind.CONFLICT} else Kind.FAILED
        raise SomeRefusedError(len(kinds), len(sources), kind)


def parts_of(source: Source, package: bytes | None) -> dict[str, Part]:
    """Return what is uploaded of a source."""
    parts: dict[str, Part] = {"manifest": ("manifest.yaml", source.manifest, MANIFEST_TYPE)}
    if package is not None:
        parts["package"] = ("package.tar.gz", package, PACKAGE_TYPE)
    for name, file in TEXTS:
        text = source.text(file)
        if text is not None:
            parts[name] = (file, text, TEXT_TYPE)
    return parts


def _published(
    session: Session, sources: Sequence[Source], *, may_bulk: bool
) -> Iterator[tuple[Source, BulkResult]]:
    """Publish in order: neighbours without a package together where that is allowed."""
    for together, group in groupby(sources, lambda one: may_bulk and one.package is None):
        if not together:
            yield from ((source, _alone(session, source)) for source in group)
            continue
        for chunk in _chunks(group):
            lines = [line for _, line in chunk]
            results = session.client.catalog.publish_many(lines)
            yield from zip((source for source, _ in chunk), results, strict=True)


def _alone(session: Session, source: Source) -> BulkResult:
    try:
        done = session.client.catalog.publish(parts_of(source, source.package))
    except ConnectoryError as refused:
        if refused.kind in OF_ALL:
            raise
        return {"result": "refused", "version": None, "error": _refusal(refused)}
    result = "created" if done["created"] else "identical"
    return {"result": result, "version": done, "error": None}


def _chunks(sources: Iterator[Source]) -> Iterator[list[tuple[Source, dict[str, str]]]]:
    chunk: list[tuple[Source, dict[str, str]]] = []
    size = 0
    for source in sources:
        line = _line(source)
        length = 2 * sum(len(text.encode()) for text in line.values())  # JSON escapes
        if chunk and (len(chunk) == MOST_LINES or size + length > MOST_BYTES):
            yield chunk
            chunk, size = [], 0
        chunk.append((source, line))
        size += length
    if chunk:
        yield chunk


def _line(source: Source) -> dict[str, str]:
    texts = {name: source.text(file) for name, file in TEXTS}
    sent = {"manifest": source.manifest, **texts}
    return {name: raw.decode("utf-8", "replace") for name, raw in sent.items() if raw}


def _refusal(refused: ConnectoryError) -> Refusal:
    return {
        "kind": refused.kind,
        "code": refused.code,
        "message": refused.message,
        "hint": refused.hint,
        "problems": [cast(ProblemBody, problem_body(one)) for one in refused.problems],
    }


def _show(session: Session, source: Source, done: BulkResult) -> None:
    version, error = done["version"], done["error"]
    if error:
        session.out.show(BAD, " ", bold(str(source.path)), f": {one_line(error['message'])}")
        for one in error["problems"]:
            session.out.show("  ", *problem_line(problem(one), source.manifest_name))
    elif version:
        label = f"{version['namespace']}/{version['id']} {version['version']}"
        verb = "Published " if version["created"] else "Already there, byte for byte: "
        status = version["status"]["effective"]
        session.out.show(GOOD, " ", verb, bold(label), f" as {status}")
