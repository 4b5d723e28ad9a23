"""What a folder of policies must not contain, found in its syntax trees before it is used."""

from collections.abc import Iterator, Sequence

from connectory.kernel.errors import Problem
from connectory.policy import syntax
from connectory.policy.functions import ALLOWED, FORBIDDEN
from connectory.policy.names import is_asked, is_failure, last
from connectory.policy.syntax import Program, Rule, Tree


def doubts(modules: Sequence[Tree], program: Program) -> list[Problem]:
    """Return why policies that compile cannot be trusted all the same."""
    return [
        *_forbidden(modules),
        *_unknown(modules, program),
        *_shapes(program),
        *_unasked(modules, program),
        *_silent(program),
    ]


def _forbidden(modules: Sequence[Tree]) -> Iterator[Problem]:
    """Find what reaches out, even where `with` only puts it in another's place."""
    for file, name in sorted(set(syntax.references(modules))):
        if any(name == one or name.startswith(f"{one}.") for one in FORBIDDEN):
            yield Problem(
                "policy-forbidden",
                f"{file}: `{name}` is not allowed in policies",
                "judge by the input alone: no network, clock or chance",
            )


def _unknown(modules: Sequence[Tree], program: Program) -> Iterator[Problem]:
    for file, name, whole in sorted(set(syntax.calls(modules))):
        rule, rest = program.called(whole)
        if (not rule or rest) and name not in ALLOWED and not name.startswith(FORBIDDEN):
            yield Problem(
                "policy-unknown-function",
                f"{file}: there is no function `{name}` for policies",
                "check its spelling; docs/concepts/policies.md says what differs from OPA",
            )


def _shapes(program: Program) -> Iterator[Problem]:
    """Find rules that are named like an answer and give none that can be read."""
    for rule in _all(program):
        if is_asked(rule.name) and (rule.is_function or rule.is_open):
            yield Problem(
                "policy-shape",
                f"{_place(rule)}: `{last(rule.name)}` is no set of messages",
                f"write `{last(rule.name)} contains message if {{ … }}`",
            )


def _unasked(modules: Sequence[Tree], program: Program) -> Iterator[Problem]:
    """Find rules that nobody asks: they are misspelt, or left over."""
    used = {program.called(whole)[0] for whole in syntax.meant(modules)}
    for rule in _all(program):
        is_needless = rule.name not in used and not is_asked(rule.name)
        if is_needless and rule.tree["bodies"] and not rule.is_function:
            yield Problem(
                "policy-unasked",
                f"{_place(rule)}: nothing asks the rule `{last(rule.name)}`",
                "name it deny, violation or warn (with _more after it), or remove it",
            )


def _silent(program: Program) -> Iterator[Problem]:
    if not any(is_failure(rule.name) for rule in _all(program)):
        yield Problem(
            "policy-empty",
            "no rule denies anything, so every connector would pass",
            "name a rule `deny` or `violation`; check its spelling",
        )


def recursion(names: set[str]) -> list[Problem]:
    """Say of rules that need themselves that they would never end."""
    return [
        Problem("policy-recursive", f"the rule {name} needs itself", "break the circle")
        for name in sorted(names)
    ]


def _all(program: Program) -> Iterator[Rule]:
    for rules in program.rules.values():
        yield from rules


def _place(rule: Rule) -> str:
    return f"{rule.module.file}:{rule.tree['line']}"
