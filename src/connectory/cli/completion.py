"""connectory completion."""

import click
from click.shell_completion import (
    BashComplete,
    FishComplete,
    PowerShellComplete,
    ShellComplete,
    ZshComplete,
)

from connectory.cli.session import Session
from connectory.cli.verbs import Verb

SHELLS: dict[str, type[ShellComplete]] = {
    "bash": BashComplete,
    "zsh": ZshComplete,
    "fish": FishComplete,
    "powershell": PowerShellComplete,
}
BEFORE = {"bash": "COMP_WORDBREAKS=${COMP_WORDBREAKS//@}\n"}  # else ID@VERSION were two words
VARIABLE = "_CONNECTORY_COMPLETE"


@click.command(cls=Verb)
@click.argument("shell", type=click.Choice(list(SHELLS)))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    r"""Print the script that completes commands, options and names in SHELL.

    Names are those that the server knows: connectors and versions, teams, instances,
    operations, targets. It has 0.3 s to answer, and is asked once a minute for each list.

    \b
    Example:
        connectory completion bash > ~/.local/share/bash-completion/completions/connectory
        connectory completion powershell >> $PROFILE
    """
    session: Session = ctx.obj
    root = ctx.find_root()
    program = root.info_name or "connectory"
    made = SHELLS[shell](root.command, {}, program, VARIABLE)
    script = BEFORE.get(shell, "") + made.source_template % made.source_vars()
    if session.out.as_json:
        session.out.document({"shell": shell, "script": script})
    else:
        click.echo(script)
