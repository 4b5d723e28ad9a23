"""What a rule reads: the paths of `input` that it needs, through aliases, helpers, functions.

A rule that reads a path which the document lacks is undefined, and undefined looks like "no
objection". So the paths are known beforehand and compared with the document. Two ways to write
say that a missing value is thought of, and are not counted: `object.get(input.a, "b", default)`
for `b`, and `not input.a.b` for the whole path. Where the reading loses sight of a path, it
says so in `Clause.lost`, and the rule is never taken for conclusive.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from connectory.policy import values
from connectory.policy.frame import (
    POSITIVE,
    UNSURE,
    Found,
    Frame,
    built_in,
    compare,
    into,
    key_of,
)
from connectory.policy.syntax import Program, Rule, Tree, called, is_reference, reference, text
from connectory.policy.values import ANY, At, Choice, Literal, Made, Many, Parts, Path, Value

MOST_STEPS = 50_000  # of reading one bundle; what needs more is lost sight of


@dataclass(frozen=True, slots=True)
class Clause:
    """One body of a rule. `rule` is its full name without `data.`.

    `reads` are the paths that it needs; `lost` says why it may need others as well.
    """

    rule: str
    file: str
    line: int
    reads: tuple[Path, ...] = ()
    lost: tuple[str, ...] = ()


class Reader:
    """Reads the rules of one program; `recursive` gets those that need themselves."""

    def __init__(self, program: Program) -> None:
        """Begin with nothing read."""
        self.recursive: set[str] = set()
        self._program = program
        self._known: dict[tuple[int, tuple[Value, ...], int], tuple[Value, Found]] = {}
        self._within: list[int] = []
        self._steps = 0

    def clause(self, rule: Rule) -> Clause:
        """Read one body of a rule that speaks of connectors."""
        found = Found()
        self._rule(rule, (), Frame(rule, found, POSITIVE), is_heard=True)
        if not found.is_touching:
            found.lost.add("it reads no part of the input")
        reads = tuple(sorted(found.reads, key=values.words))
        line = int(rule.tree["line"])
        return Clause(rule.name, rule.module.file, line, reads, tuple(sorted(found.lost)))

    def _rule(
        self, rule: Rule, given: Sequence[Value], frame: Frame, *, is_heard: bool = False
    ) -> Value:
        head, answers = rule.head, []
        for pattern, value in zip(head.get("args", ()), given, strict=False):
            frame.names.update(dict.fromkeys(_names(pattern)))
            self._match(pattern, value, frame)
        for body in rule.tree["bodies"] or [{}]:
            inner = replace(frame, names=dict(frame.names))
            self._query(body.get("query", {"stmts": []}), inner)
            for step in reference(head["refr"])[1] if rule.is_open else ():
                self._value(step, inner)
            assign = body.get("assign") or (not body.get("is_else") and head.get("assign"))
            node = head.get("key") or (assign and assign["value"])
            answers.append(self._value(node, inner) if node else Literal(value=True))
        answer = values.joined(answers)
        if not is_heard and values.has_key(answer):
            frame.lose("it hands on keys of the input")
        return Many(answer, "Set" in rule.tree["head"]) if rule.is_collected else answer

    def _follow(self, name: str, given: tuple[Value, ...], frame: Frame) -> Value:
        """Read all bodies of a helper, each once for the same arguments."""
        rules, default = self._program.rules.get(name, []), self._program.defaults.get(name)
        is_plain = default is None or default == {"Bool": {"value": False}}
        sign = frame.sign if is_plain and not any(map(_has_choice, rules)) else UNSURE
        answers = [self._outcome(rule, given, sign, frame) for rule in rules]
        if default is not None:
            answers.append(Made(is_given=False))
        return values.joined(answers)

    def _outcome(self, rule: Rule, given: tuple[Value, ...], sign: int, frame: Frame) -> Value:
        mark = id(rule.tree)
        if mark in self._within:
            self.recursive.add(rule.name)
            return Made(is_given=True)
        if (mark, given, sign) not in self._known:
            self._within.append(mark)
            found = Found()
            answer = self._rule(rule, given, Frame(rule, found, sign))
            self._known[mark, given, sign] = (answer, found)
            self._within.pop()
        answer, found = self._known[mark, given, sign]
        frame.found.add(found)
        return answer

    def _query(self, query: Tree, frame: Frame) -> None:
        for statement in query["stmts"]:
            frame.names.update(dict.fromkeys(_declared(statement["literal"])))
        for statement in query["stmts"]:
            if statement.get("with_mods"):
                frame.lose("`with` puts another input or function in its place")
            self._statement(statement["literal"], frame)

    def _statement(self, literal: Tree, frame: Frame) -> None:
        if "SomeIn" in literal:
            self._some(literal["SomeIn"], frame)
        elif "NotExpr" in literal:
            self._negate(literal["NotExpr"]["expr"], frame)
        elif "Every" in literal:
            self._every(literal["Every"], frame)
        elif "Expr" in literal:
            expression = literal["Expr"]["expr"]
            if "AssignExpr" in expression:
                self._assign(expression["AssignExpr"], frame)
            else:
                self._value(expression, frame)
        elif "SomeVars" not in literal:
            frame.lose(f"`{next(iter(literal))}` is new to the reader")

    def _some(self, some: Tree, frame: Frame) -> None:
        collection = self._value(some["collection"], frame)
        key = some.get("key")
        if key and "Var" not in key:  # `some "region", value in map` is a look-up
            self._match(some["value"], frame.read(self._step(collection, key, frame)), frame)
            return
        entry = self._entry(collection, frame)
        if key:
            self._match(key, key_of(collection), frame)
        self._match(some["value"], entry, frame)

    def _every(self, every: Tree, frame: Frame) -> None:
        collection = self._value(every["domain"], frame)
        inner = frame.inner()
        inner.names[every["value"]] = self._entry(collection, frame)
        if every.get("key"):
            inner.names[every["key"]] = key_of(collection)
        self._query(every["query"], inner)

    def _negate(self, node: Tree, frame: Frame) -> None:
        """Of what `not` negates, a path or helper that is undefined lets the rule speak."""
        if is_reference(node):
            self._refer(node, frame.signed(-frame.sign))
        elif "Call" in node:
            self._call(node["Call"], frame.signed(UNSURE), -frame.sign)
        else:
            self._value(node, frame.signed(UNSURE))

    def _assign(self, assign: Tree, frame: Frame) -> None:
        left, right = assign["lhs"], assign["rhs"]
        if assign["op"] != "ColEq" and not self._is_free(left, frame):
            left, right = right, left
        self._match(left, self._value(right, frame), frame)

    def _is_free(self, node: Tree, frame: Frame) -> bool:
        return any(self._is_unbound(name, frame) for name in _names(node))

    def _is_unbound(self, name: str, frame: Frame) -> bool:
        if name in frame.names:
            return frame.names[name] is None
        is_rule = bool(self._program.called((*frame.rule.module.package, name))[0])
        return not is_rule and name not in {"input", "data", *frame.rule.module.imports}

    def _match(self, pattern: Tree, value: Value, frame: Frame) -> None:
        """Bind the names in a pattern; what is bound already is compared."""
        if "Var" in pattern and self._is_unbound(pattern["Var"]["value"], frame):
            if pattern["Var"]["value"] != "_":
                frame.names[pattern["Var"]["value"]] = value
        elif ("Array" in pattern or "Object" in pattern) and self._is_free(pattern, frame):
            self._take_apart(pattern, value, frame)
        else:
            compare(self._value(pattern, frame), value, frame)

    def _take_apart(self, pattern: Tree, value: Value, frame: Frame) -> None:
        entries = dict(value.entries) if isinstance(value, Parts) else {}
        wanted = list(_fields(pattern))
        if [key for key, _ in wanted] != list(entries) and values.is_given(value):
            frame.lose("it takes a part of the input apart by a pattern")
        for key, node in wanted:
            known = entries.get(key) if key is not None else None
            self._match(node, known or Made(is_given=True), frame)

    def _value(self, node: Tree, frame: Frame) -> Value:
        """Return what an expression stands for; on the way, note what it reads."""
        self._steps += 1
        if self._steps > MOST_STEPS:
            frame.lose("the rules are too entangled")
            return Made(is_given=True)
        kind, tree = next(iter(node.items()))
        if is_reference(node):
            return self._refer(node, frame)
        if kind in {"String", "RawString", "Number", "Bool", "Null"}:
            return Literal(tree["value"])
        if kind in {"Array", "Set", "Object"}:
            return self._written(node, frame)
        if kind.endswith("Compr"):
            return self._comprehend(tree, frame, is_set=kind == "SetCompr")
        return self._computed(kind, tree, frame)

    def _computed(self, kind: str, tree: Tree, frame: Frame) -> Value:
        if kind == "Call":
            return self._call(tree, frame, frame.sign)
        if kind == "UnaryExpr":
            return Made(values.is_given(self._value(tree["expr"], frame)))
        if kind == "Membership":
            return self._member(tree, frame)
        if kind not in {"BoolExpr", "ArithExpr", "BinExpr"}:
            frame.lose(f"`{kind}` is new to the reader")
            return Made(is_given=True)
        left, right = self._value(tree["lhs"], frame), self._value(tree["rhs"], frame)
        compare(left, right, frame)
        if kind != "BoolExpr" and isinstance(left, Many) and isinstance(right, Many):
            return Many(values.joined([left.entry, right.entry]), is_set=True)
        return Made(values.is_given(left) or values.is_given(right))

    def _member(self, tree: Tree, frame: Frame) -> Value:
        collection = self._value(tree["collection"], frame)
        if tree.get("key"):
            collection = frame.read(self._step(collection, tree["key"], frame))
        elif isinstance(collection, At):
            self._entry(collection, frame)  # so that it has to have entries at all
        value = self._value(tree["value"], frame)
        compare(value, collection, frame)
        return Made(values.is_given(value) or values.is_given(collection))

    def _written(self, node: Tree, frame: Frame) -> Value:
        """Return a list, set or map that is written down."""
        entries = [(key, self._value(each, frame)) for key, each in _fields(node)]
        keys = [key for key, _ in entries]
        if "Set" in node:
            return Many(values.joined([each for _, each in entries]), is_set=True)
        if None in keys:
            computed = [self._value(key, frame) for _, key, _ in node["Object"]["fields"]]
            if any(map(values.has_key, computed)):
                frame.lose("it hands on keys of the input")
            return Many(values.joined([each for _, each in entries]), is_set=False)
        return Parts(
            tuple((key, each) for key, each in entries if key is not None), "Array" in node
        )

    def _comprehend(self, tree: Tree, frame: Frame, *, is_set: bool) -> Value:
        inner = frame.inner()
        self._query(tree["query"], inner)
        told = [self._value(tree[k], inner) for k in ("key", "term", "value") if tree.get(k)]
        if any(map(values.has_key, told)):
            frame.lose("it hands on keys of the input")
        return Many(told[-1], is_set)

    def _call(self, call: Tree, frame: Frame, sign: int) -> Value:
        function = called(call["fcn"])
        given = tuple(self._value(each, frame) for each in call["params"])
        name, rest = self._program.called(frame.rule.module.whole(function.split(".")))
        if name and not rest:
            if any(len(rule.head.get("args", ())) < len(given) for rule in self._rules(name)):
                frame.lose("a function answers by an argument")
            return self._follow(name, given, frame.signed(sign))
        for each in call["params"]:  # functions that answer by their last argument
            for free in _names(each):
                if self._is_unbound(free, frame):
                    frame.names[free] = Made(is_given=True)
        return built_in(function, given, frame)

    def _rules(self, name: str) -> list[Rule]:
        return self._program.rules.get(name, [])

    def _refer(self, node: Tree, frame: Frame) -> Value:
        base, steps = reference(node)
        if "Var" not in base:
            value = self._value(base, frame)
        elif base["Var"]["value"] in frame.names:
            value = frame.names[base["Var"]["value"]] or Made(is_given=True)
        else:
            value, steps = self._global(base["Var"]["value"], steps, frame)
        for step in steps:
            value = self._step(value, step, frame)
        return frame.read(value)

    def _global(self, name: str, steps: list[Tree], frame: Frame) -> tuple[Value, list[Tree]]:
        """Return what a name outside of the rule stands for, and the steps that are left."""
        whole = frame.rule.module.whole([name])
        if whole[0] == "input":
            return At(whole[1:]), steps
        names: list[str] = []
        for step in steps:
            known = text(step)
            if known is None:
                break
            names.append(known)
        rule, rest = self._program.called((*whole, *names))
        if rule:
            left = [{"String": {"value": each}} for each in rest]
            return self._follow(rule, (), frame), [*left, *steps[len(names) :]]
        if name == "data" or name in frame.rule.module.imports or steps:
            frame.lose(f"`{'.'.join((name, *names))}` is no rule and no part of the input")
        return Made(is_given=True), []

    def _step(self, value: Value, step: Tree, frame: Frame) -> Value:
        """Go from a value to one of its entries, or to each."""
        name = step["Var"]["value"] if "Var" in step else ""
        if name and self._is_unbound(name, frame):
            if name != "_":
                frame.names[name] = key_of(value)
            return self._entry(value, frame)
        index = self._value(step, frame.signed(UNSURE))
        whole, keys = values.options_of(value), values.options_of(index)
        return values.joined([into(one, key, frame) for one in whole for key in keys])

    def _entry(self, value: Value, frame: Frame) -> Value:
        if isinstance(value, Choice):
            return values.joined([self._entry(one, frame) for one in value.options])
        if isinstance(value, At):
            return frame.read(At((*value.path, ANY)))
        if isinstance(value, Many):
            return value.entry
        if isinstance(value, Parts):
            return values.joined([each for _, each in value.entries])
        if values.is_given(value) or isinstance(value, Literal):
            return frame.stumble("it goes through something that was computed")
        return Made(is_given=False)


def _has_choice(rule: Rule) -> bool:
    """Whether a rule has a value even where a body of it is undefined."""
    return rule.is_collected or any(body["is_else"] for body in rule.tree["bodies"])


def _fields(node: Tree) -> Iterator[tuple[str | int | None, Tree]]:
    """Yield the keys, None if computed, and the entries of what is written down."""
    kind, tree = next(iter(node.items()))
    if kind != "Object":
        yield from enumerate(tree["items"])
        return
    for _, key, value in tree["fields"]:
        yield text(key), value


def _names(node: Tree) -> Iterator[str]:
    """Yield the names that a pattern can bind."""
    if "Var" in node:
        yield node["Var"]["value"]
    elif "Array" in node or "Object" in node:
        for _, each in _fields(node):
            yield from _names(each)


def _declared(literal: Tree) -> Iterator[str]:
    """Yield the names that a statement makes local, whatever they mean outside."""
    if "SomeVars" in literal:
        yield from literal["SomeVars"]["vars"]
    elif "SomeIn" in literal:
        for part in ("key", "value"):
            yield from _names(literal["SomeIn"].get(part) or {})
    elif "Expr" in literal:
        assign = literal["Expr"]["expr"].get("AssignExpr", {"op": ""})
        if assign["op"] == "ColEq":
            yield from _names(assign["lhs"])
