"""docs/reference/errors.md: every code that an answer, a command or a page can carry."""

import ast
import importlib
import inspect
import pkgutil
import textwrap
from collections.abc import Iterator
from typing import NamedTuple

from markdown_table import code, sentence, table
from source_texts import template, trees

import connectory
from connectory.app.problems import status_of
from connectory.cli.main import EXIT
from connectory.kernel.errors import ConnectoryError

HEAD = """\
# Errors

Every refusal carries one of these codes: in the body of an HTTP answer (`code`), in the JSON of
a command, and on the page that a person sees. Codes are stable. `connectory explain <code>`
prints a row of this page.

The answer itself says more: `detail` has the values, `hint` the next step, `errors` all
problems of a document, `request_id` what to quote when asking somebody. Where a text below has
`…`, the answer has the value.

"""
PROBLEMS = """
## Problems in a document

What is wrong inside a manifest, a plan or a request is listed in `errors`, all at once. Each
entry has a code of its own beside `message`, `hint`, `path`, `line`, `column` and `severity`
(`error` refuses, `warning` does not).

"""
PLACES = {"Fault": 1, "patterned": 1, "refusal": 0, "_problem": 0, "Problem": 0, "_slug": 0}
"""Functions that make a problem, and which of their arguments is its code."""


class ProblemText(NamedTuple):
    """A code of a problem and the sentence that comes with it."""

    code: str
    message: str


def errors_page() -> str:
    """Return the page."""
    rows = [
        (
            code(error.code),
            f"{status_of(error).value}",
            f"{EXIT[error.kind]}",
            sentence(error.__doc__),
            _hint(error),
        )
        for error in sorted(all_errors(), key=lambda error: error.code)
    ]
    clearest = {one.code: one for one in sorted(problem_texts(), key=_clarity)}
    problems = [(code(one.code), one.message) for one in sorted(clearest.values())]
    return (
        HEAD
        + table(("code", "HTTP", "exit", "when", "what to do"), rows)
        + PROBLEMS
        + table(("code", "says, for example"), problems)
    )


def _clarity(one: ProblemText) -> tuple[int, int, str]:
    return -one.message.count("…"), len(one.message), one.message


def all_errors() -> Iterator[type[ConnectoryError]]:
    """Yield every class of error that the package can raise."""
    for module in pkgutil.walk_packages(connectory.__path__, "connectory."):
        if not module.name.endswith("__main__") and ".migrations." not in module.name:
            importlib.import_module(module.name)
    yield from _below(ConnectoryError)


def _below(base: type[ConnectoryError]) -> Iterator[type[ConnectoryError]]:
    for error in base.__subclasses__():
        if error.__module__.startswith("connectory.") and "code" in vars(error):
            yield error
        yield from _below(error)


def _hint(error: type[ConnectoryError]) -> str:
    tree = ast.parse(textwrap.dedent(inspect.getsource(error)))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "super().__init__":
            given = {keyword.arg: keyword.value for keyword in node.keywords}
            return template(given.get("hint")) or "the answer's `hint` says it"
    return "the answer's `hint` says it"


def problem_texts() -> Iterator[ProblemText]:
    """Yield the codes of problems where they are made, with their messages."""
    for tree in trees():
        inner = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))
        scopes: list[ast.Module | ast.FunctionDef] = [tree, *inner]
        for scope in scopes:
            yield from _problems(scope)


def _problems(scope: ast.Module | ast.FunctionDef) -> Iterator[ProblemText]:
    named = _named_texts(scope) if isinstance(scope, ast.FunctionDef) else {}
    for node in ast.walk(scope):
        match node:
            case ast.Call(func=ast.Name(id=maker), args=arguments) if maker in PLACES:
                texts = arguments[PLACES[maker] : PLACES[maker] + 2]
                found = [template(one) or named.get(ast.unparse(one), "") for one in texts]
                yield from _problem(maker, found)


def _problem(maker: str, texts: list[str]) -> Iterator[ProblemText]:
    if len(texts) == len(ProblemText._fields) and all(texts):
        name, message = texts
        yield ProblemText(name, f"`…` is not {message}" if maker == "patterned" else message)


def _named_texts(scope: ast.FunctionDef) -> dict[str, str]:
    """Return the texts that a function gives a name before it uses them."""
    return {
        node.targets[0].id: template(node.value)
        for node in ast.walk(scope)
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
