"""connectory bug: what helps somebody else to find a defect, and nothing that is secret."""

import dataclasses
import json
import platform
import re
from collections.abc import Mapping
from importlib.metadata import distributions
from pathlib import Path
from urllib.parse import urlsplit

import click

from connectory import __version__, settings
from connectory.cli import doctor, private_file
from connectory.cli.pieces import GOOD, bold
from connectory.cli.session import Session
from connectory.cli.verbs import Verb
from connectory.client.address import is_loopback
from connectory.kernel import clock
from connectory.kernel.errors import ConnectoryError
from connectory.kernel.secret import MASK
from connectory.settings import Settings

TOLD = (int, bool)
"""Types of settings whose values are told; of a text only whether it was set."""


@click.command(cls=Verb)
@click.option("--to", type=click.Path(dir_okay=False, path_type=Path), help="File to write.")
@click.option("-y", "--yes", is_flag=True, help="Save it without asking.")
@click.pass_obj
def bug(session: Session, to: Path | None, *, yes: bool) -> None:
    r"""Collect what a report of a defect needs. It is shown before anything is saved.

    In it are the release, versions of packages, what `doctor` finds, and which settings are
    set. Not in it: tokens, secrets, logs, and the names of you, your server and your home.

    \b
    Example:
        connectory bug --to report.json
    """
    here = settings.load()
    report = _masked(_report(session, here), _names(session, here))
    if session.out.as_json:
        session.out.document(report)
    else:
        session.out.show(json.dumps(report, indent=2))
    if not (yes or session.has_terminal):
        session.out.say("Nothing was saved; --yes saves it")
        return
    file = to or Path(f"connectory-bug-{clock.now():%Y%m%d-%H%M%S}.json")
    session.confirm(f"Save this as {file}?", yes=yes, hint="add --yes")
    private_file.write(file, json.dumps(report, indent=2) + "\n")
    session.out.say(GOOD, " Saved ", bold(file), "  Read it again before you send it")


def _report(session: Session, here: Settings) -> dict[str, object]:
    usual = Settings()
    changed = {
        field.name: value if isinstance(value, TOLD) else "(set)"
        for field in dataclasses.fields(Settings)
        if (value := getattr(here, field.name)) != getattr(usual, field.name)
    }
    return {
        "connectory": __version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "packages": dict(sorted((one.name, one.version) for one in distributions())),
        "settings": changed,
        "checks": doctor.listed(doctor.examine(session, here)),
    }


def _names(session: Session, here: Settings) -> dict[str, str]:
    """Return what names a person, a server or a place, each with what stands in its place."""
    names = {str(here.data): "(data)", str(Path.home()): "~"}
    try:
        if not is_loopback(session.url):
            names |= {session.url: "(server)", urlsplit(session.url).netloc: "(server)"}
        if session.token is not None:
            names[session.token.reveal()] = MASK
            names[session.client.access.me()["account"]] = "(account)"
    except ConnectoryError:
        return names  # without an answer there is no account in the report
    return names


def _masked(report: dict[str, object], names: Mapping[str, str]) -> dict[str, object]:
    """Replace names wherever they stand alone."""
    text = json.dumps(report)
    for name, instead in sorted(names.items(), key=lambda one: -len(one[0])):
        whole = re.escape(json.dumps(name)[1:-1])
        text = re.sub(rf"(?<![\w-]){whole}(?![\w-])", instead, text)
    masked: dict[str, object] = json.loads(text)
    return masked
