"""House rules that no off-the-shelf linter has.

    python tools/house.py            print every broken rule; exit 1 if there is one
    python tools/house.py --report   print the numbers that say where code grows

A rule is a function that yields `(line, message)` for one file; it stands in `RULES` here or in
`PAGE_RULES` of house_pages.py. To add one, write the function and its two tests (a file that
breaks it, a file that keeps it) under `tests/tools/`.
"""

import ast
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from house_pages import PAGE_RULES
from house_report import function_lines, functions, report

ROOT = Path(__file__).parents[1]
PACKAGE = "src/connectory"
FOLDERS = ("src", "sdk", "starters", "tools", "bench", "tests")
FILE_LINES = 400
FUNCTION_LINES = 40  # without the docstring

VAGUE = {
    *("util", "utils", "helper", "helpers", "common", "base", "misc", "manager", "handler"),
    *("processor", "data", "info"),
}
SQL_FLOORS = ("work", "backends")
SQL_FREE = {"Connection", "Engine"}  # what other modules may pass around
REVEALERS = {  # module -> whom it hands the value to, or what it makes of it
    "access/api.py": "the person who made the token, once",
    "access/federation.py": "the secret store, both tokens of the identity provider as one",
    "access/provider.py": "the identity provider, its own tokens and the client's secret",
    "app/recovery.py": "the sign-in link",
    "app/serve.py": "the token file of mode 0600, and the sign-in link",
    "backends/policy/opa_server.py": "the OPA server, as the marketplace's credential",
    "backends/secrets/sealed.py": "the cipher",
    "backends/targets/local/target.py": "the instance that declared the secret",
    "cli/admin.py": "the terminal of the operator: the sign-in link",
    "cli/bug.py": "the search for it in what would be reported",
    "cli/credentials.py": "the token file of mode 0600",
    "cli/known.py": "the fingerprint that tells whose answers a file keeps",
    "cli/local_run.py": "the connector that its author runs",
    "cli/server.py": "the terminal of the operator: the sign-in link",
    "client/teams.py": "the server, to store it",
    "client/transport.py": "the server, as the caller's credential",
    "gates/git.py": "the server of the repository that it opens",
    "sources/api.py": "the owner who sets up the webhook, once",
    "sources/hook.py": "the comparison with what a webhook was signed with",
    "instances/hooks.py": "the caller's team, recorded; and the fingerprint of a hook key",
    "instances/team_secrets.py": "the check of its length",
    "runs/rules.py": "the search for it in what a connector answered",
    "publishing/publisher_api.py": "the job that exchanged its identity, once",
    "rehearsals/throwaway.py": "the throw-away marketplace, as the caller's credential",
    "web/routes/sources.py": "the admin who sets up the webhook anew, once",
    "web/routes/account.py": "the cookie of the person who signs in",
    "web/routes/own.py": "the person who made the token, once",
}
GIT_GATE = {"gates/git.py", "gates/git_program.py"}
GIT_LIBRARIES = {"git", "dulwich", "pygit2"}
MIGRATIONS = "backends/db/migrations/versions"  # one function per revision, as long as it takes
FRAMEWORK = {"fastapi", "starlette", "exceptions"}

Findings = Iterator[tuple[int, str]]


@dataclass(frozen=True, slots=True)
class Finding:
    """One broken rule, where, and what to do about it."""

    path: PurePosixPath
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


@dataclass(frozen=True, slots=True)
class Module:
    """A Python file: its path from the root of the repository, its text and its tree."""

    path: PurePosixPath
    text: str
    tree: ast.Module

    @property
    def inside(self) -> PurePosixPath | None:
        """The path inside the package; None for a file that does not ship with it."""
        return self.path.relative_to(PACKAGE) if self.path.is_relative_to(PACKAGE) else None

    @property
    def floor(self) -> str:
        """The slice or floor it belongs to, `""` outside the package."""
        return self.inside.parts[0].removesuffix(".py") if self.inside else ""


def check(root: Path) -> list[Finding]:
    """Return every broken rule below `root`, by path and line."""
    modules = list(_modules(root))
    found = [
        Finding(module.path, line, message)
        for module in modules
        for rule in RULES
        for line, message in rule(module)
    ]
    found += error_codes(module for module in modules if module.inside)
    found += _page_findings(root)
    return sorted(found, key=lambda finding: (finding.path, finding.line, finding.message))


def _modules(root: Path) -> Iterator[Module]:
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*.py")):
            text = path.read_text()
            yield Module(PurePosixPath(path.relative_to(root)), text, ast.parse(text))


def _page_findings(root: Path) -> Iterator[Finding]:
    for path in sorted((root / PACKAGE / "web").rglob("*")):
        for rule in PAGE_RULES.get(path.suffix, ()):
            shown = PurePosixPath(path.relative_to(root))
            for line, message in rule(shown, path.read_text()):
                yield Finding(shown, line, message)


def file_length(module: Module) -> Findings:
    """A file has at most 400 lines."""
    if module.inside and module.inside.is_relative_to(MIGRATIONS):
        return
    if (lines := module.text.count("\n")) > FILE_LINES:
        yield 1, f"{lines} lines; split it by use case, {FILE_LINES} is the limit"


def function_length(module: Module) -> Findings:
    """A function has at most 40 lines without its docstring."""
    if module.inside and module.inside.is_relative_to(MIGRATIONS):
        return
    for node in functions(module.tree):
        if (lines := function_lines(node)) > FUNCTION_LINES:
            yield node.lineno, f"{node.name} has {lines} lines; {FUNCTION_LINES} is the limit"


def imports_on_top(module: Module) -> Findings:
    """Imports stand at the top, except lazy ones of commands and those with a reason."""
    if module.floor in {"", "cli"}:
        return
    lines = module.text.splitlines()
    for function in functions(module.tree):
        for node in ast.walk(function):
            if isinstance(node, ast.Import | ast.ImportFrom) and not _lazy(lines, node.lineno):
                message = f"import inside {function.name}; move it up or say why: `# lazy: …`"
                yield node.lineno, message


def _lazy(lines: list[str], number: int) -> bool:
    # the reason stands on the line, or in the comment above a block of imports
    for line in reversed(lines[:number]):
        if "# lazy: " in line:
            return True
        if not line.strip().startswith(("#", "import ", "from ")):
            return False
    return False


def private_stores(module: Module) -> Findings:
    """The tables and queries of a slice are used by that slice alone."""
    for line, name in _imported(module):
        found = re.match(r"connectory\.(\w+)\.((?:\w+_)?store)\b", name)
        if found and found[1] != module.floor:
            yield (
                line,
                f"connectory.{found[1]}.{found[2]} is private; call a function of its slice",
            )


def sql_in_stores(module: Module) -> Findings:
    """Queries stand in the store of a slice, in the event log, or in a backend."""
    if module.floor in SQL_FLOORS or _is_store(module):
        return
    for line, name in _imported(module):
        free = (
            name.startswith("sqlalchemy.exc.") or name.removeprefix("sqlalchemy.") in SQL_FREE
        )
        if name.split(".")[0] == "sqlalchemy" and not free:
            yield line, f"{name} outside a store; move the query to the slice's store.py"


def _is_store(module: Module) -> bool:
    """Whether a module is the store of its slice, or one of several (`hook_store.py`)."""
    return (
        module.inside is not None
        and re.fullmatch(r"(\w+_)?store", module.inside.stem) is not None
    )


def _imported(module: Module) -> Iterator[tuple[int, str]]:
    if module.inside is None:
        return
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def clear_names(module: Module) -> Findings:
    """No module and no class is called by a word that says nothing."""
    if module.path.stem in VAGUE:
        yield 1, f"a module called `{module.path.stem}` says nothing; name what is in it"
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ClassDef):
            word = re.split(r"(?<=[a-z0-9])(?=[A-Z])", node.name)[-1].lower()
            inherited = any(ast.unparse(base).lower().endswith(word) for base in node.bases)
            if word in VAGUE and not inherited:
                yield node.lineno, f"class {node.name}: `{word}` says nothing; name what it is"


def reveal_sites(module: Module) -> Findings:
    """A secret is opened only where its one receiver is."""
    if module.inside is None or str(module.inside) in REVEALERS:
        return
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute) and node.attr == "reveal":
            message = (
                "opens a secret; pass the Secret on, or give this module a row in REVEALERS"
            )
            yield node.lineno, message


def no_http_exceptions(module: Module) -> Findings:
    """Failures are ConnectoryErrors; only `app` knows statuses."""
    if module.floor in {"", "app"}:
        return
    message = "HTTPException; raise a ConnectoryError, `app` knows the status of its kind"
    for line, name in _imported(module):
        if name.split(".")[0] in FRAMEWORK and name.endswith(".HTTPException"):
            yield line, message
    for node in ast.walk(module.tree):
        match node:
            case ast.Attribute(value=ast.Name(id=owner), attr="HTTPException"):
                if owner in FRAMEWORK:
                    yield node.lineno, message


def git_by_its_gate(module: Module) -> Findings:
    """Git is run by its gate alone, and no library stands in for it."""
    if module.inside is None or str(module.inside) in GIT_GATE:
        return
    message = "runs Git; ask connectory.gates.git, which does it safely"
    for line, name in _imported(module):
        if name.split(".")[0] in GIT_LIBRARIES:
            yield line, message
    for node in ast.walk(module.tree):
        match node:
            case (
                ast.List(elts=[ast.Constant(value=str(program)), *_])
                | ast.Call(args=[ast.Constant(value=str(program)), *_])
            ) if PurePosixPath(program).name == "git":
                yield node.lineno, message


RULES: tuple[Callable[[Module], Findings], ...] = (
    file_length,
    function_length,
    imports_on_top,
    private_stores,
    sql_in_stores,
    clear_names,
    reveal_sites,
    no_http_exceptions,
    git_by_its_gate,
)


def error_codes(modules: Iterable[Module]) -> Iterator[Finding]:
    """Codes of errors are kebab-case and unique, and every error says when it happens."""
    first: dict[str, str] = {}
    for module in modules:
        for node, code in _errors(module.tree):
            where = f"{module.path}:{node.lineno}"
            if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", code):
                yield Finding(module.path, node.lineno, f"code `{code}` is not kebab-case")
            if (other := first.setdefault(code, where)) != where:
                yield Finding(module.path, node.lineno, f"code `{code}` is taken by {other}")
            if ast.get_docstring(node) is None:
                message = f"{node.name} needs a docstring: it becomes the row of `{code}`"
                yield Finding(module.path, node.lineno, message)


def _errors(tree: ast.Module) -> Iterator[tuple[ast.ClassDef, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and node.name.endswith("Error"):
            yield from ((node, code) for code in map(_code, node.body) if code is not None)


def _code(line: ast.stmt) -> str | None:
    match line:
        case ast.AnnAssign(target=ast.Name(id="code"), value=ast.Constant(value=str(code))):
            return code
        case ast.Assign(targets=[ast.Name(id="code")], value=ast.Constant(value=str(code))):
            return code
    return None


def main(arguments: list[str]) -> int:
    """Print findings, or with `--report` the numbers; 1 means that a rule is broken."""
    if arguments == ["--report"]:
        print("\n".join(report(ROOT)))
        return 0
    if arguments:
        print("usage: python tools/house.py [--report]", file=sys.stderr)
        return 2
    found = check(ROOT)
    print("".join(f"{finding}\n" for finding in found), end="")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
