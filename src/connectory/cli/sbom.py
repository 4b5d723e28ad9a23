"""connectory sbom: what a version is made of."""

from pathlib import Path

import click

from connectory.cli import known
from connectory.cli.pieces import GOOD, bold, dim
from connectory.cli.session import Session
from connectory.cli.verbs import Verb
from connectory.client.catalog import Reference
from connectory.gates import disk
from connectory.kernel.digest import digest_of


@click.command(cls=Verb)
@click.argument("target", metavar="ID[@VERSION]", shell_complete=known.connectors)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to write.  [default: the standard output]",
)
@click.pass_obj
def sbom(session: Session, target: str, output: Path | None) -> None:
    r"""Get the bill of materials of a version, in CycloneDX 1.6.

    It lists what the package and its images bring, with versions, digests and licences, and
    says what could not be read. Decisions about the version are bound to its digest, which
    `verify` checks.

    \b
    Example:
        connectory sbom crm-to-slack-v1@1.3.0 -o sbom.cdx.json
    """
    version = session.client.catalog.exactly(Reference.parse(target))
    content = session.client.attestations.sbom(version)
    if output is None:
        click.echo(content.decode(), file=session.out.results, nl=False)
        return
    with disk.aside(output.parent, [content]) as made:
        made.chmod(0o644)
        disk.replace(made, output)
    if session.out.as_json:
        facts = {"path": str(output), "digest": digest_of(content), "bytes": len(content)}
        session.out.document({"version": f"{version.name}@{version.version}", **facts})
        return
    session.out.show(GOOD, " Wrote ", bold(output), f"  {len(content):,} bytes")
    session.out.show(dim(f"  {digest_of(content)}"))
    session.out.next(f"connectory verify {target}")
