"""connectory tighten: a manifest that declares no more than what is used."""

import difflib
from pathlib import Path

import click

from connectory.cli import known
from connectory.cli.names import team_option, which
from connectory.cli.output import Output
from connectory.cli.pieces import GOOD, WARN, Part, Piece, bold, dim, one_line
from connectory.cli.session import Session, TeamNeededError
from connectory.cli.verbs import Verb
from connectory.client.catalog import Reference
from connectory.client.errors import RefusedError
from connectory.client.observed import Narrower, Observation
from connectory.gates import disk
from connectory.kernel.errors import Kind
from connectory.scaffold.layout import MANIFEST

TONES = {"+": "good", "-": "bad", "@": "dim"}
VERDICTS = {"used": "good", "never used": "bad", "used but refused": "warn"}
MEGABYTE, HOUR_S = 1_000_000, 3600


@click.command(cls=Verb)
@click.argument("name", metavar="INSTANCE|ID[@VERSION]", shell_complete=known.instances)
@team_option
@click.option("--early", is_flag=True, help="Take what was not used yet for never used.")
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the narrower manifest to this file.",
)
@click.pass_obj
def tighten(
    session: Session, name: str, team: str | None, output: Path | None, *, early: bool
) -> None:
    r"""Compare what is declared with what was used, and propose a narrower manifest.

    NAME is an instance of yours or, where there is none or with @VERSION, a connector with all
    its instances. Hosts that were refused are shown, never added. Nothing is published.

    \b
    Example:
        connectory tighten crm-to-slack-v1@1.3.0 --output manifest.yaml
    """
    found = _found(session, name, team, early=early)
    narrower = found["narrower"]
    if output is not None and narrower is not None:
        with disk.aside(output.resolve().parent, [narrower["manifest"].encode()]) as made:
            disk.replace(made, output.resolve())
    if session.out.as_json:
        session.out.document({**found})
        return
    _show(session.out, found)
    if narrower is None:
        session.out.say(dim(f"no narrower manifest: {found['why_not']}"))
        return
    _show_difference(session.out, narrower)
    if output is not None:
        session.out.say(GOOD, f" Wrote {output}")
        session.out.next(f"connectory publish {output.parent}")
    else:
        session.out.next(f"connectory tighten {name} --output {MANIFEST}")


def _found(session: Session, name: str, team: str | None, *, early: bool) -> Observation:
    observed = session.client.observed
    if "@" not in name:
        try:
            return observed.of_instance(*which(session, name, team), early=early)
        except (RefusedError, TeamNeededError) as failure:
            if team is not None or failure.kind not in {Kind.NOT_FOUND, Kind.USAGE}:
                raise
    catalog = session.client.catalog
    version = catalog.version(Reference.parse(name))
    whole = Reference(version["id"], version["namespace"], version["version"])
    return observed.of_version(whole.path, whole.version, early=early)


def _show(out: Output, found: Observation) -> None:
    out.title(f"{found['connector']}@{found['version']}", dim(f"   {_watched(found)}"))
    rows: list[list[Part]] = [
        [
            one["what"],
            bold(one_line(one["name"])),
            Piece(one["verdict"], VERDICTS.get(one["verdict"], "")),
            dim(one_line(one["detail"])),
        ]
        for one in found["items"]
    ]
    out.table(["WHAT", "NAME", "OBSERVED", ""], rows)
    out.pairs(
        [
            ("memory", _memory(found)),
            ("CPU time", f"{found['cpu_s']:,.1f} s"),
            ("cold start", f"{found['cold_start_ms']} ms" if found["cold_start_ms"] else ""),
        ]
    )
    for host in found["questions"]:
        out.show(WARN, f" Should it reach {one_line(host)}? If so, declare it yourself.")


def _watched(found: Observation) -> str:
    if found["since"] is None:
        return "nobody has observed it yet"
    count = found["instances"]
    return (
        f"observed on {count} instance{'' if count == 1 else 's'} since {found['since'][:10]}, "
        f"running for {found['running_s'] / HOUR_S:,.1f} h"
    )


def _memory(found: Observation) -> str:
    declared = found["memory_declared"]
    peak = f"{found['memory_peak'] / MEGABYTE:,.0f} MB at most"
    return f"{peak}, declared {declared / MEGABYTE:,.0f} MB" if declared else peak


def _show_difference(out: Output, narrower: Narrower) -> None:
    before, after = (text.splitlines() for text in (narrower["before"], narrower["manifest"]))
    out.title("Narrower manifest", dim(f"   {narrower['version']}"))
    for line in [*difflib.unified_diff(before, after, lineterm="", n=1)][2:]:
        out.show("  ", Piece(line, TONES.get(line[:1], "")))
