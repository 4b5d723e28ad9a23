"""What the fields of a manifest must be to each other. Each rule finds all that breaks it."""

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from jsonschema_rs import Draft202012Validator

from connectory.manifest import formula, input_schema
from connectory.manifest.errors import MOST_PROBLEMS
from connectory.manifest.faults import Fault
from connectory.manifest.inputs import Input
from connectory.manifest.model import Manifest
from connectory.manifest.nodes import Location
from connectory.manifest.runtime import DETAIL_OF_TRIGGER, Trigger, others_than
from connectory.manifest.suggest import nearest
from connectory.manifest.texts import JsonObject, shown
from connectory.manifest.ticks import shortest_gap_s
from connectory.manifest.words import NAME_PATTERN


def contradictions(manifest: Manifest) -> Iterator[Fault]:
    """Say everything in which a well-formed manifest contradicts itself."""
    for rule in RULES:
        yield from rule(manifest)


def _names_are_unique(manifest: Manifest) -> Iterator[Fault]:
    for field in ("inputs", "secrets", "outputs"):
        yield from _repeated((field,), [each.name for each in getattr(manifest, field)], "name")
    yield from _repeated(("tags",), manifest.tags)
    yield from _repeated(("triggers",), [each.path for each in manifest.triggers], "path")
    yield from _repeated(("triggers",), [each.schedule for each in manifest.triggers], "cron")


def _repeated(
    location: Location, values: Sequence[str | None], field: str | None = None
) -> Iterator[Fault]:
    seen: set[str | None] = {None}
    for n, value in enumerate(values):
        if value in seen and value is not None:
            at = (*location, n, field) if field else (*location, n)
            yield Fault(
                at, "duplicate-name", f"{shown(value)} is given twice", "keep one of the two"
            )
        seen.add(value)


def _variables_are_unique(manifest: Manifest) -> Iterator[Fault]:
    owners: dict[str, str] = {}
    named = [(("inputs", n), i.name, i.variable) for n, i in enumerate(manifest.inputs)]
    named += [(("secrets", n), s.name, s.variable) for n, s in enumerate(manifest.secrets)]
    for location, name, variable in named:
        owner = owners.setdefault(variable, name)
        if owner != name:
            yield Fault(
                (*location, "env"),
                "duplicate-name",
                f"{shown(name)} and {shown(owner)} both use the variable {variable}",
                "give one of them another `env`",
            )


def _triggers_have_their_detail(manifest: Manifest) -> Iterator[Fault]:
    for n, trigger in enumerate(manifest.triggers):
        yield from _detail_of(("triggers", n), trigger)


def _detail_of(location: Location, trigger: Trigger) -> Iterator[Fault]:
    wanted = DETAIL_OF_TRIGGER[trigger.type]
    if wanted and getattr(trigger, wanted) is None:
        yield Fault(
            (*location, wanted),
            "missing-field",
            f"a trigger of type {trigger.type} needs `{wanted}`",
            f"add `{wanted}: …`",
        )
    for detail in others_than(trigger.type):
        if getattr(trigger, detail) is not None:
            yield Fault(
                (*location, detail),
                "unknown-field",
                f"a trigger of type {trigger.type} has no `{detail}`",
                "remove it, or change the type",
                at_key=True,
            )


def _jitter_fits(manifest: Manifest) -> Iterator[Fault]:
    for n, trigger in enumerate(manifest.triggers):
        gap_s = shortest_gap_s(trigger.cron) if trigger.cron else trigger.jitter_s + 1
        if trigger.jitter_s >= gap_s:
            yield Fault(
                ("triggers", n, "jitter"),
                "jitter-too-long",
                f"{shown(trigger.jitter)} is not shorter than the {gap_s} s between two runs",
                f"write at most {gap_s - 1}s",
            )


def _limits_are_in_order(manifest: Manifest) -> Iterator[Fault]:
    resources = manifest.runtime.resources
    least, most = resources.min_instances, resources.max_instances
    if least is not None and most is not None and least > most:
        yield Fault(
            ("runtime", "resources", "max_instances"),
            "out-of-range",
            f"max_instances is {most} and min_instances is {least}",
            f"raise max_instances to {least}, or lower min_instances",
        )
    if manifest.runtime.timeout_s == 0:
        yield Fault(
            ("runtime", "timeout"), "out-of-range", "no time at all to run", "write 30s"
        )


def _dates_are_in_order(manifest: Manifest) -> Iterator[Fault]:
    end = manifest.lifecycle.deprecation
    if end and end.announced and end.sunset and end.sunset < end.announced:
        yield Fault(
            ("lifecycle", "deprecation", "sunset"),
            "bad-date",
            f"the sunset {end.sunset} is before the announcement {end.announced}",
            "correct one of the two days",
        )


def _only_majors_break(manifest: Manifest) -> Iterator[Fault]:
    for version in manifest.lifecycle.breaking_changes:
        if not re.fullmatch(r"[1-9][0-9]*\.0\.0", version):
            yield Fault(
                ("lifecycle", "breaking_changes", version),
                "bad-breaking-change",
                f"{version} is not the first version of a major",
                f"write {int(version.split('.')[0]) + 1}.0.0: only a major version may break",
                at_key=True,
            )


def _schemas_are_sound(manifest: Manifest) -> Iterator[Fault]:
    for n, each in enumerate(manifest.inputs):
        yield from _schema_faults(("inputs", n), each.json_schema)
    for n, output in enumerate(manifest.outputs):
        yield from _schema_faults(("outputs", n), output.json_schema or {})


def _schema_faults(location: Location, schema: JsonObject) -> Iterator[Fault]:
    for where, code, message, hint in input_schema.findings(schema):
        at_key = code == "unknown-field"
        yield Fault((*location, "schema", *where), code, message, hint, at_key=at_key)


def _values_match_schemas(manifest: Manifest) -> Iterator[Fault]:
    checks = _checks(manifest)
    for n, each in enumerate(manifest.inputs):
        for field in ("default", "example"):
            value = getattr(each, field)
            if value is not None and each.name in checks:
                yield from _value_faults(("inputs", n, field), value, checks[each.name])
    for n, example in enumerate(manifest.examples):
        for name, value in example.inputs.items():
            location: Location = ("examples", n, "inputs", name)
            if name in checks:
                yield from _value_faults(location, value, checks[name])


def _checks(manifest: Manifest) -> dict[str, Draft202012Validator]:
    """Compile the schemas of the inputs; one that is not sound is left out."""
    return {
        each.name: input_schema.validator(each.json_schema)
        for each in manifest.inputs
        if not any(input_schema.findings(each.json_schema))
    }


def _value_faults(
    location: Location, value: object, check: Draft202012Validator
) -> Iterator[Fault]:
    """Say why a value does not match the schema of its input."""
    for error in islice(check.iter_errors(value), MOST_PROBLEMS):
        yield Fault(
            (*location, *error.instance_path),
            "schema-mismatch",
            f"it does not match the schema: {error.message[:200]}",
            "change the value, or the schema of the input",
        )


def _examples_use_inputs(manifest: Manifest) -> Iterator[Fault]:
    inputs = {each.name: each for each in manifest.inputs}
    for n, example in enumerate(manifest.examples):
        for name in example.inputs.keys() - inputs.keys():
            yield _no_such_input(("examples", n, "inputs", name), name, inputs)


def _formulas_use_inputs(manifest: Manifest) -> Iterator[Fault]:
    inputs = {each.name: each for each in manifest.inputs}
    for n, usage in enumerate(manifest.cost.usage):
        names = formula.inputs_of(usage.quantity) if isinstance(usage.quantity, str) else ()
        for name in names:
            if name not in inputs:
                yield _no_such_input(("cost", "usage", n, "quantity"), name, inputs)


def _no_such_input(location: Location, name: str, inputs: dict[str, Input]) -> Fault:
    close = nearest(name, inputs)
    known = f"declared inputs: {', '.join(inputs) or 'none'}"
    return Fault(
        location,
        "unknown-input",
        f"there is no input {shown(name)}",
        f"did you mean `{close}`? {known}" if close else known,
        at_key=True,
    )


def _policy_names_are_names(manifest: Manifest) -> Iterator[Fault]:
    for name in (manifest.policies.model_extra if manifest.policies else None) or {}:
        if not re.fullmatch(NAME_PATTERN, name):
            yield Fault(
                ("policies", name),
                "bad-name",
                f"{shown(name)} is not the name of a policy",
                "use a-z, 0-9 and underscores: data_retention",
                at_key=True,
            )


RULES: tuple[Callable[[Manifest], Iterator[Fault]], ...] = (
    _names_are_unique,
    _variables_are_unique,
    _triggers_have_their_detail,
    _jitter_fits,
    _limits_are_in_order,
    _dates_are_in_order,
    _only_majors_break,
    _schemas_are_sound,
    _values_match_schemas,
    _examples_use_inputs,
    _formulas_use_inputs,
    _policy_names_are_names,
)
