"""connectory permit."""

import click

from connectory.cli.pieces import GOOD, bold
from connectory.cli.session import Session
from connectory.cli.verbs import Verb, dry_run_option
from connectory.client.catalog import BadReferenceError, Reference


@click.command(cls=Verb)
@click.argument("connector", metavar="NAMESPACE/ID")
@click.option("--reason", required=True, help="Why it is no attempt to be taken for another.")
@dry_run_option
@click.pass_obj
def permit(session: Session, connector: str, reason: str) -> None:
    r"""Let a namespace use an id although it is like another's, or was another's. Admins only.

    \b
    Example:
        connectory permit payments/crm-to-slack --reason "it replaces the one of bizops"
    """
    reference = Reference.parse(connector)
    if not reference.namespace or reference.version:
        raise BadReferenceError(connector)
    session.client.catalog.permit(reference, reason)
    if session.out.as_json:
        session.out.document({"namespace": reference.namespace, "id": reference.id})
    else:
        session.out.show(GOOD, " ", bold(reference.name), " may be published")
