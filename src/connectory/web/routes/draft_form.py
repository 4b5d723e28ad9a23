"""What a step of a draft holds: questions and answers into groups of fields."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from connectory.kernel.errors import Problem
from connectory.manifest.asking import Question, entries_of, object_of, shown
from connectory.manifest.texts import JsonObject
from connectory.publishing.rules import Draft
from connectory.publishing.wizard import STEPS, Step, document_of
from connectory.web.answering import sentence
from connectory.web.pages.new import Finding, Group
from connectory.web.parts import Field, Option, Trouble

CONTROLS = {
    "choice": "select",
    "truth": "select",
    "long": "textarea",
    "lines": "textarea",
    "free": "textarea",
}
NOTES = {"lines": "One on each line.", "free": "One `name: value` on each line."}
TRUTH = (Option("true", "Yes"), Option("false", "No"))


@dataclass(frozen=True, slots=True)
class Filled:
    """The groups of a step, and what is wrong with it as the summary says it."""

    groups: tuple[Group, ...]
    troubles: tuple[Trouble, ...]


def filled(draft: Draft, step: Step, problems: Iterable[Problem], *, more: str = "") -> Filled:
    """Return the form of a step; `more` is the path of a list that gets an empty entry."""
    document = document_of(draft)
    asked = step.asks(draft.template)
    plain = [one for one in asked if not one.parts]
    groups = (
        *(
            (Group("", fields=tuple(_field(one, document, "") for one in plain)),)
            if plain
            else ()
        ),
        *(_group(one, document.get(one.key), one.key, more) for one in asked if one.parts),
    )
    return _with_errors(groups, tuple(problems))


def of_step(step: Step, problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Return the problems with what a step asks for."""
    return tuple(one for one in problems if step_of(one) is step)


def step_of(problem: Problem) -> Step | None:
    """Return the step where a problem can be put right; None if no step asks for it."""
    key = dotted(problem.path).partition(".")[0]
    return next((step for step in STEPS if key in step.keys), None)


def finding_of(problem: Problem, draft: str = "") -> Finding:
    """Return a problem as a line of the review, with the way to its field."""
    step = step_of(problem) if draft else None
    return Finding(
        message=sentence(problem.message),
        hint=sentence(problem.hint),
        line=problem.line,
        is_error=problem.severity == "error",
        url=f"/new/{draft}/{step.slug}?check=true" if step else "",
    )


def dotted(path: str) -> str:
    """Return the path of a problem as controls are named: `secrets.0.name`."""
    return path.replace("[", ".").replace("]", "")


def fields_of(groups: Iterable[Group]) -> dict[str, Field]:
    """Return every field of the groups by its name."""
    found: dict[str, Field] = {}
    for group in groups:
        found |= {one.name: one for one in group.fields} | fields_of(group.groups)
    return found


def _group(question: Question, value: object, name: str, more: str) -> Group:
    if question.kind == "list":
        return _list(question, value, name, more)
    return _part(question, object_of(question, value), name, more)


def _part(question: Question, value: JsonObject, name: str, more: str) -> Group:
    inner = [one for one in question.parts if one.parts]
    return Group(
        title=question.title,
        hint=question.description,
        fields=tuple(_field(one, value, f"{name}.") for one in question.parts if not one.parts),
        groups=tuple(
            _group(one, value.get(one.key), f"{name}.{one.key}", more) for one in inner
        ),
    )


def _list(question: Question, value: object, name: str, more: str) -> Group:
    entries = [*entries_of(question, value), *([{}] if more == name else [])]
    title = question.title.removesuffix("s")
    return Group(
        title=question.title,
        hint=question.description,
        groups=tuple(
            replace(
                _part(question, entry, f"{name}.{number}", more),
                title=f"{title} {number + 1}",
                hint="",
                remove=f"{name}.{number}",
            )
            for number, entry in enumerate(entries)
        ),
        add=name,
    )


def _field(question: Question, values: JsonObject, prefix: str) -> Field:
    value = shown(question, values.get(question.key))
    note = NOTES.get(question.kind, "")
    return Field(
        name=prefix + question.key,
        label=question.title,
        kind=CONTROLS.get(question.kind, "text"),
        value=value,
        hint=" ".join(filter(None, (question.description, note))),
        required=question.required,
        options=_options(question, value),
    )


def _options(question: Question, value: str) -> tuple[Option, ...]:
    if CONTROLS.get(question.kind) != "select":
        return ()
    known = TRUTH if question.kind == "truth" else tuple(Option(c, c) for c in question.choices)
    words = {option.value: option.label for option in known}
    holds = words.get(question.default, question.default)
    none = Option("", f"Not set ({holds.lower()})" if holds else "Not set")
    foreign = () if value in {"", *words} else (Option(value, value),)
    return (none, *known, *foreign)


def _with_errors(groups: tuple[Group, ...], problems: tuple[Problem, ...]) -> Filled:
    """Put each problem at the field that it is about, or at the one around that."""
    fields = fields_of(groups)
    said: dict[str, str] = {}
    troubles = []
    for problem in problems:
        name = _nearest(dotted(problem.path), fields)
        text = ". ".join(filter(None, (sentence(problem.message), sentence(problem.hint))))
        if name:
            said.setdefault(name, text)
        field = fields[name].id if name else ""
        troubles.append(Trouble(sentence(problem.message), sentence(problem.hint), field))
    return Filled(tuple(_marked(group, said) for group in groups), tuple(troubles))


def _nearest(path: str, fields: Mapping[str, Field]) -> str:
    """Return the name of the field of a path, else of one around it, else of one inside it."""
    around = path
    while around and around not in fields:
        around = around.rpartition(".")[0]
    return around or next((name for name in fields if name.startswith(f"{path}.")), "")


def _marked(group: Group, said: Mapping[str, str]) -> Group:
    return replace(
        group,
        fields=tuple(replace(one, error=said.get(one.name, "")) for one in group.fields),
        groups=tuple(_marked(inner, said) for inner in group.groups),
    )
