"""connectory explain: the table of error codes, on this machine."""

from typing import ClassVar

import click

from connectory.cli.pieces import bold
from connectory.cli.session import Session
from connectory.cli.verbs import Verb
from connectory.gates.code_table import read_rows
from connectory.kernel.errors import ConnectoryError, Kind
from connectory.manifest.suggest import nearest


class CodeUnknownError(ConnectoryError):
    """There is no error of this code."""

    kind: ClassVar[Kind] = Kind.NOT_FOUND
    code: ClassVar[str] = "code-unknown"

    def __init__(self, code: str, near: str | None) -> None:
        hint = f"did you mean `{near}`?" if near else "list them: connectory explain"
        super().__init__(f"there is no error code `{code}`", hint=hint, field="code")


@click.command(cls=Verb)
@click.argument("code", required=False)
@click.pass_obj
def explain(session: Session, code: str | None) -> None:
    r"""Say what an error CODE means and what to do; without one, list them all.

    \b
    Example:
        connectory explain server-unreachable
    """
    rows = read_rows()
    if code is None:
        _list(session, rows)
        return
    if code not in rows:
        raise CodeUnknownError(code, nearest(code, list(rows)))
    row = rows[code]
    if session.out.as_json:
        session.out.document(dict(row))
    else:
        session.out.pairs(
            [(name, bold(text) if name == "code" else text) for name, text in row.items()]
        )


def _list(session: Session, rows: dict[str, dict[str, str]]) -> None:
    if session.out.as_json:
        session.out.document({"items": list(rows.values())})
        return
    for code in rows:
        session.out.show(code)
