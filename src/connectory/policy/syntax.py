"""What a rule reads: the paths of `input` in its syntax tree, through helpers and functions.

A rule that reads a path which the document lacks is undefined, and undefined looks like "no
objection". So the paths are known beforehand and compared with the document. Two ways to write
say that a missing value is thought of, and are not counted: `object.get(input.a, "b", default)`
for `b`, and `not input.a.b` for the whole path. `*` in a path is any entry of a list or map.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

Path = tuple[str, ...]
Tree = dict[str, Any]
ANY = "*"
REFERENCES = ("Var", "RefDot", "RefBrack")
LITERALS = ("String", "RawString")


@dataclass(frozen=True, slots=True)
class Clause:
    """One body of a rule. `rule` is its full name without `data.`; `reads` are sorted."""

    rule: str
    file: str
    line: int
    reads: tuple[Path, ...] = ()


@dataclass(slots=True)
class _Module:
    file: str
    package: str
    imports: dict[str, Path]
    rules: list[Tree]


@dataclass(slots=True)
class _Reading:
    """What was read so far, and the helpers that are being looked into."""

    module: _Module
    paths: set[Path] = field(default_factory=set)
    within: tuple[int, ...] = ()


def clauses(modules: Sequence[Tree]) -> list[Clause]:
    """Return every body of every rule that is no function and no default."""
    return _Program(modules).clauses()


def references(modules: Sequence[Tree]) -> Iterator[tuple[str, str]]:
    """Yield each file with each dotted name in it, imports included."""
    for module in modules:
        for node in _nodes(module["tree"]):
            if any(kind in node for kind in REFERENCES):
                base, steps, _ = _reference(node)
                yield module["file"], ".".join((base, *steps))


def lacking(document: object, path: Path) -> bool:
    """Whether the document, or an entry of a list in it, lacks the path."""
    if not path:
        return False
    step, rest = path[0], path[1:]
    if step == ANY:
        entries = document.values() if isinstance(document, dict) else document
        if not isinstance(entries, (list, type({}.values()))):
            return True
        return any(lacking(each, rest) for each in entries)
    if not isinstance(document, dict) or step not in document:
        return True
    return lacking(document[step], rest)


class _Program:
    def __init__(self, modules: Sequence[Tree]) -> None:
        self._modules = [_module(one) for one in modules]
        self._by_name: dict[str, list[tuple[_Module, Tree]]] = {}
        for module in self._modules:
            for rule in module.rules:
                name = f"{module.package}.{_name(rule)}"
                self._by_name.setdefault(name, []).append((module, rule))

    def clauses(self) -> list[Clause]:
        found = []
        for name, all_of in self._by_name.items():
            for module, rule in all_of:
                if "Func" not in rule["head"]:
                    reading = _Reading(module)
                    self._rule(rule, {}, reading, negated=False)
                    reads = tuple(sorted(reading.paths))
                    found.append(Clause(name, module.file, rule["line"], reads))
        return found

    def _rule(
        self, rule: Tree, known: dict[str, Path], into: _Reading, *, negated: bool
    ) -> None:
        scope = dict(known)
        for body in rule["bodies"]:
            self._bind(body["query"]["stmts"], scope, into)
        (head,) = rule["head"].values()
        for part in ("key", "value", "assign"):
            self._visit(head.get(part), scope, into, negated=negated)
        self._visit(rule["bodies"], scope, into, negated=negated)

    def _bind(self, statements: Sequence[Tree], scope: dict[str, Path], into: _Reading) -> None:
        """Note local names of parts of the input; twice, as their order is free."""
        for statement in (*statements, *statements):
            for name, node, is_entry in _bindings(statement["literal"]):
                path = self._path(node, scope, into.module)
                if path is not None:
                    scope[name] = (*path, ANY) if is_entry else path

    def _visit(
        self, node: object, scope: dict[str, Path], into: _Reading, *, negated: bool
    ) -> None:
        if isinstance(node, list):
            for each in node:
                self._visit(each, scope, into, negated=negated)
        elif isinstance(node, dict):
            self._visit_one(node, scope, into, negated=negated)

    def _visit_one(
        self, node: Tree, scope: dict[str, Path], into: _Reading, *, negated: bool
    ) -> None:
        if any(kind in node for kind in REFERENCES):
            self._refer(node, scope, into, negated=negated)
        elif "Call" in node:
            self._call(node["Call"], scope, into, negated=negated)
        elif "NotExpr" in node:
            self._negate(node["NotExpr"]["expr"], scope, into, negated=negated)
        else:
            inner = scope
            if "stmts" in node or "query" in node:
                inner = dict(scope)
                self._open(node, inner, into)
            for each in node.values():
                self._visit(each, inner, into, negated=negated)

    def _open(self, node: Tree, scope: dict[str, Path], into: _Reading) -> None:
        """Enter a block of its own: a body, a comprehension, `every`."""
        if "domain" in node:
            path = self._path(node["domain"], scope, into.module)
            if path is not None:
                scope[node["value"]] = (*path, ANY)
        query = node if "stmts" in node else node["query"]
        self._bind(query["stmts"], scope, into)

    def _negate(
        self, node: Tree, scope: dict[str, Path], into: _Reading, *, negated: bool
    ) -> None:
        if any(kind in node for kind in REFERENCES):
            self._refer(node, scope, into, negated=not negated)
        elif "Call" in node:
            self._visit(node["Call"]["params"], scope, into, negated=False)
            self._call(node["Call"], scope, into, negated=not negated)
        else:
            self._visit(node, scope, into, negated=False)

    def _refer(
        self, node: Tree, scope: dict[str, Path], into: _Reading, *, negated: bool
    ) -> None:
        base, steps, inside = _reference(node)
        for index in inside:
            self._visit(index, scope, into, negated=negated)
        path = self._path(node, scope, into.module)
        if path is not None:
            if not negated:
                into.paths.add(path)
            return
        for module, rule in self._named(base, steps, into.module):
            if "Func" not in rule["head"]:
                self._follow(module, rule, {}, into, negated=negated)

    def _call(
        self, call: Tree, scope: dict[str, Path], into: _Reading, *, negated: bool
    ) -> None:
        base, steps, _ = _reference(call["fcn"])
        self._visit(call["params"], scope, into, negated=negated)
        for module, rule in self._named(base, steps, into.module):
            arguments = rule["head"].get("Func", {}).get("args", [])
            given = {
                wanted["Var"]["value"]: path
                for wanted, node in zip(arguments, call["params"], strict=False)
                if "Var" in wanted
                and (path := self._path(node, scope, into.module)) is not None
            }
            self._follow(module, rule, given, into, negated=negated)

    def _follow(
        self,
        module: _Module,
        rule: Tree,
        given: dict[str, Path],
        into: _Reading,
        *,
        negated: bool,
    ) -> None:
        if id(rule) not in into.within:
            inner = _Reading(module, into.paths, (*into.within, id(rule)))
            self._rule(rule, given, inner, negated=negated)

    def _path(self, node: Tree, scope: dict[str, Path], module: _Module) -> Path | None:
        """Return which part of the input a node is, None if it is none."""
        if not any(kind in node for kind in REFERENCES):
            return None
        base, steps, _ = _reference(node)
        start = module.imports.get(base, (base,)) if base not in scope else (base,)
        if start[0] == "input":
            return (*start[1:], *steps)
        return (*scope[base], *steps) if base in scope else None

    def _named(self, base: str, steps: Path, module: _Module) -> list[tuple[_Module, Tree]]:
        """Return the rules that a reference means, in this package or another."""
        whole = (*module.imports.get(base, (base,)), *steps)
        if whole[0] != "data":
            return self._by_name.get(f"{module.package}.{base}", [])
        names = (".".join(whole[1:end]) for end in range(len(whole), 1, -1))
        return next((self._by_name[one] for one in names if one in self._by_name), [])


def _module(given: Tree) -> _Module:
    tree = given["tree"]
    imports: dict[str, Path] = {}
    for one in tree["imports"]:
        base, steps, _ = _reference(one["refr"])
        imports[str(one.get("as") or (base, *steps)[-1])] = (base, *steps)
    base, steps, _ = _reference(tree["package"]["refr"])
    rules = [one["Spec"] for one in tree["rules"] if "Spec" in one]
    return _Module(given["file"], ".".join((base, *steps)), imports, rules)


def _name(rule: Tree) -> str:
    (head,) = rule["head"].values()
    base, steps, _ = _reference(head["refr"])
    return ".".join((base, *steps))


def _reference(node: Tree) -> tuple[str, Path, list[Tree]]:
    """Take a reference apart: its first name, its steps, and the expressions in brackets."""
    steps: list[str] = []
    inside: list[Tree] = []
    while "Var" not in node:
        if "RefDot" in node:
            node = node["RefDot"]
            steps.append(node["field"][1])
        elif "RefBrack" in node:
            node = node["RefBrack"]
            literal = next(
                (node["index"][k]["value"] for k in LITERALS if k in node["index"]), None
            )
            steps.append(ANY if literal is None else literal)
            inside.append(node["index"])
        else:  # a step of something that was computed: no name
            return "", (), [*inside, node]
        node = node["refr"]
    return node["Var"]["value"], tuple(reversed(steps)), inside


def _bindings(literal: Tree) -> Iterator[tuple[str, Tree, bool]]:
    """Yield local names that a statement gives to something, and whether to its entries."""
    if "SomeIn" in literal:
        some = literal["SomeIn"]
        if "Var" in some["value"]:
            yield some["value"]["Var"]["value"], some["collection"], True
    expression = literal.get("Expr", {}).get("expr", {})
    if "AssignExpr" in expression:
        assign = expression["AssignExpr"]
        if "Var" in assign["lhs"]:
            yield assign["lhs"]["Var"]["value"], assign["rhs"], False


def _nodes(node: object) -> Iterator[Tree]:
    if isinstance(node, dict):
        yield node
        for each in node.values():
            yield from _nodes(each)
    elif isinstance(node, list):
        for each in node:
            yield from _nodes(each)
