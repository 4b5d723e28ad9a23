"""The syntax trees of policies, as the engine gives them: modules, rules, references."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

Tree = dict[str, Any]
REFERENCES = ("Var", "RefDot", "RefBrack")
STRINGS = ("String", "RawString")


@dataclass(frozen=True, slots=True)
class Module:
    """A file. `package` begins with `data`; `imports` are names with what they stand for."""

    file: str
    package: tuple[str, ...]
    imports: dict[str, tuple[str, ...]]

    def whole(self, names: Sequence[str]) -> tuple[str, ...]:
        """Return the full form of a dotted name, from `data` or `input` on."""
        if names[0] in self.imports:
            return (*self.imports[names[0]], *names[1:])
        is_full = names[0] in {"data", "input"}
        return tuple(names) if is_full else (*self.package, *names)


@dataclass(frozen=True, slots=True)
class Rule:
    """One body of a rule, with its `else`. `name` is full, without `data.`.

    `is_open` says that more of the head than its name is computed, as in `m[key] := value`.
    """

    name: str
    module: Module
    tree: Tree
    is_open: bool

    @property
    def head(self) -> Tree:
        """What comes before `if`: `key`, `value`, `assign`, `args`, as far as there is any."""
        (head,) = self.tree["head"].values()
        return dict(head)

    @property
    def is_function(self) -> bool:
        """Whether it takes arguments."""
        return "Func" in self.tree["head"]

    @property
    def is_collected(self) -> bool:
        """Whether it is a set or map that all of its bodies add to."""
        return "Set" in self.tree["head"] or self.is_open


@dataclass(frozen=True, slots=True)
class Program:
    """All rules by name, and the values of `default`s."""

    rules: dict[str, list[Rule]]
    defaults: dict[str, Tree]

    def called(self, whole: Sequence[str]) -> tuple[str, tuple[str, ...]]:
        """Split `data.a.b.c` into the longest name of a rule, `""` if none, and the rest."""
        for end in range(len(whole), 1, -1):
            name = ".".join(whole[1:end])
            if name in self.rules or name in self.defaults:
                return name, tuple(whole[end:])
        return "", tuple(whole)


def program(modules: Sequence[Tree]) -> Program:
    """Take the answer of the engine apart."""
    rules: dict[str, list[Rule]] = {}
    defaults: dict[str, Tree] = {}
    for given in modules:
        module = _module(given)
        for one in given["tree"]["rules"]:
            head = one["Default"] if "Default" in one else _head(one["Spec"])
            steps, is_open = _static(head["refr"])
            name = ".".join((*module.package[1:], *steps))
            if "Default" in one:
                defaults[name] = one["Default"]["value"]
            else:
                rule = Rule(name, module, one["Spec"], is_open)
                rules.setdefault(name, []).append(rule)
    return Program(rules, defaults)


def _head(spec: Tree) -> Tree:
    (head,) = spec["head"].values()
    return dict(head)


def _module(given: Tree) -> Module:
    tree = given["tree"]
    imports: dict[str, tuple[str, ...]] = {}
    for one in tree["imports"]:
        steps, _ = _static(one["refr"])
        imports[str(one.get("as") or steps[-1])] = steps
    package, _ = _static(tree["package"]["refr"])
    return Module(given["file"], ("data", *package), imports)


def _static(node: Tree) -> tuple[tuple[str, ...], bool]:
    """Return the names at the beginning of a reference, and whether there is more to it."""
    base, steps = reference(node)
    names = [base["Var"]["value"] if "Var" in base else ""]
    for step in steps:
        name = text(step)
        if name is None:
            return tuple(names), True
        names.append(name)
    return tuple(names), False


def is_reference(node: Tree) -> bool:
    """Whether a node is a name, or a step from something."""
    return any(kind in node for kind in REFERENCES)


def reference(node: Tree) -> tuple[Tree, list[Tree]]:
    """Take a reference apart: what it begins with, and its steps; `a.b` is `a["b"]`."""
    steps: list[Tree] = []
    while "RefDot" in node or "RefBrack" in node:
        if "RefDot" in node:
            node = node["RefDot"]
            steps.append({"String": {"value": node["field"][1]}})
        else:
            node = node["RefBrack"]
            steps.append(node["index"])
        node = node["refr"]
    return node, steps[::-1]


def text(node: Tree) -> str | None:
    """Return the text of a string that is written down, None for anything else."""
    return next((str(node[kind]["value"]) for kind in STRINGS if kind in node), None)


def called(node: Tree) -> str:
    """Return the dotted name of a function that is called, as it is written."""
    return ".".join(_static(node)[0])


def calls(modules: Sequence[Tree]) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Yield each file with each function that it calls, as it is written and in full."""
    for given in modules:
        module = _module(given)
        for node in _nodes(given["tree"]):
            if "Call" in node:
                name = called(node["Call"]["fcn"])
                yield module.file, name, module.whole(name.split("."))


def meant(modules: Sequence[Tree]) -> Iterator[tuple[str, ...]]:
    """Yield each name in the bodies and heads of rules, in full."""
    for given in modules:
        module = _module(given)
        for rule in given["tree"]["rules"]:
            for node in _nodes(_without_name(rule)):
                if is_reference(node):
                    yield module.whole(_static(node)[0])


def references(modules: Sequence[Tree]) -> Iterator[tuple[str, str]]:
    """Yield each file with each dotted name in it, imports included."""
    for module in modules:
        for node in _nodes(module["tree"]):
            if is_reference(node):
                yield module["file"], called(node)


def _without_name(rule: Tree) -> Tree:
    spec = rule.get("Spec")
    if spec is None:
        return {}
    return {"head": {**_head(spec), "refr": None}, "bodies": spec["bodies"]}


def _nodes(node: object) -> Iterator[Tree]:
    if isinstance(node, dict):
        yield node
        for each in node.values():
            yield from _nodes(each)
    elif isinstance(node, list):
        for each in node:
            yield from _nodes(each)
