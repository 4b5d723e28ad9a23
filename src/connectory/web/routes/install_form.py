"""What the install form holds: out of a plan into fields, out of fields into a request."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from connectory.catalog.read import Version
from connectory.instances.plan import Plan, Request
from connectory.instances.rules import ENVIRONMENTS, SecretState, as_text
from connectory.instances.settings import SecretNeed, Setting
from connectory.kernel.errors import Problem
from connectory.web.answering import sentence
from connectory.web.pages.install import InstallPage
from connectory.web.parts import Field, Option, Permissions, Trouble
from connectory.web.routes.costs import cost_of

INPUTS, SECRETS = "inputs.", "secrets."


@dataclass(frozen=True, slots=True)
class Choices:
    """What the selects of the form offer."""

    teams: tuple[str, ...]
    regions: Mapping[str, str]  # target -> region
    stored: tuple[str, ...]  # paths of the team's secrets


def asked(entered: Mapping[str, str], version: Version, prefilled: Plan | None) -> Request:
    """Return what a form asks for; `prefilled` is the plan whose values it was filled with.

    A value that was left as it was is not the reader's own: it keeps its source, and follows
    when team or environment are changed in the same step.
    """
    before = {one.name: as_text(one.value) for one in prefilled.settings} if prefilled else {}
    paths = {one.name: one.path for one in prefilled.secrets} if prefilled else {}
    manifest = version.manifest
    return Request(
        connector=version.release.name.key,
        version=version.release.version,
        team=entered.get("team", ""),
        environment=entered.get("environment", ""),
        target=entered.get("target", ""),
        name=entered.get("name", "").strip(),
        inputs=changed(INPUTS, (one.name for one in manifest.inputs), entered, before),
        secrets=changed(SECRETS, (one.name for one in manifest.secrets), entered, paths),
    )


def inputs_in(entered: Mapping[str, str], version: Version) -> dict[str, str]:
    """Return the settings of a version that an address names."""
    return changed(INPUTS, (one.name for one in version.manifest.inputs), entered, {})


def changed(
    prefix: str, names: Iterable[str], entered: Mapping[str, str], before: Mapping[str, str]
) -> dict[str, str]:
    """Return what was entered that is not as it was before, without the prefix."""
    values = {name: entered.get(prefix + name, "") for name in names}
    return {
        name: value for name, value in values.items() if value and value != before.get(name)
    }


def entries(request: Request) -> tuple[tuple[str, str], ...]:
    """Return the fields that lead to this request once more."""
    return (
        ("team", request.team),
        ("environment", request.environment),
        ("target", request.target),
        ("name", request.name),
        *((INPUTS + name, as_text(value)) for name, value in request.inputs.items()),
        *((SECRETS + name, path) for name, path in request.secrets.items()),
    )


def form(plan: Plan, choices: Choices, problems: tuple[Problem, ...]) -> InstallPage:
    """Return the page with the form filled in, and the problems at their fields."""
    release, request = plan.version.release, plan.request
    wrong = {problem.path: sentence(problem.message) for problem in problems}
    examples = {one.name: one.example for one in plan.version.manifest.inputs}
    where = _where(request, choices, wrong)
    settings = tuple(setting_field(one, examples[one.name], wrong) for one in plan.settings)
    secrets = tuple(secret_field(one, choices.stored, wrong) for one in plan.secrets)
    ids = {one.name: one.id for one in (*where, *settings, *secrets)}
    return InstallPage(
        namespace=release.name.namespace,
        id=release.name.id,
        name=plan.version.manifest.name,
        version=release.version,
        team=request.team,
        environment=request.environment,
        where=where,
        settings=settings,
        secret_fields=secrets,
        permissions=Permissions(plan.permissions.will, plan.permissions.will_not),
        cost=cost_of(plan.cost),
        troubles=tuple(
            Trouble(sentence(one.message), sentence(one.hint), ids.get(one.path, ""))
            for one in problems
        ),
    )


def _where(request: Request, choices: Choices, wrong: Mapping[str, str]) -> tuple[Field, ...]:
    targets = tuple(
        Option(name, f"{name} ({region})" if region else name)
        for name, region in choices.regions.items()
    )
    selects = (
        ("team", "Team", request.team, _options(choices.teams)),
        ("environment", "Environment", request.environment, _options(ENVIRONMENTS)),
        ("target", "Target", request.target, targets),
    )
    return (
        *(
            Field(name, label, "select", value, "", wrong.get(name, ""), True, options=options)
            for name, label, value, options in selects
        ),
        Field(
            name="name",
            label="Instance name",
            value=request.name,
            hint="Unique in its team; part of its address.",
            error=wrong.get("name", ""),
            required=True,
        ),
    )


def _options(values: Iterable[str]) -> tuple[Option, ...]:
    return tuple(Option(value, value) for value in values)


def setting_field(one: Setting, example: object, wrong: Mapping[str, str]) -> Field:
    """Return the control of a setting with its value and what is wrong with it."""
    kind, options = _kind(one.schema, required=one.required)
    name = INPUTS + one.name
    is_open = one.value is None and not one.required
    shown = "" if example is None else as_text(example)
    error = wrong.get(name, "")
    return Field(
        name=name,
        label=one.title,
        kind=kind,
        value="" if one.value is None else as_text(one.value),
        hint=one.description,
        error=f"{error}; for example {shown}" if error and shown else error,
        required=one.required,
        source="" if is_open else one.source,
        options=options,
        example=shown,
    )


def _kind(schema: Mapping[str, object], *, required: bool) -> tuple[str, tuple[Option, ...]]:
    """Return the control for a schema: choices as a select, numbers, else text."""
    options = _choices(schema)
    if options:
        return "select", options if required else (Option("", "Not set"), *options)
    return ("number" if schema.get("type") in ("integer", "number") else "text"), ()


def _choices(schema: Mapping[str, object]) -> tuple[Option, ...]:
    if schema.get("type") == "boolean":
        return Option("true", "Yes"), Option("false", "No")
    choices = schema.get("enum")
    return _options(map(as_text, choices)) if isinstance(choices, list) else ()


def secret_field(one: SecretNeed, stored: tuple[str, ...], wrong: Mapping[str, str]) -> Field:
    """Return the select of the stored secrets that can be handed over."""
    name = SECRETS + one.name
    options = [Option("", "Choose a stored secret"), *_options(stored)]
    if one.path and one.path not in stored:
        options.append(Option(one.path, f"{one.path} (nothing stored)"))
    help_text = one.instructions if one.state is not SecretState.RESOLVABLE else ""
    return Field(
        name=name,
        label=one.name,
        kind="select",
        value=one.path,
        hint=" ".join(filter(None, (one.description, help_text))),
        error=wrong.get(name, ""),
        required=one.required,
        options=tuple(options),
    )
