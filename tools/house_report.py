"""Numbers that say where code grows. `python tools/house.py --report` prints them."""

import ast
import re
import statistics
from collections.abc import Iterator, Sequence
from pathlib import Path

PACKAGE = "connectory"
PATCHING = re.compile(r"\bmonkeypatch\.|\bmock\.|\bMagicMock\b|\bpatch\(")

Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(tree: ast.AST) -> Iterator[Function]:
    """Yield every function and method of a tree."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def function_lines(node: Function) -> int:
    """Count the lines of a function from its `def` on, without its docstring."""
    lines = (node.end_lineno or node.lineno) - node.lineno + 1
    if ast.get_docstring(node) is not None:
        lines -= (node.body[0].end_lineno or 0) - node.body[0].lineno + 1
    return lines


def report(root: Path) -> Iterator[str]:
    """Yield one line per number; the targets stand beside the limits in docs/style.md."""
    texts = [path.read_text() for path in sorted((root / "src").rglob("*.py"))]
    tests = [path.read_text() for path in sorted((root / "tests").rglob("*.py"))]
    code = [function for text in texts for function in functions(ast.parse(text))]
    sentences = sum(len(re.findall(r"^def test_", text, re.MULTILINE)) for text in tests)
    patched = sum(len(PATCHING.findall(text)) for text in tests)
    yield _spread("lines per file", [text.count("\n") for text in texts if text])
    yield _spread("lines per function", [function_lines(function) for function in code])
    yield f"tests: {sentences}"
    yield f"patches per 100 tests: {100 * patched / max(sentences, 1):.1f}"
    yield f"imports between floors: {sum(1 for _ in _crossings(root / 'src' / PACKAGE))}"


def _spread(name: str, values: Sequence[int]) -> str:
    if len(values) < 2:  # noqa: PLR2004  quantiles need two values
        return f"{name}: {len(values)} measured"
    p90 = statistics.quantiles(values, n=10, method="inclusive")[-1]
    middle = statistics.median(values)
    return f"{name}: median {middle:.0f}, p90 {p90:.0f}, most {max(values)}, n {len(values)}"


def _crossings(package: Path) -> Iterator[tuple[str, str]]:
    for path in package.rglob("*.py"):
        own = path.relative_to(package).parts[0].removesuffix(".py")
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module:
                first, _, rest = node.module.partition(".")
                floor = rest.split(".")[0] or node.names[0].name
                if first == PACKAGE and floor != own:
                    yield own, floor
