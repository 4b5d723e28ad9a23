"""connectory publisher list | add | remove."""

from typing import Any, cast

import click

from connectory.cli.pieces import GOOD, bold
from connectory.cli.session import Session
from connectory.cli.verbs import Noun, dry_run_option
from connectory.client.publishers import Wish


@click.group(cls=Noun)
def publisher() -> None:
    r"""Jobs of CI systems that publish without a stored token.

    \b
    Example:
        connectory publisher list bizops
    """


@publisher.command("list")
@click.argument("namespace")
@click.pass_obj
def list_(session: Session, namespace: str) -> None:
    r"""List the jobs that may publish into a namespace.

    \b
    Example:
        connectory publisher list bizops
    """
    found = list(session.client.publishers.list(namespace))
    if session.out.as_json:
        session.out.document({"items": found})
        return
    session.out.table(
        ["PUBLISHER", "REPOSITORY", "WORKFLOW", "BRANCH", "ENVIRONMENT", "ISSUER"],
        [
            [
                bold(one["name"]),
                one["repository"],
                one["workflow"],
                one["branch"],
                one["environment"] or "any",
                one["issuer"],
            ]
            for one in found
        ],
    )
    if not found:
        more = "NAME OWNER/REPOSITORY --workflow FILE"
        session.out.next(f"connectory publisher add {namespace} {more}")


@publisher.command()
@click.argument("namespace")
@click.argument("name")
@click.argument("repository", metavar="REPOSITORY")
@click.option("--workflow", required=True, help="Its file: connectors.yml, .gitlab-ci.yml.")
@click.option("--branch", default="main", show_default=True, help="Only jobs of this branch.")
@click.option("--environment", default="", help="Only jobs of this one; else of any.")
@click.option(
    "--host", type=click.Choice(["github", "gitlab"]), default="github", show_default=True
)
@click.option("--issuer", help="Who vouches for the jobs; for GitHub known.", metavar="URL")
@dry_run_option
@click.pass_obj
def add(session: Session, /, namespace: str, issuer: str | None, **wish: Any) -> None:  # noqa: ANN401
    r"""Let jobs of REPOSITORY publish into NAMESPACE from now on.

    \b
    Example:
        connectory publisher add bizops market acme/market --workflow connectors.yml
    """
    if wish["host"] == "gitlab" and not issuer:
        raise click.UsageError("say with --issuer where your GitLab is: https://gitlab.com")
    body = cast("Wish", wish | ({"issuer": issuer} if issuer else {}))
    made = session.client.publishers.add(namespace, body)
    if session.out.as_json:
        session.out.document(made)
        return
    session.out.show(GOOD, " Jobs publish as ", bold(made["account"]))
    session.out.pairs([("namespace", made["namespace"]), ("audience", made["audience"])])


@publisher.command()
@click.argument("namespace")
@click.argument("name")
@dry_run_option
@click.pass_obj
def remove(session: Session, namespace: str, name: str) -> None:
    r"""Let jobs publish no more; what they hold stops working at once.

    \b
    Example:
        connectory publisher remove bizops market
    """
    session.client.publishers.remove(namespace, name)
    if session.out.as_json:
        session.out.document({"name": name, "removed": True})
        return
    session.out.show(GOOD, " Removed ", bold(name))
