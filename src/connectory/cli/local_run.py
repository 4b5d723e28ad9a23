"""connectory run FOLDER: a connector at work on its author's machine, for one event."""

import json
import sys
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

import click

from connectory.cli.bundle import read_source
from connectory.cli.local_process import Answer, Connector, Played, connector, standins
from connectory.cli.packing import completed
from connectory.cli.pieces import WARN, Piece, bold, dim, one_line
from connectory.cli.plan_view import in_words
from connectory.cli.session import Session
from connectory.kernel import clock
from connectory.kernel.secret import Secret
from connectory.manifest import loader
from connectory.manifest.model import Manifest
from connectory.manifest.ticks import RUN_PATH, body_of
from connectory.scaffold.layout import MANIFEST

MANUAL = "/run"
SCHEDULE = "schedule"
REMOVE = "/lifecycle/remove"
EXAMPLES = "examples"
TONES = {"warn": "warn", "error": "bad", "debug": "dim"}
LINE_FACTS = frozenset({"ts", "level", "msg"})
NOTHING_PLAYED = Played({}, {})


@dataclass(frozen=True, slots=True)
class Asked:
    """What the author wants of a local run."""

    event: Mapping[str, object] | None  # None: what `example` names, else an empty event
    example: str
    trigger: str
    settings: Mapping[str, str]
    secrets: tuple[str, ...]
    with_standins: bool


def run_folder(session: Session, folder: Path, asked: Asked) -> None:
    """Start the connector, send it the event, show its log and answer, stop it.

    Raises:
        click.UsageError: If a name is not the manifest's, or a value is missing.
        click.exceptions.Exit: With code 1 if the connector says that it failed.
        ConnectoryError: As `completed` and `local_process` raise.
    """
    session.document = str(folder / MANIFEST)
    source = completed(read_source(folder))
    manifest = loader.load(source.manifest).manifest
    trigger = _trigger(manifest, asked.trigger)
    path = RUN_PATH if trigger == SCHEDULE else trigger
    event = _event(folder, asked)
    if path == RUN_PATH and not event:
        event = _tick(manifest)
    _check_names(manifest, asked)
    if session.flags.dry_run:
        _would(session, folder, path, event)
        return
    with ExitStack() as stack:
        place = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        played = stack.enter_context(standins(place)) if asked.with_standins else NOTHING_PLAYED
        given = {
            **_settings(manifest, asked.settings, played.inputs),
            **_secrets(session, manifest, asked.secrets, played.secrets),
            "CONNECTORY_INSTANCE": f"local/{manifest.id}",
            "CONNECTORY_CONNECTOR": f"{manifest.namespace or 'local'}/{manifest.id}",
            "CONNECTORY_VERSION": manifest.version,
        }
        module = manifest.runtime.entrypoint or manifest.id
        running = stack.enter_context(connector(source, module, place, given))
        answer = _answer(session, running, path, event)
        _show(session, running, answer)
    if not answer.is_good:
        raise click.exceptions.Exit(1)


def _would(session: Session, folder: Path, path: str, event: object) -> None:
    if session.out.as_json:
        session.out.document({"dry_run": True, "method": "POST", "path": path, "body": event})
    else:
        session.out.show(f"Would start {folder} and send POST {path}  ", in_words(event))


def _answer(session: Session, running: Connector, path: str, event: object) -> Answer:
    try:
        running.wait_until_healthy()
        answer = running.send("POST", path, event)
        undone = running.send("POST", REMOVE)
    finally:
        for line in running.log():
            _say(session, line)
    if not undone.is_good and undone.status != HTTPStatus.NOT_FOUND:  # it may have no such path
        session.out.say(WARN, one_line(f" it did not clean up: {in_words(undone.output)}"))
    return answer


def _show(session: Session, running: Connector, answer: Answer) -> None:
    if session.out.as_json:
        session.out.document(
            {"status": answer.status, "output": answer.output, "log": running.log()}
        )
    else:
        session.out.show(bold(answer.status), "  ", in_words(answer.output))


def _say(session: Session, line: Mapping[str, object]) -> None:
    facts = "  ".join(f"{k}={in_words(v)}" for k, v in line.items() if k not in LINE_FACTS)
    name = one_line(line.get("level", "info"))
    level = Piece(f"{name.upper():5}", TONES.get(name, ""))
    session.out.say(
        level, " ", one_line(line.get("msg", "")), dim(f"  {facts}" if facts else "")
    )


def _trigger(manifest: Manifest, wanted: str) -> str:
    """Return where the event goes: what is wanted, else by hand, by schedule, by webhook."""
    by_hand = [MANUAL for one in manifest.triggers if one.type == "manual"]
    by_itself = [SCHEDULE for one in manifest.triggers if one.cron][:1]
    known = by_hand + by_itself + [one.path for one in manifest.triggers if one.path]
    if wanted and wanted not in known:
        raise click.UsageError(f"no trigger {wanted}; there is {', '.join(known) or 'none'}")
    if not known:
        raise click.UsageError("the manifest has no trigger that can be run from here")
    return wanted or known[0]


def _tick(manifest: Manifest) -> dict[str, str]:
    """Return what the first schedule of the manifest would send now."""
    first = next(one for one in manifest.triggers if one.schedule)
    return body_of(first.schedule or "", clock.now())


def _event(folder: Path, asked: Asked) -> object:
    if asked.event is not None or not asked.example:
        return asked.event or {}
    found = {path.stem: path for path in sorted((folder / EXAMPLES).glob("*.json"))}
    path = found.get(asked.example.removesuffix(".json"))
    if path is None:
        known = ", ".join(found) or "none"
        raise click.UsageError(f"no example {asked.example}; {folder / EXAMPLES} has {known}")
    try:
        return json.loads(path.read_bytes())
    except ValueError as wrong:
        raise click.UsageError(f"{path} is no JSON: {wrong}") from None


def _check_names(manifest: Manifest, asked: Asked) -> None:
    inputs = {one.name for one in manifest.inputs}
    secrets = {one.name for one in manifest.secrets}
    if unknown := sorted(set(asked.settings) - inputs):
        raise click.UsageError(f"no input {unknown[0]}; there is {_listed(inputs)}")
    if unknown := sorted(set(asked.secrets) - secrets):
        raise click.UsageError(f"no secret {unknown[0]}; there is {_listed(secrets)}")


def _settings(
    manifest: Manifest, chosen: Mapping[str, str], played: Mapping[str, str]
) -> dict[str, str]:
    values: dict[str, object] = {one.name: one.default for one in manifest.inputs}
    values |= {name: value for name, value in played.items() if name in values} | dict(chosen)
    for one in manifest.inputs:
        if one.required and values[one.name] is None:
            raise click.UsageError(f"{one.name} has no value; add --set {one.name}=VALUE")
    return {
        one.variable: value if isinstance(value, str) else json.dumps(value)
        for one in manifest.inputs
        if (value := values[one.name]) is not None
    }


def _secrets(
    session: Session, manifest: Manifest, asked: tuple[str, ...], played: Mapping[str, str]
) -> dict[str, str]:
    values = {name: Secret(value) for name, value in played.items()}
    values |= {name: _ask(session, name) for name in asked}
    for one in manifest.secrets:
        if one.required and one.name not in values:
            raise click.UsageError(f"{one.name} has no value; add --secret {one.name}")
    return {
        one.variable: values[one.name].reveal()
        for one in manifest.secrets
        if one.name in values
    }


def _ask(session: Session, name: str) -> Secret:
    """Take a secret from the terminal, hidden, or from a line of standard input."""
    if session.has_terminal:
        return session.hidden(name, "give it on standard input")
    line = sys.stdin.readline().rstrip("\r\n") if sys.stdin is not None else ""
    if not line:
        raise click.UsageError(f"standard input has no line with the secret {name}")
    return Secret(line)


def _listed(names: set[str]) -> str:
    return ", ".join(sorted(names)) or "none"
